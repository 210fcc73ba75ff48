//! ⑧ What a dose weighs on the road, as it leaves: CBOR under zstd.

use std::sync::Arc;

use anyhow::Context;

use crate::fleet::{Held, Nation, Team};
use crate::table::Table;

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    for batch in [1_u32, 20, 300] {
        let held = Held::default();
        let code = format!("BYTES-{batch}");
        let mut team = Team::enrol(&nation, &folder.path().join(&code), &code, Some(Arc::clone(&held)))?;
        let mut people = Vec::new();
        for _ in 0..batch {
            let card = team.next_card(3 + batch);
            people.push(team.register(&card)?);
        }
        // Registrations go first; what is weighed is doses.
        team.sync()?;
        let registered: usize = weigh(&held)?;
        for citizen in &people {
            team.give(citizen, 1)?;
        }
        team.sync()?;
        let both = weigh(&held)?;
        table.row(
            format!("⑧ bytes a dose, batch of {batch}"),
            format!("{:.0}", f64::from(u32::try_from(both.saturating_sub(registered))?) / f64::from(batch)),
            format!("registering: {:.0} bytes a person", f64::from(u32::try_from(registered)?) / f64::from(batch)),
        );
    }
    Ok(())
}

/// Bytes of the pushes held back, and forgets them. Each push begins where the server stands, so
/// the second one of a laptop holds registrations and doses together.
fn weigh(held: &Held) -> anyhow::Result<usize> {
    let mut parcels = held.lock().ok().context("a road broke")?;
    let bytes = parcels.iter().map(|parcel| parcel.body.as_ref().map_or(0, Vec::len)).sum();
    parcels.clear();
    Ok(bytes)
}
