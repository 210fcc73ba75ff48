//! What was done to the disk, in order, and what somebody was told in between.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

/// One thing done to a disk, or one promise made while it was done.
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
}

/// What somebody outside was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promise {
    /// The laptop is enrolled and opens by its PIN.
    Enrolled,
    /// "Saved" stood on a screen for this statement, about this citizen.
    Saved { citizen: String, statement: String },
    /// The server signed a receipt for this many statements of the laptop's first log.
    Received { held_to: u64 },
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
    /// Operations below this folder are noted; none without one.
    folder: Option<PathBuf>,
    ops: Vec<Op>,
    counted: usize,
    plan: Option<Plan>,
}

static JOURNAL: Mutex<Journal> = Mutex::new(Journal { folder: None, ops: Vec::new(), counted: 0, plan: None });

fn journal() -> MutexGuard<'static, Journal> {
    JOURNAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes everything below a folder from now on, under a plan of faults.
pub fn begin(folder: &Path, plan: Option<Plan>) {
    *journal() = Journal { folder: Some(folder.to_owned()), ops: Vec::new(), counted: 0, plan };
}

/// The disk is well again.
pub fn mend() {
    journal().plan = None;
}

/// Stops noting; gives what was noted.
pub fn end() -> Vec<Op> {
    let mut journal = journal();
    journal.folder = None;
    journal.plan = None;
    std::mem::take(&mut journal.ops)
}

pub fn promise(promise: Promise) {
    let mut journal = journal();
    if journal.folder.is_some() {
        journal.ops.push(Op::Promise(promise));
    }
}

/// Notes an operation that is about to happen, or says how it fails.
pub fn note(op: Op) -> Verdict {
    let mut journal = journal();
    let path = match &op {
        Op::Create { path }
        | Op::Write { path, .. }
        | Op::Truncate { path, .. }
        | Op::Sync { path }
        | Op::Remove { path, .. }
        | Op::SyncFolder { path }
        | Op::Rename { to: path, .. } => path,
        Op::Promise(_) => return Verdict::Pass,
    };
    if !journal.folder.as_ref().is_some_and(|folder| path.starts_with(folder)) {
        return Verdict::Pass;
    }
    let number = journal.counted;
    journal.counted += 1;
    let fault =
        journal.plan.filter(|plan| number == plan.at || (plan.for_ever && number > plan.at)).map(|plan| plan.fault);
    match (fault, &op) {
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

/// The same for files that are not databases: the laptop's own small files tell us before they act.
pub fn note_file(op: Op) -> io::Result<()> {
    match note(op) {
        Verdict::Pass => Ok(()),
        Verdict::Fail(fault) => Err(fault.of_files()),
        Verdict::Short(_) => Err(Fault::Short.of_files()),
    }
}
