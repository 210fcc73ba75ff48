//! A day of many people, each with a text of their own in every field; then every place is searched for all of them.

use std::fs;

use super::bench::{Bench, PIN};
use super::canaries::{Hunter, Person, every_file};

const PEOPLE: usize = 90;

fn people() -> Vec<Person> {
    (0..PEOPLE).map(Person::number).collect()
}

#[test]
fn no_file_of_a_laptop_tells_anything_of_anybody_after_a_long_day() {
    let bench = Bench::enrolled(31);
    let people = people();
    people.iter().for_each(|person| person.comes(&bench));
    let hunter = Hunter::after(&people);
    assert!(hunter.texts >= 1_000 && hunter.forms() >= 15_000, "{} texts in {} forms", hunter.texts, hunter.forms());
    assert_eq!(hunter.hunt(&bench.folder), [], "while it is open");
    let cut = bench.after_a_power_cut("cut");
    assert_eq!(hunter.hunt(&cut.folder), [], "after a power cut");
    cut.unlock(PIN).unwrap();
    assert_eq!(hunter.hunt(&cut.folder), [], "after the next start");
    bench.desk.lock().unwrap();
    assert_eq!(hunter.hunt(&bench.folder), [], "when it is locked");
    let bytes: u64 = every_file(&bench.folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes > 500_000, "{bytes} bytes are too few for such a day");
    // The very same store, written out without its cipher: everybody is found.
    bench.unlock(PIN).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.db");
    fs::write(&plain, b"").unwrap();
    bench.sql(|conn| {
        conn.execute("ATTACH ?1 AS plain KEY ''", [plain.to_str().unwrap()]).unwrap();
        conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
        conn.execute("DETACH plain", []).unwrap();
    });
    let found = hunter.hunt(folder.path());
    let hits: usize = found.iter().flat_map(|(_, forms)| forms.values()).sum();
    assert!(hits > 10 * PEOPLE, "{found:?}");
}
