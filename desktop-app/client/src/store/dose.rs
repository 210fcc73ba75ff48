//! Doses as derived rows: for the day's counts and for the lots in use.

use rusqlite::Connection;
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::record::Dose;
use shared_model::time::Moment;

use super::{StoreError, bytes};

/// Replaces the doses on a card.
pub fn put(conn: &Connection, citizen: CitizenId, doses: &[&Dose]) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM dose WHERE citizen = ?1")?.execute([citizen.as_bytes()])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO dose (statement, citizen, device, given_at, product, lot, lot_expiry, counts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for dose in doses {
        insert.execute((
            dose.statement.as_bytes(),
            citizen.as_bytes(),
            dose.device.as_bytes(),
            dose.given_at.0,
            dose.product.as_str(),
            dose.lot.as_str(),
            dose.lot_expiry.map(|date| date.to_string()),
            dose.counts(),
        ))?;
    }
    Ok(())
}

/// A dose given on this laptop.
pub struct GivenHere {
    pub citizen: CitizenId,
    pub statement: StatementId,
    pub product: String,
    pub counts: bool,
}

/// Doses of a device between two moments, newest first.
pub fn between(conn: &Connection, device: DeviceId, from: Moment, to: Moment) -> Result<Vec<GivenHere>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT citizen, statement, product, counts FROM dose
         WHERE device = ?1 AND given_at >= ?2 AND given_at < ?3 ORDER BY given_at DESC, statement",
    )?;
    let mut rows = statement.query((device.as_bytes(), from.0, to.0))?;
    let mut given = Vec::new();
    while let Some(row) = rows.next()? {
        given.push(GivenHere {
            citizen: CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "dose")?),
            statement: StatementId(bytes(row.get_ref(1)?.as_blob().unwrap_or_default(), "dose")?),
            product: row.get(2)?,
            counts: row.get(3)?,
        });
    }
    Ok(given)
}

/// Product, lot and expiry of the doses this device gave last, each lot once.
pub fn recent_lots(
    conn: &Connection,
    device: DeviceId,
    limit: usize,
) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT product, lot, max(lot_expiry), max(given_at) FROM (
            SELECT product, lot, lot_expiry, given_at FROM dose WHERE device = ?1 ORDER BY given_at DESC LIMIT 500)
         GROUP BY product, lot ORDER BY 4 DESC LIMIT ?2",
    )?;
    let rows = statement
        .query_map((device.as_bytes(), super::int(limit as u64)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
