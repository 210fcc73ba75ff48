//! Bundles this laptop wrote on sticks, and what was answered to them.

use rusqlite::{Connection, OptionalExtension};
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{Issue, Outward};
use shared_model::sync::message::EarlierEnd;

use super::{StoreError, bytes, int, uint};

/// So many of them are remembered: a stick a day for a campaign and the year after it.
const REMEMBERED_MAX: u32 = 1_000;

/// A bundle as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub bundle: BundleId,
    /// By this laptop's clock.
    pub made_ms: i64,
    pub entries: u64,
    /// How far the nation was known to hold each epoch. A word about this bundle that says less is from a server that
    /// was put back to an older copy.
    pub known: Vec<EarlierEnd>,
}

/// What screens show of the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    pub made_ms: i64,
    pub entries: u64,
    /// When the latest word about it was issued, by the clock of who issued it.
    pub answered_ms: Option<i64>,
}

/// Remembered before it leaves, so that an answer is believed whatever happens to the writing.
pub fn remember(conn: &Connection, made: &Made) -> Result<(), StoreError> {
    let mut known = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(&made.known, &mut known);
    conn.execute(
        "INSERT INTO stick (bundle, made_ms, entries, known, is_written, is_overtaken) VALUES (?1, ?2, ?3, ?4, 0, 0)",
        (&made.bundle.0[..], made.made_ms, int(made.entries), known),
    )?;
    let old = "SELECT bundle FROM stick ORDER BY made_ms DESC, bundle LIMIT -1 OFFSET ?1";
    conn.execute(&format!("DELETE FROM stick_answer WHERE bundle IN ({old})"), [REMEMBERED_MAX])?;
    conn.execute(&format!("DELETE FROM stick WHERE bundle IN ({old})"), [REMEMBERED_MAX])?;
    Ok(())
}

/// The file was written, and read back.
pub fn set_written(conn: &Connection, bundle: BundleId) -> Result<(), StoreError> {
    conn.execute("UPDATE stick SET is_written = 1 WHERE bundle = ?1", [&bundle.0[..]])?;
    Ok(())
}

/// No word about a bundle made until now counts any more.
pub fn overtake(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("UPDATE stick SET is_overtaken = 1", [])?;
    Ok(())
}

/// What is remembered of a bundle, with what this server answered last; nothing for one that was not made here.
pub fn outward(
    conn: &Connection,
    bundle: BundleId,
    issuer: DeviceId,
) -> Result<Option<(Outward, Vec<EarlierEnd>)>, StoreError> {
    let row: Option<(Vec<u8>, bool)> = conn
        .prepare_cached("SELECT known, is_overtaken FROM stick WHERE bundle = ?1")?
        .query_row([&bundle.0[..]], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((known, overtaken)) = row else { return Ok(None) };
    let known = minicbor::decode(&known).map_err(|_| StoreError::Nonsense { table: "stick" })?;
    let answered: Option<(i64, i64)> = conn
        .prepare_cached("SELECT at_ms, number FROM stick_answer WHERE bundle = ?1 AND issuer = ?2")?
        .query_row((&bundle.0[..], issuer.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let answered = answered.map(|(at_ms, number)| Issue { at_ms, number: uint(number) });
    Ok(Some((Outward { bundle, answered, overtaken }, known)))
}

pub fn note_answer(conn: &Connection, bundle: BundleId, issuer: DeviceId, issue: Issue) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO stick_answer (bundle, issuer, at_ms, number) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (bundle, issuer) DO UPDATE SET at_ms = excluded.at_ms, number = excluded.number",
        (&bundle.0[..], issuer.as_bytes(), issue.at_ms, int(issue.number)),
    )?;
    Ok(())
}

/// The newest one that was written.
pub fn last(conn: &Connection) -> Result<Option<Last>, StoreError> {
    let row: Option<(Vec<u8>, i64, i64)> = conn
        .prepare_cached(
            "SELECT bundle, made_ms, entries FROM stick WHERE is_written = 1 ORDER BY made_ms DESC, bundle LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((bundle, made_ms, entries)) = row else { return Ok(None) };
    let bundle: [u8; 16] = bytes(&bundle, "stick")?;
    let answered_ms = conn
        .prepare_cached("SELECT max(at_ms) FROM stick_answer WHERE bundle = ?1")?
        .query_row([&bundle[..]], |row| row.get(0))?;
    Ok(Some(Last { made_ms, entries: uint(entries), answered_ms }))
}
