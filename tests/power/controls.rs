//! Sweeps that must find something. One that finds nothing says that the sweep is blind, and fails the run.

use std::path::Path;

use anyhow::{Context, ensure};
use rusqlite::Connection;

use crate::disk::{Disk, Names};
use crate::journal::{self, Op, Promise};
use crate::sweep::{Fineness, Found, Look, sweep};

/// A story told falsely, and what is false about it.
pub struct Control {
    pub name: &'static str,
    pub ops: Vec<Op>,
}

/// The laptop's story as a careless laptop would have lived it.
pub fn of_a_laptop(ops: &[Op]) -> Vec<Control> {
    let is_wal = |path: &Path| path.to_string_lossy().ends_with("-wal");
    let without = |drop: &dyn Fn(&Path) -> bool| -> Vec<Op> {
        ops.iter().filter(|op| !matches!(op, Op::Sync { path } if drop(path))).cloned().collect()
    };
    vec![
        Control { name: "synchronous = NORMAL: commits are not synced", ops: without(&is_wal) },
        Control { name: "synchronous = OFF: nothing is synced", ops: without(&|_| true) },
        Control { name: "\"saved\" is said before the commit", ops: promised_early(ops) },
    ]
}

/// Every promise before the last sync that it stood behind.
fn promised_early(ops: &[Op]) -> Vec<Op> {
    let mut early: Vec<Op> = Vec::new();
    for op in ops {
        match op {
            Op::Promise(Promise::Saved { .. }) => {
                let last = early.iter().rposition(|op| matches!(op, Op::Sync { .. })).unwrap_or(early.len());
                early.insert(last, op.clone());
            }
            op => early.push(op.clone()),
        }
    }
    early
}

/// A database of a few rows under SQLCipher, with its salt beside the key or, as by default, in the first page.
pub fn of_a_salt(folder: &Path, salt_outside: bool, fineness: Fineness, bench: &Path) -> anyhow::Result<Found> {
    let key = if salt_outside {
        format!("x'{}{}'", "1f".repeat(32), "5a".repeat(16))
    } else {
        format!("x'{}'", "1f".repeat(32))
    };
    std::fs::create_dir_all(folder)?;
    let path = folder.join("salted.db");
    let start = [Names::WithTheNextSync, Names::OnlyWhenAsked].map(|rule| Disk::of(folder, rule));
    let start = start.into_iter().collect::<std::io::Result<Vec<Disk>>>()?;
    journal::begin(folder, None);
    let conn = open(&path, &key)?;
    conn.execute("CREATE TABLE dose (id INTEGER PRIMARY KEY, body TEXT)", [])?;
    for id in 0..12 {
        conn.execute("INSERT INTO dose VALUES (?1, ?2)", (id, "x".repeat(300)))?;
        journal::promise(Promise::Received { held_to: id + 1 });
        if id % 4 == 3 {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
    }
    drop(conn);
    let ops = journal::end();
    let look = |image: &Path, promises: &[Promise], _: u64| -> anyhow::Result<()> {
        let promised = promises.iter().filter_map(|promise| match promise {
            Promise::Received { held_to } => Some(*held_to),
            Promise::Enrolled | Promise::Saved { .. } => None,
        });
        let Some(promised) = promised.max() else { return Ok(()) };
        let conn = open(&image.join("salted.db"), &key).context("the store does not open")?;
        let rows: u64 = conn.query_row("SELECT count(*) FROM dose", [], |row| row.get(0))?;
        ensure!(rows >= promised, "{promised} rows were saved and {rows} are here");
        Ok(())
    };
    let look: &Look<'_> = &look;
    Ok(sweep(&start, &ops, fineness, bench, look))
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
