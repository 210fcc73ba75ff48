//! Every blow of a scenario, or an even sample of them, struck two at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::blow::{Blow, CALLS, Harm};

/// Argon2 and the tracer keep a core busy each.
const WORKERS: usize = 2;
const SHOWN: usize = 12;
/// Of each call and harm.
const FEWEST: usize = 2;

/// What came of one blow.
pub struct Met {
    pub fell: bool,
    /// What the program said of it, as codes.
    pub said: Vec<String>,
}

#[derive(Default)]
pub struct Found {
    done: BTreeMap<&'static str, [u32; 3]>,
    total: BTreeMap<&'static str, u32>,
    said: BTreeMap<String, u32>,
    pub points: u32,
    fell: u32,
    pub broken: Vec<String>,
}

/// All blows that can fall on a program that makes so many calls, those of one kind beside each other.
fn blows(counted: &BTreeMap<&'static str, u32>) -> Vec<Vec<Blow>> {
    let mut kinds = Vec::new();
    for (call, times) in counted {
        for (harm, ever_after) in
            [(Harm::Killed, false), (Harm::Eio, false), (Harm::Eio, true), (Harm::Enospc, false), (Harm::Enospc, true)]
        {
            kinds.push((1..=*times).map(|when| Blow { call, harm, when, ever_after }).collect());
        }
    }
    kinds
}

/// Some of every kind, spread evenly from the first to the last; all of them where they are not more than `most`.
pub fn sample(counted: &BTreeMap<&'static str, u32>, most: usize) -> Vec<Blow> {
    let kinds = blows(counted);
    let all: usize = kinds.iter().map(Vec::len).sum();
    if all <= most {
        return kinds.concat();
    }
    let mut sampled = Vec::new();
    for kind in kinds {
        let share = (kind.len() * most).div_ceil(all).max(FEWEST).min(kind.len());
        sampled.extend((1..=share).map(|n| kind[n * kind.len() / share - 1]));
    }
    sampled
}

pub fn strike(
    counted: &BTreeMap<&'static str, u32>,
    blows: &[Blow],
    one: &(dyn Fn(usize, &Blow) -> anyhow::Result<Met> + Sync),
) -> Found {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Found { total: counted.clone(), ..Found::default() });
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(blow) = blows.get(at) else { return };
                    let met = one(at, blow);
                    if let Ok(mut found) = found.lock() {
                        found.note(blow, met);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_default()
}

impl Found {
    fn note(&mut self, blow: &Blow, met: anyhow::Result<Met>) {
        self.points += 1;
        self.done.entry(blow.call).or_default()[blow.harm as usize] += 1;
        match met {
            Ok(met) => {
                self.fell += u32::from(met.fell);
                for code in met.said {
                    *self.said.entry(code).or_default() += 1;
                }
            }
            Err(why) => self.broken.push(format!("{blow}: {why:#}")),
        }
    }

    pub fn print(&self, scenario: &str, seconds: u64) {
        println!("  {scenario}: {} blows in {seconds} s, {} of them fell", self.points, self.fell);
        for call in CALLS {
            let total = self.total.get(call).copied().unwrap_or(0);
            let [killed, eio, enospc] = self.done.get(call).copied().unwrap_or_default();
            println!("    {call:<9} {total:>4} calls: killed at {killed}, EIO at {eio}, ENOSPC at {enospc}");
        }
        println!("    said: {:?}", self.said);
        for broken in self.broken.iter().take(SHOWN) {
            println!("  BROKEN {broken}");
        }
    }
}
