//! What was done to a disk, in order, and what somebody was told in between. One journal a folder: a disk is
//! swept while another one fails.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use field_client::files::{self, FileDeed};
use rusqlite::ffi;

use crate::promise::Promise;

/// One thing done to a disk, or said while it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    Create {
        path: PathBuf,
    },
    Write {
        path: PathBuf,
        at: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        to: u64,
    },
    Sync {
        path: PathBuf,
    },
    Remove {
        path: PathBuf,
        at_once: bool,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    SyncFolder {
        path: PathBuf,
    },
    /// From here on this must hold, whatever happens to the power.
    Promise(Promise),
    /// What is being done from here on.
    Chapter(&'static str),
}

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Io,
    Full,
    ReadOnly,
    /// Half of a write arrives, then the disk is full.
    Short,
}

impl Fault {
    pub const ALL: [Self; 4] = [Self::Io, Self::Full, Self::ReadOnly, Self::Short];

    /// SQLite's code for this fault, where an I/O error has this one.
    pub fn of(self, io: i32) -> i32 {
        match self {
            Self::Io => io,
            Self::Full | Self::Short => ffi::SQLITE_FULL,
            Self::ReadOnly => ffi::SQLITE_READONLY,
        }
    }

    fn of_files(self) -> io::Error {
        match self {
            Self::Io => io::Error::other("the disk failed"),
            Self::Full | Self::Short => io::ErrorKind::StorageFull.into(),
            Self::ReadOnly => io::ErrorKind::ReadOnlyFilesystem.into(),
        }
    }
}

/// When operations fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The number of the first operation that fails, from 0.
    pub at: usize,
    pub for_ever: bool,
    pub fault: Fault,
}

pub enum Verdict {
    Pass,
    Fail(Fault),
    /// Only so many bytes are written.
    Short(usize),
}

struct Journal {
    folder: PathBuf,
    ops: Vec<Op>,
    counted: usize,
    plan: Option<Plan>,
    /// How much had been noted when the disk became well.
    until_mended: Option<usize>,
}

static JOURNALS: Mutex<Vec<Journal>> = Mutex::new(Vec::new());
/// Most of the time nobody writes a journal, and nobody need wait for anybody.
static OPEN: AtomicUsize = AtomicUsize::new(0);

fn journals() -> MutexGuard<'static, Vec<Journal>> {
    JOURNALS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes everything below a folder while it lives.
pub struct Recorder {
    folder: PathBuf,
}

impl Recorder {
    pub fn begin(folder: &Path, plan: Option<Plan>) -> Self {
        let mut journals = journals();
        journals.push(Journal { folder: folder.to_owned(), ops: Vec::new(), counted: 0, plan, until_mended: None });
        OPEN.store(journals.len(), Ordering::Relaxed);
        Self { folder: folder.to_owned() }
    }

    fn with<T: Default>(&self, deed: impl FnOnce(&mut Journal) -> T) -> T {
        journals().iter_mut().find(|journal| journal.folder == self.folder).map(deed).unwrap_or_default()
    }

    pub fn promise(&self, promise: Promise) {
        self.with(|journal| journal.ops.push(Op::Promise(promise)));
    }

    pub fn chapter(&self, name: &'static str) {
        self.with(|journal| journal.ops.push(Op::Chapter(name)));
    }

    /// The disk is well again.
    pub fn mend(&self) {
        self.with(|journal| {
            journal.plan = None;
            journal.until_mended.get_or_insert(journal.ops.len());
        });
    }

    /// What was noted while the disk was failing.
    pub fn until_mended(&self) -> Vec<Op> {
        self.with(|journal| journal.ops[..journal.until_mended.unwrap_or(journal.ops.len())].to_vec())
    }

    pub fn so_far(&self) -> Vec<Op> {
        self.with(|journal| journal.ops.clone())
    }

    /// Stops noting; gives what was noted.
    pub fn end(self) -> Vec<Op> {
        self.with(|journal| std::mem::take(&mut journal.ops))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let mut journals = journals();
        journals.retain(|journal| journal.folder != self.folder);
        OPEN.store(journals.len(), Ordering::Relaxed);
    }
}

/// Whether anybody wants to know.
pub fn hears_of(path: &Path) -> bool {
    OPEN.load(Ordering::Relaxed) > 0 && journals().iter().any(|journal| path.starts_with(&journal.folder))
}

/// Notes an operation that is about to happen, or says how it fails.
pub fn note(op: Op) -> Verdict {
    let path = match &op {
        Op::Create { path }
        | Op::Write { path, .. }
        | Op::Truncate { path, .. }
        | Op::Sync { path }
        | Op::Remove { path, .. }
        | Op::SyncFolder { path }
        | Op::Rename { to: path, .. } => path,
        Op::Promise(_) | Op::Chapter(_) => return Verdict::Pass,
    };
    let mut journals = journals();
    let Some(journal) = journals.iter_mut().find(|journal| path.starts_with(&journal.folder)) else {
        return Verdict::Pass;
    };
    let number = journal.counted;
    journal.counted += 1;
    let fails = |plan: &Plan| number == plan.at || (plan.for_ever && number > plan.at);
    match (journal.plan.filter(fails).map(|plan| plan.fault), &op) {
        (None, _) => {
            journal.ops.push(op);
            Verdict::Pass
        }
        (Some(Fault::Short), Op::Write { path, at, bytes }) => {
            let half = bytes.len() / 2;
            let op = Op::Write { path: path.clone(), at: *at, bytes: bytes[..half].to_vec() };
            journal.ops.push(op);
            Verdict::Short(half)
        }
        (Some(fault), _) => Verdict::Fail(fault),
    }
}

/// The laptop's small files tell us before they act, as its database does.
pub fn hear_of_files() {
    files::watch(|deed| {
        let op = match deed {
            FileDeed::Create(path) => Op::Create { path: path.to_owned() },
            FileDeed::Write(path, bytes) => Op::Write { path: path.to_owned(), at: 0, bytes: bytes.to_vec() },
            FileDeed::Sync(path) => Op::Sync { path: path.to_owned() },
            FileDeed::Rename(from, to) => Op::Rename { from: from.to_owned(), to: to.to_owned() },
            FileDeed::Remove(path) => Op::Remove { path: path.to_owned(), at_once: false },
            FileDeed::SyncFolder(path) => Op::SyncFolder { path: path.to_owned() },
        };
        match note(op) {
            Verdict::Pass => Ok(()),
            Verdict::Fail(fault) => Err(fault.of_files()),
            Verdict::Short(_) => Err(Fault::Short.of_files()),
        }
    });
}
