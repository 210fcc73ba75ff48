use std::io;

use rusqlite::Connection;

use super::bench::{Bench, PIN, dump, key, value};
use crate::desk::view::{CorrectDose, EditCitizen, Failure, Look, LookAnswer, Withdraw};
use crate::files::FileError;
use crate::store::{Store, StoreError, setting};

/// Root writes into every file, so SQLite itself is told to answer SQLITE_READONLY.
fn forbid_writing(conn: &Connection, forbid: bool) {
    conn.pragma_update(None, "query_only", forbid).unwrap();
}

#[test]
fn a_store_that_cannot_be_written_to_says_so_to_every_deed_and_goes_on_being_read() {
    let bench = Bench::enrolled(3);
    let khai = bench.registers_khai();
    let dose = bench.gives(&khai).unwrap();
    let before = bench.sql(|conn| dump(conn, &[]));
    bench.sql(|conn| forbid_writing(conn, true));
    let withdraw = Withdraw { statement: dose.clone(), reason: "mistake".to_owned(), note: String::new() };
    let correct =
        CorrectDose { dose: dose.clone(), field: "lot".to_owned(), value: "AB1".to_owned(), note: String::new() };
    let edit = EditCitizen { citizen: khai.clone(), values: vec![value("phone", "0912345678")] };
    let refused = [
        bench.gives(&khai).map(drop),
        bench.registers(&[("name", "Lê Văn Tám"), ("birth", "1980-01-01"), ("sex", "male")]).map(drop),
        bench.desk.withdraw(withdraw).map(drop),
        bench.desk.correct_dose(correct).map(drop),
        bench.desk.edit_citizen(edit).map(drop),
    ];
    for answer in refused {
        assert_eq!(answer.unwrap_err().code, "read_only");
    }
    assert_eq!(bench.sql(|conn| dump(conn, &[])), before);
    assert_eq!(bench.doses_of(&khai).unwrap(), std::slice::from_ref(&dose));
    assert_eq!(bench.desk.today().unwrap().doses, 1);
    let found = bench.desk.look(Look { text: "minh khai".to_owned(), from_camera: false }).unwrap();
    assert!(matches!(found, LookAnswer::People { lines, .. } if lines.len() == 1));

    bench.sql(|conn| forbid_writing(conn, false));
    let mut both = vec![dose, bench.gives(&khai).unwrap()];
    both.sort_unstable();
    assert_eq!(bench.doses_of(&khai).unwrap(), both);
}

#[test]
fn locking_a_store_that_cannot_be_written_to_forgets_the_keys_and_the_next_unlock_seals() {
    let bench = Bench::enrolled(4);
    let khai = bench.registers_khai();
    let dose = bench.gives(&khai).unwrap();
    bench.sql(|conn| forbid_writing(conn, true));
    assert_eq!(bench.desk.lock().unwrap_err().code, "read_only");
    assert_eq!(bench.doses_of(&khai).unwrap_err().code, "not_open");
    assert_eq!(bench.unlock(PIN).unwrap().unsealed, 2);
    assert_eq!(bench.doses_of(&khai).unwrap(), [dose]);
}

#[test]
fn a_deed_on_a_read_only_store_is_named_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    forbid_writing(store.read(), true);
    let refused = store.transact(|conn| setting::put(conn, "a", b"1")).unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
    assert_eq!(setting::get(store.read(), "a").unwrap(), None);
}

#[test]
fn what_the_file_system_refuses_has_the_same_codes_as_what_the_database_refuses() {
    for (kind, code) in [
        (io::ErrorKind::ReadOnlyFilesystem, "read_only"),
        (io::ErrorKind::PermissionDenied, "read_only"),
        (io::ErrorKind::StorageFull, "disk_full"),
        (io::ErrorKind::QuotaExceeded, "disk_full"),
    ] {
        let error = StoreError::from(FileError::from(io::Error::from(kind)));
        assert_eq!(Failure::from(error).code, code, "{kind}");
    }
}
