use rusqlite::Connection;

use super::bench::{Bench, PIN, dump, key};
use crate::store::{Store, StoreError, setting};

/// More doses than fit into the free places of the pages there are.
const DOSES_TO_FILL: usize = 200;

/// The database may grow by so many pages and no more; without a number, as it likes.
fn limit(conn: &Connection, spare: Option<i64>) {
    let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let most = spare.map_or(i64::from(u32::MAX) - 1, |spare| pages + spare);
    conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).unwrap();
}

/// The page that is one too many falls into another write of the deed each time.
#[test]
fn a_dose_on_a_full_disk_is_refused_whole_and_all_that_was_saved_is_there_after_a_power_cut() {
    for spare in 0..4 {
        let bench = Bench::enrolled(1);
        let khai = bench.registers_khai();
        let mut saved = vec![bench.gives(&khai).unwrap()];
        bench.sql(|conn| limit(conn, Some(spare)));
        let refused = loop {
            let before = bench.sql(|conn| dump(conn, &[]));
            match bench.gives(&khai) {
                Ok(dose) => saved.push(dose),
                Err(failure) => {
                    assert_eq!(bench.sql(|conn| dump(conn, &[])), before, "half a dose was written");
                    break failure;
                }
            }
            assert!(saved.len() < DOSES_TO_FILL, "the disk never filled up");
        };
        saved.sort_unstable();
        assert_eq!(refused.code, "disk_full");
        assert_eq!(bench.doses_of(&khai).unwrap(), saved, "what is there can be read");

        let again = bench.after_a_power_cut("again");
        again.unlock(PIN).unwrap();
        assert_eq!(again.doses_of(&khai).unwrap(), saved);
        let state = again.desk.sync_state().unwrap();
        assert_eq!(state.log_head, 1 + saved.len() as u64, "the log has no hole");

        bench.sql(|conn| limit(conn, None));
        saved.push(bench.gives(&khai).unwrap());
        saved.sort_unstable();
        assert_eq!(bench.doses_of(&khai).unwrap(), saved, "with room again, work goes on");
    }
}

#[test]
fn a_deed_that_ran_out_of_room_leaves_nothing_and_names_the_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    let put = |store: &mut Store, name: &str, bytes: usize| {
        store.transact(|conn| -> Result<(), StoreError> {
            setting::put(conn, &format!("{name}, its first half"), b"1")?;
            setting::put(conn, name, &vec![7; bytes])
        })
    };
    let () = put(&mut store, "small", 10).unwrap().into_inner();
    limit(store.read(), Some(2));
    let refused = put(&mut store, "large", 1 << 20).unwrap_err();
    assert!(matches!(refused, StoreError::DiskFull(_)), "{refused:?}");
    drop(store);
    let mut store = Store::open(folder.path(), &key(1)).unwrap();
    for (name, is_there) in [("small", true), ("large", false), ("large, its first half", false)] {
        assert_eq!(setting::get(store.read(), name).unwrap().is_some(), is_there, "{name}");
    }
    let () = put(&mut store, "large", 1 << 20).unwrap().into_inner();
}

#[test]
fn a_deed_that_thinks_better_of_it_half_way_leaves_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_make(folder.path(), &key(1)).unwrap();
    let before = dump(store.read(), &[]);
    let refused = store.transact(|conn| -> Result<(), StoreError> {
        setting::put(conn, "half", b"1")?;
        Err(StoreError::Nonsense { table: "setting" })
    });
    assert!(matches!(refused, Err(StoreError::Nonsense { .. })));
    assert_eq!(dump(store.read(), &[]), before);
    drop(store);
    let store = Store::open(folder.path(), &key(1)).unwrap();
    assert_eq!(dump(store.read(), &[]), before);
}
