use std::fs;

use super::bench::{Bench, PIN, key, put_back, store_files};
use crate::store::{Store, StoreError, setting};
use crate::vault::StoreKey;

fn put(store: &mut Store, name: &str) {
    let () = store.transact(|conn| setting::put(conn, name, b"1")).unwrap().into_inner();
}

fn refuses(folder: &std::path::Path, key: &StoreKey) {
    let before = store_files(folder);
    let refused = Store::open(folder, key).map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::WrongKeyOrDamaged), "{refused:?}");
    assert!(store_files(folder) == before, "a stranger's key changed the store");
}

#[test]
fn a_wrong_key_opens_nothing_and_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    put(&mut store, "kept");
    drop(store);
    refuses(folder.path(), &key(2));
    refuses(folder.path(), &StoreKey { salt: [9; 16], ..key(1) });
    refuses(folder.path(), &StoreKey { salt: [1; 16], ..key(2) });
    let store = Store::open(folder.path(), &key(1)).unwrap();
    assert!(setting::get(store.read(), "kept").unwrap().is_some());
}

#[test]
fn a_wrong_key_leaves_the_journal_of_a_power_cut_to_the_right_one() {
    let (folder, cut) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    put(&mut store, "in the journal only");
    put_back(cut.path(), &store_files(folder.path()));
    assert!(fs::metadata(cut.path().join("store.db-wal")).unwrap().len() > 0);
    refuses(cut.path(), &key(2));
    let store = Store::open(cut.path(), &key(1)).unwrap();
    assert!(setting::get(store.read(), "in the journal only").unwrap().is_some());
}

#[test]
fn the_key_files_of_another_laptop_do_not_open_this_one() {
    let (ours, other) = (Bench::enrolled(5), Bench::enrolled(6));
    let khai = ours.registers_khai();
    ours.desk.lock().unwrap();
    let before = store_files(&ours.folder);
    let keep: Vec<_> = ["vault.cbor", "device.secret"]
        .map(|name| {
            let own = fs::read(ours.folder.join(name)).unwrap();
            fs::copy(other.folder.join(name), ours.folder.join(name)).unwrap();
            (name, own)
        })
        .into();
    assert_eq!(ours.unlock(PIN).unwrap_err().code, "wrong_key");
    assert!(store_files(&ours.folder) == before);
    // The secret of the device alone is not enough either: the PIN opens the vault with both or not at all.
    fs::write(ours.folder.join(keep[0].0), &keep[0].1).unwrap();
    assert_eq!(ours.unlock(PIN).unwrap_err().code, "wrong_pin");
    fs::write(ours.folder.join(keep[1].0), &keep[1].1).unwrap();
    ours.unlock(PIN).unwrap();
    assert!(ours.doses_of(&khai).is_ok());
}
