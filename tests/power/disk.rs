//! What a disk may hold after the power went: everything that was synced, and of the rest any part.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

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
    durable: Vec<u8>,
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

/// One state the folder may be found in. Paths are relative to it.
pub type Image = BTreeMap<PathBuf, Vec<u8>>;

impl Disk {
    /// A folder that does not exist yet.
    pub fn empty(root: &Path, rule: Names) -> Self {
        let (now, durable) = (BTreeMap::new(), BTreeMap::new());
        Self { root: root.to_owned(), rule, files: Vec::new(), now, durable, pending: Vec::new() }
    }

    /// A folder as it is, all of it durable.
    pub fn of(root: &Path, rule: Names) -> std::io::Result<Self> {
        let mut disk = Self::empty(root, rule);
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            if !folder.exists() {
                continue;
            }
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !is_shared_memory(&path) {
                    let file = disk.files.len();
                    disk.files.push(File { durable: fs::read(&path)?, pending: Vec::new() });
                    disk.now.insert(path.clone(), file);
                    disk.durable.insert(path, file);
                }
            }
        }
        Ok(disk)
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
            Op::Promise(_) => {}
        }
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(file) = self.now.get(path) {
            self.files[*file].pending.push(change);
        }
    }

    fn sync(&mut self, path: &Path) {
        let Some(file) = self.now.get(path).copied() else { return };
        let whole = &mut self.files[file];
        for change in std::mem::take(&mut whole.pending) {
            make(&mut whole.durable, &change);
        }
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
    fn after(&self, lost: Lost, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let torn = match lost {
            Lost::Torn(_) if !self.pending.is_empty() => Some(dice.below(self.pending.len())),
            _ => None,
        };
        for (number, change) in self.pending.iter().enumerate() {
            match lost {
                Lost::Everything => {}
                Lost::Nothing => make(&mut bytes, change),
                Lost::SecondHalf if number < self.pending.len() / 2 => make(&mut bytes, change),
                Lost::SecondHalf => {}
                Lost::AnySector(_) | Lost::Torn(_) => some_sectors(&mut bytes, change, torn == Some(number), dice),
            }
        }
        bytes
    }
}

fn make(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { at, bytes: new } => put(bytes, *at, new),
        Change::Truncate(to) => bytes.resize((*to).min(bytes.len()), 0),
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    if bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
    bytes[at..at + new.len()].copy_from_slice(new);
}

fn some_sectors(bytes: &mut Vec<u8>, change: &Change, torn: bool, dice: &mut Dice) {
    match change {
        Change::Truncate(_) if dice.below(2) == 0 => {}
        Change::Truncate(_) => make(bytes, change),
        Change::Write { at, bytes: new } => {
            let mut from = 0;
            while from < new.len() {
                // Sectors lie where the disk has them, not where the write begins.
                let to = (SECTOR - (at + from) % SECTOR + from).min(new.len());
                if dice.below(2) == 1 {
                    put(bytes, at + from, &new[from..to]);
                } else if torn && dice.below(3) == 0 {
                    let garbage: Vec<u8> = (from..to).map(|_| u8::try_from(dice.below(256)).unwrap_or(0)).collect();
                    put(bytes, at + from, &garbage);
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

/// Shared memory of a database lies in no file that outlives the power.
fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

/// Writes an image into an empty folder.
pub fn lay_out(image: &Image, folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (path, bytes) in image {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Remembers which images were looked at with which promises.
#[derive(Default)]
pub struct Seen(BTreeSet<(u64, usize)>);

impl Seen {
    /// Whether this image is a new one under this many promises.
    pub fn is_new(&mut self, image: &Image, promises: usize) -> bool {
        let mut sum = 0;
        for (path, bytes) in image {
            sum = blend(blend(sum, path.to_string_lossy().as_bytes()), bytes);
        }
        self.0.insert((sum, promises))
    }
}

/// Fast, for images of a megabyte by the ten thousand; nobody hostile chooses them.
fn blend(mut sum: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        sum = (sum ^ word).wrapping_mul(ODD).rotate_left(29);
    }
    for byte in words.remainder() {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(ODD).rotate_left(29);
    }
    (sum ^ bytes.len() as u64).wrapping_mul(ODD)
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
