//! Staff accounts, their sessions, and the trail of who looked and who did.

use rusqlite::{Connection, Row, params};
use shared_model::ids::AuthorId;
use shared_model::time::Moment;

use super::sql::{one, write};
use crate::store::StoreError;
use crate::store::rows::{AuditLine, Role, SessionRow, StaffRow};

fn read_staff(row: &Row<'_>, from: usize) -> Result<StaffRow, StoreError> {
    Ok(StaffRow {
        name: row.get(from)?,
        role: Role::from_code(&row.get::<_, String>(from + 1)?).ok_or(StoreError::BadRow)?,
        author: AuthorId(row.get(from + 2)?),
        salt: row.get(from + 3)?,
        hash: row.get(from + 4)?,
        added_at: Moment(row.get(from + 5)?),
    })
}

pub(super) fn staff(conn: &Connection, name: &str) -> Result<Option<StaffRow>, StoreError> {
    let sql = "SELECT name, role, author, salt, hash, added_at FROM staff WHERE name = ?1";
    one(conn, sql, [name], |row| read_staff(row, 0))
}

/// A known name gets the new password and role, keeps its author, and is signed out everywhere.
pub(super) fn put(conn: &Connection, staff: &StaffRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO staff (name, role, author, salt, hash, added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (name) DO UPDATE SET role = excluded.role, salt = excluded.salt, hash = excluded.hash";
    let StaffRow { name, role, author, salt, hash, added_at } = staff;
    write(conn, sql, params![name, role.code(), author.0, salt, hash, added_at.0])?;
    write(conn, "DELETE FROM staff_session WHERE staff_name = ?1", [name]).map(drop)
}

pub(super) fn begin_session(conn: &Connection, session: &SessionRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO staff_session (token_hash, staff_name, begun_at, last_seen_at) VALUES (?1, ?2, ?3, ?4)";
    let SessionRow { token_hash, staff_name, begun_at, last_seen_at } = session;
    write(conn, sql, params![token_hash, staff_name, begun_at.0, last_seen_at.0]).map(drop)
}

pub(super) fn session(conn: &Connection, token_hash: [u8; 32]) -> Result<Option<(SessionRow, StaffRow)>, StoreError> {
    let sql = "SELECT s.begun_at, s.last_seen_at, t.name, t.role, t.author, t.salt, t.hash, t.added_at
               FROM staff_session s JOIN staff t ON t.name = s.staff_name WHERE s.token_hash = ?1";
    one(conn, sql, [token_hash], |row| {
        let staff = read_staff(row, 2)?;
        let (begun_at, last_seen_at) = (Moment(row.get(0)?), Moment(row.get(1)?));
        Ok((SessionRow { token_hash, staff_name: staff.name.clone(), begun_at, last_seen_at }, staff))
    })
}

pub(super) fn touch_session(conn: &Connection, token_hash: [u8; 32], at: Moment) -> Result<(), StoreError> {
    let sql = "UPDATE staff_session SET last_seen_at = ?2 WHERE token_hash = ?1";
    write(conn, sql, params![token_hash, at.0]).map(drop)
}

pub(super) fn end_session(conn: &Connection, token_hash: [u8; 32]) -> Result<(), StoreError> {
    write(conn, "DELETE FROM staff_session WHERE token_hash = ?1", [token_hash]).map(drop)
}

pub(super) fn audit(conn: &Connection, line: &AuditLine) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, who, deed, what) VALUES (?1, ?2, ?3, ?4)";
    write(conn, sql, params![line.at.0, line.who, line.deed, line.what]).map(drop)
}
