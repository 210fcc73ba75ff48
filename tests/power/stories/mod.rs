//! What laptops and a server live through while their disks remember. Each story is told once, in chapters.

pub mod campaign;
pub mod first_start;
pub mod snapshot;
pub mod upgrade;

use std::path::{Path, PathBuf};

use crate::image::Image;
use crate::journal::Op;

/// Everything done to one folder, and what was in it before.
pub struct Story {
    pub folder: PathBuf,
    pub start: Image,
    pub ops: Vec<Op>,
    /// The power goes after every write, or after one in so many; after everything else always.
    pub one_write_in: usize,
}

impl Story {
    pub fn new(folder: &Path, start: Image, ops: Vec<Op>) -> Self {
        Self { folder: folder.to_owned(), start, ops, one_write_in: 1 }
    }

    /// The same, told otherwise.
    pub fn with(&self, ops: Vec<Op>) -> Self {
        Self { folder: self.folder.clone(), start: self.start.clone(), ops, one_write_in: self.one_write_in }
    }
}
