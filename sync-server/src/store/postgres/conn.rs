//! The few ways in which this store talks to PostgreSQL.

use std::error::Error;
use std::sync::Arc;

use bytes::BytesMut;
use deadpool_postgres::{PoolError, Transaction};
use postgres_protocol::types as wire;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::dialect;
use crate::store::StoreError;
use crate::store::value::{Insert, Row, Value};

type Wrong = Box<dyn Error + Sync + Send>;

/// What a caller can do about it.
pub(super) fn failed(wrong: tokio_postgres::Error) -> StoreError {
    let code = wrong.code().cloned();
    let kept = Arc::new(wrong);
    match code {
        Some(code) if code == SqlState::DISK_FULL || code == SqlState::OUT_OF_MEMORY => StoreError::Full(kept),
        Some(code) if code == SqlState::T_R_DEADLOCK_DETECTED || code == SqlState::T_R_SERIALIZATION_FAILURE => {
            StoreError::Busy
        }
        Some(code) if code == SqlState::DATA_CORRUPTED || code == SqlState::INDEX_CORRUPTED => {
            StoreError::Damaged(kept)
        }
        _ => StoreError::Unavailable(kept),
    }
}

impl From<PoolError> for StoreError {
    fn from(wrong: PoolError) -> Self {
        match wrong {
            PoolError::Timeout(_) => Self::Busy,
            PoolError::Backend(wrong) => failed(wrong),
            PoolError::Closed => Self::Closed,
            wrong => Self::Unavailable(Arc::new(wrong)),
        }
    }
}

pub(in crate::store) async fn all<T: Send>(
    conn: &Transaction<'_>,
    sql: &str,
    params: &[Value],
    mut read: impl FnMut(&mut Row) -> Result<T, StoreError> + Send,
) -> Result<Vec<T>, StoreError> {
    let statement = conn.prepare_cached(&dialect::of(sql)).await.map_err(failed)?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let rows = conn.query(&statement, &params).await.map_err(failed)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let cells: Result<Vec<Value>, _> = (0..row.len()).map(|at| row.try_get(at)).collect();
        found.push(read(&mut Row::of(cells.map_err(|_| StoreError::BadRow)?))?);
    }
    Ok(found)
}

pub(in crate::store) async fn write(conn: &Transaction<'_>, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
    let statement = conn.prepare_cached(&dialect::of(sql)).await.map_err(failed)?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    conn.execute(&statement, &params).await.map_err(failed)
}

/// One statement for all rows: a column is an array, and `unnest` makes rows of them again.
pub(in crate::store) async fn insert(
    conn: &Transaction<'_>,
    into: &Insert,
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    let Insert { table, columns, conflict } = into;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> = columns.iter().zip(1..).map(|((_, kind), at)| format!("${at}::{kind}[]")).collect();
    let sql =
        format!("INSERT INTO {table} ({}) SELECT * FROM unnest({}) {conflict}", names.join(", "), arrays.join(", "));
    let statement = conn.prepare_cached(&sql).await.map_err(failed)?;
    let cells: Vec<Column<'_>> = (0..columns.len()).map(|at| Column { rows, at }).collect();
    let params: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
    conn.execute(&statement, &params).await.map_err(failed).map(drop)
}

/// One cell of each row, as an array.
#[derive(Debug)]
struct Column<'a> {
    rows: &'a [Vec<Value>],
    at: usize,
}

impl ToSql for Column<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
        let cells = self.rows.iter().map(|row| row.get(self.at).unwrap_or(&Value::Null));
        array(kind, cells, out)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(kind.kind(), Kind::Array(_))
    }

    to_sql_checked!();
}

fn array<'a>(
    kind: &Type,
    cells: impl ExactSizeIterator<Item = &'a Value>,
    out: &mut BytesMut,
) -> Result<IsNull, Wrong> {
    let Kind::Array(member) = kind.kind() else { return Err("a list where a value is wanted".into()) };
    let dimension = wire::ArrayDimension { len: i32::try_from(cells.len())?, lower_bound: 1 };
    let write = |cell: &Value, out: &mut BytesMut| -> Result<postgres_protocol::IsNull, Wrong> {
        Ok(match scalar(cell, member, out)? {
            IsNull::Yes => postgres_protocol::IsNull::Yes,
            IsNull::No => postgres_protocol::IsNull::No,
        })
    };
    wire::array_to_sql(Some(dimension), member.oid(), cells, write, out)?;
    Ok(IsNull::No)
}

fn scalar(value: &Value, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
    match value {
        Value::Null => return Ok(IsNull::Yes),
        Value::Int(number) => match *kind {
            Type::INT2 => wire::int2_to_sql(i16::try_from(*number)?, out),
            Type::INT4 => wire::int4_to_sql(i32::try_from(*number)?, out),
            _ => wire::int8_to_sql(*number, out),
        },
        Value::Text(text) => wire::text_to_sql(text, out),
        Value::Blob(bytes) => wire::bytea_to_sql(bytes, out),
        Value::Ints(_) | Value::Texts(_) | Value::Blobs(_) => return Err("a list where a value is wanted".into()),
        Value::Unfit => return Err("no column holds this number".into()),
    }
    Ok(IsNull::No)
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
        let list: Vec<Self> = match self {
            Self::Ints(all) => all.iter().copied().map(Self::Int).collect(),
            Self::Texts(all) => all.iter().cloned().map(Self::Text).collect(),
            Self::Blobs(all) => all.iter().cloned().map(Self::Blob).collect(),
            one => return scalar(one, kind, out),
        };
        array(kind, list.iter(), out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Wrong> {
        Ok(match *kind {
            Type::BOOL => Self::Int(i64::from(wire::bool_from_sql(raw)?)),
            Type::INT2 => Self::Int(i64::from(wire::int2_from_sql(raw)?)),
            Type::INT4 => Self::Int(i64::from(wire::int4_from_sql(raw)?)),
            Type::INT8 => Self::Int(wire::int8_from_sql(raw)?),
            Type::BYTEA => Self::Blob(wire::bytea_from_sql(raw).to_vec()),
            _ => Self::Text(wire::text_from_sql(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Wrong> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 | Type::BYTEA | Type::TEXT)
    }
}
