//! Power cuts at every operation on the disk, under the real laptop on its real encrypted database and the real
//! server on its real one.
//!
//!   power           some 40,000 points, a few minutes
//!   power --long    well over 1,000,000
//!   power --seed N  other dice
//!   power --laptop, power --server   one of the two
//!
//! Prints what it looked at. Fails when anything promised is gone, and when a control finds nothing.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::expect_used, reason = "a test falls down where it stands")]

mod check;
mod controls;
mod disk;
mod faults;
mod journal;
mod story;
mod sweep;
mod vfs;

use std::path::Path;

use anyhow::{Context, ensure};
use shared_model::ids::CitizenId;

use crate::check::Keys;
use crate::disk::{Disk, Names};
use crate::journal::{Op, Promise};
use crate::sweep::Fineness;

/// A new dose is given on one image of so many; opening and looking over is done on every one.
const THOROUGH_EVERY: u64 = 8;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let long = arguments.iter().any(|argument| argument == "--long");
    let seed = arguments.iter().position(|argument| argument == "--seed");
    let seed = seed.and_then(|at| arguments.get(at + 1)).map_or(Ok(1), |seed| seed.parse())?;
    vfs::install();
    story::hear_of_files();
    let fineness = Fineness { dice: if long { 160 } else { 8 }, seed, enough: usize::MAX };
    println!("  seed {seed}, {} ways of losing at each point, two kinds of file system", fineness.dice + 3);
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let people = if long { 12 } else { 6 };
    let mut total = Total::default();
    if !has("--server") {
        under_a_laptop(fineness, people, &mut total)?;
    }
    if !has("--laptop") {
        under_a_server(fineness, people / 2, &mut total)?;
    }
    println!("  {} points in all, {:.0} s of CPU, seed {seed}", total.points, cpu_seconds());
    ensure!(total.broken == 0, "{} disks did not hold what was promised", total.broken);
    Ok(())
}

#[derive(Default)]
struct Total {
    points: u64,
    broken: usize,
}

fn under_a_laptop(fineness: Fineness, people: u64, total: &mut Total) -> anyhow::Result<()> {
    let told = story::of_a_laptop(fineness.seed, people);
    let start = [Names::WithTheNextSync, Names::OnlyWhenAsked].map(|rule| Disk::empty(&told.laptop, rule));
    let keys = Keys::default();
    let bench = story::bench("laptop");
    let look = |folder: &Path, promises: &[Promise], number: u64| {
        check::laptop(folder, promises, &keys, number.is_multiple_of(THOROUGH_EVERY))
    };
    let found = sweep::sweep(&start, &told.ops, fineness, &bench, &look);
    found.print("the power goes under a laptop, from its first start through two days");
    total.points += found.points;
    total.broken += found.broken.len();

    for control in controls::of_a_laptop(&told.ops) {
        let once = Fineness { enough: 1, ..fineness };
        let found = sweep::sweep(&start, &control.ops, once, &bench, &look);
        ensure!(!found.broken.is_empty(), "the control \"{}\" found nothing: the sweep is blind", control.name);
        println!("  control, {}: found broken after {} disks", control.name, found.images);
    }
    for (outside, name) in [(true, "outside"), (false, "in the first page")] {
        let folder = told.world.folder().join(format!("salt-{outside}"));
        let plenty = Fineness { dice: 64, ..fineness };
        let found = controls::of_a_salt(&folder, outside, plenty, &bench)?;
        found.print(&format!("the salt of the cipher {name}"));
        ensure!(found.broken.is_empty() == outside, "the control of the salt shows nothing");
    }

    let card = first_card(&told.ops).context("a citizen of the story")?;
    let found = faults::sweep(&told.laptop, card, &keys, &bench)?;
    found.print("a disk that fails under a laptop, once or for ever");
    total.broken += found.broken.len();
    Ok(())
}

fn under_a_server(fineness: Fineness, people: u64, total: &mut Total) -> anyhow::Result<()> {
    let (told, before, before_strict) = story::of_a_server(fineness.seed + 1, people);
    let runtime = tokio::runtime::Runtime::new()?;
    let look = |folder: &Path, promises: &[Promise], _: u64| check::server(folder, &told.device, promises, &runtime);
    let found = sweep::sweep(&[before, before_strict], &told.ops, fineness, &story::bench("server"), &look);
    found.print("the power goes under the server, keeping and drawing");
    total.points += found.points;
    total.broken += found.broken.len();
    Ok(())
}

fn first_card(ops: &[Op]) -> Option<CitizenId> {
    ops.iter().find_map(|op| match op {
        Op::Promise(Promise::Saved { citizen, .. }) => CitizenId::parse(citizen).ok(),
        _ => None,
    })
}

/// What this process has used so far, as the system counts it; 0 where it does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
