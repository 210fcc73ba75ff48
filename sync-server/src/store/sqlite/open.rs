//! Opening the file: made under another name, every PRAGMA stepped to its end and read back, migrated step by step.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use migrations::{Migration, SERVER_SQLITE};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use shared_model::planted::{Bug, is_alive};
use zeroize::Zeroizing;

use super::conn::{pragma, run_sql};
use crate::disk::{private_file, sync_directory};
use crate::seal::Seal;
use crate::store::{OpenStoreError, StoreError};

const PAGE_BYTES: u32 = 8192;
const BUSY_MS: u32 = 5_000;

/// The connection that writes. Makes the file if there is none.
pub(super) fn open_writer(path: &Path, seal: Option<&Seal>, feed_epoch: i64) -> Result<Connection, OpenStoreError> {
    if !path.exists() {
        make(path, seal, feed_epoch)?;
    }
    let mut conn = connect(path, seal)?;
    durable_settings(&conn)?;
    migrate(&mut conn, SERVER_SQLITE)?;
    Ok(conn)
}

/// A connection that can't write.
pub(super) fn open_reader(path: &Path, seal: Option<&Seal>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    unlock(&conn, seal)?;
    pragma(&conn, &format!("PRAGMA busy_timeout = {BUSY_MS}"))?;
    pragma(&conn, "PRAGMA query_only = 1")?;
    conn.set_prepared_statement_cache_capacity(128);
    load_lists(&conn)?;
    Ok(conn)
}

fn connect(path: &Path, seal: Option<&Seal>) -> Result<Connection, OpenStoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(StoreError::from)?;
    unlock(&conn, seal)?;
    conn.set_prepared_statement_cache_capacity(256);
    load_lists(&conn)?;
    Ok(conn)
}

/// Before anything is read of a sealed file: its key and the size of its pages.
fn unlock(conn: &Connection, seal: Option<&Seal>) -> Result<(), StoreError> {
    let Some(seal) = seal else { return Ok(()) };
    pragma(conn, "PRAGMA cipher_log_level = NONE")?;
    pragma(conn, &Zeroizing::new(format!("PRAGMA key = \"{}\"", seal.database_key().as_str())))?;
    pragma(conn, &format!("PRAGMA cipher_page_size = {PAGE_BYTES}"))?;
    // The first read of the file; a wrong key shows itself here.
    pragma(conn, "SELECT count(*) FROM sqlite_schema")?;
    Ok(())
}

/// What `IN rarray(?1)` asks.
fn load_lists(conn: &Connection) -> Result<(), StoreError> {
    Ok(rusqlite::vtab::array::load_module(conn)?)
}

/// Small facts are written here before there is a store to write them.
fn put_meta(conn: &Connection, key: &str, value: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    conn.execute(sql, rusqlite::params![key, value])?;
    Ok(())
}

fn meta(conn: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    Ok(conn.query_row(sql, [key], |row| row.get(0)).optional()?)
}

fn make(path: &Path, seal: Option<&Seal>, feed_epoch: i64) -> Result<(), OpenStoreError> {
    let partial = path.with_extension("partial");
    for leftover in ["partial", "partial-wal", "partial-shm", "partial-journal"] {
        match fs::remove_file(path.with_extension(leftover)) {
            Err(wrong) if wrong.kind() != io::ErrorKind::NotFound => return Err(wrong.into()),
            _ => {}
        }
    }
    private_file(&partial)?;
    let mut conn = connect(&partial, seal)?;
    pragma(&conn, &format!("PRAGMA page_size = {PAGE_BYTES}"))?;
    durable_settings(&conn)?;
    migrate(&mut conn, SERVER_SQLITE)?;
    run_sql(&conn, "BEGIN IMMEDIATE")?;
    // Feeds made anew are told from those that a lost database once handed out.
    put_meta(&conn, "feed_epoch", feed_epoch)?;
    run_sql(&conn, "COMMIT")?;
    pragma(&conn, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    conn.close().map_err(|(_, wrong)| StoreError::from(wrong))?;
    File::open(&partial)?.sync_all()?;
    fs::rename(&partial, path)?;
    if let Some(directory) = path.parent() {
        sync_directory(directory)?;
    }
    Ok(())
}

/// EXTRA while the journal mode changes, so that no hot journal is left behind; FULL from then on.
fn durable_settings(conn: &Connection) -> Result<(), OpenStoreError> {
    pragma(conn, &format!("PRAGMA busy_timeout = {BUSY_MS}"))?;
    pragma(conn, "PRAGMA synchronous = EXTRA")?;
    expect(conn, "PRAGMA journal_mode = WAL", &Value::Text("wal".to_owned()))?;
    pragma(conn, "PRAGMA synchronous = FULL")?;
    expect(conn, "PRAGMA synchronous", &Value::Integer(2))?;
    if is_alive(Bug::ServerNotSynced) {
        pragma(conn, "PRAGMA synchronous = NORMAL")?;
    }
    expect(conn, "PRAGMA journal_mode", &Value::Text("wal".to_owned()))?;
    pragma(conn, "PRAGMA cache_size = -131072")?;
    pragma(conn, "PRAGMA wal_autocheckpoint = 4000")?;
    pragma(conn, "PRAGMA temp_store = MEMORY")?;
    Ok(())
}

fn expect(conn: &Connection, sql: &str, wanted: &Value) -> Result<(), OpenStoreError> {
    if pragma(conn, sql)?.as_ref() == Some(wanted) { Ok(()) } else { Err(OpenStoreError::Settings) }
}

/// Takes the steps that are missing, each in a transaction of its own.
fn migrate(conn: &mut Connection, steps: &[Migration]) -> Result<(), OpenStoreError> {
    let number = match pragma(conn, "PRAGMA user_version")? {
        Some(Value::Integer(number)) => u32::try_from(number).map_err(|_| OpenStoreError::FromTheFuture)?,
        _ => 0,
    };
    let newest = steps.last().map_or(0, |step| step.number);
    if number > newest {
        let readable_since = meta(conn, "readable_since")?.and_then(|number| u32::try_from(number).ok());
        return if readable_since.is_some_and(|since| since <= newest) {
            Ok(())
        } else {
            Err(OpenStoreError::FromTheFuture)
        };
    }
    for step in steps.iter().filter(|step| step.number > number) {
        run_sql(conn, "BEGIN IMMEDIATE")?;
        let taken = run_sql(conn, step.sql)
            .and_then(|()| put_meta(conn, "readable_since", i64::from(step.readable_since)))
            .and_then(|()| pragma(conn, &format!("PRAGMA user_version = {}", step.number)).map(drop))
            .and_then(|()| run_sql(conn, "COMMIT"));
        if let Err(wrong) = taken {
            if !conn.is_autocommit() {
                run_sql(conn, "ROLLBACK")?;
            }
            return Err(wrong.into());
        }
    }
    Ok(())
}
