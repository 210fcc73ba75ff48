//! A laptop that is new in a place with a long history takes everybody in it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::ensure;
use field_client::desk::view::{Look, LookAnswer};

use crate::clock::timed;
use crate::fleet::{AREA, Nation, Scales, Team, failed};
use crate::handmade::{Handmade, scan};
use crate::server::send;
use crate::table::Table;

/// People each of the laptops before it saw: as many as one push carries.
const PEOPLE: u32 = 250;

pub fn measure(table: &mut Table, citizens: u32, disk: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    let mut up = 0;
    for first in (0..citizens).step_by(PEOPLE as usize) {
        let code = format!("AREA-{first}");
        nation.runtime.block_on(nation.server.add_code(&code, "hem-42", AREA))?;
        let mut laptop = Handmade::enrolled(&mut nation.road(Scales::None), &code)?;
        for person in first..(first + PEOPLE).min(citizens) {
            laptop.register(person)?;
            laptop.give(person, 1, 0)?;
        }
        let parcels = laptop.parcels(&nation)?;
        up += parcels.iter().map(|parcel| parcel.body.as_ref().map_or(0, Vec::len)).sum::<usize>();
        send(&nation, parcels)?;
    }
    nation.runtime.block_on(nation.server.catch_up())?;

    let down = Arc::new(AtomicU64::new(0));
    let home = folder.path().join("laptop");
    let fresh = Team::enrol(&nation, &home, "AREA-FRESH", Scales::Weigh(Arc::clone(&down)))?;
    let before = down.load(Ordering::Relaxed);
    let (time, synced) = timed(|| fresh.sync());
    let synced = synced?;
    ensure!(synced.trouble.is_none(), "{:?}", synced.trouble);
    for person in (0..citizens).step_by(997).chain([citizens - 1]) {
        let look = Look { text: scan(person)?, from_camera: true };
        let found = fresh.desk.look(look).map_err(|failure| failed(&failure))?;
        ensure!(matches!(found, LookAnswer::Citizen { .. }), "the laptop does not know person {person}");
    }
    let down = down.load(Ordering::Relaxed) - before;
    let each = |bytes: u64| bytes as f64 / f64::from(citizens);
    table.row(
        format!("a fresh laptop takes an area of {citizens} citizens, one dose each"),
        format!("{:.1} s ({:.0} citizens a second)", time.as_secs_f64(), f64::from(citizens) / time.as_secs_f64()),
        format!(
            "{:.1} MB down: {:.0} bytes a citizen with a dose; {:.0} bytes up; in one process, drawn into its encrypted store of {:.0} MB",
            down as f64 / 1e6,
            each(down),
            each(up as u64),
            size_of(&home)? as f64 / 1e6
        ),
    );
    Ok(())
}

fn size_of(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let (entry, path) = entry.map(|entry| (entry.metadata(), entry.path()))?;
        let entry = entry?;
        bytes += if entry.is_dir() { size_of(&path)? } else { entry.len() };
    }
    Ok(bytes)
}
