//! Authors and devices met, as certificates name them.

use rusqlite::{Connection, OptionalExtension};
use shared_model::certificate::{AuthorCertificate, DeviceCertificate};
use shared_model::ids::{AuthorId, DeviceId};

use super::StoreError;

pub fn put_author(conn: &Connection, certificate: &AuthorCertificate) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO author (author, device, name) VALUES (?1, ?2, ?3)
         ON CONFLICT (author, device) DO UPDATE SET name = excluded.name",
    )?
    .execute((certificate.author.as_bytes(), certificate.device.as_bytes(), &certificate.name))?;
    Ok(())
}

pub fn put_device(conn: &Connection, certificate: &DeviceCertificate) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO device (device, name, site) VALUES (?1, ?2, ?3)
         ON CONFLICT (device) DO UPDATE SET name = excluded.name, site = excluded.site",
    )?
    .execute((certificate.device.as_bytes(), &certificate.name, &certificate.site))?;
    Ok(())
}

pub fn author_name(conn: &Connection, author: AuthorId, device: DeviceId) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT name FROM author WHERE author = ?1 AND device = ?2")?
        .query_row((author.as_bytes(), device.as_bytes()), |row| row.get(0))
        .optional()?)
}

/// Name and site.
pub fn device(conn: &Connection, device: DeviceId) -> Result<Option<(String, String)>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT name, site FROM device WHERE device = ?1")?
        .query_row([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}
