//! People of other areas, whose stories were fetched and are told by no feed.

use rusqlite::{Connection, OptionalExtension};
use shared_model::ids::CitizenId;
use shared_model::time::Moment;

use super::{StoreError, bytes};

pub fn fetched_at(conn: &Connection, citizen: CitizenId) -> Result<Option<Moment>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT fetched_ms FROM visitor WHERE citizen = ?1")?
        .query_row([citizen.as_bytes()], |row| row.get(0).map(Moment))
        .optional()?)
}

pub fn put(conn: &Connection, citizen: CitizenId, at: Moment) -> Result<(), StoreError> {
    let sql = "INSERT INTO visitor (citizen, fetched_ms) VALUES (?1, ?2)
               ON CONFLICT (citizen) DO UPDATE SET fetched_ms = excluded.fetched_ms";
    conn.prepare_cached(sql)?.execute((citizen.as_bytes(), at.0))?;
    Ok(())
}

pub fn are_here(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM visitor LIMIT 1")?.exists([])?)
}

/// A feed tells their story from now on, or nobody here does.
pub fn forget(conn: &Connection, citizen: CitizenId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM visitor WHERE citizen = ?1")?.execute([citizen.as_bytes()])?;
    Ok(())
}

/// Visitors whose stories were fetched before this.
pub fn before(conn: &Connection, at: Moment) -> Result<Vec<CitizenId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT citizen FROM visitor WHERE fetched_ms < ?1 ORDER BY citizen")?;
    let mut rows = statement.query([at.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "visitor")?));
    }
    Ok(found)
}
