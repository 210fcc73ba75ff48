//! What lies on a disk, in pages that are shared until somebody changes them: thousands of states of one disk cost
//! little more than one, and telling two of them apart costs only the pages in which they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const PAGE: usize = 4096;

/// One state the folder may be found in. Paths are relative to it.
pub type Image = BTreeMap<PathBuf, Bytes>;

/// The content of one file.
#[derive(Debug, Clone, Default)]
pub struct Bytes {
    pages: Vec<Arc<Page>>,
    length: usize,
}

/// As long as every other page; zeros behind the end of the file.
#[derive(Debug, Clone)]
struct Page {
    bytes: Box<[u8]>,
    sum: OnceLock<u64>,
}

impl Page {
    fn empty() -> Arc<Self> {
        static EMPTY: OnceLock<Arc<Page>> = OnceLock::new();
        EMPTY.get_or_init(|| Arc::new(Self { bytes: vec![0; PAGE].into(), sum: OnceLock::new() })).clone()
    }

    fn sum(&self) -> u64 {
        *self.sum.get_or_init(|| blend(1, &self.bytes))
    }
}

impl Bytes {
    pub fn of(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        all.put(0, bytes);
        all
    }

    /// Writes there, with zeros between the old end and the new bytes.
    pub fn put(&mut self, at: usize, new: &[u8]) {
        self.grow(at + new.len());
        let mut from = 0;
        while from < new.len() {
            let (page, offset) = ((at + from) / PAGE, (at + from) % PAGE);
            let to = (from + PAGE - offset).min(new.len());
            let page = Arc::make_mut(&mut self.pages[page]);
            page.bytes[offset..offset + to - from].copy_from_slice(&new[from..to]);
            page.sum = OnceLock::new();
            from = to;
        }
    }

    /// Cuts the end off; never makes it longer.
    pub fn cut(&mut self, to: usize) {
        if to >= self.length {
            return;
        }
        self.length = to;
        self.pages.truncate(to.div_ceil(PAGE));
        if let Some(last) = self.pages.last_mut().filter(|_| !to.is_multiple_of(PAGE)) {
            let last = Arc::make_mut(last);
            last.bytes[to % PAGE..].fill(0);
            last.sum = OnceLock::new();
        }
    }

    fn grow(&mut self, to: usize) {
        self.length = self.length.max(to);
        self.pages.resize_with(self.length.div_ceil(PAGE), Page::empty);
    }

    pub fn to_vec(&self) -> Vec<u8> {
        let mut all: Vec<u8> = Vec::with_capacity(self.pages.len() * PAGE);
        for page in &self.pages {
            all.extend_from_slice(&page.bytes);
        }
        all.truncate(self.length);
        all
    }

    pub fn sum(&self) -> u64 {
        let pages = self.pages.iter().fold(0, |sum, page| mix(sum, page.sum()));
        mix(pages, self.length as u64)
    }

    /// Of its beginning; nothing where the file is shorter.
    pub fn sum_to(&self, length: usize) -> Option<u64> {
        let whole = length / PAGE;
        let pages = self.pages.get(..whole)?.iter().fold(0, |sum, page| mix(sum, page.sum()));
        let rest = match length % PAGE {
            0 => 0,
            rest => blend(1, &self.pages.get(whole)?.bytes[..rest]),
        };
        (length <= self.length).then(|| mix(mix(pages, rest), length as u64))
    }
}

/// Reads a folder as it is. Shared memory of a database lies in no file that outlives the power.
pub fn read(root: &Path) -> std::io::Result<Image> {
    let mut image = Image::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().ends_with("-shm") {
                let relative = path.strip_prefix(root).map_or_else(|_| path.clone(), Path::to_owned);
                image.insert(relative, Bytes::of(&fs::read(&path)?));
            }
        }
    }
    Ok(image)
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
        fs::write(path, bytes.to_vec())?;
    }
    Ok(())
}

/// Where an image of a folder is looked at: in memory, where there is such a place.
pub fn bench(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    base.join(format!("so-tiem-power-{}", std::process::id())).join(name)
}

/// Remembers which images were looked at with which promises.
#[derive(Default)]
pub struct Seen(BTreeSet<(u64, usize)>);

impl Seen {
    /// Whether this image is a new one under this many promises.
    pub fn is_new(&mut self, image: &Image, promises: usize) -> bool {
        let mut sum = Sum::default();
        for (path, bytes) in image {
            sum.add(path.to_string_lossy().as_bytes());
            sum.join(bytes.sum());
        }
        self.0.insert((sum.get(), promises))
    }
}

/// A sum over parts, in order.
#[derive(Default)]
pub struct Sum(u64);

impl Sum {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0 = blend(self.0, bytes);
    }

    pub fn join(&mut self, sum: u64) {
        self.0 = mix(self.0, sum);
    }

    pub fn get(&self) -> u64 {
        self.0
    }
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(sum: u64, word: u64) -> u64 {
    let mixed = (sum ^ word).wrapping_mul(ODD);
    mixed ^ (mixed >> 29)
}

/// Fast, for pages by the hundred thousand; nobody hostile chooses them.
fn blend(mut sum: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        sum = mix(sum, u64::from_le_bytes(*word));
    }
    for byte in rest {
        sum = mix(sum, u64::from(*byte));
    }
    mix(sum, bytes.len() as u64)
}
