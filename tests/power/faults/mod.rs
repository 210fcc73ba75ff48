//! A disk that fails at every operation in turn: once, and from then on for ever. Nothing that was promised is lost,
//! nothing is promised that is not durable, and when the disk is well again work goes on.

pub mod first_start;
pub mod laptop;
pub mod server;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Context;

use crate::disk::{Disk, Lost, Names};
use crate::image::{Image, bench, lay_out};
use crate::journal::{Fault, Op, Plan, Recorder};
use crate::promise::Promise;

/// Something done on a disk, to be done on failing ones.
pub trait Trial: Sync {
    fn name(&self) -> &'static str;
    /// What the disk holds before.
    fn image(&self) -> &Image;
    /// What had been promised before.
    fn promised(&self) -> &[Promise];
    /// Does it, noting what is promised on the way; mends the disk in the end, or in the middle where the same process
    /// is to go on. Tells how many deeds were refused: a refusal is an answer, not a failure.
    fn work(&self, folder: &Path, recorder: &Recorder) -> anyhow::Result<u64>;
    /// What must hold afterwards, when somebody opens what is there, and whether work goes on there.
    fn look(&self, folder: &Path, promises: &[Promise], goes_on: bool) -> anyhow::Result<()>;
    /// Each operation fails in so many of the eight ways; which ones, goes round.
    fn ways_at_each(&self) -> usize {
        WAYS
    }
}

/// Four kinds of failure, once and for ever.
const WAYS: usize = Fault::ALL.len() * 2;

/// What was found in one chapter of a trial.
#[derive(Debug)]
pub struct Chapter {
    pub name: &'static str,
    pub operations: usize,
    pub runs: u64,
    pub refused: u64,
    pub broken: usize,
}

#[derive(Debug)]
pub struct Found {
    pub chapters: Vec<Chapter>,
    pub broken: Vec<String>,
}

pub fn sweep(trial: &dyn Trial, only: Option<(usize, usize)>) -> anyhow::Result<Found> {
    let place = bench(&trial.name().replace(' ', "-"));
    // As many operations as a run without faults has.
    let operations = operations(trial, &place.join("well")).context("without a fault")?;
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut plans: Vec<(usize, usize, Plan)> = Vec::new();
    for (at, (name, is_write)) in operations.iter().enumerate() {
        let known = chapters.iter().position(|chapter| chapter.name == *name).unwrap_or_else(|| {
            chapters.push(Chapter { name, operations: 0, runs: 0, refused: 0, broken: 0 });
            chapters.len() - 1
        });
        chapters[known].operations += 1;
        for way in (0..trial.ways_at_each()).map(|n| (at + n * WAYS / trial.ways_at_each()) % WAYS) {
            let plan = Plan { at, for_ever: way % 2 == 1, fault: Fault::ALL[way / 2] };
            if plan.fault == Fault::Short && !is_write && !plan.for_ever {
                // Nothing is short but a write; the disk is full.
                continue;
            }
            if only.is_none_or(|only| only == (at, way)) {
                plans.push((known, way, plan));
            }
        }
    }
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((chapter, way, plan)) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = place.join(format!("{}-{way}", plan.at));
                    let outcome = run(trial, &folder, Some(*plan));
                    outcomes.lock().expect("the outcomes").push((*chapter, *way, *plan, outcome));
                }
            });
        }
    });
    let _ = std::fs::remove_dir_all(&place);
    let mut broken = Vec::new();
    for (chapter, way, plan, outcome) in outcomes.into_inner().expect("the outcomes") {
        let chapter = &mut chapters[chapter];
        chapter.runs += 1;
        match outcome {
            Ok(refused) => chapter.refused += refused,
            Err(error) => {
                chapter.broken += 1;
                let (name, at) = (trial.name(), plan.at);
                broken.push(format!("{name}, {plan:?}: {error:#}\n      again: --only '{name}' --at {at} --way {way}"));
            }
        }
    }
    broken.sort();
    Ok(Found { chapters, broken })
}

/// The chapter of each operation, and whether it writes.
fn operations(trial: &dyn Trial, folder: &Path) -> anyhow::Result<Vec<(&'static str, bool)>> {
    lay_out(trial.image(), folder)?;
    let recorder = Recorder::begin(folder, None);
    let refused = trial.work(folder, &recorder)?;
    anyhow::ensure!(refused == 0, "{refused} deeds were refused by a disk that was well");
    let mut chapter = "before anything";
    let mut operations = Vec::new();
    for op in recorder.until_mended() {
        match op {
            Op::Chapter(name) => chapter = name,
            Op::Promise(_) => {}
            op => operations.push((chapter, matches!(op, Op::Write { .. }))),
        }
    }
    drop(recorder);
    let _ = std::fs::remove_dir_all(folder);
    Ok(operations)
}

fn run(trial: &dyn Trial, folder: &Path, plan: Option<Plan>) -> anyhow::Result<u64> {
    lay_out(trial.image(), folder)?;
    let recorder = Recorder::begin(folder, plan);
    let refused = trial.work(folder, &recorder)?;
    recorder.mend();
    let failing = recorder.until_mended();
    let all = recorder.end();
    trial.look(folder, &promises(trial, &all), true).context("when the disk is well")?;
    // What was promised while the disk failed does not hang on anything that it did not keep.
    let mut disk = Disk::holding(folder, trial.image(), Names::WithTheNextSync);
    failing.iter().for_each(|op| disk.apply(op));
    let cut = folder.with_extension("cut");
    lay_out(&disk.after(Lost::Everything), &cut)?;
    trial.look(&cut, &promises(trial, &failing), false).context("when the power goes too")?;
    let _ = std::fs::remove_dir_all(folder);
    let _ = std::fs::remove_dir_all(cut);
    Ok(refused)
}

fn promises(trial: &dyn Trial, ops: &[Op]) -> Vec<Promise> {
    let told = ops.iter().filter_map(|op| match op {
        Op::Promise(promise) => Some(promise.clone()),
        _ => None,
    });
    trial.promised().iter().cloned().chain(told).collect()
}
