//! One transaction, or one moment of reading, on either engine.
//!
//! SQL is written once, in SQLite's spelling: `?1` for a parameter, `x IN rarray(?1)` for one of a list. What the
//! other engine spells otherwise is in `postgres/dialect.rs`; what is worth doing otherwise asks which engine it is.

use std::sync::Mutex;

use super::value::{Insert, Row, Value};
use super::{StoreError, postgres, sqlite};

pub(in crate::store) enum Conn<'a> {
    Sqlite(&'a Mutex<rusqlite::Connection>),
    Postgres(&'a deadpool_postgres::Transaction<'a>),
}

impl Conn<'_> {
    /// All rows of a question.
    pub(in crate::store) async fn all<T: Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
        read: impl FnMut(&mut Row) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(conn) => sqlite::conn::all(conn, sql, params, read),
            Self::Postgres(conn) => postgres::conn::all(conn, sql, &params, read).await,
        }
    }

    /// The only row of a question, if there is one.
    pub(in crate::store) async fn one<T: Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
        read: impl FnMut(&mut Row) -> Result<T, StoreError> + Send,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, params, read).await?.into_iter().next())
    }

    pub(in crate::store) async fn exists(&self, sql: &str, params: Vec<Value>) -> Result<bool, StoreError> {
        Ok(self.one(sql, params, |_| Ok(())).await?.is_some())
    }

    /// A number that cannot be negative; none is nought.
    pub(in crate::store) async fn count(&self, sql: &str, params: Vec<Value>) -> Result<u64, StoreError> {
        let found = self.one(sql, params, |row| row.get::<Option<i64>>(0)).await?.flatten();
        found.map_or(Ok(0), |number| u64::try_from(number).map_err(|_| StoreError::BadRow))
    }

    /// A write; tells how many rows it changed.
    pub(in crate::store) async fn write(&self, sql: &str, params: Vec<Value>) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(conn) => sqlite::conn::write(conn, sql, params),
            Self::Postgres(conn) => postgres::conn::write(conn, sql, &params).await,
        }
    }

    /// Many rows at once.
    pub(in crate::store) async fn insert(&self, into: &Insert, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(conn) => sqlite::conn::insert(conn, into, rows),
            Self::Postgres(conn) => postgres::conn::insert(conn, into, &rows).await,
        }
    }
}
