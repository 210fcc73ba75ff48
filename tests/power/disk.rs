//! What a disk may hold after the power went: everything that was synced, and of the rest any part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::image::{Bytes, Image};
use crate::journal::Op;

/// What one write of a disk cannot be torn below, when it is torn at all.
const SECTOR: usize = 512;

/// What happens to the names of files that were made, renamed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// In order, with the next sync of anything, as journalling file systems do.
    WithTheNextSync,
    /// Only with a sync of the file itself, or of its folder: the least any file system may do.
    OnlyWhenAsked,
}

impl Names {
    pub const ALL: [Self; 2] = [Self::WithTheNextSync, Self::OnlyWhenAsked];
}

/// Which part of what was not synced is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lost {
    /// All of it is lost.
    Everything,
    /// None of it: the process died and the machine did not.
    Nothing,
    /// The first half arrived, in order.
    SecondHalf,
    /// Sector by sector, old or new as the dice fall.
    AnySector(u64),
    /// As above, and one sector that was being written holds neither.
    Torn(u64),
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Debug, Clone, Default)]
struct File {
    durable: Bytes,
    /// As programs see it.
    now: Bytes,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Naming {
    Add(PathBuf, usize),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Naming {
    fn is_of(&self, path: &Path) -> bool {
        match self {
            Self::Add(named, _) | Self::Remove(named) | Self::Rename(_, named) => named == path,
        }
    }
}

/// A folder on a disk, replayed operation by operation.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    rule: Names,
    files: Vec<File>,
    /// As programs see them now.
    now: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    pending: Vec<Naming>,
}

impl Disk {
    /// A folder in which all of this is durable; an empty image is a folder that does not exist yet.
    pub fn holding(root: &Path, image: &Image, rule: Names) -> Self {
        let (mut files, mut now) = (Vec::new(), BTreeMap::new());
        for (path, bytes) in image {
            now.insert(root.join(path), files.len());
            files.push(File { durable: bytes.clone(), now: bytes.clone(), pending: Vec::new() });
        }
        Self { root: root.to_owned(), rule, files, durable: now.clone(), now, pending: Vec::new() }
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Create { path } => {
                let file = self.files.len();
                self.files.push(File::default());
                self.now.insert(path.clone(), file);
                self.pending.push(Naming::Add(path.clone(), file));
            }
            Op::Write { path, at, bytes } => {
                let at = usize::try_from(*at).unwrap_or(usize::MAX);
                self.change(path, Change::Write { at, bytes: bytes.clone() });
            }
            Op::Truncate { path, to } => {
                self.change(path, Change::Truncate(usize::try_from(*to).unwrap_or(usize::MAX)));
            }
            Op::Sync { path } => self.sync(path),
            Op::Remove { path, at_once } => {
                self.now.remove(path);
                self.pending.push(Naming::Remove(path.clone()));
                if *at_once {
                    self.settle_names(|naming| naming.is_of(path));
                }
            }
            Op::Rename { from, to } => {
                if let Some(file) = self.now.remove(from) {
                    self.now.insert(to.clone(), file);
                }
                self.pending.push(Naming::Rename(from.clone(), to.clone()));
            }
            Op::SyncFolder { path } => {
                let folder = path.clone();
                self.settle_names(|naming| match naming {
                    Naming::Add(path, _) | Naming::Remove(path) | Naming::Rename(path, _) => {
                        path.parent() == Some(&folder)
                    }
                });
            }
            Op::Promise(_) | Op::Chapter(_) => {}
        }
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(file) = self.now.get(path) {
            let file = &mut self.files[*file];
            make(&mut file.now, &change);
            file.pending.push(change);
        }
    }

    fn sync(&mut self, path: &Path) {
        let Some(file) = self.now.get(path).copied() else { return };
        let whole = &mut self.files[file];
        whole.durable = whole.now.clone();
        whole.pending.clear();
        match self.rule {
            Names::WithTheNextSync => self.settle_names(|_| true),
            // A name is one entry of its folder: what came before for the same name is settled with it.
            Names::OnlyWhenAsked => self.settle_names(|naming| naming.is_of(path)),
        }
    }

    /// Makes those names durable, in order.
    fn settle_names(&mut self, settled: impl Fn(&Naming) -> bool) {
        for naming in std::mem::take(&mut self.pending) {
            if settled(&naming) {
                name(&mut self.durable, &naming);
            } else {
                self.pending.push(naming);
            }
        }
    }

    /// What may be found if the power goes now.
    pub fn after(&self, lost: Lost) -> Image {
        let mut dice = Dice::of(lost);
        let mut names = self.durable.clone();
        let kept = match lost {
            Lost::Everything => 0,
            Lost::Nothing => self.pending.len(),
            Lost::SecondHalf => self.pending.len() / 2,
            Lost::AnySector(_) | Lost::Torn(_) => dice.below(self.pending.len() + 1),
        };
        for naming in &self.pending[..kept] {
            name(&mut names, naming);
        }
        let mut image = Image::new();
        for (path, file) in names {
            let relative = path.strip_prefix(&self.root).map_or_else(|_| path.clone(), Path::to_owned);
            image.insert(relative, self.files[file].after(lost, &mut dice));
        }
        image
    }
}

impl File {
    fn after(&self, lost: Lost, dice: &mut Dice) -> Bytes {
        let mut bytes = match lost {
            Lost::Nothing => return self.now.clone(),
            _ => self.durable.clone(),
        };
        match lost {
            Lost::Everything | Lost::Nothing => {}
            Lost::SecondHalf => {
                self.pending[..self.pending.len() / 2].iter().for_each(|change| make(&mut bytes, change));
            }
            Lost::AnySector(_) | Lost::Torn(_) => {
                let is_torn = matches!(lost, Lost::Torn(_)) && !self.pending.is_empty();
                let torn = is_torn.then(|| dice.below(self.pending.len()));
                for (number, change) in self.pending.iter().enumerate() {
                    some_sectors(&mut bytes, change, torn == Some(number), dice);
                }
            }
        }
        bytes
    }
}

fn make(bytes: &mut Bytes, change: &Change) {
    match change {
        Change::Write { at, bytes: new } => bytes.put(*at, new),
        Change::Truncate(to) => bytes.cut(*to),
    }
}

fn some_sectors(bytes: &mut Bytes, change: &Change, torn: bool, dice: &mut Dice) {
    match change {
        Change::Truncate(_) if dice.below(2) == 0 => {}
        Change::Truncate(_) => make(bytes, change),
        Change::Write { at, bytes: new } => {
            let mut from = 0;
            while from < new.len() {
                // Sectors lie where the disk has them, not where the write begins.
                let to = (SECTOR - (at + from) % SECTOR + from).min(new.len());
                if dice.below(2) == 1 {
                    bytes.put(at + from, &new[from..to]);
                } else if torn && dice.below(3) == 0 {
                    let garbage: Vec<u8> = (from..to).map(|_| u8::try_from(dice.below(256)).unwrap_or(0)).collect();
                    bytes.put(at + from, &garbage);
                }
                from = to;
            }
        }
    }
}

fn name(names: &mut BTreeMap<PathBuf, usize>, naming: &Naming) {
    match naming {
        Naming::Add(path, file) => drop(names.insert(path.clone(), *file)),
        Naming::Remove(path) => drop(names.remove(path)),
        Naming::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
    }
}

/// Small, seeded, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn of(lost: Lost) -> Self {
        match lost {
            Lost::AnySector(seed) => Self(seed ^ 0x9e37_79b9_7f4a_7c15),
            Lost::Torn(seed) => Self(seed ^ 0xd1b5_4a32_d192_ed03),
            Lost::Everything | Lost::Nothing | Lost::SecondHalf => Self(1),
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = z ^ (z >> 31);
        usize::try_from(drawn % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}
