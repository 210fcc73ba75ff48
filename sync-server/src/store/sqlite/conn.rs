//! The few ways in which this store talks to SQLite.
//!
//! rusqlite's `execute_batch` and `pragma_update_and_check` step a statement once and drop what its
//! reset returns, so a failed commit can pass for a good one. Everything here steps to the end.

use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{ToSqlOutput, Value as Cell};
use rusqlite::{Batch, Connection, ErrorCode, ToSql};

use crate::store::StoreError;
use crate::store::value::{Insert, Row, Value};

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

/// Nobody else asks for it: the lock makes the connection fit to be named in a future.
pub(super) fn lock(conn: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    conn.lock().unwrap_or_else(PoisonError::into_inner)
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
pub(super) fn pragma(conn: &Connection, sql: &str) -> Result<Option<Cell>, StoreError> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
    }
    Ok(last)
}

struct Bound(Value);

impl ToSql for Bound {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let list = |cells: Vec<Cell>| ToSqlOutput::from_rc(Rc::new(cells), c"rarray");
        Ok(match &self.0 {
            Value::Null => ToSqlOutput::Owned(Cell::Null),
            Value::Int(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Blob(bytes) => bytes.as_slice().into(),
            Value::Ints(all) => list(all.iter().copied().map(Cell::Integer).collect()),
            Value::Texts(all) => list(all.iter().cloned().map(Cell::Text).collect()),
            Value::Blobs(all) => list(all.iter().cloned().map(Cell::Blob).collect()),
            Value::Unfit => return Err(rusqlite::Error::ToSqlConversionFailure("no column holds this number".into())),
        })
    }
}

fn bound(params: Vec<Value>) -> rusqlite::ParamsFromIter<Vec<Bound>> {
    rusqlite::params_from_iter(params.into_iter().map(Bound).collect())
}

pub(in crate::store) fn all<T>(
    conn: &Mutex<Connection>,
    sql: &str,
    params: Vec<Value>,
    mut read: impl FnMut(&mut Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let conn = lock(conn);
    let mut statement = conn.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(bound(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..columns).map(|at| {
            Ok(match row.get(at)? {
                Cell::Null => Value::Null,
                Cell::Integer(number) => Value::Int(number),
                Cell::Text(text) => Value::Text(text),
                Cell::Blob(bytes) => Value::Blob(bytes),
                Cell::Real(_) => return Err(StoreError::BadRow),
            })
        });
        found.push(read(&mut Row::of(cells.collect::<Result<_, StoreError>>()?))?);
    }
    Ok(found)
}

/// To be called inside the writer's transaction only.
pub(in crate::store) fn write(conn: &Mutex<Connection>, sql: &str, params: Vec<Value>) -> Result<u64, StoreError> {
    Ok(lock(conn).prepare_cached(sql)?.execute(bound(params))? as u64)
}

pub(in crate::store) fn insert(
    conn: &Mutex<Connection>,
    into: &Insert,
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    let columns: Vec<&str> = into.columns.iter().map(|(name, _)| *name).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let Insert { table, conflict, .. } = into;
    let sql = format!("INSERT INTO {table} ({}) VALUES ({}) {conflict}", columns.join(", "), marks.join(", "));
    let conn = lock(conn);
    let mut statement = conn.prepare_cached(&sql)?;
    for row in rows {
        statement.execute(bound(row))?;
    }
    Ok(())
}
