//! Devices, their people, and the one-time codes that let them in.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::Signed;
use shared_model::envelope::PublicKey;
use shared_model::ids::{AuthorId, DeviceId, Epoch};
use shared_model::time::Moment;

use super::{log, staff};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{AuditLine, AuthorRow, CodeRow, DeviceRow, DeviceStanding, EnrolOutcome, Enrolment};
use crate::store::value::{Row, Value, from_cbor, small, to_cbor, values};

pub(in crate::store) const COLUMNS: &str =
    "device, key, name, site, area, certificate, enrolled_at, revoked_at, last_contact, clock_offset_ms, is_console,
     hub_areas";

pub(in crate::store) fn read_device(row: &mut Row) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        device: DeviceId(row.get(0)?),
        key: PublicKey(row.get(1)?),
        name: row.get(2)?,
        site: row.get(3)?,
        area: row.get(4)?,
        certificate: from_cbor(&row.get::<Vec<u8>>(5)?)?,
        enrolled_at: Moment(row.get(6)?),
        revoked_at: row.get::<Option<i64>>(7)?.map(Moment),
        last_contact: row.get::<Option<i64>>(8)?.map(Moment),
        clock_offset_ms: row.get(9)?,
        is_console: row.get(10)?,
        hub_areas: row.get::<Option<String>>(11)?.map(|areas| split(&areas)),
    })
}

pub(in crate::store) async fn device(conn: &Conn<'_>, device: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    conn.one(&format!("SELECT {COLUMNS} FROM device WHERE device = ?1"), values![device.0], read_device).await
}

pub(in crate::store) async fn devices(conn: &Conn<'_>) -> Result<Vec<DeviceStanding>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM device ORDER BY name, device");
    let devices = conn.all(&sql, Vec::new(), read_device).await?;
    let mut people: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
    let sql = "SELECT device, name FROM author ORDER BY name, author";
    for (device, name) in conn.all(sql, Vec::new(), |row| Ok((DeviceId(row.get(0)?), row.get(1)?))).await? {
        people.entry(device).or_default().push(name);
    }
    let sql = "SELECT device, count(*) FROM entry WHERE quarantine IS NOT NULL GROUP BY device";
    let quarantined = conn.all(sql, Vec::new(), |row| Ok((DeviceId(row.get(0)?), row.get::<u64>(1)?))).await?;
    let quarantined: BTreeMap<DeviceId, u64> = quarantined.into_iter().collect();
    let mut forked: BTreeMap<DeviceId, BTreeSet<Epoch>> = BTreeMap::new();
    let sql = "SELECT DISTINCT device, epoch FROM fork";
    for (device, epoch) in conn.all(sql, Vec::new(), |row| Ok((DeviceId(row.get(0)?), row.get(1)?))).await? {
        forked.entry(device).or_default().insert(epoch);
    }
    let mut logs = log::all(conn).await?;
    let standings = devices.into_iter().map(|device| {
        let id = device.device;
        DeviceStanding {
            device,
            people: people.remove(&id).unwrap_or_default(),
            logs: logs.remove(&id).unwrap_or_default(),
            forked: forked.remove(&id).unwrap_or_default(),
            quarantined: small(quarantined.get(&id).copied().unwrap_or(0)),
        }
    });
    Ok(standings.collect())
}

/// Those of the wanted that are known, in no particular order.
pub(in crate::store) async fn authors(
    conn: &Conn<'_>,
    wanted: &[(AuthorId, DeviceId)],
) -> Result<Vec<AuthorRow>, StoreError> {
    let sql = "SELECT author, device, name, certificate, revoked_at FROM author WHERE author IN rarray(?1)";
    let mut found = conn
        .all(sql, vec![Value::blobs(wanted.iter().map(|(author, _)| author.0))], |row| {
            Ok(AuthorRow {
                author: AuthorId(row.get(0)?),
                device: DeviceId(row.get(1)?),
                name: row.get(2)?,
                certificate: from_cbor(&row.get::<Vec<u8>>(3)?)?,
                revoked_at: row.get::<Option<i64>>(4)?.map(Moment),
            })
        })
        .await?;
    let wanted: BTreeSet<_> = wanted.iter().copied().collect();
    found.retain(|one| wanted.contains(&(one.author, one.device)));
    found.sort_by_key(|one| (one.author, one.device));
    Ok(found)
}

/// The certificates of these devices, in the order of their ids.
pub(in crate::store) async fn certificates(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<Vec<Signed>, StoreError> {
    let sql = "SELECT certificate FROM device WHERE device IN rarray(?1) ORDER BY device";
    conn.all(sql, vec![Value::blobs(devices.iter().map(|id| id.0))], |row| from_cbor(&row.get::<Vec<u8>>(0)?)).await
}

async fn author(conn: &Conn<'_>, author: AuthorId, device: DeviceId) -> Result<Option<AuthorRow>, StoreError> {
    Ok(authors(conn, &[(author, device)]).await?.pop())
}

pub(in crate::store) async fn put_author(conn: &Conn<'_>, author: &AuthorRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO author (author, device, name, certificate) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (author, device) DO UPDATE SET name = excluded.name, certificate = excluded.certificate";
    let params = values![author.author.0, author.device.0, &author.name, to_cbor(&author.certificate)];
    conn.write(sql, params).await.map(drop)
}

pub(in crate::store) async fn code(conn: &Conn<'_>, hash: [u8; 32]) -> Result<Option<CodeRow>, StoreError> {
    let sql = "SELECT site, area, expires_at, used_by, hub_areas FROM enrolment_code WHERE hash = ?1";
    conn.one(sql, values![hash], |row| {
        Ok(CodeRow {
            hash,
            site: row.get(0)?,
            area: row.get(1)?,
            expires_at: Moment(row.get(2)?),
            used_by: row.get::<Option<[u8; 16]>>(3)?.map(DeviceId),
            hub_areas: row.get::<Option<String>>(4)?.map(|areas| split(&areas)),
        })
    })
    .await
}

pub(in crate::store) async fn add_code(conn: &Conn<'_>, code: &CodeRow) -> Result<(), StoreError> {
    // The same code made again is a fresh code: its old use is forgotten, what it let in stays.
    let sql = "INSERT INTO enrolment_code (hash, site, area, expires_at, hub_areas) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (hash) DO UPDATE SET site = excluded.site, area = excluded.area,
                   expires_at = excluded.expires_at, hub_areas = excluded.hub_areas, used_by = NULL, used_at = NULL";
    conn.write(sql, values![code.hash, &code.site, &code.area, code.expires_at.0, areas(&code.hub_areas)])
        .await
        .map(drop)
}

/// Uses the code and takes the device in, or tells a device that asks again what it was told before.
pub(in crate::store) async fn enrol(conn: &Conn<'_>, enrolment: &Enrolment) -> Result<EnrolOutcome, StoreError> {
    let id = enrolment.device.device;
    if let Some(known) = device(conn, id).await? {
        let asked_before = match enrolment.code {
            Some(hash) => code(conn, hash).await?.is_some_and(|code| code.used_by == Some(id)),
            None => known.is_console,
        };
        let author = match &enrolment.author {
            Some(wanted) => self::author(conn, wanted.author, id).await?,
            None => None,
        };
        let same = known.key == enrolment.device.key && author.is_some() == enrolment.author.is_some();
        return if asked_before && same { told(conn, known, author).await } else { Ok(EnrolOutcome::CodeUnknown) };
    }
    if let Some(hash) = enrolment.code {
        match code(conn, hash).await? {
            None | Some(CodeRow { used_by: Some(_), .. }) => return Ok(EnrolOutcome::CodeUnknown),
            // A laptop's code lets no hub in, and a hub's no laptop.
            Some(code) if code.hub_areas != enrolment.device.hub_areas => return Ok(EnrolOutcome::CodeUnknown),
            Some(code) if code.expires_at < enrolment.at => return Ok(EnrolOutcome::CodeExpired),
            Some(_) => {}
        }
        let sql = "UPDATE enrolment_code SET used_by = ?2, used_at = ?3 WHERE hash = ?1";
        conn.write(sql, values![hash, id.0, enrolment.at.0]).await?;
    }
    welcome_area(conn, &enrolment.device.area).await?;
    put_device(conn, &enrolment.device).await?;
    if let Some(author) = &enrolment.author {
        put_author(conn, author).await?;
    }
    if enrolment.device.hub_areas.is_none() {
        log::give_epoch(conn, id).await?;
    }
    told(conn, enrolment.device.clone(), enrolment.author.clone()).await
}

async fn told(conn: &Conn<'_>, device: DeviceRow, author: Option<AuthorRow>) -> Result<EnrolOutcome, StoreError> {
    let epoch = log::standing(conn, device.device, 1).await?.epoch_max.max(1);
    let author: Option<Signed> = author.map(|author| author.certificate);
    Ok(EnrolOutcome::Enrolled { device: device.certificate, author, epoch })
}

/// People who live in an area that nobody had a laptop in go home to it.
async fn welcome_area(conn: &Conn<'_>, area: &str) -> Result<(), StoreError> {
    if area.is_empty() || is_area(conn, area).await? {
        return Ok(());
    }
    let sql = "INSERT INTO stale (card) SELECT card FROM citizen WHERE unit = ?1 ON CONFLICT DO NOTHING";
    conn.write(sql, values![area]).await.map(drop)
}

/// Whether any device follows this unit's feed.
pub(in crate::store) async fn is_area(conn: &Conn<'_>, area: &str) -> Result<bool, StoreError> {
    conn.exists("SELECT 1 FROM device WHERE area = ?1 LIMIT 1", values![area]).await
}

/// Of these units, those whose feed any device follows.
pub(in crate::store) async fn areas_among(
    conn: &Conn<'_>,
    units: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT DISTINCT area FROM device WHERE area IN rarray(?1) AND area <> ''";
    let found = conn.all(sql, vec![Value::texts(units.iter().copied())], |row| row.get(0)).await?;
    Ok(found.into_iter().collect())
}

/// The areas of these devices; nothing for one that is not known, an empty one for the console.
pub(in crate::store) async fn areas_of(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<BTreeMap<DeviceId, String>, StoreError> {
    let sql = "SELECT device, area FROM device WHERE device IN rarray(?1)";
    let params = vec![Value::blobs(devices.iter().map(|id| id.0))];
    let found = conn.all(sql, params, |row| Ok((DeviceId(row.get(0)?), row.get(1)?))).await?;
    Ok(found.into_iter().collect())
}

/// A device the campaign vouches for, without a code.
pub(in crate::store) async fn take_in(conn: &Conn<'_>, device: &DeviceRow) -> Result<(), StoreError> {
    welcome_area(conn, &device.area).await?;
    put_device(conn, device).await
}

/// Of these devices, those that are known, the console left out.
pub(in crate::store) async fn known_among(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<BTreeSet<DeviceId>, StoreError> {
    let sql = "SELECT device FROM device WHERE device IN rarray(?1) AND is_console = 0 AND hub_areas IS NULL";
    let params = vec![Value::blobs(devices.iter().map(|id| id.0))];
    Ok(conn.all(sql, params, |row| Ok(DeviceId(row.get(0)?))).await?.into_iter().collect())
}

/// Devices that were taken back, hubs among them.
pub(in crate::store) async fn ended(conn: &Conn<'_>) -> Result<Vec<DeviceId>, StoreError> {
    let sql = "SELECT device FROM device WHERE revoked_at IS NOT NULL ORDER BY device";
    conn.all(sql, Vec::new(), |row| Ok(DeviceId(row.get(0)?))).await
}

/// Hubs that were taken back.
pub(in crate::store) async fn ended_hubs(conn: &Conn<'_>) -> Result<Vec<DeviceId>, StoreError> {
    let sql = "SELECT device FROM device WHERE revoked_at IS NOT NULL AND hub_areas IS NOT NULL ORDER BY device";
    conn.all(sql, Vec::new(), |row| Ok(DeviceId(row.get(0)?))).await
}

/// Hubs that tell the feed of this unit, and that nobody took back.
pub(in crate::store) async fn hubs_of(conn: &Conn<'_>, area: &str) -> Result<Vec<DeviceRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM device WHERE hub_areas IS NOT NULL AND revoked_at IS NULL ORDER BY enrolled_at, device"
    );
    let mut hubs = conn.all(&sql, Vec::new(), read_device).await?;
    hubs.retain(|hub| hub.hub_areas.iter().flatten().any(|told| told == area));
    Ok(hubs)
}

pub(in crate::store) async fn put_certificate(
    conn: &Conn<'_>,
    device: DeviceId,
    certificate: &Signed,
) -> Result<(), StoreError> {
    let sql = "UPDATE device SET certificate = ?2 WHERE device = ?1";
    conn.write(sql, values![device.0, to_cbor(certificate)]).await.map(drop)
}

/// Codes of units have no commas in them.
fn areas(of_a_hub: &Option<Vec<String>>) -> Option<String> {
    of_a_hub.as_ref().map(|areas| areas.join(","))
}

fn split(areas: &str) -> Vec<String> {
    areas.split(',').filter(|area| !area.is_empty()).map(str::to_owned).collect()
}

async fn put_device(conn: &Conn<'_>, device: &DeviceRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO device (device, key, name, site, area, certificate, enrolled_at, is_console, hub_areas)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let params = values![
        device.device.0,
        device.key.0,
        &device.name,
        &device.site,
        &device.area,
        to_cbor(&device.certificate),
        device.enrolled_at.0,
        device.is_console,
        areas(&device.hub_areas)
    ];
    conn.write(sql, params).await.map(drop)
}

/// False when there is no such device, or it is the console itself. Who did it stays on the trail either way.
pub(in crate::store) async fn revoke(
    conn: &Conn<'_>,
    device: DeviceId,
    at: Moment,
    line: &AuditLine,
) -> Result<bool, StoreError> {
    staff::audit(conn, line).await?;
    let sql = "UPDATE device SET revoked_at = ?2 WHERE device = ?1 AND revoked_at IS NULL AND is_console = 0";
    let known = self::device(conn, device).await?.is_some_and(|device| !device.is_console);
    conn.write(sql, values![device.0, at.0]).await?;
    Ok(known)
}
