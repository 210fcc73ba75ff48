//! The end of a day at a district hub: its laptops come home to its network, and its own line to the nation is thin.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use roads::http::Http;
use shared_model::sync::Trouble;
use shared_model::sync::message::Push;
use sync_server::edge::Machine;
use sync_server::hub::join::{Joining, join};
use sync_server::settings::Settings;

use crate::clock::{Times, timed, wait};
use crate::fleet::{AREA, Nation};
use crate::handmade::Handmade;
use crate::line::Line;
use crate::port::Port;
use crate::table::Table;

const LAPTOPS: u32 = 20;
/// People of each: a registration and a dose.
const PEOPLE: u32 = 600;
const BITS_A_SECOND: f64 = 10e6;
/// How often it is looked whether all has arrived.
const LOOK: Duration = Duration::from_millis(50);

pub fn measure(table: &mut Table, disk: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    let nation_port = Port::open(&nation.runtime, &nation.server)?;
    let line = Line::to(&nation.runtime, nation_port.address()?, BITS_A_SECOND)?;

    let data = folder.path().join("hub");
    let (code, _) = nation.runtime.block_on(nation.server.hub_code("q4", vec![AREA.to_owned()]))?;
    let joining =
        Joining { data: &data, seal: None, campaign: None, upstream: &line.url, code: &code, name: "Quận 4" };
    join(joining, &Machine)?;
    let hub = nation.runtime.block_on(sync_server::open(Settings::in_directory(&data), Arc::new(Machine)))?;
    let hub_port = Port::open(&nation.runtime, &hub)?;

    let mut teams = Vec::new();
    for number in 0..LAPTOPS {
        let code = format!("HUB-{number}");
        nation.runtime.block_on(nation.server.add_code(&code, "hem-42", AREA))?;
        let mut laptop = Handmade::enrolled(&mut Http::to(&nation_port.url)?, &code)?;
        laptop.introduce_to(&mut Http::to(&hub_port.url)?)?;
        for person in number * PEOPLE..(number + 1) * PEOPLE {
            laptop.register(person)?;
            laptop.give(person, 1, 0)?;
        }
        let pushes = laptop.pushes();
        teams.push((laptop, pushes));
    }
    let statements = u64::from(2 * LAPTOPS * PEOPLE);
    let before = line.sent.load(Ordering::Relaxed);
    let (national, held) = timed(|| -> anyhow::Result<_> {
        let held = timed(|| come_home(teams, &hub_port.url));
        loop {
            let told = nation.runtime.block_on(nation.server.completeness())?;
            if told.country.held == statements {
                return Ok(held);
            }
            wait(LOOK);
        }
    });
    let (by_hub, waits) = held?;
    let waits = waits?;
    let bytes = line.sent.load(Ordering::Relaxed) - before;
    table.row(
        format!("a hub's evening: {LAPTOPS} laptops × {} statements over loopback HTTP", 2 * PEOPLE),
        format!("all held by the hub after {:.2} s", by_hub.as_secs_f64()),
        format!("a laptop waits {:.2} s (median), {:.2} s (longest)", waits.median() / 1e3, waits.longest() / 1e3),
    );
    table.row(
        "from the first laptop until all is held by the nation, over a line of 10 Mbit/s",
        format!("{:.1} s", national.as_secs_f64()),
        format!(
            "{:.2} MB up the line ({:.0} bytes a statement), alone {:.1} s of it; the hub gathers for three seconds before it forwards",
            bytes as f64 / 1e6,
            bytes as f64 / statements as f64,
            bytes as f64 * 8.0 / BITS_A_SECOND
        ),
    );
    Ok(())
}

/// All at once, as a lorry unloads them.
fn come_home(teams: Vec<(Handmade, Vec<Push>)>, hub: &str) -> anyhow::Result<Times> {
    let start = Arc::new(Barrier::new(teams.len()));
    let mut threads = Vec::new();
    for (laptop, pushes) in teams {
        let (hub, start) = (hub.to_owned(), Arc::clone(&start));
        threads.push(thread::spawn(move || {
            start.wait();
            let (time, done) = timed(|| unload(&laptop, &pushes, &hub));
            done.map(|()| time)
        }));
    }
    let joined = threads.into_iter().map(|thread| thread.join().ok().context("a laptop broke")?);
    Ok(Times::from(joined.collect::<anyhow::Result<_>>()?))
}

fn unload(laptop: &Handmade, pushes: &[Push], hub: &str) -> anyhow::Result<()> {
    let mut road = Http::to(hub)?;
    let mut courier = laptop.courier(&mut road);
    for push in pushes {
        loop {
            match courier.ask("/device/push", push) {
                Ok(answer) => {
                    let _: shared_model::certificate::Signed = answer;
                    break;
                }
                Err(Trouble::Refused { retry_after_s: Some(seconds), .. }) => {
                    wait(Duration::from_secs(u64::from(seconds)));
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }
    ensure!(!pushes.is_empty(), "a laptop had nothing to say");
    Ok(())
}
