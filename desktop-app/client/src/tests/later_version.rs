use std::path::Path;

use super::bench::{Bench, PIN, key, put_back, store_files};
use crate::store::{Store, StoreError, setting};

fn newest() -> u32 {
    migrations::DEVICE_SQLITE.last().unwrap().number
}

fn refuses(folder: &Path) {
    let before = store_files(folder);
    let refused = Store::open(folder, &key(1)).map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::FromLaterVersion), "{refused:?}");
    assert!(store_files(folder) == before, "a later version's store was changed");
}

#[test]
fn a_store_of_a_later_version_is_refused_by_name_and_no_byte_of_it_changes() {
    for version in [newest() + 1, 999] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_or_make(folder.path(), &key(1)).unwrap();
        store.read().pragma_update(None, "user_version", version).unwrap();
        drop(store);
        refuses(folder.path());
    }
}

/// A later version may have its reasons for another journal.
#[test]
fn a_later_versions_settings_are_not_set_to_ours() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    let mode: String = store.read().query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    store.read().pragma_update(None, "user_version", 999).unwrap();
    drop(store);
    refuses(folder.path());
}

#[test]
fn what_a_later_version_left_in_its_journal_stays_there() {
    let (folder, cut) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    let () = store.transact(|conn| setting::put(conn, "kept", b"1")).unwrap().into_inner();
    store.read().pragma_update(None, "user_version", 999).unwrap();
    put_back(cut.path(), &store_files(folder.path()));
    assert!(!store_files(cut.path())["store.db-wal"].is_empty());
    refuses(cut.path());
}

#[test]
fn a_laptop_put_back_to_an_older_app_says_so_and_loses_nothing() {
    let bench = Bench::enrolled(12);
    let khai = bench.registers_khai();
    let dose = bench.gives(&khai).unwrap();
    bench.sql(|conn| conn.pragma_update(None, "user_version", 999).unwrap());
    bench.desk.lock().unwrap();
    let before = store_files(&bench.folder);
    assert_eq!(bench.unlock(PIN).unwrap_err().code, "from_later_version");
    assert!(store_files(&bench.folder) == before);

    // The later app comes back.
    let later = rusqlite::Connection::open(bench.folder.join("store.db")).unwrap();
    let vault = crate::vault::Vault::at(&bench.folder).open(PIN, bench.edge.as_ref()).unwrap();
    let hex = shared_model::ids::to_hex;
    let key = format!("x'{}{}'", hex(vault.key.as_slice()), hex(&vault.salt));
    later.pragma_update(None, "key", key).unwrap();
    later.pragma_update(None, "user_version", newest()).unwrap();
    drop(later);
    bench.unlock(PIN).unwrap();
    assert_eq!(bench.doses_of(&khai).unwrap(), [dose]);
}
