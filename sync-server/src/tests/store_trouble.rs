//! A store that can't keep what it is given says so, and goes on when it can.

use std::sync::Arc;

use shared_model::envelope::{Envelope, LogHead};
use shared_model::ids::{Chain, DeviceId, StatementId};
use shared_model::rules::Rulebook;
use shared_model::time::Moment;
use tempfile::TempDir;

use super::nation::store_of;
use crate::http::wire::Refused;
use crate::store::rows::{AppendRun, Appended, KeptEntry};
use crate::store::{Store, StoreError};

/// In a file, whatever the others lie in: its disk can be filled and its version changed.
async fn file(directory: &TempDir) -> Store {
    Store::in_file(&directory.path().join("national.db"), Arc::new(Rulebook::default()), 1).await.unwrap()
}

async fn store(directory: &TempDir) -> Store {
    store_of(directory, Rulebook::default()).await.unwrap()
}

fn run(device: u8, seq: u64, known: LogHead, bytes: usize) -> AppendRun {
    let entry = KeptEntry {
        seq,
        chain: Chain([seq.to_be_bytes()[7]; 32]),
        statement: StatementId([seq.to_be_bytes()[7]; 32]),
        envelope: Envelope { header: vec![1; bytes], body: None },
        quarantine: None,
    };
    AppendRun {
        device: DeviceId([device; 16]),
        epoch: 1,
        known,
        entries: vec![entry],
        seals: Vec::new(),
        forked_at: None,
        received_at: Moment(1),
    }
}

async fn append(store: &Store, run: AppendRun) -> Result<LogHead, StoreError> {
    match store.append(run).await? {
        Appended::Kept { held, .. } => Ok(held.into_inner()),
        Appended::Moved => panic!("the log moved"),
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_acknowledged_until_there_is_space() {
    let directory = TempDir::new().unwrap();
    let store = file(&directory).await;
    let empty = LogHead::empty(DeviceId([1; 16]), 1);
    let head = append(&store, run(1, 1, empty, 100)).await.unwrap();
    store.setting("PRAGMA max_page_count = 1").await.unwrap();
    let full = append(&store, run(1, 2, head, 400_000)).await.unwrap_err();
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert_eq!(Refused::from(full).status.as_u16(), 507);
    assert_eq!(store.log(DeviceId([1; 16]), 1).await.unwrap().get().head, head);
    store.setting("PRAGMA max_page_count = 1000000").await.unwrap();
    let after = append(&store, run(1, 2, head, 400_000)).await.unwrap();
    assert_eq!(after.seq, 2);
    drop(store);
    let again = file(&directory).await;
    assert_eq!(again.log(DeviceId([1; 16]), 1).await.unwrap().get().head, after);
}

#[test]
fn what_sqlite_says_is_turned_into_what_a_device_can_do() {
    use rusqlite::ffi;
    let told = |code| {
        let wrong = StoreError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        let refused = Refused::from(wrong);
        (refused.status.as_u16(), refused.refusal.code)
    };
    assert_eq!(told(ffi::SQLITE_FULL), (507, "store_full".to_owned()));
    assert_eq!(told(ffi::SQLITE_READONLY), (503, "busy".to_owned()));
    assert_eq!(told(ffi::SQLITE_IOERR), (503, "busy".to_owned()));
    assert_eq!(told(ffi::SQLITE_CORRUPT), (503, "busy".to_owned()));
    assert_eq!(told(ffi::SQLITE_BUSY), (429, "busy".to_owned()));
}

#[tokio::test]
async fn a_run_judged_against_an_old_head_is_judged_again() {
    let directory = TempDir::new().unwrap();
    let store = store(&directory).await;
    let empty = LogHead::empty(DeviceId([1; 16]), 1);
    append(&store, run(1, 1, empty, 100)).await.unwrap();
    let stale = store.append(run(1, 1, empty, 100)).await.unwrap();
    assert!(matches!(stale, Appended::Moved));
}

#[tokio::test]
async fn many_runs_share_commits_and_each_hears_its_own_outcome() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(store(&directory).await);
    let mut waiting = Vec::new();
    for device in 1..=100_u8 {
        let store = Arc::clone(&store);
        waiting.push(tokio::spawn(async move {
            let empty = LogHead::empty(DeviceId([device; 16]), 1);
            let moved = LogHead { seq: 7, ..empty };
            // Every tenth is stale, and fails alone.
            let known = if device % 10 == 0 { moved } else { empty };
            store.append(run(device, 1, known, 100)).await.unwrap()
        }));
    }
    let mut moved = 0;
    for waits in waiting {
        match waits.await.unwrap() {
            Appended::Kept { held, .. } => assert_eq!(held.get().seq, 1),
            Appended::Moved => moved += 1,
        }
    }
    assert_eq!(moved, 10);
}

#[tokio::test]
async fn a_run_the_store_cannot_keep_takes_no_other_with_it() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(store(&directory).await);
    let mut waiting = Vec::new();
    for device in 1..=100_u8 {
        let store = Arc::clone(&store);
        waiting.push(tokio::spawn(async move {
            let empty = LogHead::empty(DeviceId([device; 16]), 1);
            // A number no column holds.
            let seq = if device % 10 == 0 { u64::MAX } else { 1 };
            append(&store, run(device, seq, empty, 100)).await
        }));
    }
    let (mut kept, mut refused) = (0, 0);
    for waits in waiting {
        match waits.await.unwrap() {
            Ok(head) => kept += head.seq,
            Err(wrong) => {
                assert!(!matches!(wrong, StoreError::Closed | StoreError::Busy), "{wrong:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((kept, refused), (90, 10));
}

#[tokio::test]
async fn whoever_goes_away_has_its_run_appended_and_serves_the_others_too() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(store(&directory).await);
    let empty = |device| LogHead::empty(DeviceId([device; 16]), 1);
    let mut waiting = Vec::new();
    for device in 1..=40_u8 {
        let store = Arc::clone(&store);
        waiting.push(tokio::spawn(async move { append(&store, run(device, 1, empty(device), 100)).await }));
    }
    tokio::task::yield_now().await;
    for (place, waits) in waiting.iter().enumerate() {
        if place % 3 == 0 {
            waits.abort();
        }
    }
    for waits in waiting {
        match waits.await {
            Ok(kept) => assert_eq!(kept.unwrap().seq, 1),
            Err(gone) => assert!(gone.is_cancelled()),
        }
    }
    // The writer comes to everything that was handed to it before this.
    let last = append(&store, run(41, 1, empty(41), 100)).await.unwrap();
    assert_eq!(last.seq, 1);
}

#[tokio::test]
async fn a_database_of_a_later_version_is_left_alone() {
    use crate::store::OpenStoreError;
    let directory = TempDir::new().unwrap();
    drop(file(&directory).await);
    let path = directory.path().join("national.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    conn.execute("UPDATE meta SET value = 99 WHERE key = 'readable_since'", []).unwrap();
    drop(conn);
    let refused = Store::in_file(&path, Arc::new(Rulebook::default()), 1).await;
    assert!(matches!(refused, Err(OpenStoreError::FromTheFuture)));
}
