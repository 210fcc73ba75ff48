//! What was tried, what came of it, and what did not hold.

use std::collections::BTreeMap;

use crate::fault::{Exchange, Fault};

#[derive(Default)]
pub struct Tally {
    met: BTreeMap<(Exchange, String), u64>,
    troubles: BTreeMap<String, u64>,
    /// Faults whose exchange never came.
    pub missed: u64,
    pub broken: Vec<String>,
}

/// Enough to see what is wrong.
const SHOWN: usize = 20;

impl Tally {
    pub fn met_or_missed(&mut self, armed: &[(Exchange, Fault)], missed: usize) {
        self.missed += missed as u64;
        for (exchange, fault) in &armed[..armed.len() - missed.min(armed.len())] {
            *self.met.entry((*exchange, fault.to_string())).or_default() += 1;
        }
    }

    pub fn refused(&mut self) {
        *self.met.entry((Exchange::Other, "refused".to_owned())).or_default() += 1;
    }

    pub fn trouble(&mut self, code: Option<&str>) {
        *self.troubles.entry(code.unwrap_or("none").to_owned()).or_default() += 1;
    }

    pub fn print(&self) {
        let mut exchanges: BTreeMap<Exchange, Vec<String>> = BTreeMap::new();
        for ((exchange, fault), times) in &self.met {
            exchanges.entry(*exchange).or_default().push(format!("{fault} {times}"));
        }
        for (exchange, faults) in exchanges {
            println!("  {exchange}: {}", faults.join(", "));
        }
        println!("  disturbed syncs ended with: {:?}; {} faults were never met", self.troubles, self.missed);
        for broken in self.broken.iter().take(SHOWN) {
            println!("  BROKEN {broken}");
        }
    }

    pub fn total(&self) -> u64 {
        self.met.values().sum()
    }
}
