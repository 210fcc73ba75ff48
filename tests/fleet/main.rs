//! A fleet of laptops, their hubs and their nation on bad roads, with failing disks and clocks that are years off: one thread,
//! no clock and no dice but those of a seed. Deciding is done by the real code; only stores and roads are pretend.
//!
//!   sim                    the committed seeds, then fresh ones until 200 device-years were lived; under two minutes
//!   sim --long MINUTES     as many as fit into so much CPU, from `--from SEED` on
//!   sim --seed N           one seed; so does SIM_SEED=N
//!   sim --plant NAME       with a planted bug
//!   sim --controls         every planted bug must be found; prints which promise each broke, and at which seed
//!   sim --real FLEETS      real stores, real router: the slow road
//!
//! Prints the plan of every seed that breaks a promise, and the line that replays it.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::expect_used, reason = "a pretend country falls down where it stands")]
#![allow(clippy::cast_precision_loss, reason = "figures for eyes")]

mod agreement;
mod carried;
mod console;
mod country;
mod deeds;
mod fleet;
mod homecoming;
mod hubs;
mod invariants;
mod laptop;
mod medium;
mod mishaps;
mod nation;
mod plan;
mod plant;
mod quarrels;
mod real;
mod reference;
mod road;
mod run;
mod tables;
mod talk;
mod tally;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{bail, ensure};

use crate::country::Campaign;
use crate::plan::Plan;
use crate::plant::{CAN_PLANT, Planted};
use crate::tally::{DAYS_A_YEAR, Tally, cpu_seconds};

const FAILING_SEEDS: &str = include_str!("failing_seeds.txt");
const DEVICE_YEARS: u64 = 200;
/// One seed in so many is lived twice.
const TWICE_EVERY: u64 = 16;
/// A planted bug that is alive after so much CPU has survived.
const CONTROL_SECONDS: f64 = 240.0;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let planted = value("--plant").map_or(Ok(Planted::Nothing), |name| Planted::named(&name))?;
    let campaign = Campaign::new();
    let seed = value("--seed").or_else(|| std::env::var("SIM_SEED").ok());
    if has("--controls") {
        return controls(&campaign);
    }
    if has("--real") {
        let fleets = value("--real").map_or(Ok(3), |fleets| fleets.parse())?;
        return real::live(seed.map_or(Ok(1), |seed| seed.parse())?, fleets);
    }
    if let Some(seed) = seed {
        return one(seed.parse()?, planted, &campaign);
    }
    let minutes: Option<f64> = value("--long").map(|minutes| minutes.parse()).transpose()?;
    many(planted, minutes, value("--from").map_or(Ok(1), |seed| seed.parse())?, &campaign)
}

/// One seed, twice, with its plan and its figures.
fn one(seed: u64, planted: Planted, campaign: &Campaign) -> anyhow::Result<()> {
    println!("  {}", Plan::of(seed));
    let before = cpu_seconds();
    let lived = lived(seed, planted, campaign)?;
    let seconds = cpu_seconds() - before;
    lived_again(seed, planted, campaign, &lived.trace)?;
    lived.tally.print(seconds);
    println!("  trace {}", lived.trace);
    Ok(())
}

fn committed_seeds() -> Vec<u64> {
    FAILING_SEEDS.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

/// The committed seeds first, then one after the other, on every core there is.
fn many(planted: Planted, minutes: Option<f64>, from: u64, campaign: &Campaign) -> anyhow::Result<()> {
    let committed = committed_seeds();
    println!("  {} committed seeds first; a day of a laptop is 1 to 6 deeds here, and a sync or two", committed.len());
    let before = cpu_seconds();
    let done = Mutex::new((Tally::default(), 0, Ok(())));
    let next = AtomicUsize::new(0);
    let live = || -> Option<()> {
        loop {
            {
                let (tally, _, went) = &*done.lock().ok()?;
                let enough = match minutes {
                    Some(minutes) => cpu_seconds() - before > minutes * 60.0,
                    None => tally.device_days >= DEVICE_YEARS * DAYS_A_YEAR,
                };
                if enough || went.is_err() {
                    return Some(());
                }
            }
            let turn = next.fetch_add(1, Ordering::SeqCst);
            let seed = committed.get(turn).copied().unwrap_or(from + turn.saturating_sub(committed.len()) as u64);
            let lived = lived(seed, planted, campaign).and_then(|lived| {
                if seed.is_multiple_of(TWICE_EVERY) {
                    lived_again(seed, planted, campaign, &lived.trace)?;
                }
                Ok(lived)
            });
            let (tally, last, went) = &mut *done.lock().ok()?;
            match lived {
                Ok(lived) => tally.add(&lived.tally),
                Err(broken) => *went = Err(broken),
            }
            *last = seed.max(*last);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(live);
        }
    });
    let Ok((tally, last, went)) = done.into_inner() else { bail!("a fleet fell down where it stood") };
    went?;
    tally.print(cpu_seconds() - before);
    println!(
        "  seeds {from} to {last}, one in {TWICE_EVERY} lived twice with the same trace; I1–I5, I7, I8, I10–I12 held"
    );
    Ok(())
}

fn lived(seed: u64, planted: Planted, campaign: &Campaign) -> anyhow::Result<run::Lived> {
    run::live(seed, planted, campaign).or_else(|violation| {
        println!("  {}", Plan::of(seed));
        let plant = if planted == Planted::Nothing { String::new() } else { format!(" --plant {}", planted.name()) };
        bail!("{violation}\n  replay: SIM_SEED={seed} target/debug/sim{plant}")
    })
}

fn lived_again(seed: u64, planted: Planted, campaign: &Campaign, trace: &str) -> anyhow::Result<()> {
    let again = lived(seed, planted, campaign)?;
    ensure!(again.trace == trace, "seed {seed} was lived twice, and differently");
    Ok(())
}

/// Every bug must be found. Seeds on which the code as it is breaks nothing: each is lived without a bug in `many`.
fn controls(campaign: &Campaign) -> anyhow::Result<()> {
    if !CAN_PLANT {
        println!("  bugs of the code itself are not in this build: build with `--features tests/planted`");
    }
    // A bug that the code falls over is found too, and says so once for all of them.
    std::panic::set_hook(Box::new(|_| {}));
    println!("  {:34} {:14} {:>6} {:>8}  broke", "planted", "in", "seed", "CPU s");
    let mut survived = Vec::new();
    for planted in Planted::all() {
        let before = cpu_seconds();
        let mut seeds =
            committed_seeds().into_iter().chain(1..).take_while(|_| cpu_seconds() - before < CONTROL_SECONDS);
        let found = seeds.find_map(|seed| Some((seed, run::live(seed, planted, campaign).err()?)));
        let (seconds, name, place) = (cpu_seconds() - before, planted.name(), planted.where_it_is());
        match found {
            Some((seed, violation)) => println!("  {name:34} {place:14} {seed:>6} {seconds:>8.1}  {violation}"),
            None => {
                println!("  {name:34} {place:14} {:>6} {seconds:>8.1}  nothing: it survived", "");
                survived.push(name);
            }
        }
    }
    Planted::Nothing.plant();
    ensure!(survived.is_empty(), "the simulation is blind: {survived:?} survived");
    println!("  {} bugs planted, every one found", Planted::all().len());
    Ok(())
}
