//! Sweeps that must find something. One that finds nothing says that the sweep is blind, and fails the run.

use std::path::Path;

use anyhow::{Context, ensure};
use rusqlite::Connection;

use crate::image;
use crate::journal::{Op, Recorder};
use crate::promise::Promise;
use crate::stories::Story;
use crate::sweep::{Fineness, Found, Left, Look, sweep};

/// A story told falsely, and what is false about it.
pub struct Control {
    pub name: &'static str,
    pub ops: Vec<Op>,
}

/// The story as a careless program would have lived it.
pub fn of(ops: &[Op]) -> [Control; 3] {
    let is_wal = |path: &Path| path.to_string_lossy().ends_with("-wal");
    let without = |drop: &dyn Fn(&Path) -> bool| -> Vec<Op> {
        ops.iter().filter(|op| !matches!(op, Op::Sync { path } if drop(path))).cloned().collect()
    };
    [
        Control { name: "does not sync its commits (NORMAL)", ops: without(&is_wal) },
        Control { name: "syncs nothing (OFF)", ops: without(&|_| true) },
        Control { name: "says \"saved\" before the commit", ops: promised_early(ops) },
    ]
}

/// Every promise before the last sync that it stood behind.
fn promised_early(ops: &[Op]) -> Vec<Op> {
    let mut early: Vec<Op> = Vec::new();
    for op in ops {
        match op {
            Op::Promise(Promise::Saved { .. } | Promise::Received { .. }) => {
                let last = early.iter().rposition(|op| matches!(op, Op::Sync { .. })).unwrap_or(early.len());
                early.insert(last, op.clone());
            }
            op => early.push(op.clone()),
        }
    }
    early
}

/// A database of a few rows under SQLCipher, with its salt beside the key or, as by default, in the first page.
pub fn of_a_salt(folder: &Path, salt_outside: bool, fineness: Fineness) -> anyhow::Result<Found> {
    let (name, key) = if salt_outside {
        ("the salt beside the key", format!("x'{}{}'", "1f".repeat(32), "5a".repeat(16)))
    } else {
        ("the salt in the first page", format!("x'{}'", "1f".repeat(32)))
    };
    std::fs::create_dir_all(folder)?;
    let path = folder.join("salted.db");
    let start = image::read(folder)?;
    let recorder = Recorder::begin(folder, None);
    recorder.chapter(name);
    let conn = open(&path, &key)?;
    conn.execute("CREATE TABLE dose (id INTEGER PRIMARY KEY, body TEXT)", [])?;
    for id in 0..12 {
        conn.execute("INSERT INTO dose VALUES (?1, ?2)", (id, "x".repeat(300)))?;
        recorder.promise(Promise::Rows(id + 1));
        if id % 4 == 3 {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
    }
    drop(conn);
    let story = Story::new(folder, start, recorder.end());
    let look = |left: &Left<'_>| -> anyhow::Result<()> {
        let Some(promised) = left.promises.iter().filter_map(Promise::rows).max() else { return Ok(()) };
        let conn = open(&left.folder.join("salted.db"), &key).context("the store does not open")?;
        let rows: u64 = conn.query_row("SELECT count(*) FROM dose", [], |row| row.get(0))?;
        ensure!(rows >= promised, "{promised} rows were saved and {rows} are here");
        Ok(())
    };
    let look: &Look<'_> = &look;
    Ok(sweep(name, &story, fineness, look))
}

fn open(path: &Path, key: &str) -> anyhow::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(()))?;
    conn.query_row(&format!("PRAGMA key = \"{key}\""), [], |_| Ok(()))?;
    for pragma in ["synchronous = EXTRA", "journal_mode = WAL", "synchronous = FULL"] {
        let mut statement = conn.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(conn)
}
