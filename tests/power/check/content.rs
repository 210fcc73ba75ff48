//! What a database holds after the real code has opened it and SQLite has looked through its journal.
//!
//! Most disks that a cut leaves differ only in bytes behind the last commit, which SQLite passes over. Every one of them
//! is opened; those that then hold, byte for byte, what another one held under the same promises need no second look.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use crate::image::{Image, Sum};

#[derive(Default)]
pub struct Contents(Mutex<BTreeSet<(u64, usize)>>);

impl Contents {
    /// Whether nobody has looked at this yet. To be asked while the database is open; a database whose index cannot be
    /// read is always new.
    pub fn is_new(&self, folder: &Path, database: &str, image: &Image, promises: usize) -> bool {
        match of(folder, database, image) {
            Some(content) => self.0.lock().expect("the contents").insert((content, promises)),
            None => true,
        }
    }
}

/// Where SQLite's index of its journal tells the page size and how many frames are valid (walformat.html, 2.1).
const PAGE_SIZE_AT: usize = 14;
const FRAMES_AT: usize = 16;
const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

fn of(folder: &Path, database: &str, image: &Image) -> Option<u64> {
    let index = std::fs::read(folder.join(format!("{database}-shm"))).ok()?;
    let page = u16::from_ne_bytes(index.get(PAGE_SIZE_AT..PAGE_SIZE_AT + 2)?.try_into().ok()?);
    let page = if page == 1 { 65_536 } else { usize::from(page) };
    let frames = u32::from_ne_bytes(index.get(FRAMES_AT..FRAMES_AT + 4)?.try_into().ok()?);
    let valid = match usize::try_from(frames).ok()? {
        0 => 0,
        frames => HEADER_BYTES + frames * (FRAME_HEADER_BYTES + page),
    };
    let journal = format!("{database}-wal");
    let mut sum = Sum::default();
    for (path, bytes) in image {
        sum.add(path.to_string_lossy().as_bytes());
        sum.join(if path.as_os_str() == journal.as_str() { bytes.sum_to(valid)? } else { bytes.sum() });
    }
    Some(sum.get())
}
