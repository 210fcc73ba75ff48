use std::fs;

use super::bench::{Bench, PIN, put_back, store_files};
use crate::desk::view::{Failure, LaptopState};

const PAGE: usize = 4_096;
/// What a screen shows of a store that can't be trusted.
const NAMED: [&str; 2] = ["store_damaged", "wrong_key"];

struct Patient {
    bench: Bench,
    khai: String,
    doses: Vec<String>,
    db: Vec<u8>,
}

/// A laptop with a few doses, closed in order.
fn patient(seed: u32) -> Patient {
    let bench = Bench::enrolled(seed);
    let khai = bench.registers_khai();
    let mut doses: Vec<String> = (0..12).map(|_| bench.gives(&khai).unwrap()).collect();
    doses.sort_unstable();
    bench.desk.lock().unwrap();
    let db = fs::read(bench.folder.join("store.db")).unwrap();
    assert!(db.len() > 20 * PAGE && db.len().is_multiple_of(PAGE) && !bench.folder.join("store.db-wal").exists());
    Patient { bench, khai, doses, db }
}

impl Patient {
    fn suffers(&self, db: &[u8]) {
        fs::write(self.bench.folder.join("store.db"), db).unwrap();
    }

    /// Opens it, reads everything a morning needs, and gives a dose.
    fn tries_to_work(&self) -> Result<(), Failure> {
        self.bench.unlock(PIN)?;
        assert_eq!(self.bench.doses_of(&self.khai)?, self.doses, "a damaged store tells less than it held");
        assert_eq!(self.bench.desk.today()?.doses, 12);
        self.bench.desk.sync_state()?;
        self.bench.gives(&self.khai).map(drop)
    }
}

fn names_damage(failure: &Failure) {
    assert!(NAMED.contains(&failure.code.as_str()), "{failure:?}");
}

#[test]
fn a_damaged_first_page_is_named_and_left_as_it_is() {
    let patient = patient(7);
    for at in [16, 100, 2_000, PAGE - 1] {
        let mut db = patient.db.clone();
        db[at] ^= 1;
        patient.suffers(&db);
        names_damage(&patient.bench.unlock(PIN).unwrap_err());
        assert!(store_files(&patient.bench.folder)["store.db"] == db);
    }
    patient.suffers(&patient.db);
    patient.tries_to_work().unwrap();
}

/// The salt is kept with the key: the sixteen bytes that one torn page would take away are not needed.
#[test]
fn the_salt_in_the_header_may_be_lost() {
    let patient = patient(8);
    let mut db = patient.db.clone();
    db[..16].fill(0);
    patient.suffers(&db);
    patient.tries_to_work().unwrap();
}

#[test]
fn damage_in_any_page_is_named_when_it_is_met_and_never_told_as_a_shorter_truth() {
    let patient = patient(9);
    let mut met = 0;
    for page in 1..patient.db.len() / PAGE {
        let mut db = patient.db.clone();
        db[page * PAGE + 1_000] ^= 0x10;
        patient.suffers(&db);
        if let Err(failure) = patient.tries_to_work() {
            names_damage(&failure);
            met += 1;
        }
        // The page is kept as it was found, for whoever can mend it.
        let _ = patient.bench.desk.lock();
        let after = &store_files(&patient.bench.folder)["store.db"];
        assert!(after.len() >= db.len(), "page {page}");
        let range = page * PAGE..(page + 1) * PAGE;
        assert!(after[range.clone()] == db[range], "page {page} was written over");
        let _ = fs::remove_file(patient.bench.folder.join("store.db-wal"));
        let _ = fs::remove_file(patient.bench.folder.join("store.db-shm"));
    }
    assert!(met > 3, "only {met} damaged pages were met");
    patient.suffers(&patient.db);
    patient.tries_to_work().unwrap();
}

#[test]
fn a_store_cut_short_is_named_and_left_as_it_is() {
    let patient = patient(10);
    let half = patient.db.len() / 2;
    for length in [half - half % PAGE, half - half % PAGE + 100, PAGE, 100, 1, 0] {
        patient.suffers(&patient.db[..length]);
        names_damage(&patient.bench.unlock(PIN).unwrap_err());
        let after = store_files(&patient.bench.folder);
        assert!(after["store.db"] == patient.db[..length], "cut to {length} bytes");
        assert_eq!(patient.bench.desk.status().unwrap().state, LaptopState::Locked);
    }
    patient.suffers(&patient.db);
    patient.tries_to_work().unwrap();
}

/// An empty file looks to SQLite like a new database; no file at all looks like a first start.
#[test]
fn a_store_that_is_empty_or_gone_is_not_replaced_and_its_journal_waits_for_it() {
    for is_there in [true, false] {
        let bench = Bench::enrolled(11);
        let khai = bench.registers_khai();
        let dose = bench.gives(&khai).unwrap();
        let cut = bench.after_a_power_cut("cut");
        let good = store_files(&cut.folder);
        assert!(!good["store.db-wal"].is_empty());
        let path = cut.folder.join("store.db");
        if is_there {
            fs::write(&path, b"").unwrap()
        } else {
            fs::remove_file(&path).unwrap()
        }
        let before = store_files(&cut.folder);
        assert_eq!(cut.unlock(PIN).unwrap_err().code, "store_damaged");
        assert_eq!(cut.enrol(PIN).unwrap_err().code, "already_enrolled");
        assert!(store_files(&cut.folder) == before, "something took the place of the store");
        put_back(&cut.folder, &good);
        cut.unlock(PIN).unwrap();
        assert_eq!(cut.doses_of(&khai).unwrap(), [dose]);
    }
}
