//! A thief reads every file of the laptop and finds nobody.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rusqlite::Connection;
use shared_model::envelope::PublicKey;
use stick::{Identity, Reading};

use super::bench::{Bench, PIN, TEAM, value};
use super::pretend::{STICK_KEY, campaign};
use crate::desk::view::{CorrectDose, EditCitizen, StickExport, Withdraw};

/// Composed and decomposed: macOS and some keyboards write accents apart.
const NAME: (&str, &str) =
    ("Trương Nguyệt Phượng", "Tru\u{31b}o\u{31b}ng Nguye\u{323}\u{302}t Phu\u{31b}o\u{323}\u{302}ng");
pub const NUMBER: &str = "079190583746";
const PHONE: &str = "0918273645";
const NOTE: &str = "lọ thuốc bị nứt nắp";

/// Ways in which a text may lie in a file.
fn forms(composed: &str, decomposed: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |to: fn(u16) -> [u8; 2]| composed.encode_utf16().flat_map(to).collect();
    let mut forms = vec![
        ("composed", composed.as_bytes().to_vec()),
        ("decomposed", decomposed.as_bytes().to_vec()),
        ("lower case", composed.to_lowercase().into_bytes()),
        ("utf-16le", utf16(u16::to_le_bytes)),
        ("utf-16be", utf16(u16::to_be_bytes)),
        ("search key", shared_model::text::search_key(composed).into_bytes()),
    ];
    // Inside a longer text it may begin at any of three places of a base64 group; its own characters in the middle stay.
    for (skip, name) in ["base64 at 0", "base64 at 1", "base64 at 2"].into_iter().enumerate() {
        let padded = [&vec![0; skip][..], composed.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&padded).into_bytes();
        let (from, to) = ((skip * 8).div_ceil(6), padded.len() * 8 / 6);
        forms.push((name, encoded[from..to].to_vec()));
    }
    forms
}

/// Whole texts, and the single words of which an index might be made.
pub fn canaries() -> Vec<(&'static str, Vec<u8>)> {
    let mut canaries = forms(NAME.0, NAME.1);
    for word in NAME.0.split(' ') {
        canaries.push(("word", word.as_bytes().to_vec()));
        canaries.push(("word of the search key", shared_model::text::search_key(word).into_bytes()));
    }
    // A phone number may be kept with its country's code in place of the zero.
    for text in [NUMBER, &PHONE[1..], NOTE, TEAM, PIN] {
        canaries.extend(forms(text, text));
    }
    canaries
}

fn every_file(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { every_file(&path, found) } else { found.push(path) }
    }
}

/// Where a canary lies: the file and the form.
fn hunt(folder: &Path) -> Vec<(String, &'static str)> {
    let mut files = Vec::new();
    every_file(folder, &mut files);
    let mut hits = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(name.as_bytes());
        for (form, canary) in canaries() {
            if bytes.windows(canary.len()).any(|window| window == canary) {
                hits.push((name.clone(), form));
            }
        }
    }
    hits
}

/// A morning with everything that carries a name, a number or a word of somebody's.
pub fn morning(bench: &Bench) {
    let fields = [("name", NAME.0), ("birth", "1990-05-01"), ("sex", "female"), ("national_id", NUMBER)];
    let citizen = bench.registers(&fields).unwrap();
    let values = vec![value("phone", PHONE)];
    bench.desk.edit_citizen(EditCitizen { citizen: citizen.clone(), values }).unwrap();
    let (first, second) = (bench.gives(&citizen).unwrap(), bench.gives(&citizen).unwrap());
    let lot = CorrectDose { dose: first, field: "lot".to_owned(), value: "AB1".to_owned(), note: NOTE.to_owned() };
    bench.desk.correct_dose(lot).unwrap();
    let withdraw = Withdraw { statement: second, reason: "mistake".to_owned(), note: NOTE.to_owned() };
    bench.desk.withdraw(withdraw).unwrap();
}

#[test]
fn no_file_of_the_laptop_tells_a_name_a_number_a_note_or_the_pin() {
    let bench = Bench::enrolled(18);
    morning(&bench);
    for name in ["store.db", "store.db-wal", "store.db-shm", "vault.cbor", "device.secret"] {
        assert!(fs::metadata(bench.folder.join(name)).unwrap().len() > 0, "{name}");
    }
    assert_eq!(hunt(&bench.folder), [], "while it is open");
    assert_eq!(hunt(&bench.after_a_power_cut("cut").folder), [], "after a power cut");
    bench.desk.lock().unwrap();
    assert_eq!(hunt(&bench.folder), [], "when it is locked");
    bench.unlock("111111").unwrap_err();
    assert_eq!(hunt(&bench.folder), [], "after a wrong PIN");
}

#[test]
fn no_stick_tells_anything_but_to_those_it_is_sealed_to() {
    let bench = Bench::enrolled(23);
    morning(&bench);
    let stick = tempfile::tempdir().unwrap();
    let written = bench.desk.stick_export(StickExport { folder: stick.path().display().to_string() }).unwrap();
    assert_eq!(hunt(stick.path()), []);
    assert_eq!(hunt(&bench.folder), [], "nothing of it was left on the laptop");
    // Whoever holds the key finds everybody.
    let file = fs::File::open(stick.path().join(written.file)).unwrap();
    let campaign = PublicKey::of(&campaign());
    let mut reading = Reading::of(file, &Identity::parse(STICK_KEY).unwrap(), campaign);
    let mut plain = Vec::new();
    for found in reading.by_ref() {
        plain.extend(found.content.unwrap().to_cbor());
    }
    for text in [NAME.0, NUMBER, &PHONE[1..], NOTE] {
        assert!(plain.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
}

/// The very same store, written out without its cipher.
#[test]
fn the_hunter_finds_everybody_in_a_store_that_is_not_encrypted() {
    let bench = Bench::enrolled(19);
    morning(&bench);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.db");
    // The laptop's own connection makes no files.
    fs::write(&plain, b"").unwrap();
    bench.sql(|conn| {
        conn.execute("ATTACH ?1 AS plain KEY ''", [plain.to_str().unwrap()]).unwrap();
        conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
        conn.execute("DETACH plain", []).unwrap();
    });
    let bytes = fs::read(&plain).unwrap();
    for text in [NAME.0, "nguyet", NUMBER, &PHONE[1..], NOTE, TEAM] {
        assert!(bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    let hits = hunt(folder.path());
    for form in ["composed", "word", "word of the search key"] {
        assert!(hits.contains(&("plain.db".to_owned(), form)), "{form}: {hits:?}");
    }
}

#[test]
fn the_hunter_finds_a_canary_in_every_form_it_knows() {
    assert_eq!(shared_model::text::search_key(NAME.0), shared_model::text::search_key(NAME.1));
    assert_ne!(NAME.0, NAME.1);
    for (form, bytes) in forms(NAME.0, NAME.1) {
        let folder = tempfile::tempdir().unwrap();
        let conn = Connection::open(folder.path().join("plain.db")).unwrap();
        conn.execute("CREATE TABLE t (x BLOB)", []).unwrap();
        conn.execute("INSERT INTO t VALUES (?1)", [bytes]).unwrap();
        drop(conn);
        assert!(hunt(folder.path()).contains(&("plain.db".to_owned(), form)), "{form}");
    }
    // Wherever in a longer text the name begins, one of the three base64 forms meets it.
    for before in ["", "x", "xx", "xxx"] {
        let folder = tempfile::tempdir().unwrap();
        let text = STANDARD_NO_PAD.encode(format!("{before}{} và thêm nữa", NAME.0));
        fs::write(folder.path().join("log"), text).unwrap();
        assert!(hunt(folder.path()).iter().any(|(_, form)| form.starts_with("base64")), "after {before:?}");
    }
}
