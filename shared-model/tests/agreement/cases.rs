//! How many cases each property runs, in one place, so that nobody lowers the sum unseen.

use std::io::Write;
use std::path::Path;

use proptest::test_runner::{Config, FileFailurePersistence};

/// Every property of this binary and its number of cases.
const PROPERTIES: &[(&str, u32)] = &[
    ("order and repetition", 5_000),
    ("reference model", 6_000),
    ("waiting", 2_500),
    ("no dose disappears", 2_500),
    ("taken back twice", 2_000),
    ("settlement undone", 2_500),
    ("agreement", 1_000),
    ("seen", 1_000),
    ("links", 1_500),
    ("strangers", 1_500),
    ("changed ranges", 1_000),
    ("forks", 500),
    ("cut ranges", 400),
    ("changed pages", 500),
    ("random servers", 3_000),
    ("random bytes", 1_000),
    ("spliced words", 4_000),
    ("prior marks", 1_500),
    ("prior orders", 500),
    ("prior deltas", 500),
    ("damaged sticks", 3_000),
    ("media in pieces", 1_000),
    ("sticks in pieces", 500),
    ("any content of a stick", 1_000),
    ("mixed sticks", 1_000),
];

/// The configuration of one property. Seeds that ever failed are kept beside the tests.
pub fn of(property: &str) -> Config {
    let cases = PROPERTIES.iter().find(|(name, _)| *name == property).map(|(_, cases)| *cases);
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agreement/failing_seeds.txt");
    Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        ..Config::with_cases(cases.expect("a property that is in the list"))
    }
}

#[test]
fn the_properties_run_twenty_thousand_cases_at_least() {
    let sum: u32 = PROPERTIES.iter().map(|(_, cases)| cases).sum();
    // Past the harness, which would swallow it.
    writeln!(std::io::stdout(), "the properties of this binary run {sum} cases").unwrap();
    assert!(sum >= 20_000, "{sum}");
}

/// A number that no property runs would be counted in the sum all the same.
#[test]
fn every_property_in_the_list_is_run_somewhere() {
    let sources = sources_under(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agreement")));
    for (name, _) in PROPERTIES {
        assert!(sources.contains(&format!("cases::of(\"{name}\")")), "{name}");
    }
}

fn sources_under(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources_under(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(&path).unwrap();
        }
    }
    text
}
