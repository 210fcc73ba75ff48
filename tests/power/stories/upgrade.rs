//! A laptop at work is given a new app: its store takes the steps that it lacks, and everything derived is drawn again.
//!
//! The steps are the real ones and the code that takes them is the real one. The old store is a store of today put back
//! to the shape it had before a step: what the step added is taken away.

use std::path::Path;

use field_client::Laptop;
use field_client::store::{Store, StoreError, setting};
use field_client::vault::StoreKey;
use shared_model::ids::CitizenId;
use world::{World, astrazeneca, copy_folder, pfizer};

use super::Story;
use super::campaign::{id, statement};
use crate::check::{Keys, one_more_dose};
use crate::image;
use crate::journal::Recorder;
use crate::promise::Promise;
use crate::town;

/// What the sixth step added.
const VISITORS: &[&str] = &["DROP TABLE visitor"];
/// What the fifth step added.
const STICKS: &[&str] = &["DROP TABLE stick", "DROP TABLE stick_answer"];
/// What the fourth step added, and the one table it put another in the place of.
const HUBS: &[&str] = &[
    "CREATE TABLE cursor (
         feed TEXT NOT NULL PRIMARY KEY,
         epoch INTEGER NOT NULL,
         seq INTEGER NOT NULL,
         sum BLOB NOT NULL,
         ready INTEGER NOT NULL
     ) WITHOUT ROWID",
    "INSERT INTO cursor (feed, epoch, seq, sum, ready)
         SELECT feed, epoch, seq, sum, ready FROM feed_cursor WHERE server = zeroblob(16)",
    "DROP TABLE feed_cursor",
    "DROP TABLE hub_held",
    "ALTER TABLE log_epoch DROP COLUMN national_ms",
    "DROP TABLE hub_address",
    "DROP TABLE hub_ended",
];
/// What the third step added.
const WITHDRAWALS: &[&str] = &["DROP TABLE withdrawal", "DROP INDEX concern_by_statement"];
/// What the second step added; indexes go with their tables.
const DERIVED: &[&str] =
    &["DROP TABLE citizen", "DROP TABLE citizen_word", "DROP TABLE identifier", "DROP TABLE joined", "DROP TABLE dose"];

/// A laptop of an older app, and what it had promised.
pub struct Old {
    world: World,
    laptop: std::path::PathBuf,
    promises: Vec<Promise>,
    citizen: CitizenId,
}

pub fn old_laptop(seed: u64) -> Old {
    let world = World::seeded(seed);
    let laptop = world.laptop("hem 42");
    let mut promises = vec![Promise::Enrolled];
    let khai = laptop.scans(&world.citizen("Nguyễn Thị Minh Khai", "1990-05-01"));
    let citizen = id(&khai);
    let dose = statement(&laptop.gives_to(&khai, &astrazeneca(1)));
    laptop.corrects_lot(&dose.to_string(), "PV46665");
    promises.push(Promise::Registered { citizen });
    promises.push(Promise::Saved { citizen, dose });
    promises.push(Promise::Corrected { citizen, dose, lot: "PV46665".to_owned() });
    let held_to = laptop.syncs().durable_to;
    promises.push(Promise::Received { held_to });
    let mistaken = statement(&laptop.gives_to(&khai, &pfizer(2)));
    laptop.withdraws(&mistaken.to_string(), "mistake");
    promises.push(Promise::Saved { citizen, dose: mistaken });
    promises.push(Promise::Withdrawn { citizen, dose: mistaken });
    laptop.desk.lock().expect("locked");
    Old { laptop: laptop.folder, world, promises, citizen }
}

/// The upgrade of an older store to the newest.
pub fn tell(old: &Old, version: u32, chapter: &'static str, keys: &Keys) -> anyhow::Result<Story> {
    let folder = old.world.folder().join(format!("laptop-of-version-{version}"));
    copy_folder(&old.laptop, &folder);
    let key = keys.of(&folder)?;
    put_back(&folder, &key, version)?;
    let start = image::read(&folder)?;
    let recorder = Recorder::begin(&folder, None);
    old.promises.iter().for_each(|promise| recorder.promise(promise.clone()));
    recorder.chapter(chapter);
    let mut laptop = Laptop::open(&folder, &key, town::edge())?;
    anyhow::ensure!(laptop.rebuilt, "the old store was not an old one");
    let dose = one_more_dose(&mut laptop, old.citizen)?;
    recorder.promise(Promise::Saved { citizen: old.citizen, dose });
    drop(laptop);
    Ok(Story::new(&folder, start, recorder.end()))
}

fn put_back(folder: &Path, key: &StoreKey, version: u32) -> Result<(), StoreError> {
    let mut store = Store::open(folder, key)?;
    let newest_first = [(6, VISITORS), (5, STICKS), (4, HUBS), (3, WITHDRAWALS), (2, DERIVED)];
    let done = store.transact(|conn| -> Result<(), StoreError> {
        for sql in newest_first.into_iter().filter(|(step, _)| *step > version).flat_map(|(_, step)| step) {
            conn.execute(sql, [])?;
        }
        // Tables of that time came out otherwise.
        setting::put_cbor(conn, "derived_version", &1_u32)?;
        conn.pragma_update(None, "user_version", version)?;
        Ok(())
    })?;
    let () = done.into_inner();
    Ok(())
}
