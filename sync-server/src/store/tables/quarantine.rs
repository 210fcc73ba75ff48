//! What is kept and not believed: shown to its author and to an admin, in nobody's way.

use std::collections::BTreeMap;

use shared_model::ids::{DeviceId, Epoch, Position};
use shared_model::sync::message::Notice;
use shared_model::time::Moment;

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::QuarantineRow;
use crate::store::value::values;

/// The newest of a device's own entries that are not believed, in the order of its log.
pub(in crate::store) async fn notices(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Option<Epoch>,
    max: usize,
) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT epoch, seq, quarantine FROM entry
               WHERE device = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR epoch = ?2) AND quarantine IS NOT NULL
               ORDER BY epoch DESC, seq DESC LIMIT ?3";
    let mut notices = conn
        .all(sql, values![device.0, epoch, max], |row| {
            Ok(Notice { epoch: row.get(0)?, seq: row.get(1)?, code: row.get(2)? })
        })
        .await?;
    notices.reverse();
    Ok(notices)
}

pub(in crate::store) async fn list(conn: &Conn<'_>, max: usize) -> Result<Vec<QuarantineRow>, StoreError> {
    let sql = "SELECT e.lseq, e.device, e.epoch, e.seq, coalesce(d.name, ''), e.quarantine, e.received_at,
                   length(e.header) + coalesce(length(e.body), 0)
               FROM entry e LEFT JOIN device d ON d.device = e.device
               WHERE e.quarantine IS NOT NULL ORDER BY e.lseq DESC LIMIT ?1";
    conn.all(sql, values![max], |row| {
        Ok(QuarantineRow {
            lseq: row.get(0)?,
            position: Position { device: DeviceId(row.get(1)?), epoch: row.get(2)?, seq: row.get(3)? },
            device_name: row.get(4)?,
            code: row.get(5)?,
            received_at: Moment(row.get(6)?),
            bytes: row.get(7)?,
        })
    })
    .await
}

/// How many entries are kept and not believed, by code.
pub(in crate::store) async fn by_code(conn: &Conn<'_>) -> Result<BTreeMap<String, u64>, StoreError> {
    let sql = "SELECT quarantine, count(*) FROM entry WHERE quarantine IS NOT NULL GROUP BY quarantine";
    let found = conn.all(sql, Vec::new(), |row| Ok((row.get(0)?, row.get(1)?))).await?;
    Ok(found.into_iter().collect())
}
