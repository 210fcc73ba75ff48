//! How devices stand, in as few rows as the picture needs: a short one for each, or whole ones for a page of them.

use std::collections::BTreeSet;

use shared_model::ids::DeviceId;
use shared_model::time::Moment;

use super::{arrival, hub, log};
use crate::national::completeness::{Page, Short};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::value::values;

/// One short row for every laptop.
pub(in crate::store) async fn short(conn: &Conn<'_>) -> Result<Vec<Short>, StoreError> {
    let sql = "SELECT d.area, d.site, d.revoked_at, d.last_contact,
                   e.held, e.missing, e.at_hubs,
                   (SELECT max(entries) FROM arrival a WHERE a.device = d.device)
               FROM device d
               LEFT JOIN (
                   SELECT device, CAST(sum(held) AS BIGINT) AS held,
                       CAST(sum(CASE WHEN claimed > held AND claimed > at_hub THEN claimed - held
                                     WHEN at_hub > held THEN at_hub - held ELSE 0 END) AS BIGINT) AS missing,
                       CAST(sum(CASE WHEN at_hub > held THEN at_hub - held ELSE 0 END) AS BIGINT) AS at_hubs
                   FROM (SELECT device, max(held) AS held, max(claimed) AS claimed, max(at_hub) AS at_hub
                         FROM (SELECT device, epoch, durable_to AS held, claimed_head AS claimed, 0 AS at_hub FROM log
                               UNION ALL
                               SELECT h.device, h.epoch, 0, 0, h.seq FROM hub_log h JOIN device b ON b.device = h.hub
                               WHERE b.revoked_at IS NULL) said
                         GROUP BY device, epoch) ends
                   GROUP BY device) e ON e.device = d.device
               WHERE d.is_console = 0 AND d.hub_areas IS NULL";
    conn.all(sql, Vec::new(), |row| {
        Ok(Short {
            area: row.get(0)?,
            site: row.get(1)?,
            is_revoked: row.get::<Option<i64>>(2)?.is_some(),
            last_contact: row.get::<Option<i64>>(3)?.map(Moment),
            held: row.get::<Option<u64>>(4)?.unwrap_or(0),
            missing: row.get::<Option<u64>>(5)?.unwrap_or(0),
            at_hubs: row.get::<Option<u64>>(6)?.unwrap_or(0),
            busiest_day: row.get::<Option<u64>>(7)?.unwrap_or(0),
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
) -> Result<Page, StoreError> {
    let sql = format!(
        "SELECT {} FROM device WHERE area = ?1 AND is_console = 0 AND hub_areas IS NULL AND device > ?2
         ORDER BY device LIMIT ?3",
        super::device::COLUMNS
    );
    let after: Vec<u8> = after.map(|device| device.0.to_vec()).unwrap_or_default();
    let devices = conn.all(&sql, values![area, after, max], super::device::read_device).await?;
    let ids: BTreeSet<DeviceId> = devices.iter().map(|device| device.device).collect();
    let mut logs = log::of_devices(conn, &ids).await?;
    let arrivals = arrival::of_devices(conn, &ids).await?;
    let at_hubs = hub::held(conn, Some(&ids)).await?;
    let with_logs = devices.into_iter().map(|device| {
        let logs = logs.remove(&device.device).unwrap_or_default();
        (device, logs)
    });
    Ok(Page { devices: with_logs.collect(), arrivals, at_hubs })
}
