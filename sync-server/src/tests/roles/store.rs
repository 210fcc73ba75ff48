//! What lies in a store, table by table, read from outside.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

/// A hash of every row of every table.
pub(super) fn fingerprint(directory: &Path) -> BTreeMap<String, [u8; 32]> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(directory.join("national.db"), flags).unwrap();
    let mut tables = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(names.iter().any(|name| name == "audit"), "{names:?}");
    names.into_iter().map(|name| (name.clone(), rows_of(&store, &name))).collect()
}

fn rows_of(store: &Connection, table: &str) -> [u8; 32] {
    let mut statement = store.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let columns = statement.column_count();
    let mut hasher = Sha256::new();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            hasher.update(format!("{:?}|", row.get_ref(column).unwrap()));
        }
    }
    hasher.finalize().into()
}

/// The tables that differ.
pub(super) fn changed(before: &BTreeMap<String, [u8; 32]>, after: &BTreeMap<String, [u8; 32]>) -> Vec<String> {
    after.iter().filter(|(name, hash)| before.get(*name) != Some(hash)).map(|(name, _)| name.clone()).collect()
}
