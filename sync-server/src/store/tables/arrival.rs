//! How many entries came from each device on each day of the campaign, counted as they come.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::ids::DeviceId;
use shared_model::time::Date;

use crate::national::completeness::Arrivals;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::value::{Insert, Row, Value, values};

const COUNTS: Insert = Insert {
    table: "arrival",
    columns: &[("device", "bytea"), ("day", "int4"), ("entries", "int8")],
    conflict: "ON CONFLICT (device, day) DO UPDATE SET entries = arrival.entries + excluded.entries",
};

/// In the transaction that appends the entries.
pub(in crate::store) async fn count(
    conn: &Conn<'_>,
    arrived: &BTreeMap<(DeviceId, Date), u64>,
) -> Result<(), StoreError> {
    let rows = arrived.iter().map(|((device, day), entries)| values![device.0, day.days(), *entries]);
    conn.insert(&COUNTS, rows.collect()).await
}

fn read(row: &mut Row) -> Result<(DeviceId, Date, u64), StoreError> {
    Ok((DeviceId(row.get(0)?), Date::from_days(row.get(1)?), row.get(2)?))
}

fn by_device(counts: Vec<(DeviceId, Date, u64)>) -> Arrivals {
    let mut arrivals = Arrivals::new();
    for (device, day, entries) in counts {
        arrivals.entry(device).or_default().insert(day, entries);
    }
    arrivals
}

pub(in crate::store) async fn all(conn: &Conn<'_>) -> Result<Arrivals, StoreError> {
    Ok(by_device(conn.all("SELECT device, day, entries FROM arrival", Vec::new(), read).await?))
}

/// Those of some devices.
pub(in crate::store) async fn of_devices(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<Arrivals, StoreError> {
    let sql = "SELECT device, day, entries FROM arrival WHERE device IN rarray(?1)";
    Ok(by_device(conn.all(sql, vec![Value::blobs(devices.iter().map(|id| id.0))], read).await?))
}

/// The same counted from the entries themselves, which is slow: to check the counts by.
#[cfg(test)]
pub(in crate::store) async fn counted_again(conn: &Conn<'_>) -> Result<Arrivals, StoreError> {
    use shared_model::time::{CAMPAIGN_UTC_OFFSET_MS, MS_PER_DAY};
    let sql = "SELECT device, (received_at + ?1) / ?2 AS day, count(*) FROM entry GROUP BY device, day";
    Ok(by_device(conn.all(sql, values![CAMPAIGN_UTC_OFFSET_MS, MS_PER_DAY], read).await?))
}
