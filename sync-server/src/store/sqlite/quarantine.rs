//! What is kept and not believed: shown to its author and to an admin, in nobody's way.

use rusqlite::{Connection, params};
use shared_model::ids::{DeviceId, Epoch, Position};
use shared_model::sync::message::Notice;
use shared_model::time::Moment;

use super::sql::all;
use crate::store::StoreError;
use crate::store::rows::QuarantineRow;

/// The newest of a device's own entries that are not believed, in the order of its log.
pub(super) fn notices(
    conn: &Connection,
    device: DeviceId,
    epoch: Option<Epoch>,
    max: usize,
) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT epoch, seq, quarantine FROM entry
               WHERE device = ?1 AND (?2 IS NULL OR epoch = ?2) AND quarantine IS NOT NULL
               ORDER BY epoch DESC, seq DESC LIMIT ?3";
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let mut notices = all(conn, sql, params![device.0, epoch, max], |row| {
        Ok(Notice { epoch: row.get(0)?, seq: row.get(1)?, code: row.get(2)? })
    })?;
    notices.reverse();
    Ok(notices)
}

pub(super) fn list(conn: &Connection, max: usize) -> Result<Vec<QuarantineRow>, StoreError> {
    let sql = "SELECT e.lseq, e.device, e.epoch, e.seq, coalesce(d.name, ''), e.quarantine, e.received_at,
                   length(e.header) + coalesce(length(e.body), 0)
               FROM entry e LEFT JOIN device d ON d.device = e.device
               WHERE e.quarantine IS NOT NULL ORDER BY e.lseq DESC LIMIT ?1";
    all(conn, sql, [i64::try_from(max).unwrap_or(i64::MAX)], |row| {
        Ok(QuarantineRow {
            lseq: row.get(0)?,
            position: Position { device: DeviceId(row.get(1)?), epoch: row.get(2)?, seq: row.get(3)? },
            device_name: row.get(4)?,
            code: row.get(5)?,
            received_at: Moment(row.get(6)?),
            bytes: row.get(7)?,
        })
    })
}
