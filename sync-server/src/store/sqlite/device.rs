//! Devices, their people, and the one-time codes that let them in.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use shared_model::certificate::Signed;
use shared_model::envelope::PublicKey;
use shared_model::ids::{AuthorId, DeviceId, Epoch};
use shared_model::time::Moment;

use super::log;
use super::sql::{all, count, from_cbor, one, small, to_cbor, write};
use crate::store::StoreError;
use crate::store::rows::{AuthorRow, CodeRow, DeviceRow, DeviceStanding, EnrolOutcome, Enrolment};

const COLUMNS: &str =
    "device, key, name, site, area, certificate, enrolled_at, revoked_at, last_contact, clock_offset_ms, is_console";

fn read_device(row: &Row<'_>) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        device: DeviceId(row.get(0)?),
        key: PublicKey(row.get(1)?),
        name: row.get(2)?,
        site: row.get(3)?,
        area: row.get(4)?,
        certificate: from_cbor(&row.get::<_, Vec<u8>>(5)?)?,
        enrolled_at: Moment(row.get(6)?),
        revoked_at: row.get::<_, Option<i64>>(7)?.map(Moment),
        last_contact: row.get::<_, Option<i64>>(8)?.map(Moment),
        clock_offset_ms: row.get(9)?,
        is_console: row.get(10)?,
    })
}

pub(super) fn device(conn: &Connection, device: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    one(conn, &format!("SELECT {COLUMNS} FROM device WHERE device = ?1"), [device.0], read_device)
}

pub(super) fn devices(conn: &Connection) -> Result<Vec<DeviceStanding>, StoreError> {
    let rows = all(conn, &format!("SELECT {COLUMNS} FROM device ORDER BY name, device"), [], read_device)?;
    rows.into_iter()
        .map(|device| {
            let id = device.device;
            let people = all(conn, "SELECT name FROM author WHERE device = ?1 ORDER BY name", [id.0], |row| {
                Ok(row.get::<_, String>(0)?)
            })?;
            let quarantined =
                count(conn, "SELECT count(*) FROM entry WHERE device = ?1 AND quarantine IS NOT NULL", [id.0])?;
            let forked: BTreeSet<Epoch> = log::forks(conn, id)?.into_iter().map(|fork| fork.epoch).collect();
            let logs = log::of_device(conn, id)?;
            Ok(DeviceStanding { device, people, logs, forked, quarantined: small(quarantined) })
        })
        .collect()
}

pub(super) fn authors(conn: &Connection, wanted: &[(AuthorId, DeviceId)]) -> Result<Vec<AuthorRow>, StoreError> {
    let mut found = Vec::with_capacity(wanted.len());
    for (author, device) in wanted {
        found.extend(self::author(conn, *author, *device)?);
    }
    Ok(found)
}

fn author(conn: &Connection, author: AuthorId, device: DeviceId) -> Result<Option<AuthorRow>, StoreError> {
    let sql = "SELECT name, certificate, revoked_at FROM author WHERE author = ?1 AND device = ?2";
    one(conn, sql, params![author.0, device.0], |row| {
        Ok(AuthorRow {
            author,
            device,
            name: row.get(0)?,
            certificate: from_cbor(&row.get::<_, Vec<u8>>(1)?)?,
            revoked_at: row.get::<_, Option<i64>>(2)?.map(Moment),
        })
    })
}

pub(super) fn put_author(conn: &Connection, author: &AuthorRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO author (author, device, name, certificate) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET name = excluded.name, certificate = excluded.certificate";
    write(conn, sql, params![author.author.0, author.device.0, author.name, to_cbor(&author.certificate)]).map(drop)
}

pub(super) fn code(conn: &Connection, hash: [u8; 32]) -> Result<Option<CodeRow>, StoreError> {
    let sql = "SELECT site, area, expires_at, used_by FROM enrolment_code WHERE hash = ?1";
    one(conn, sql, [hash], |row| {
        Ok(CodeRow {
            hash,
            site: row.get(0)?,
            area: row.get(1)?,
            expires_at: Moment(row.get(2)?),
            used_by: row.get::<_, Option<[u8; 16]>>(3)?.map(DeviceId),
        })
    })
}

pub(super) fn add_code(conn: &Connection, code: &CodeRow) -> Result<(), StoreError> {
    // The same code made again is a fresh code: its old use is forgotten, what it let in stays.
    let sql = "INSERT INTO enrolment_code (hash, site, area, expires_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (hash) DO UPDATE SET site = excluded.site, area = excluded.area,
                   expires_at = excluded.expires_at, used_by = NULL, used_at = NULL";
    write(conn, sql, params![code.hash, code.site, code.area, code.expires_at.0]).map(drop)
}

/// Uses the code and takes the device in, or tells a device that asks again what it was told before.
pub(super) fn enrol(conn: &Connection, enrolment: &Enrolment) -> Result<EnrolOutcome, StoreError> {
    let id = enrolment.device.device;
    if let Some(known) = device(conn, id)? {
        let asked_before = match enrolment.code {
            Some(hash) => code(conn, hash)?.is_some_and(|code| code.used_by == Some(id)),
            None => known.is_console,
        };
        let author = match &enrolment.author {
            Some(wanted) => self::author(conn, wanted.author, id)?,
            None => None,
        };
        let same = known.key == enrolment.device.key && author.is_some() == enrolment.author.is_some();
        return if asked_before && same { told(conn, known, author) } else { Ok(EnrolOutcome::CodeUnknown) };
    }
    if let Some(hash) = enrolment.code {
        match code(conn, hash)? {
            None | Some(CodeRow { used_by: Some(_), .. }) => return Ok(EnrolOutcome::CodeUnknown),
            Some(code) if code.expires_at < enrolment.at => return Ok(EnrolOutcome::CodeExpired),
            Some(_) => {}
        }
        let sql = "UPDATE enrolment_code SET used_by = ?2, used_at = ?3 WHERE hash = ?1";
        write(conn, sql, params![hash, id.0, enrolment.at.0])?;
    }
    welcome_area(conn, &enrolment.device.area)?;
    put_device(conn, &enrolment.device)?;
    if let Some(author) = &enrolment.author {
        put_author(conn, author)?;
    }
    log::give_epoch(conn, id)?;
    told(conn, enrolment.device.clone(), enrolment.author.clone())
}

fn told(conn: &Connection, device: DeviceRow, author: Option<AuthorRow>) -> Result<EnrolOutcome, StoreError> {
    let epoch = log::standing(conn, device.device, 1)?.epoch_max.max(1);
    let author: Option<Signed> = author.map(|author| author.certificate);
    Ok(EnrolOutcome::Enrolled { device: device.certificate, author, epoch })
}

/// People who live in an area that nobody had a laptop in go home to it.
fn welcome_area(conn: &Connection, area: &str) -> Result<(), StoreError> {
    if !area.is_empty() && !is_area(conn, area)? {
        write(conn, "INSERT OR IGNORE INTO stale (card) SELECT card FROM citizen WHERE unit = ?1", [area])?;
    }
    Ok(())
}

/// Whether any device follows this unit's feed.
pub(super) fn is_area(conn: &Connection, area: &str) -> Result<bool, StoreError> {
    Ok(one(conn, "SELECT 1 FROM device WHERE area = ?1 LIMIT 1", [area], |_| Ok(()))?.is_some())
}

pub(super) fn area_of(conn: &Connection, device: DeviceId) -> Result<String, StoreError> {
    let area = one(conn, "SELECT area FROM device WHERE device = ?1", [device.0], |row| Ok(row.get(0)?))?;
    Ok(area.unwrap_or_default())
}

fn put_device(conn: &Connection, device: &DeviceRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO device (device, key, name, site, area, certificate, enrolled_at, is_console)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    write(
        conn,
        sql,
        params![
            device.device.0,
            device.key.0,
            device.name,
            device.site,
            device.area,
            to_cbor(&device.certificate),
            device.enrolled_at.0,
            device.is_console
        ],
    )
    .map(drop)
}

/// False when there is no such device, or it is the console itself.
pub(super) fn revoke(conn: &Connection, device: DeviceId, at: Moment) -> Result<bool, StoreError> {
    let sql = "UPDATE device SET revoked_at = ?2 WHERE device = ?1 AND revoked_at IS NULL AND is_console = 0";
    let known = self::device(conn, device)?.is_some_and(|device| !device.is_console);
    write(conn, sql, params![device.0, at.0])?;
    Ok(known)
}
