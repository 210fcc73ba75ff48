//! How many cases each property runs, in one place, so that nobody lowers the sum unseen.

use std::io::Write;

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
    ("tomorrow", 2_000),
    ("changed ranges", 1_000),
    ("forks", 500),
    ("cut ranges", 400),
    ("changed pages", 500),
    ("random servers", 2_000),
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
