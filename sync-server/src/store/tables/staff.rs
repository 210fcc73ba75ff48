//! Staff accounts, their sessions, and the trail of who looked and who did.

use shared_model::ids::AuthorId;
use shared_model::time::Moment;

use super::device;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{AuditLine, AuthorRow, Role, SessionRow, StaffRow};
use crate::store::value::{Row, values};

fn read_staff(row: &mut Row, from: usize) -> Result<StaffRow, StoreError> {
    Ok(StaffRow {
        name: row.get(from)?,
        role: Role::from_code(&row.get::<String>(from + 1)?).ok_or(StoreError::BadRow)?,
        author: AuthorId(row.get(from + 2)?),
        salt: row.get(from + 3)?,
        hash: row.get(from + 4)?,
        added_at: Moment(row.get(from + 5)?),
    })
}

pub(in crate::store) async fn staff(conn: &Conn<'_>, name: &str) -> Result<Option<StaffRow>, StoreError> {
    let sql = "SELECT name, role, author, salt, hash, added_at FROM staff WHERE name = ?1";
    conn.one(sql, values![name], |row| read_staff(row, 0)).await
}

/// A known name gets the new password and role, keeps its author, and is signed out everywhere.
pub(in crate::store) async fn put(
    conn: &Conn<'_>,
    staff: &StaffRow,
    certificate: &AuthorRow,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO staff (name, role, author, salt, hash, added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (name) DO UPDATE SET role = excluded.role, salt = excluded.salt, hash = excluded.hash";
    let StaffRow { name, role, author, salt, hash, added_at } = staff;
    conn.write(sql, values![name, role.code(), author.0, *salt, *hash, added_at.0]).await?;
    conn.write("DELETE FROM staff_session WHERE staff_name = ?1", values![name]).await?;
    device::put_author(conn, certificate).await
}

pub(in crate::store) async fn begin_session(conn: &Conn<'_>, session: &SessionRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO staff_session (token_hash, staff_name, begun_at, last_seen_at) VALUES (?1, ?2, ?3, ?4)";
    let SessionRow { token_hash, staff_name, begun_at, last_seen_at } = session;
    conn.write(sql, values![*token_hash, staff_name, begun_at.0, last_seen_at.0]).await.map(drop)
}

pub(in crate::store) async fn session(
    conn: &Conn<'_>,
    token_hash: [u8; 32],
) -> Result<Option<(SessionRow, StaffRow)>, StoreError> {
    let sql = "SELECT s.begun_at, s.last_seen_at, t.name, t.role, t.author, t.salt, t.hash, t.added_at
               FROM staff_session s JOIN staff t ON t.name = s.staff_name WHERE s.token_hash = ?1";
    conn.one(sql, values![token_hash], |row| {
        let staff = read_staff(row, 2)?;
        let (begun_at, last_seen_at) = (Moment(row.get(0)?), Moment(row.get(1)?));
        Ok((SessionRow { token_hash, staff_name: staff.name.clone(), begun_at, last_seen_at }, staff))
    })
    .await
}

pub(in crate::store) async fn touch_session(
    conn: &Conn<'_>,
    token_hash: [u8; 32],
    at: Moment,
) -> Result<(), StoreError> {
    let sql = "UPDATE staff_session SET last_seen_at = ?2 WHERE token_hash = ?1";
    conn.write(sql, values![token_hash, at.0]).await.map(drop)
}

pub(in crate::store) async fn end_session(conn: &Conn<'_>, token_hash: [u8; 32]) -> Result<(), StoreError> {
    conn.write("DELETE FROM staff_session WHERE token_hash = ?1", values![token_hash]).await.map(drop)
}

pub(in crate::store) async fn audit(conn: &Conn<'_>, line: &AuditLine) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, who, deed, what) VALUES (?1, ?2, ?3, ?4)";
    conn.write(sql, values![line.at.0, &line.who, line.deed, line.what.clone()]).await.map(drop)
}
