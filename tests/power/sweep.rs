//! Cuts the power after every operation of a story, in every way a disk may take it, and looks at what is left.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::disk::{Disk, Image, Lost, Seen, lay_out};
use crate::journal::{Op, Promise};

/// How finely a story is cut.
#[derive(Debug, Clone, Copy)]
pub struct Fineness {
    /// Ways in which sectors fall at each point, beside the three plain ones.
    pub dice: u64,
    pub seed: u64,
    /// A sweep that has found so much broken need not go on.
    pub enough: usize,
}

/// What a sweep found.
#[derive(Debug, Default)]
pub struct Found {
    /// Points of the story times ways of losing.
    pub points: u64,
    /// Different states of the disk among them; each was opened by the real code.
    pub images: u64,
    pub broken: Vec<String>,
}

/// One state to look at.
struct Case {
    image: Image,
    promises: usize,
    name: String,
    number: u64,
}

/// Looks at one laid-out image; `promises` is what had been promised by then.
pub type Look<'a> = dyn Fn(&Path, &[Promise], u64) -> anyhow::Result<()> + Sync + 'a;

/// More of one kind say nothing new.
const BROKEN_SHOWN_MAX: usize = 5;

pub fn sweep(start: &[Disk], ops: &[Op], fineness: Fineness, bench: &Path, look: &Look<'_>) -> Found {
    let promises: Vec<Promise> = ops.iter().filter_map(promise).collect();
    let cases = Mutex::new(cases(start, ops, fineness));
    let broken = Mutex::new(Vec::new());
    let (points, images) = (AtomicU64::new(0), AtomicU64::new(0));
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    thread::scope(|scope| {
        for worker in 0..workers {
            let (cases, broken, points, images, promises) = (&cases, &broken, &points, &images, &promises);
            let folder: PathBuf = bench.join(worker.to_string());
            scope.spawn(move || {
                loop {
                    let next = cases.lock().expect("the cases").next();
                    let Some((counted, case)) = next else { break };
                    points.fetch_add(counted, Ordering::Relaxed);
                    let Some(case) = case else { continue };
                    images.fetch_add(1, Ordering::Relaxed);
                    // A place of its own: a store that closes late must not touch the next image's journal.
                    let folder = folder.join(case.number.to_string());
                    let looked = lay_out(&case.image, &folder)
                        .map_err(anyhow::Error::from)
                        .and_then(|()| look(&folder, &promises[..case.promises], case.number));
                    let _ = std::fs::remove_dir_all(&folder);
                    if let Err(error) = looked {
                        let mut broken = broken.lock().expect("what is broken");
                        broken.push(format!("{}: {error:#}", case.name));
                        if broken.len() >= fineness.enough {
                            break;
                        }
                    }
                }
                // In memory; what stays would only take space.
                let _ = std::fs::remove_dir_all(&folder);
            });
        }
    });
    let mut broken = broken.into_inner().expect("what is broken");
    broken.sort();
    Found { points: points.into_inner(), images: images.into_inner(), broken }
}

impl Found {
    pub fn print(&self, what: &str) {
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        let _ = writeln!(
            out,
            "  {what}: {} points, {} different disks, {} broken",
            self.points,
            self.images,
            self.broken.len()
        );
        for line in self.broken.iter().take(BROKEN_SHOWN_MAX) {
            let _ = writeln!(out, "    {line}");
        }
    }
}

fn promise(op: &Op) -> Option<Promise> {
    match op {
        Op::Promise(promise) => Some(promise.clone()),
        _ => None,
    }
}

/// Every point in every way, one after the other; states seen before are counted and not looked at again.
fn cases(start: &[Disk], ops: &[Op], fineness: Fineness) -> impl Iterator<Item = (u64, Option<Case>)> + use<> {
    let ops = ops.to_vec();
    let mut disks = start.to_vec();
    let mut seen = Seen::default();
    let mut promises = 0;
    let mut waiting: Vec<(u64, Option<Case>)> = Vec::new();
    let mut next = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        while waiting.is_empty() {
            let op = ops.get(next)?;
            next += 1;
            promises += usize::from(promise(op).is_some());
            for (rule, disk) in disks.iter_mut().enumerate() {
                disk.apply(op);
                for lost in ways(fineness, next as u64) {
                    let image = disk.after(lost);
                    number += 1;
                    let case = seen.is_new(&image, promises).then(|| Case {
                        image,
                        promises,
                        name: format!("after operation {next} of {} ({}), {lost:?}, names {rule}", ops.len(), kind(op)),
                        number,
                    });
                    waiting.push((1, case));
                }
            }
        }
        waiting.pop()
    })
}

fn ways(fineness: Fineness, point: u64) -> Vec<Lost> {
    let mut ways = vec![Lost::Everything, Lost::Nothing, Lost::SecondHalf];
    for dice in 0..fineness.dice {
        let seed = fineness.seed.wrapping_mul(1_000_003).wrapping_add(point * 1_009 + dice);
        ways.push(if dice % 2 == 0 { Lost::AnySector(seed) } else { Lost::Torn(seed) });
    }
    ways
}

fn kind(op: &Op) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match op {
        Op::Create { path } => format!("create {}", name(path)),
        Op::Write { path, at, bytes } => format!("write {} bytes at {at} of {}", bytes.len(), name(path)),
        Op::Truncate { path, to } => format!("truncate {} to {to}", name(path)),
        Op::Sync { path } => format!("sync {}", name(path)),
        Op::Remove { path, .. } => format!("remove {}", name(path)),
        Op::Rename { to, .. } => format!("rename to {}", name(to)),
        Op::SyncFolder { .. } => "sync the folder".to_owned(),
        Op::Promise(_) => "a promise".to_owned(),
    }
}
