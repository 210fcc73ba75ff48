//! Hubs: where they are found, and which of them no longer count.

use rusqlite::Connection;
use shared_model::ids::DeviceId;

use super::{StoreError, setting};

/// A place where a hub answers, as somebody typed it or as it was found on the site's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubAddress {
    pub url: String,
    /// As the hub calls itself; nothing before it was first met.
    pub name: Option<String>,
    pub last_contact_ms: Option<i64>,
}

/// The setting under which the hub that this laptop is itself lies.
pub(super) const OWN: &str = "own_hub";

/// This laptop is a hub too, by this name. What lies there lies here, and counts as no copy.
pub fn note_own(conn: &Connection, hub: DeviceId) -> Result<(), StoreError> {
    setting::put(conn, OWN, hub.as_bytes())?;
    super::log::furthest(conn)
}

pub fn addresses(conn: &Connection) -> Result<Vec<HubAddress>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT url, name, last_contact FROM hub_address ORDER BY url")?;
    let rows = statement
        .query_map([], |row| Ok(HubAddress { url: row.get(0)?, name: row.get(1)?, last_contact_ms: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// These and no others.
pub fn set_addresses(conn: &Connection, urls: &[String]) -> Result<(), StoreError> {
    for known in addresses(conn)?.iter().filter(|known| !urls.contains(&known.url)) {
        remove_address(conn, &known.url)?;
    }
    urls.iter().try_for_each(|url| add_address(conn, url))
}

pub fn add_address(conn: &Connection, url: &str) -> Result<(), StoreError> {
    conn.execute("INSERT INTO hub_address (url) VALUES (?1) ON CONFLICT DO NOTHING", [url])?;
    Ok(())
}

pub fn remove_address(conn: &Connection, url: &str) -> Result<(), StoreError> {
    conn.execute("DELETE FROM hub_address WHERE url = ?1", [url])?;
    Ok(())
}

pub fn met(conn: &Connection, url: &str, name: &str, at_ms: i64) -> Result<(), StoreError> {
    conn.execute("UPDATE hub_address SET name = ?2, last_contact = ?3 WHERE url = ?1", (url, name, at_ms))?;
    Ok(())
}

/// Hubs whose word counts no more. What they held of this log is not counted as a copy any longer.
pub fn note_ended(conn: &Connection, hubs: &[DeviceId]) -> Result<(), StoreError> {
    for hub in hubs {
        conn.execute("INSERT INTO hub_ended (hub) VALUES (?1) ON CONFLICT DO NOTHING", [hub.as_bytes()])?;
        for epoch in epochs_of(conn, *hub)? {
            super::log::note_held_by_hub(conn, *hub, epoch, 0)?;
        }
    }
    Ok(())
}

fn epochs_of(conn: &Connection, hub: DeviceId) -> Result<Vec<u32>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT epoch FROM hub_held WHERE hub = ?1 AND held_to > 0")?;
    let rows = statement.query_map([hub.as_bytes()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the nation said that this hub counts no more.
pub fn is_ended(conn: &Connection, hub: DeviceId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM hub_ended WHERE hub = ?1)";
    Ok(conn.prepare_cached(sql)?.query_row([hub.as_bytes()], |row| row.get(0))?)
}

/// A hub was found to hold less than it had said, at this time by its own clock.
pub fn note_went_back(conn: &Connection, hub: DeviceId, at_ms: i64) -> Result<(), StoreError> {
    setting::put_cbor(conn, &went_back(hub), &at_ms)
}

/// Words this hub gave until then are about what it lost.
pub fn went_back_at(conn: &Connection, hub: DeviceId) -> Result<Option<i64>, StoreError> {
    setting::get_cbor(conn, &went_back(hub))
}

fn went_back(hub: DeviceId) -> String {
    format!("hub_went_back/{hub}")
}
