//! What the server's folder must be good for.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, ensure};
use rusqlite::{Connection, OpenFlags};
use shared_model::ids::DeviceId;
use shared_model::rules::{Rulebook, covid_2021};
use sync_server::store::Store;
use tokio::runtime::Runtime;

use super::Contents;
use crate::image::lay_out;
use crate::promise::{self, Promise};
use crate::sweep::Left;

const DATABASE: &str = "national.db";
/// Of contents that nobody has seen, one in so many is looked at thoroughly; and of all disks, one in so many.
const THOROUGH_OF_NEW: u64 = 4;
const THOROUGH_OF_ALL: u64 = 48;
/// Entries one step of the projector takes, as in the server.
const STEP_ENTRIES: usize = 500;

pub struct Nation {
    pub device: DeviceId,
    rules: Arc<Rulebook>,
    pub runtime: Arc<Runtime>,
    contents: Contents,
    looked_at: AtomicU64,
}

impl Nation {
    pub fn new(device: DeviceId, runtime: &Arc<Runtime>) -> anyhow::Result<Self> {
        let (rules, runtime) = (Arc::new(Rulebook::of([covid_2021()?])), runtime.clone());
        Ok(Self { device, rules, runtime, contents: Contents::default(), looked_at: AtomicU64::new(0) })
    }

    /// One disk after the other: every one is opened, every content that nobody has seen is looked at.
    pub fn sees(&self, left: &Left<'_>) -> anyhow::Result<()> {
        let thorough = left.is_one_in(THOROUGH_OF_ALL);
        let store = self.open(left.folder)?;
        let is_new = self.contents.is_new(left.folder, DATABASE, left.image, left.promises.len());
        drop(store);
        if !is_new && !thorough {
            return Ok(());
        }
        // In another place: the writer's thread closes the first one when it likes.
        let folder = left.folder.with_extension("again");
        lay_out(left.image, &folder)?;
        let looked_at = self.looked_at.fetch_add(1, Ordering::Relaxed);
        let thorough = thorough || looked_at.is_multiple_of(THOROUGH_OF_NEW);
        let looked = self.look(&folder, left.promises, thorough);
        let _ = std::fs::remove_dir_all(folder);
        looked
    }

    fn open(&self, folder: &Path) -> anyhow::Result<Store> {
        let path = folder.join(DATABASE);
        let opened = self.runtime.block_on(Store::in_file(&path, self.rules.clone(), 1));
        opened.context("the store does not open")
    }

    /// Opens the store, looks for everything acknowledged, and lets the record catch up. `thorough` forgets every
    /// conclusion as well: drawn again from what was kept it must be the same.
    pub fn look(&self, folder: &Path, promises: &[Promise], thorough: bool) -> anyhow::Result<()> {
        let path = folder.join(DATABASE);
        let store = self.open(folder)?;
        self.runtime.block_on(async {
            let promised = promise::held_to(promises);
            let held = store.log(self.device, 1).await?.get().head.seq;
            ensure!(held >= promised, "{promised} statements were acknowledged and {held} are here");
            while store.project(STEP_ENTRIES).await?.behind > 0 {}
            for (card, statements) in promise::in_nation(promises) {
                let testimony = store.testimony(card).await?;
                for statement in statements {
                    ensure!(testimony.kept.contains_key(&statement), "the record has lost {statement}");
                }
            }
            if thorough {
                sound(&path)?;
                let before = conclusions(&path)?;
                store.rebuild().await?;
                ensure!(conclusions(&path)? == before, "drawn again, the record is another one");
            }
            anyhow::Ok(())
        })
    }
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn sound(path: &Path) -> anyhow::Result<()> {
    let said: String = reader(path)?.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    ensure!(said == "ok", "the file is not sound: {said}");
    Ok(())
}

/// Everything that is concluded, as text.
fn conclusions(path: &Path) -> anyhow::Result<Vec<String>> {
    let conn = reader(path)?;
    let mut lines = Vec::new();
    for table in ["said", "withdrawal", "link", "citizen", "dose", "identifier", "case_file", "case_citizen"] {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values: Result<Vec<rusqlite::types::Value>, _> = (0..columns).map(|at| row.get(at)).collect();
            lines.push(format!("{table} {:?}", values?));
        }
    }
    lines.sort();
    Ok(lines)
}
