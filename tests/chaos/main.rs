//! A bad road between the real laptop's HTTP client and the real server program: cut, reset, stalled, doubled,
//! trickled, captured or refused at every byte; then one undisturbed sync, after which everything must be right.
//!
//!   chaos          a sample of the bytes, at most a minute and a half
//!   chaos --long   every byte of every exchange
//!
//! Prints what it tried. Fails when a dose is lost, doubled or doubted, or when two records differ.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::disallowed_methods, reason = "a program at the edge, where patience is measured by the real clock")]

mod fault;
mod file;
mod message;
mod proxy;
mod tally;
mod town;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use world::deeds::Deeds;

use crate::fault::{Carried, Exchange, Fault, Fineness, Manner};
use crate::tally::Tally;
use crate::town::{PATIENT, Town};

/// A laptop that waits for a stalled road; far longer than an exchange on loopback takes.
const IMPATIENT: Duration = Duration::from_millis(400);
const REFUSALS: u32 = 10;

fn main() -> anyhow::Result<()> {
    let long = std::env::args().any(|argument| argument == "--long");
    let fineness = if long {
        Fineness { closed: 1, reset: 1, stalled: 32 }
    } else {
        Fineness { closed: 72, reset: 240, stalled: 800 }
    };
    let begun = Instant::now();
    let mut town = Town::found()?;
    let history = file::begin(&town)?;
    let mut tally = Tally::default();
    let usual = the_usual_sync(&mut town)?;
    for carried in &usual {
        let faults = fault::plan(*carried, fineness);
        println!(
            "  {}: a question of {} bytes, an answer of {}; {} faults",
            carried.exchange,
            carried.question,
            carried.answer,
            faults.len()
        );
        for fault in faults {
            if let Err(why) = one_fault(&mut town, carried.exchange, fault, &mut tally) {
                tally.broken.push(format!("{} {fault:?}: {why:#}", carried.exchange));
            }
        }
    }
    for n in 0..REFUSALS {
        if let Err(why) = refused(&mut town, &mut tally) {
            tally.broken.push(format!("refusal {n}: {why:#}"));
        }
    }
    println!("  {} s", begun.elapsed().as_secs());
    let history = history.join().map_err(|_| anyhow!("the history was not written"))??;
    file::sweep(&mut town, history, long, &mut tally)?;
    tally.print();
    println!("  asked again, the server said: {:?}", town.proxy.again());
    println!("  {} faults, {} doses, {} s", tally.total(), town.given, begun.elapsed().as_secs());
    ensure!(tally.broken.is_empty(), "{} faults did not end well", tally.broken.len());
    Ok(())
}

/// The exchanges of a sync that has something to push and something to pull, each once.
fn the_usual_sync(town: &mut Town) -> anyhow::Result<Vec<Carried>> {
    let people = [town.tower_gives()?, town.alley_gives()?];
    town.alley.road.leads_to(&town.proxy.url, PATIENT);
    town.proxy.carried();
    town.alley.syncs()?;
    town.all_is_well(&people)?;
    let carried = town.proxy.carried();
    let kinds = [Exchange::Greet, Exchange::Hello, Exchange::Push, Exchange::Pull];
    kinds
        .into_iter()
        .map(|kind| {
            let of_kind = carried.iter().filter(|carried| carried.exchange == kind);
            of_kind.max_by_key(|carried| carried.answer).copied().with_context(|| format!("no {kind} in a sync"))
        })
        .collect()
}

fn one_fault(town: &mut Town, exchange: Exchange, fault: Fault, tally: &mut Tally) -> anyhow::Result<()> {
    let mut people = vec![town.alley_gives()?];
    if exchange == Exchange::Pull {
        people.push(town.tower_gives()?);
    }
    let waits = matches!(fault, Fault::Cut(_, _, Manner::Stalled));
    town.alley.road.leads_to(&town.proxy.url, if waits { IMPATIENT } else { PATIENT });
    town.proxy.arm(&[(exchange, fault)]);
    let disturbed = town.alley.here.try_to_sync()?;
    tally.met_or_missed(&[(exchange, fault)], town.proxy.disarm());
    let trouble = disturbed["trouble"].as_str();
    tally.trouble(trouble);
    let blames_the_road = matches!(trouble, None | Some("no_network"));
    // An answer to another question may be taken for anything but the truth.
    let outcome_is_right = match fault {
        Fault::Trickled(_) | Fault::AskedTwice => trouble.is_none(),
        Fault::AnsweredTwice => true,
        _ => blames_the_road,
    };
    ensure!(outcome_is_right, "it ended with {trouble:?}");
    town.nothing_is_believed_too_early()?;
    town.alley.road.leads_to(&town.server.url, PATIENT);
    town.alley.syncs()?;
    town.all_is_well(&people)
}

/// Nobody listens at all.
fn refused(town: &mut Town, tally: &mut Tally) -> anyhow::Result<()> {
    let citizen = town.alley_gives()?;
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    town.alley.road.leads_to(&format!("http://{nobody}"), PATIENT);
    let trouble = town.alley.here.try_to_sync()?["trouble"].clone();
    ensure!(trouble == "no_network", "it ended with {trouble}");
    tally.refused();
    town.alley.road.leads_to(&town.server.url, PATIENT);
    town.alley.syncs()?;
    town.all_is_well(&[citizen])
}
