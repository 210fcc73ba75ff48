//! ⑧ What a dose weighs on the road, as it leaves: CBOR under zstd.

use std::sync::Arc;

use anyhow::Context;

use crate::fleet::{Nation, Pushes, Scales, Team};
use crate::table::Table;

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    for batch in [1_u32, 20, 300] {
        let pushes = Pushes::default();
        let code = format!("BYTES-{batch}");
        let scales = Scales::Note(Arc::clone(&pushes));
        let mut team = Team::enrol(&nation, &folder.path().join(&code), &code, scales)?;
        let mut people = Vec::new();
        for _ in 0..batch {
            let card = team.next_card(3 + batch);
            people.push(team.register(&card)?);
        }
        team.sync()?;
        let registering = weigh(&pushes)?;
        for citizen in &people {
            team.give(citizen, 1)?;
        }
        team.sync()?;
        let giving = weigh(&pushes)?;
        let each = |bytes: usize| anyhow::Ok(f64::from(u32::try_from(bytes)?) / f64::from(batch));
        table.row(
            format!("⑧ bytes a dose on the wire, batch of {batch}"),
            format!("{:.0}", each(giving)?),
            format!("registering: {:.0} bytes a person", each(registering)?),
        );
    }
    Ok(())
}

/// Bytes of the pushes so far, and forgets them.
fn weigh(pushes: &Pushes) -> anyhow::Result<usize> {
    let mut parcels = pushes.lock().ok().context("a road broke")?;
    let bytes = parcels.iter().map(|parcel| parcel.body.as_ref().map_or(0, Vec::len)).sum();
    parcels.clear();
    Ok(bytes)
}
