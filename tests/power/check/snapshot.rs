//! A laptop whose first sync was cut off: what was kept and how far the feed counts as read are never apart, and the
//! next sync brings the rest.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use field_client::store::{Store, cursor};
use field_client::sync::run;
use shared_model::sync::Speaker;
use tokio::runtime::Runtime;

use super::{Enrolled, laptop};
use crate::image::lay_out;
use crate::promise::Promise;
use crate::stories::snapshot::Ward;
use crate::sweep::Left;
use crate::town::{self, Town};

pub struct Fresh {
    pub ward: Ward,
    pub runtime: Arc<Runtime>,
    pub enrolled: Enrolled,
    /// On one image of so many the sync is made again, to its end.
    pub again_on_one_in: u64,
}

impl Fresh {
    pub fn look(&self, left: &Left<'_>) -> anyhow::Result<()> {
        if self.enrolled.look(left)? {
            left.again()?;
            self.read_as_far_as_kept(left.folder)?;
        }
        // The server of this ward has never heard of a dose of this laptop.
        let gives = left.promises.iter().any(|promise| matches!(promise, Promise::Saved { .. }));
        if left.is_one_in(self.again_on_one_in) && !gives {
            left.again()?;
            let opened = laptop(left.folder, left.promises, &self.enrolled.keys, false)?;
            self.reads_on(left.folder, opened).context("syncing again")?;
        }
        Ok(())
    }

    fn read_as_far_as_kept(&self, folder: &Path) -> anyhow::Result<()> {
        let store = Store::open(folder, &self.enrolled.keys.of(folder)?).context("the store does not open")?;
        let conn = store.read();
        let kept: u64 = conn.query_row("SELECT count(*) FROM envelope WHERE from_nation = 1", [], |row| row.get(0))?;
        let read: BTreeMap<String, u64> =
            cursor::all(conn, &Speaker::Nation)?.into_iter().map(|cursor| (cursor.feed, cursor.seq)).collect();
        ensure!(read.values().sum::<u64>() == kept, "{kept} statements are kept, and read up to {read:?}");
        Ok(())
    }

    fn reads_on(&self, folder: &Path, opened: field_client::Laptop) -> anyhow::Result<()> {
        let nation = folder.with_extension("nation");
        lay_out(&self.ward.server, &nation)?;
        let town = Town::open(&nation, &self.runtime, town::clock(), 5)?;
        let holder = Mutex::new(Some(opened));
        let outcome = run::sync(&holder, &mut town.road());
        ensure!(outcome.complete && outcome.trouble.is_none(), "{outcome:?}");
        let opened = holder.into_inner().ok().flatten().context("the laptop is gone")?;
        for (card, root) in &self.ward.roots {
            let drawn = opened.merged(*card)?.record.root.to_string();
            ensure!(drawn == *root, "the record of {card} is not the nation's");
        }
        drop(opened);
        self.read_as_far_as_kept(folder)?;
        let _ = std::fs::remove_dir_all(&nation);
        Ok(())
    }
}
