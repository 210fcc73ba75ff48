use std::fs;

use super::bench::{Bench, PIN, files_in, key, put_back, store_files};
use crate::store::{Store, setting};
use crate::sync::enrol::enrolled_marker;

/// Under one key, SQLite would replay the journal of a store that is gone into the one that takes its name.
#[test]
fn nothing_of_a_store_that_is_gone_leaks_into_the_new_one() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Store::open_or_make(old.path(), &key(1)).unwrap();
    let () = store.transact(|conn| setting::put(conn, "of the old store", b"1")).unwrap().into_inner();
    let left = store_files(old.path());
    assert!(!left["store.db-wal"].is_empty());
    for name in ["store.db-wal", "store.new-wal"] {
        fs::write(new.path().join(name), &left["store.db-wal"]).unwrap();
    }
    fs::write(new.path().join("store.new"), &left["store.db"]).unwrap();
    for name in ["store.db-shm", "store.db-journal", "store.new-shm", "store.new-journal"] {
        fs::write(new.path().join(name), [7; 5_000]).unwrap();
    }
    let store = Store::open_or_make(new.path(), &key(1)).unwrap();
    assert_eq!(setting::get(store.read(), "of the old store").unwrap(), None);
    drop(store);
    assert_eq!(files_in(new.path()).into_keys().collect::<Vec<_>>(), ["store.db"]);
}

#[test]
fn a_making_cut_off_at_any_length_is_begun_again() {
    let whole = tempfile::tempdir().unwrap();
    drop(Store::open_or_make(whole.path(), &key(1)).unwrap());
    let db = fs::read(Store::path_in(whole.path())).unwrap();
    for length in [0, 1, 4_096, db.len() / 2, db.len()] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("store.new"), &db[..length]).unwrap();
        let mut store = Store::open_or_make(folder.path(), &key(2)).unwrap();
        let () = store.transact(|conn| setting::put(conn, "a", b"1")).unwrap().into_inner();
        assert!(!folder.path().join("store.new").exists());
    }
}

#[test]
fn an_enrolment_cut_off_between_its_files_is_done_again_with_the_same_pin() {
    for gone in [&["enrolled"][..], &["enrolled", "store.db"], &["enrolled", "store.db", "vault.cbor"]] {
        let bench = Bench::enrolled(13);
        bench.desk.lock().unwrap();
        for name in gone {
            fs::remove_file(bench.folder.join(name)).unwrap();
        }
        fs::write(bench.folder.join("store.new"), b"half a store").unwrap();
        fs::write(bench.folder.join("vault.new"), b"half a vault").unwrap();
        bench.enrol(PIN).unwrap();
        let khai = bench.registers_khai();
        bench.desk.lock().unwrap();
        bench.unlock(PIN).unwrap();
        assert_eq!(bench.doses_of(&khai).unwrap(), [""; 0], "{gone:?}");
    }
}

#[test]
fn an_enrolment_begun_again_with_another_pin_puts_the_old_store_aside_whole() {
    let bench = Bench::enrolled(14);
    let khai = bench.registers_khai();
    let dose = bench.gives(&khai).unwrap();
    bench.desk.lock().unwrap();
    fs::remove_file(enrolled_marker(&bench.folder)).unwrap();
    let old = files_in(&bench.folder);
    assert_eq!(bench.enrol("12345").unwrap_err().code, "pin_too_short");
    assert_eq!(files_in(&bench.folder), old, "a PIN too short to be anybody's puts nothing aside");

    bench.enrol("555555").unwrap();
    assert_eq!(bench.doses_of(&khai).unwrap_err().code, "unknown_citizen");
    bench.desk.lock().unwrap();
    let folders = fs::read_dir(&bench.folder).unwrap().map(|entry| entry.unwrap().path());
    let aside: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    assert_eq!(aside.len(), 1);
    for name in ["store.db", "vault.cbor", "device.secret", "tries.cbor"] {
        let _ = fs::remove_file(bench.folder.join(name));
    }
    put_back(&bench.folder, &files_in(&aside[0]));
    bench.unlock(PIN).unwrap();
    assert_eq!(bench.doses_of(&khai).unwrap(), [dose]);
}
