//! An evening after a bad line: every laptop of a city finds the network in the same minute.

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use roads::http::Http;
use shared_model::ids::{DeviceId, Seq};
use shared_model::sync::Trouble;
use shared_model::sync::message::Push;

use crate::clock::{Times, timed, wait};
use crate::fleet::{AREA, Nation};
use crate::handmade::Handmade;
use crate::port::Port;
use crate::table::Table;

const DOSES: u32 = 300;
/// Threads that only wait need little.
const STACK: usize = 512 * 1024;
/// As the laptop waits when the road gave no answer.
const NO_ANSWER: Duration = Duration::from_secs(5);

/// How one laptop fared.
struct Fared {
    device: DeviceId,
    head: Seq,
    time: Duration,
    shed: u32,
    unanswered: u32,
    last: Push,
    laptop: Handmade,
}

pub fn measure(table: &mut Table, laptops: u16, disk: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    let port = Port::open(&nation.runtime, &nation.server)?;
    let mut crowd = Vec::new();
    for number in 0..u32::from(laptops) {
        let code = format!("STORM-{number}");
        nation.runtime.block_on(nation.server.add_code(&code, "hem-42", AREA))?;
        let mut laptop = Handmade::enrolled(&mut Http::to(&port.url)?, &code)?;
        for person in number * DOSES..(number + 1) * DOSES {
            laptop.register(person)?;
            laptop.give(person, 1, 0)?;
        }
        let pushes = laptop.pushes();
        crowd.push((laptop, pushes));
    }
    let start = Arc::new(Barrier::new(crowd.len()));
    let (time, fared) = timed(|| -> anyhow::Result<Vec<Fared>> {
        let mut threads = Vec::new();
        for (number, (laptop, pushes)) in crowd.into_iter().enumerate() {
            let (url, start) = (port.url.clone(), Arc::clone(&start));
            let deed = move || {
                start.wait();
                deliver(&url, laptop, pushes, number)
            };
            threads.push(thread::Builder::new().stack_size(STACK).spawn(deed)?);
        }
        let joined = threads.into_iter().map(|thread| thread.join().ok().context("a laptop broke")?);
        joined.collect()
    });
    let fared = fared?;
    let (drawing, drawn) = timed(|| nation.runtime.block_on(nation.server.catch_up()));
    drawn?;
    all_held_none_doubled(&nation, &port, &fared)?;

    let doses = f64::from(u32::from(laptops) * DOSES);
    let (shed, unanswered): (u32, u32) =
        fared.iter().fold((0, 0), |(shed, unanswered), one| (shed + one.shed, unanswered + one.unanswered));
    let times = Times::from(fared.iter().map(|one| one.time).collect());
    table.row(
        format!("a storm: {laptops} laptops × {DOSES} doses, each with its registration, over loopback HTTP"),
        format!("all acknowledged after {:.1} s ({:.0} doses a second)", time.as_secs_f64(), doses / time.as_secs_f64()),
        format!(
            "a laptop waits {:.1} s (median), {:.1} s (p99); told to come back {shed} times, {unanswered} without an answer; \
             drawn {:.1} s later; none lost, none doubled",
            times.median() / 1_000.0,
            times.p99() / 1_000.0,
            drawing.as_secs_f64()
        ),
    );
    Ok(())
}

/// Pushes until all is held, coming back when the server says so.
fn deliver(url: &str, laptop: Handmade, pushes: Vec<Push>, number: usize) -> anyhow::Result<Fared> {
    let mut road = Http::to(url)?;
    let (mut shed, mut unanswered) = (0, 0);
    let (time, sent) = timed(|| -> anyhow::Result<()> {
        for push in &pushes {
            loop {
                let mut courier = laptop.courier(&mut road);
                match laptop.send(&mut courier, push)? {
                    Ok(_) => break,
                    Err(Trouble::Refused { retry_after_s: Some(seconds), .. }) => {
                        shed += 1;
                        // Spread out, as laptops do, by up to half as long again.
                        let spread = Duration::from_millis(number as u64 * 7_919 % (u64::from(seconds) * 500));
                        wait(Duration::from_secs(u64::from(seconds)) + spread);
                    }
                    Err(Trouble::NoNetwork) => {
                        unanswered += 1;
                        wait(NO_ANSWER);
                    }
                    Err(trouble) => return Err(trouble.into()),
                }
            }
        }
        Ok(())
    });
    sent?;
    let last = pushes.into_iter().last().context("a laptop had nothing to say")?;
    Ok(Fared { device: laptop.device, head: laptop.head().seq, time, shed, unanswered, last, laptop })
}

/// Every log is held to its end, the record has each dose once, and a push that comes again changes nothing.
fn all_held_none_doubled(nation: &Nation, port: &Port, fared: &[Fared]) -> anyhow::Result<()> {
    let doses = u64::try_from(fared.len())? * u64::from(DOSES);
    for one in fared.iter().step_by(fared.len().div_ceil(20)) {
        let mut road = Http::to(&port.url)?;
        let held = one.laptop.send(&mut one.laptop.courier(&mut road), &one.last)??;
        ensure!(held == one.laptop.head(), "a push that came again moved the log");
    }
    nation.runtime.block_on(nation.server.catch_up())?;
    let completeness = nation.runtime.block_on(nation.server.completeness())?;
    for one in fared {
        let line = completeness.devices.iter().find(|line| line.device == one.device);
        let held: Seq = line.map(|line| line.held).unwrap_or_default();
        ensure!(held == one.head, "{} of {} statements are held", held, one.head);
    }
    let overview = nation.runtime.block_on(nation.server.store().overview(crate::clock::now()))?;
    ensure!((overview.doses, overview.people) == (doses, doses), "the record has {overview:?}");
    Ok(())
}
