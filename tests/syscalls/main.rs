//! The real programs, stopped or failed by the system at every call that changes a file; then started again.
//!
//!   syscalls         an even sample, at most two minutes
//!   syscalls --long  every call
//!
//! Prints what it did. Fails when something that was said to be saved or received is gone, or work does not go on.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::disallowed_methods, reason = "a program at the edge, where seconds are counted by the real clock")]

mod bench;
mod blow;
mod day;
mod enrol;
mod push;
mod sweep;

use std::time::Instant;

use anyhow::ensure;

use crate::sweep::Found;

/// What fits into half a minute on two cores, for each scenario.
const SAMPLE: usize = 75;

fn main() -> anyhow::Result<()> {
    let long = std::env::args().any(|argument| argument == "--long");
    let most = if long { usize::MAX } else { SAMPLE };
    let folder = bench::folder()?;
    let mut broken = 0;
    let mut points = 0;
    let begun = Instant::now();
    let mut report = |scenario: &str, found: &Found, since: Instant| {
        found.print(scenario, since.elapsed().as_secs());
        points += found.points;
        broken += found.broken.len();
    };

    let since = Instant::now();
    let found = enrol::Story::prepared(folder.path())?.sweep(most)?;
    report("a laptop's first start", &found, since);

    let since = Instant::now();
    let day = day::Story::prepared(folder.path())?;
    let found = day.sweep(most)?;
    report("a laptop at work", &found, since);

    let since = Instant::now();
    let found = push::Story::prepared(&day)?.sweep(most)?;
    report("a server that receives", &found, since);

    println!("  {points} blows in all, {} s", begun.elapsed().as_secs());
    ensure!(broken == 0, "{broken} blows did not end well");
    Ok(())
}
