use tempfile::TempDir;

use super::bench::{Bench, PIN};
use super::pretend::BenchEdge;
use crate::vault::{Vault, VaultError};

const YEAR_S: i64 = 365 * 24 * 3_600;
const WRONG: &str = "111111";

struct Door {
    folder: TempDir,
    edge: BenchEdge,
}

impl Door {
    fn new() -> Self {
        let door = Self { folder: tempfile::tempdir().unwrap(), edge: BenchEdge::new(1) };
        door.vault().create(PIN, &door.edge).unwrap();
        door
    }

    /// Found anew each time, as after a restart.
    fn vault(&self) -> Vault {
        Vault::at(self.folder.path())
    }

    fn tries(&self, pin: &str) -> Result<(), VaultError> {
        self.vault().open(pin, &self.edge).map(drop)
    }

    fn wait_s(&self) -> u32 {
        self.vault().wait_s(&self.edge)
    }

    fn is_wrong(&self) {
        assert!(matches!(self.tries(WRONG), Err(VaultError::WrongPin)));
    }

    /// Wrong as often as nobody has to wait for, and once more.
    fn with_a_wait() -> Self {
        let door = Self::new();
        for _ in 0..shared_model::limits::PIN_TRIES_BEFORE_WAIT {
            assert_eq!(door.wait_s(), 0);
            door.is_wrong();
        }
        door
    }

    fn must_wait(&self, seconds: u32) {
        assert_eq!(self.wait_s(), seconds);
        // Not even the right one: whoever guesses must not learn from the wait which it was.
        assert!(matches!(self.tries(PIN), Err(VaultError::Wait { wait_s }) if wait_s == seconds));
    }
}

#[test]
fn a_pin_has_six_digits_at_least_and_none_but_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    for pin in ["", "12345", "12345a", "      ", "１２３４５６", "123456é", "١٢٣٤٥٦"] {
        let refused = Vault::at(folder.path()).create(pin, &BenchEdge::new(1)).map(drop);
        assert!(matches!(refused, Err(VaultError::PinTooShort)), "{pin}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{pin}");
    }
    Vault::at(folder.path()).create("123456", &BenchEdge::new(1)).unwrap();
}

#[test]
fn the_right_pin_gives_the_same_key_every_time_and_a_wrong_one_none() {
    let door = Door::new();
    let key = door.vault().open(PIN, &door.edge).unwrap();
    for near in ["908173", "9081720", "90817", "", "908172 "] {
        assert!(matches!(door.tries(near), Err(VaultError::WrongPin)), "{near}");
        assert!(*door.vault().open(PIN, &door.edge).unwrap().key == *key.key);
    }
}

#[test]
fn after_several_wrong_pins_the_right_one_waits_too_and_then_opens() {
    let door = Door::with_a_wait();
    door.must_wait(15);
    door.edge.pass_s(14);
    door.must_wait(1);
    door.edge.pass_s(1);
    door.tries(PIN).unwrap();
    // And all is forgiven.
    door.is_wrong();
    assert_eq!(door.wait_s(), 0);
}

#[test]
fn each_further_wrong_pin_doubles_the_wait_up_to_a_quarter_of_an_hour() {
    let door = Door::with_a_wait();
    for wait_s in [15, 30, 60, 120, 240, 480, 900, 900, 900] {
        door.must_wait(wait_s);
        door.edge.pass_s(i64::from(wait_s));
        door.is_wrong();
    }
}

#[test]
fn a_clock_set_back_does_not_end_the_wait_early() {
    let door = Door::with_a_wait();
    door.edge.pass_s(10);
    door.edge.pass_s(-YEAR_S);
    door.must_wait(15);
    door.edge.pass_s(14);
    door.must_wait(1);
}

#[test]
fn a_clock_set_back_by_years_makes_nobody_wait_for_years() {
    for set_back_s in [1, 3_600, 20 * YEAR_S] {
        let door = Door::with_a_wait();
        door.edge.pass_s(-set_back_s);
        door.must_wait(15);
        door.edge.pass_s(15);
        assert_eq!(door.wait_s(), 0, "set back by {set_back_s} s");
        door.tries(PIN).unwrap();
    }
}

#[test]
fn the_desk_tells_how_long_to_wait() {
    let bench = Bench::enrolled(16);
    let khai = bench.registers_khai();
    bench.desk.lock().unwrap();
    for _ in 0..5 {
        assert_eq!(bench.unlock(WRONG).unwrap_err().code, "wrong_pin");
    }
    let told = bench.unlock(PIN).unwrap_err();
    assert_eq!((told.code.as_str(), told.params["wait_s"].as_str()), ("pin_wait", "15"));
    assert_eq!(bench.desk.status().unwrap().wait_s, 15);
    bench.edge.pass_s(15);
    assert_eq!(bench.unlock(PIN).unwrap().wait_s, 0);
    assert!(bench.doses_of(&khai).is_ok());
    let refused = Bench::new(17).enrol("12345").unwrap_err();
    assert_eq!((refused.code.as_str(), refused.params["digits"].as_str()), ("pin_too_short", "6"));
}

#[test]
fn key_files_that_are_damaged_or_gone_never_give_the_key_and_are_left_alone() {
    for name in ["vault.cbor", "device.secret"] {
        let door = Door::new();
        let right = door.vault().open(PIN, &door.edge).unwrap();
        let path = door.folder.path().join(name);
        let good = std::fs::read(&path).unwrap();
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            // The salt of the store lies there unsealed: damaged, it comes back as another one, which opens no store.
            let opened = door.vault().open(PIN, &door.edge);
            assert!(opened.is_err() || opened.is_ok_and(|key| key.salt != right.salt), "{name}, byte {at}");
            assert!(std::fs::read(&path).unwrap() == bad);
            door.edge.pass_s(3_600);
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(door.tries(PIN), Err(VaultError::Files(_))), "{name}");
        std::fs::write(&path, &good).unwrap();
        door.tries(PIN).unwrap();
    }
}
