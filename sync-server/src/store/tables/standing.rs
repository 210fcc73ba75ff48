//! How devices stand, in as few rows as the picture needs: a short one for each, or whole ones for a page of them.

use std::collections::BTreeSet;

use shared_model::envelope::LogHead;
use shared_model::ids::{Chain, DeviceId};
use shared_model::time::Moment;

use super::{arrival, log};
use crate::national::completeness::{Arrivals, Short};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{DeviceRow, LogEnd, LogStanding};
use crate::store::value::values;

/// One short row for every device but the console.
pub(in crate::store) async fn short(conn: &Conn<'_>) -> Result<Vec<Short>, StoreError> {
    let sql = "SELECT d.area, d.site, d.revoked_at, d.last_contact,
                   (SELECT CAST(sum(durable_to) AS BIGINT) FROM log l WHERE l.device = d.device),
                   (SELECT CAST(sum(claimed_head - durable_to) AS BIGINT) FROM log l
                    WHERE l.device = d.device AND l.claimed_head > l.durable_to),
                   (SELECT max(entries) FROM arrival a WHERE a.device = d.device)
               FROM device d WHERE d.is_console = 0";
    conn.all(sql, Vec::new(), |row| {
        Ok(Short {
            area: row.get(0)?,
            site: row.get(1)?,
            is_revoked: row.get::<Option<i64>>(2)?.is_some(),
            last_contact: row.get::<Option<i64>>(3)?.map(Moment),
            held: row.get::<Option<u64>>(4)?.unwrap_or(0),
            missing: row.get::<Option<u64>>(5)?.unwrap_or(0),
            busiest_day: row.get::<Option<u64>>(6)?.unwrap_or(0),
        })
    })
    .await
}

/// The devices of one area after one of them, by id, with their logs and days.
pub(in crate::store) async fn of_area(
    conn: &Conn<'_>,
    area: &str,
    after: Option<DeviceId>,
    max: usize,
) -> Result<(Vec<(DeviceRow, Vec<LogStanding>)>, Arrivals), StoreError> {
    let sql = format!(
        "SELECT {} FROM device WHERE area = ?1 AND is_console = 0 AND device > ?2 ORDER BY device LIMIT ?3",
        super::device::COLUMNS
    );
    let after: Vec<u8> = after.map(|device| device.0.to_vec()).unwrap_or_default();
    let devices = conn.all(&sql, values![area, after, max], super::device::read_device).await?;
    let ids: BTreeSet<DeviceId> = devices.iter().map(|device| device.device).collect();
    let mut logs = log::of_devices(conn, &ids).await?;
    let arrivals = arrival::of_devices(conn, &ids).await?;
    let with_logs = devices.into_iter().map(|device| {
        let logs = logs.remove(&device.device).unwrap_or_default();
        (device, logs)
    });
    Ok((with_logs.collect(), arrivals))
}

/// The ends of all logs that hold something.
pub(in crate::store) async fn ends(conn: &Conn<'_>) -> Result<Vec<LogEnd>, StoreError> {
    let sql = "SELECT l.device, l.epoch, l.durable_to, l.chain FROM log l JOIN device d ON d.device = l.device
               WHERE d.is_console = 0 AND l.durable_to > 0";
    conn.all(sql, Vec::new(), |row| {
        let head = LogHead { seq: row.get(2)?, chain: Chain(row.get(3)?) };
        Ok(LogEnd { device: DeviceId(row.get(0)?), epoch: row.get(1)?, head })
    })
    .await
}
