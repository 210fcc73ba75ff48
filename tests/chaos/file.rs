//! A laptop that is new in a place with a long history: the files of its feed, fetched in parts over a bad road.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use world::Dice;
use world::deeds::Deeds;

use crate::fault::{self, Carried, Exchange, Fault, Half, Manner};
use crate::tally::Tally;
use crate::town::{self, Laptop, PATIENT, Town};

/// A feed this long is taken as files (shared-model, sync/reading.rs).
const PEOPLE: usize = 1_263;
/// Beside being registered and given a dose.
const EDITS_EACH: usize = 2;
/// Of the files, each of a thousand entries; the client asks for 256 KiB at a time.
const PARTS: usize = 5;
const IMPATIENT: Duration = Duration::from_millis(800);

/// How finely the file is cut up, apart from its boundaries.
struct Steps {
    small: usize,
    part: usize,
    near: usize,
}

pub fn sweep(town: &mut Town, history: History, long: bool, tally: &mut Tally) -> anyhow::Result<()> {
    let begun = Instant::now();
    let History { mut school, people } = history;
    town.given += people.len() as u64;
    let pushed = school.syncs()?["log_head"].clone();
    town.nation_has_caught_up()?;
    println!("  a feed of {pushed} statements more, pushed and drawn in {} s", begun.elapsed().as_secs());
    let steps = if long { Steps { small: 1, part: 211, near: 40 } } else { Steps { small: 60, part: 32_749, near: 3 } };
    let mut fresh = Fresh::let_in(town)?;

    let announcement = fresh.seen(town, Exchange::Segments)?;
    for fault in faults_of(announcement, steps.small, steps.small, steps.near) {
        fresh.meets(town, &[(Exchange::Segments, fault)], tally)?;
    }
    let part = fresh.seen(town, Exchange::Part)?;
    let faults = faults_of(part, steps.small, steps.part, steps.near);
    println!("  a part of the file has {} bytes; {} faults", part.answer, faults.len());
    for fault in faults {
        fresh.meets(town, &[(Exchange::Part, fault)], tally)?;
    }
    // It gets one part further, which it then has for good, and is cut off in the next.
    let cut = (Exchange::Part, Fault::Cut(Half::Answer, 1_000, Manner::Closed));
    fresh.meets(town, &[(Exchange::Part, Fault::AskedTwice), cut], tally)?;
    for fault in [Fault::Captive(0), Fault::Captive(1), Fault::Captive(2)] {
        fresh.meets(town, &[(Exchange::Part, fault)], tally)?;
    }
    let last = Instant::now();
    if let Err(why) = fresh.ends_well(town, &people) {
        tally.broken.push(format!("the file of a feed: {why:#}"));
    }
    println!(
        "  the whole feed is taken in {} s; {} s for the file",
        last.elapsed().as_secs(),
        begun.elapsed().as_secs()
    );
    Ok(())
}

fn faults_of(carried: Carried, question_step: usize, answer_step: usize, near: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (half, head, bytes, step) in [
        (Half::Question, carried.question_head, carried.question, question_step),
        (Half::Answer, carried.answer_head, carried.answer, answer_step),
    ] {
        for (n, at) in fault::positions(head, bytes, step, near).into_iter().enumerate() {
            let manner = match n % 10 {
                3 | 6 => Manner::Reset,
                8 if n < 100 => Manner::Stalled,
                _ => Manner::Closed,
            };
            // An answer that came whole is no harm; the sync would go on to its end.
            if (half, at) != (Half::Answer, bytes) {
                faults.push(Fault::Cut(half, at, manner));
            }
        }
    }
    faults.extend((0..fault::PAGES.len()).map(Fault::Captive));
    faults
}

/// Another laptop, that has been here for long.
pub struct History {
    school: Laptop,
    people: Vec<String>,
}

/// Serials of the school's people; nobody else comes this far.
const SCHOOL: u32 = 500_000;

/// Writes it in a thread of its own: it takes as long as everything else.
pub fn begin(town: &Town) -> anyhow::Result<JoinHandle<anyhow::Result<History>>> {
    let mut school = Laptop::in_folder(&town.folder.path().join("school"), &town.server.url);
    school.here.enrol(&town.server.url, "CODE-SCHOOL", "school")?;
    Ok(std::thread::spawn(move || {
        let dice = Dice::seeded(1);
        let mut people = Vec::new();
        for serial in (SCHOOL..).take(PEOPLE) {
            let citizen = town::gives(&mut school, &town::person(serial).card())?;
            for _ in 0..EDITS_EACH {
                // What can't be folded, so that a part has a size worth cutting.
                let words: Vec<String> = (0..8).map(|_| format!("{:x}", dice.roll())).collect();
                let address = json!({ "register": "address", "text": words.join(" ") });
                school.here.ask("edit_citizen", json!({ "citizen": citizen, "values": [address] }))?;
            }
            people.push(citizen);
        }
        Ok(History { school, people })
    }))
}

/// A laptop that has been let in and has not synced.
struct Fresh {
    laptop: Laptop,
    /// Parts of the file that came whole.
    whole: usize,
}

impl Fresh {
    fn let_in(town: &Town) -> anyhow::Result<Self> {
        let mut laptop = Laptop::in_folder(&town.folder.path().join("fresh"), &town.proxy.url);
        laptop.here.enrol(&town.server.url, "CODE-FRESH", "fresh")?;
        town.proxy.carried();
        Ok(Self { laptop, whole: 0 })
    }

    /// How large this exchange is, seen from one whose answer is lost.
    fn seen(&mut self, town: &Town, exchange: Exchange) -> anyhow::Result<Carried> {
        town.proxy.arm(&[(exchange, Fault::Cut(Half::Answer, 0, Manner::Closed))]);
        self.laptop.here.try_to_sync()?;
        town.proxy.disarm();
        let seen = town.proxy.carried().into_iter().rfind(|carried| carried.exchange == exchange);
        seen.with_context(|| format!("no {exchange} in a first sync"))
    }

    fn meets(&mut self, town: &Town, faults: &[(Exchange, Fault)], tally: &mut Tally) -> anyhow::Result<()> {
        let stalls = faults.iter().any(|(_, fault)| matches!(fault, Fault::Cut(_, _, Manner::Stalled)));
        self.laptop.road.leads_to(&town.proxy.url, if stalls { IMPATIENT } else { PATIENT });
        town.proxy.arm(faults);
        let state = self.laptop.here.try_to_sync()?;
        tally.met_or_missed(faults, town.proxy.disarm());
        tally.trouble(state["trouble"].as_str());
        if state["trouble"] != "no_network" || state["area_ready"] != false {
            tally.broken.push(format!("{faults:?}: it ended with {}", state["trouble"]));
        }
        self.count(town);
        Ok(())
    }

    fn count(&mut self, town: &Town) {
        let carried = town.proxy.carried();
        self.whole += carried.iter().filter(|carried| carried.exchange == Exchange::Part && carried.whole).count();
    }

    /// One undisturbed sync, in which no part is asked for that came whole before.
    fn ends_well(&mut self, town: &Town, people: &[String]) -> anyhow::Result<()> {
        ensure!(self.whole == 1, "{} parts had come whole", self.whole);
        self.laptop.road.leads_to(&town.proxy.url, PATIENT);
        let state = self.laptop.syncs()?;
        ensure!(state["area_ready"] == true, "the area is not here: {state}");
        self.count(town);
        ensure!(self.whole == PARTS, "the files came in {} parts", self.whole);
        for citizen in people.iter().step_by(10) {
            ensure!(self.laptop.here.root(citizen)? == town.console.state_root(citizen)?, "two records of {citizen}");
        }
        Ok(())
    }
}
