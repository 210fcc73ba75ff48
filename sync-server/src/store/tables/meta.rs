//! Small facts about the database itself.

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::value::{Value, values};

/// How far the projector has come.
pub(in crate::store) const PROJECTED_TO: &str = "projected_to";
pub(in crate::store) const FEED_EPOCH: &str = "feed_epoch";
/// The number of the last word that went home on a stick.
pub(in crate::store) const STICK_ISSUE: &str = "stick_issue";
/// 1 once the record was drawn again: the next filter of prior doses is a base.
pub(in crate::store) const PRIOR_WANTS_BASE: &str = "prior_wants_base";
/// The rules the record was drawn under.
pub(in crate::store) const RULES: &str = "rules";

pub(in crate::store) async fn number(conn: &Conn<'_>, key: &str) -> Result<Option<i64>, StoreError> {
    // A number is eight bytes where a column holds bytes only.
    let read = |value| match value {
        Value::Int(number) => Ok(number),
        Value::Blob(bytes) => bytes.try_into().map(i64::from_be_bytes).map_err(|_| StoreError::BadRow),
        _ => Err(StoreError::BadRow),
    };
    let sql = "SELECT value FROM meta WHERE key = ?1";
    conn.one(sql, values![key], |row| row.get(0)).await?.map(read).transpose()
}

pub(in crate::store) async fn bytes(conn: &Conn<'_>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    conn.one("SELECT value FROM meta WHERE key = ?1", values![key], |row| row.get(0)).await
}

pub(in crate::store) async fn put_number(conn: &Conn<'_>, key: &str, number: i64) -> Result<(), StoreError> {
    put(conn, key, number.to_be_bytes().to_vec()).await
}

pub(in crate::store) async fn put(conn: &Conn<'_>, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    conn.write(sql, values![key, value]).await.map(drop)
}
