//! How far each feed has been read, the nation's and every hub's; kept in the transaction that keeps its entries.

use rusqlite::Connection;
use shared_model::ids::DeviceId;
use shared_model::sync::feed::Cursor;
use shared_model::sync::speaker::Speaker;

use super::{StoreError, bytes, int, uint};

/// Whose feed it is; the nation has no id.
const NATION: DeviceId = DeviceId([0; DeviceId::BYTES]);

fn server(speaker: &Speaker) -> DeviceId {
    match speaker {
        Speaker::Nation => NATION,
        Speaker::Hub(hub) => hub.hub,
    }
}

pub fn all(conn: &Connection, speaker: &Speaker) -> Result<Vec<Cursor>, StoreError> {
    of(conn, server(speaker))
}

/// Of this hub's feeds; none where nothing was read of it.
pub fn of_hub(conn: &Connection, hub: DeviceId) -> Result<Vec<Cursor>, StoreError> {
    of(conn, hub)
}

fn of(conn: &Connection, server: DeviceId) -> Result<Vec<Cursor>, StoreError> {
    let sql = "SELECT feed, epoch, seq, sum FROM feed_cursor WHERE server = ?1 ORDER BY feed";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([server.as_bytes()])?;
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

pub fn put(conn: &Connection, speaker: &Speaker, cursor: &Cursor) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO feed_cursor (server, feed, epoch, seq, sum, ready) VALUES (?1, ?2, ?3, ?4, ?5, 0)
         ON CONFLICT (server, feed) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, sum = excluded.sum",
    )?
    .execute((server(speaker).as_bytes(), &cursor.feed, int(cursor.epoch), int(cursor.seq), &cursor.sum[..]))?;
    Ok(())
}

/// A feed counts as ready once it has been read to its end; an interrupted first sync must not look complete.
pub fn set_all_ready(conn: &Connection, speaker: &Speaker) -> Result<(), StoreError> {
    conn.execute("UPDATE feed_cursor SET ready = 1 WHERE server = ?1", [server(speaker).as_bytes()])?;
    Ok(())
}

/// Whether every feed that is followed was read to its end, from the nation or from a hub.
pub fn all_ready(conn: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) > 0 AND min(ready) = 1 FROM (SELECT max(ready) AS ready FROM feed_cursor GROUP BY feed)";
    Ok(conn.query_row(sql, [], |row| row.get::<_, Option<bool>>(0).map(|ready| ready.unwrap_or(false)))?)
}
