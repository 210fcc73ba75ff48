//! How far each feed has been read; kept in the transaction that keeps its entries.

use rusqlite::Connection;
use shared_model::sync::feed::Cursor;

use super::{StoreError, bytes, int, uint};

pub fn all(conn: &Connection) -> Result<Vec<Cursor>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT feed, epoch, seq, sum FROM cursor ORDER BY feed")?;
    let mut rows = statement.query([])?;
    let mut cursors = Vec::new();
    while let Some(row) = rows.next()? {
        cursors.push(Cursor {
            feed: row.get(0)?,
            epoch: uint(row.get(1)?),
            seq: uint(row.get(2)?),
            sum: bytes(row.get_ref(3)?.as_blob().unwrap_or_default(), "cursor")?,
        });
    }
    Ok(cursors)
}

pub fn put(conn: &Connection, cursor: &Cursor) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO cursor (feed, epoch, seq, sum, ready) VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, sum = excluded.sum",
    )?
    .execute((&cursor.feed, int(cursor.epoch), int(cursor.seq), &cursor.sum[..]))?;
    Ok(())
}

/// A feed counts as ready once it has been read to its end; an interrupted first sync must not look complete.
pub fn set_all_ready(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("UPDATE cursor SET ready = 1", [])?;
    Ok(())
}

pub fn all_ready(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.query_row("SELECT count(*) > 0 AND min(ready) = 1 FROM cursor", [], |row| {
        row.get::<_, Option<bool>>(0).map(|ready| ready.unwrap_or(false))
    })?)
}
