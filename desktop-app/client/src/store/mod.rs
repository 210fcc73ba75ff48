//! ⑦ One laptop, one encrypted database, one file a table.
//!
//! Traps this file exists for, each found by cutting the power at every write: a statement that
//! returns rows can report success for a row that is not there, so everything is written inside
//! explicit transactions; `PRAGMA journal_mode=WAL` can fail and still read back "wal", so
//! pragmas are stepped to their end; the database's salt lies outside its header; a new
//! database is made under another name and renamed when it is whole.

pub mod attention;
pub mod citizen;
pub mod cursor;
pub mod dose;
pub mod envelope;
pub mod hub;
pub mod log;
pub mod person;
pub mod rules;
pub mod setting;
pub mod stick;
pub mod visitor;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, ErrorCode, OpenFlags};
use shared_model::planted::{Bug, is_alive};
use zeroize::Zeroizing;

use crate::files::{self, FileError};
use crate::vault::StoreKey;

/// Only a durable commit makes one: "saved" on a screen and every acknowledgement take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "what is durable is what may be said to be saved"]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    pub fn get(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    #[error("the store can't be written to")]
    ReadOnly(#[source] rusqlite::Error),
    #[error("the key does not fit the store, or the store is damaged")]
    WrongKeyOrDamaged,
    #[error("the store is damaged")]
    Damaged(#[source] rusqlite::Error),
    #[error("the store is gone, or nothing is left in it")]
    Gone,
    #[error("the disk failed")]
    Io(#[source] rusqlite::Error),
    #[error("the store was made by a later version of this app")]
    FromLaterVersion,
    #[error("a setting of the store did not take")]
    PragmaRefused { pragma: &'static str },
    #[error("a row holds what was never written")]
    Nonsense { table: &'static str },
    #[error("the store refused")]
    Sql(#[source] rusqlite::Error),
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(error),
            Some(ErrorCode::NotADatabase) => Self::WrongKeyOrDamaged,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Io(error),
            _ => Self::Sql(error),
        }
    }
}

/// The open database. Reads take `&Connection`; writes go through [`Store::transact`].
pub struct Store {
    conn: Connection,
    path: PathBuf,
    key: Zeroizing<String>,
    /// The disk failed under a commit: what is in memory may not be what is on disk.
    doubtful: bool,
}

impl Store {
    pub fn path_in(folder: &Path) -> PathBuf {
        folder.join("store.db")
    }

    /// Opens the store that is there. One that is gone is never replaced by an empty one.
    pub fn open(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        let path = Self::path_in(folder);
        let key = pragma_key(key);
        let mut conn = connect_existing(&path, &key)?;
        migrate(&mut conn)?;
        Ok(Self { conn, path, key, doubtful: false })
    }

    /// Opens the store, making it first when there is none: for a laptop that has not said anything yet.
    pub fn open_or_make(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        let path = Self::path_in(folder);
        if !path.exists() {
            make(&path, &pragma_key(key))?;
        }
        Self::open(folder, key)
    }

    pub fn read(&self) -> &Connection {
        &self.conn
    }

    /// One deed, one transaction. The value comes back only after the commit is on disk.
    pub fn transact<T, E: From<StoreError>>(
        &mut self,
        deed: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<Durable<T>, E> {
        if self.doubtful {
            self.reopen()?;
        }
        self.conn.execute("BEGIN IMMEDIATE", []).map_err(StoreError::from)?;
        let value = match deed(&self.conn) {
            Ok(value) => value,
            Err(error) => {
                self.roll_back();
                return Err(error);
            }
        };
        match self.conn.execute("COMMIT", []) {
            Ok(_) => Ok(Durable(value)),
            Err(_) if is_alive(Bug::LaptopNotCommitted) => Ok(Durable(value)),
            Err(error) => {
                self.roll_back();
                self.doubtful = true;
                Err(StoreError::from(error).into())
            }
        }
    }

    fn roll_back(&mut self) {
        // SQLite may have rolled back by itself; if neither did, nothing more is written before a reopening.
        if !self.conn.is_autocommit() && self.conn.execute("ROLLBACK", []).is_err() {
            self.doubtful = true;
        }
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        self.conn = connect_existing(&self.path, &self.key)?;
        self.doubtful = false;
        Ok(())
    }
}

fn pragma_key(key: &StoreKey) -> Zeroizing<String> {
    let hex = shared_model::ids::to_hex;
    Zeroizing::new(format!("x'{}{}'", hex(key.key.as_slice()), hex(&key.salt)))
}

/// A new database appears under its name only when it is whole.
fn make(path: &Path, key: &Zeroizing<String>) -> Result<(), StoreError> {
    let beside = path.with_extension("new");
    // Leftovers of a making that was cut off; and journals of a store that is gone, which would be
    // replayed into the new one.
    for leftover in ["new", "new-wal", "new-shm", "new-journal", "db-wal", "db-shm", "db-journal"] {
        files::remove_if_there(&path.with_extension(leftover))?;
    }
    files::sync_folder_of(path)?;
    let mut conn = connect(&beside, key, OpenFlags::SQLITE_OPEN_CREATE)?;
    migrate(&mut conn)?;
    empty_journal(&conn)?;
    conn.close().map_err(|(_, error)| StoreError::from(error))?;
    files::sync(&beside)?;
    Ok(files::rename(&beside, path)?)
}

/// Brings everything from the journal into the database. Closing tries that too, but does not say when it fails, and
/// under another name the database would be without the rest of it.
fn empty_journal(conn: &Connection) -> Result<(), StoreError> {
    let busy = pragma(conn, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    if busy == "0" { Ok(()) } else { Err(StoreError::PragmaRefused { pragma: "wal_checkpoint" }) }
}

/// No page is smaller.
const PAGE_BYTES_MIN: u64 = 512;

/// SQLite takes a file of no byte, or of one, for a new database and throws away the journal beside it, so it gets to
/// see none.
fn connect_existing(path: &Path, key: &Zeroizing<String>) -> Result<Connection, StoreError> {
    match fs::metadata(path) {
        Ok(file) if file.len() >= PAGE_BYTES_MIN => connect(path, key, OpenFlags::empty()),
        Ok(_) => Err(StoreError::Gone),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(StoreError::Gone),
        Err(error) => Err(FileError::from(error).into()),
    }
}

fn connect(path: &Path, key: &Zeroizing<String>, create: OpenFlags) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let conn = Connection::open_with_flags(path, flags)?;
    // A store that turns out not to be ours to open is left as it is, its journal included.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Before anything is read: the key, and no chatter about it on stderr.
    run(&conn, "PRAGMA cipher_log_level = NONE")?;
    run(&conn, &Zeroizing::new(format!("PRAGMA key = \"{}\"", key.as_str())))?;
    if pragma(&conn, "PRAGMA cipher_version")?.is_empty() {
        return Err(StoreError::PragmaRefused { pragma: "cipher_version" });
    }
    // The first read of the file; a wrong key shows itself here.
    pragma(&conn, "SELECT count(*) FROM sqlite_schema")?;
    if version(&conn)? > newest_version() {
        return Err(StoreError::FromLaterVersion);
    }
    let (synced, number) = match is_alive(Bug::LaptopNotSynced) {
        true => ("PRAGMA synchronous = NORMAL", "1"),
        false => ("PRAGMA synchronous = FULL", "2"),
    };
    // EXTRA while the journal changes hands: the unlink of the old one must be durable too.
    for (set, read, name, wanted) in [
        ("PRAGMA synchronous = EXTRA", "PRAGMA synchronous", "synchronous", "3"),
        ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "journal_mode", "wal"),
        (synced, "PRAGMA synchronous", "synchronous", number),
        ("PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "temp_store", "2"),
        ("PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "trusted_schema", "0"),
        ("PRAGMA busy_timeout = 5000", "PRAGMA busy_timeout", "busy_timeout", "5000"),
    ] {
        run(&conn, set)?;
        if pragma(&conn, read)? != wanted {
            return Err(StoreError::PragmaRefused { pragma: name });
        }
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(conn)
}

/// Runs SQL to the end of its last row, where SQLite reports what a single step hides.
fn run(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    let mut batch = Batch::new(conn, sql);
    while let Some(mut statement) = batch.next()? {
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// The first column of the last row as text, read to the end; empty where there is no row.
fn pragma(conn: &Connection, sql: &str) -> Result<String, StoreError> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut value = String::new();
    while let Some(row) = rows.next()? {
        value = match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        };
    }
    Ok(value)
}

fn version(conn: &Connection) -> Result<u32, StoreError> {
    Ok(pragma(conn, "PRAGMA user_version")?.parse().unwrap_or(0))
}

fn newest_version() -> u32 {
    migrations::DEVICE_SQLITE.last().map_or(0, |last| last.number)
}

fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let at = version(conn)?;
    for migration in migrations::DEVICE_SQLITE.iter().filter(|migration| migration.number > at) {
        conn.execute("BEGIN IMMEDIATE", [])?;
        run(conn, migration.sql)?;
        run(conn, &format!("PRAGMA user_version = {}", migration.number))?;
        conn.execute("COMMIT", [])?;
    }
    Ok(())
}

/// Reads a blob of known length, or says the table holds nonsense.
pub(crate) fn bytes<const N: usize>(blob: &[u8], table: &'static str) -> Result<[u8; N], StoreError> {
    blob.try_into().map_err(|_| StoreError::Nonsense { table })
}

/// SQLite integers are signed; positions and clocks never need the last bit.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_whose_journal_cannot_be_emptied_does_not_count_as_made() {
        let folder = tempfile::tempdir().unwrap();
        let key = Zeroizing::new(format!("x'{}'", "07".repeat(48)));
        let mut made = connect(&folder.path().join("store.new"), &key, OpenFlags::SQLITE_OPEN_CREATE).unwrap();
        run(&made, "PRAGMA busy_timeout = 0").unwrap();
        let reader = connect(&folder.path().join("store.new"), &key, OpenFlags::empty()).unwrap();
        run(&reader, "BEGIN; SELECT * FROM sqlite_schema").unwrap();
        migrate(&mut made).unwrap();
        assert!(matches!(empty_journal(&made), Err(StoreError::PragmaRefused { .. })));
        run(&reader, "COMMIT").unwrap();
        empty_journal(&made).unwrap();
    }
}
