//! Cuts the power after the operations of a story, in every way a disk may take it, and looks at what is left.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use crate::cuts::{Case, Cuts};
use crate::image::{Image, bench, lay_out};
use crate::promise::Promise;
use crate::stories::Story;

/// How finely a story is cut.
#[derive(Debug, Clone, Copy)]
pub struct Fineness {
    /// Ways in which sectors fall at each point, beside the three plain ones.
    pub dice: u64,
    pub seed: u64,
    /// A sweep that has found so much broken need not go on.
    pub enough: usize,
    /// Only right after something was promised: enough to find what was promised too early.
    pub only_after_promises: bool,
    pub only: Option<Only>,
}

/// One cut, to be looked at again.
#[derive(Debug, Clone, Copy)]
pub struct Only {
    pub operation: usize,
    pub names: usize,
    pub way: usize,
}

/// What was found in one chapter of a story.
#[derive(Debug, Clone)]
pub struct Chapter {
    pub name: &'static str,
    /// Operations of the story times ways of losing.
    pub points: u64,
    /// Different states of the disk among them; each was opened by the real code.
    pub disks: u64,
    pub broken: usize,
}

#[derive(Debug, Default)]
pub struct Found {
    pub chapters: Vec<Chapter>,
    pub broken: Vec<Broken>,
}

/// A disk that did not hold what was promised.
#[derive(Debug)]
pub struct Broken {
    pub chapter: usize,
    pub what: String,
    /// Arguments that lead to it again.
    pub again: String,
}

impl Found {
    pub fn points(&self) -> u64 {
        self.chapters.iter().map(|chapter| chapter.points).sum()
    }

    pub fn disks(&self) -> u64 {
        self.chapters.iter().map(|chapter| chapter.disks).sum()
    }
}

/// One disk that a cut left.
pub struct Left<'a> {
    pub image: &'a Image,
    /// Where the image is laid out.
    pub folder: &'a Path,
    pub promises: &'a [Promise],
    pub number: u64,
}

impl Left<'_> {
    /// For what takes long and is done on one disk of so many.
    pub fn is_one_in(&self, many: u64) -> bool {
        self.number.is_multiple_of(many)
    }

    /// Laid out anew: whoever opened it may have changed it.
    pub fn again(&self) -> std::io::Result<()> {
        lay_out(self.image, self.folder)
    }
}

/// Looks at one disk.
pub type Look<'a> = dyn Fn(&Left<'_>) -> anyhow::Result<()> + Sync + 'a;

pub fn sweep(name: &str, story: &Story, fineness: Fineness, look: &Look<'_>) -> Found {
    let cuts = Mutex::new(Cuts::of(story, fineness));
    let broken = Mutex::new(Vec::new());
    let place = bench(&name.replace(' ', "-"));
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while broken.lock().expect("what is broken").len() < fineness.enough {
                    let next = cuts.lock().expect("the cuts").next();
                    let Some((case, promises)) = next else { break };
                    // A place of its own: a store that closes late must not touch the next image's journal.
                    let folder: PathBuf = place.join(case.number.to_string());
                    let looked = lay_out(&case.image, &folder).map_err(anyhow::Error::from).and_then(|()| {
                        let (image, number) = (&case.image, case.number);
                        look(&Left { image, folder: &folder, promises: &promises, number })
                    });
                    if fineness.only.is_some() {
                        keep_to_look_at(&folder, &looked);
                    } else {
                        let _ = std::fs::remove_dir_all(&folder);
                    }
                    if let Err(error) = looked {
                        broken.lock().expect("what is broken").push(tell(name, &case, &error));
                    }
                }
            });
        }
    });
    if fineness.only.is_none() {
        // In memory; what stays would only take space.
        let _ = std::fs::remove_dir_all(&place);
    }
    let mut broken = broken.into_inner().expect("what is broken");
    broken.sort_by(|one: &Broken, other| one.what.cmp(&other.what));
    let mut chapters = cuts.into_inner().expect("the cuts").chapters;
    for broken in &broken {
        chapters[broken.chapter].broken += 1;
    }
    Found { chapters, broken }
}

fn tell(story: &str, case: &Case, error: &anyhow::Error) -> Broken {
    let (operation, names, way) = (case.only.operation, case.only.names, case.only.way);
    Broken {
        chapter: case.chapter,
        what: format!("{story}, {}: {error:#}", case.name),
        again: format!("--only '{story}' --at {operation} --names {names} --way {way}"),
    }
}

/// The disk stays for whoever wants to see it.
#[allow(clippy::print_stdout, reason = "a report for whoever runs it")]
fn keep_to_look_at(folder: &Path, looked: &anyhow::Result<()>) {
    println!("  {}: {looked:?}", folder.display());
}
