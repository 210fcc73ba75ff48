//! How much of the processor a deed took: in this process, and in PostgreSQL's.

use std::fs;
use std::path::Path;

/// Microseconds of CPU so far.
#[derive(Debug, Clone, Copy)]
pub struct Cpu {
    pub here: f64,
    pub database: f64,
}

/// The kernel counts in hundredths of a second on every machine Linux is built for here.
const MICROSECONDS_A_TICK: f64 = 10_000.0;

impl Cpu {
    pub fn now() -> Self {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let database = processes.filter_map(|process| ticks(&process.path(), Some("postgres"))).sum::<f64>();
        let here = ticks(Path::new("/proc/self"), None).unwrap_or(0.0);
        Self { here: here * MICROSECONDS_A_TICK, database: database * MICROSECONDS_A_TICK }
    }

    pub fn since(before: Self) -> Self {
        let now = Self::now();
        Self { here: now.here - before.here, database: now.database - before.database }
    }
}

/// User and system time of a process of this name.
fn ticks(process: &Path, name: Option<&str>) -> Option<f64> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (head, rest) = stat.rsplit_once(')')?;
    if name.is_some_and(|name| !head.ends_with(&format!("({name}"))) {
        return None;
    }
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let at = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(at(11)? + at(12)?)
}
