//! Every state of the disk that a cut may leave, one after the other; states seen before are counted and not given again.

use std::sync::Arc;

use crate::disk::{Disk, Lost, Names};
use crate::image::{Image, Seen};
use crate::journal::Op;
use crate::promise::Promise;
use crate::stories::Story;
use crate::sweep::{Chapter, Fineness, Only};

/// One state to look at.
pub struct Case {
    pub image: Image,
    pub name: String,
    pub number: u64,
    pub chapter: usize,
    pub only: Only,
}

pub struct Cuts<'a> {
    story: &'a Story,
    fineness: Fineness,
    disks: Vec<Disk>,
    seen: Seen,
    promises: Arc<Vec<Promise>>,
    next: usize,
    writes: usize,
    number: u64,
    chapter: usize,
    waiting: Vec<Case>,
    pub chapters: Vec<Chapter>,
}

impl<'a> Cuts<'a> {
    pub fn of(story: &'a Story, fineness: Fineness) -> Self {
        let disks = Names::ALL.map(|rule| Disk::holding(&story.folder, &story.start, rule)).to_vec();
        Self {
            story,
            fineness,
            disks,
            seen: Seen::default(),
            promises: Arc::default(),
            next: 0,
            writes: 0,
            number: 0,
            chapter: 0,
            waiting: Vec::new(),
            chapters: Vec::new(),
        }
    }

    /// The next different disk, and what had been promised by then.
    pub fn next(&mut self) -> Option<(Case, Arc<Vec<Promise>>)> {
        while self.waiting.is_empty() {
            self.go_on()?;
        }
        Some((self.waiting.pop()?, self.promises.clone()))
    }

    fn go_on(&mut self) -> Option<()> {
        let op = self.story.ops.get(self.next)?;
        self.next += 1;
        for disk in &mut self.disks {
            disk.apply(op);
        }
        match op {
            Op::Chapter(name) => {
                self.begin(name);
                return Some(());
            }
            Op::Promise(promise) => Arc::make_mut(&mut self.promises).push(promise.clone()),
            Op::Write { .. } => self.writes += 1,
            _ => {}
        }
        let is_write = matches!(op, Op::Write { .. });
        // What was promised before the first chapter was promised before the story.
        let passed_over = self.chapters.is_empty()
            || is_write && !self.writes.is_multiple_of(self.story.one_write_in)
            || self.fineness.only_after_promises && !matches!(op, Op::Promise(_))
            || self.fineness.only.is_some_and(|only| only.operation != self.next);
        if !passed_over {
            self.cut(op);
        }
        Some(())
    }

    fn begin(&mut self, name: &'static str) {
        let known = self.chapters.iter().position(|chapter| chapter.name == name);
        self.chapter = known.unwrap_or(self.chapters.len());
        if known.is_none() {
            self.chapters.push(Chapter { name, points: 0, disks: 0, broken: 0 });
        }
    }

    fn cut(&mut self, op: &Op) {
        for names in 0..self.disks.len() {
            for (way, lost) in ways(self.fineness, self.next as u64).into_iter().enumerate() {
                let is_it = |only: &Only| (only.names, only.way) == (names, way);
                if self.fineness.only.is_some_and(|only| !is_it(&only)) {
                    continue;
                }
                let image = self.disks[names].after(lost);
                self.chapters[self.chapter].points += 1;
                if !self.seen.is_new(&image, self.promises.len()) {
                    continue;
                }
                self.chapters[self.chapter].disks += 1;
                // A cut that is looked at again is looked at as closely as any.
                self.number += u64::from(self.fineness.only.is_none());
                let name = format!("operation {} of {} ({}), {lost:?}", self.next, self.story.ops.len(), kind(op));
                let only = Only { operation: self.next, names, way };
                self.waiting.push(Case { image, name, number: self.number, chapter: self.chapter, only });
            }
        }
    }
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
    let name =
        |path: &std::path::Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match op {
        Op::Create { path } => format!("create {}", name(path)),
        Op::Write { path, at, bytes } => format!("write {} bytes at {at} of {}", bytes.len(), name(path)),
        Op::Truncate { path, to } => format!("truncate {} to {to}", name(path)),
        Op::Sync { path } => format!("sync {}", name(path)),
        Op::Remove { path, .. } => format!("remove {}", name(path)),
        Op::Rename { to, .. } => format!("rename to {}", name(to)),
        Op::SyncFolder { .. } => "sync the folder".to_owned(),
        Op::Promise(_) | Op::Chapter(_) => "a promise".to_owned(),
    }
}
