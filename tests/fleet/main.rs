//! A fleet of laptops and their nation on bad roads, with failing disks and clocks that are years off: one thread,
//! no clock and no dice but those of a seed. Deciding is done by the real code; only stores and roads are pretend.
//!
//!   sim                    the committed seeds, then fresh ones until 200 device-years were lived; under two minutes
//!   sim --long MINUTES     as many as fit into so much CPU
//!   sim --seed N           one seed; so does SIM_SEED=N
//!   sim --plant NAME       with a planted bug
//!   sim --controls         every planted bug must be found
//!   sim --real FLEETS      real stores, real router: the slow road
//!
//! Prints the plan of every seed that breaks a promise, and the line that replays it.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::expect_used, reason = "a pretend country falls down where it stands")]
#![allow(clippy::cast_precision_loss, reason = "figures for eyes")]

mod agreement;
mod console;
mod country;
mod deeds;
mod fleet;
mod invariants;
mod laptop;
mod mishaps;
mod nation;
mod plan;
mod plant;
mod real;
mod reference;
mod road;
mod run;
mod tables;
mod talk;
mod tally;

use anyhow::{Context, bail, ensure};

use crate::country::Campaign;
use crate::plan::Plan;
use crate::plant::Plant;
use crate::tally::{DAYS_A_YEAR, Tally, cpu_seconds};

const FAILING_SEEDS: &str = include_str!("failing_seeds.txt");
const DEVICE_YEARS: u64 = 200;
/// One seed in so many is lived twice.
const TWICE_EVERY: u64 = 16;
/// A planted bug that is alive after so much CPU has survived.
const CONTROL_SECONDS: f64 = 60.0;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let plant = match value("--plant") {
        Some(name) => Some(Plant::named(&name).with_context(|| format!("no bug is called {name}"))?),
        None => None,
    };
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
        return one(seed.parse()?, plant, &campaign);
    }
    let minutes: Option<f64> = value("--long").map(|minutes| minutes.parse()).transpose()?;
    many(plant, minutes, &campaign)
}

/// One seed, twice, with its plan and its figures.
fn one(seed: u64, plant: Option<Plant>, campaign: &Campaign) -> anyhow::Result<()> {
    println!("  {}", Plan::of(seed));
    let before = cpu_seconds();
    let lived = lived(seed, plant, campaign)?;
    let seconds = cpu_seconds() - before;
    lived_again(seed, plant, campaign, &lived.trace)?;
    lived.tally.print(seconds);
    println!("  trace {}", lived.trace);
    Ok(())
}

fn many(plant: Option<Plant>, minutes: Option<f64>, campaign: &Campaign) -> anyhow::Result<()> {
    let committed = FAILING_SEEDS.lines().filter_map(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    let committed: Vec<u64> = committed.collect();
    println!("  {} committed seeds first; a day of a laptop is 1 to 6 deeds here, and a sync or two", committed.len());
    let (before, mut tally, mut last) = (cpu_seconds(), Tally::default(), 0);
    for seed in committed.into_iter().chain(1..) {
        let enough = match minutes {
            Some(minutes) => cpu_seconds() - before > minutes * 60.0,
            None => tally.device_days >= DEVICE_YEARS * DAYS_A_YEAR,
        };
        if enough {
            break;
        }
        let lived = lived(seed, plant, campaign)?;
        if seed.is_multiple_of(TWICE_EVERY) {
            lived_again(seed, plant, campaign, &lived.trace)?;
        }
        tally.add(&lived.tally);
        last = seed;
    }
    tally.print(cpu_seconds() - before);
    println!("  seeds 1 to {last}, one in {TWICE_EVERY} lived twice with the same trace; I1–I5, I7, I8, I10–I12 held");
    Ok(())
}

fn lived(seed: u64, plant: Option<Plant>, campaign: &Campaign) -> anyhow::Result<run::Lived> {
    run::live(seed, plant, campaign).or_else(|violation| {
        println!("  {}", Plan::of(seed));
        let name = plant.and_then(|plant| Plant::ALL.into_iter().find(|(known, _)| *known == plant));
        let planted = name.map(|(_, name)| format!(" --plant {name}")).unwrap_or_default();
        bail!("{violation}\n  replay: SIM_SEED={seed} target/debug/sim{planted}")
    })
}

fn lived_again(seed: u64, plant: Option<Plant>, campaign: &Campaign, trace: &str) -> anyhow::Result<()> {
    let again = lived(seed, plant, campaign)?;
    ensure!(again.trace == trace, "seed {seed} was lived twice, and differently");
    Ok(())
}

fn controls(campaign: &Campaign) -> anyhow::Result<()> {
    let mut survived = Vec::new();
    for (plant, name) in Plant::ALL {
        let before = cpu_seconds();
        let found = (1..).take_while(|_| cpu_seconds() - before < CONTROL_SECONDS).find_map(|seed| {
            let violation = run::live(seed, Some(plant), campaign).err()?;
            Some((seed, violation))
        });
        let seconds = cpu_seconds() - before;
        match found {
            Some((seed, violation)) => {
                println!("  control {name}: found at seed {seed} after {seconds:.1} s, {violation}")
            }
            None => survived.push(name),
        }
    }
    ensure!(survived.is_empty(), "the simulation is blind: {survived:?} survived");
    Ok(())
}
