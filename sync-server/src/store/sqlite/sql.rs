//! The few ways in which this store talks to SQLite.
//!
//! rusqlite's `execute_batch` and `pragma_update_and_check` step a statement once and drop what its
//! reset returns, so a failed commit can pass for a good one. Everything here steps to the end.

use std::sync::Arc;

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::Value;
use rusqlite::{Batch, Connection, ErrorCode, Params, Row};

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(wrong: rusqlite::Error) -> Self {
        let code = wrong.sqlite_error_code();
        let kept = Arc::new(wrong);
        match code {
            Some(ErrorCode::DiskFull) => Self::Full(kept),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(kept),
            Some(_) => Self::Unavailable(kept),
            None => Self::BadRow,
        }
    }
}

/// Runs every statement of a script, each to its end.
pub(super) fn run_sql(conn: &Connection, script: &str) -> Result<(), StoreError> {
    let mut batch = Batch::new(conn, script);
    while let Some(mut statement) = batch.next()? {
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// Runs a PRAGMA to its end and tells the last value it gave.
pub(super) fn pragma(conn: &Connection, sql: &str) -> Result<Option<Value>, StoreError> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
    }
    Ok(last)
}

/// A write, to be called inside the writer's transaction only.
pub(super) fn write(conn: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// All rows of a question.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The only row of a question, if there is one.
pub(super) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(all(conn, sql, params, read)?.into_iter().next())
}

/// A number that cannot be negative.
pub(super) fn count(conn: &Connection, sql: &str, params: impl Params) -> Result<u64, StoreError> {
    one(conn, sql, params, |row| Ok(row.get::<_, Option<i64>>(0)?.unwrap_or(0)))?
        .map_or(Ok(0), |number| u64::try_from(number).map_err(|_| StoreError::BadRow))
}

pub(super) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) fn to_cbor(value: &impl minicbor::Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

pub(super) fn from_cbor<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    minicbor::decode(bytes).map_err(|_| StoreError::BadRow)
}

/// Small facts about the database itself.
pub(super) mod meta {
    use super::*;

    pub(in super::super) fn number(conn: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
        one(conn, "SELECT value FROM meta WHERE key = ?1", [key], |row| Ok(row.get(0)?))
    }

    pub(in super::super) fn bytes(conn: &Connection, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        one(conn, "SELECT value FROM meta WHERE key = ?1", [key], |row| Ok(row.get(0)?))
    }

    pub(in super::super) fn put(conn: &Connection, key: &str, value: impl rusqlite::ToSql) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        write(conn, sql, rusqlite::params![key, value]).map(drop)
    }
}
