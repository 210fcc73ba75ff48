//! Bytes that nobody honest would send: every door answers, no answer costs much, and none is a panic.

mod allocations;
mod bombs_do_not_go_off;
mod changed_bytes_are_answered;
mod door;
mod envelopes;
mod messages;
mod prior;
mod random_bytes_are_answered;
mod rules;
mod sticks;
mod texts;

use std::sync::LazyLock;

pub use allocations::peak_of;
use door::Door;

/// Every place of this crate where bytes or texts of strangers are read.
fn doors() -> &'static [Door] {
    static DOORS: LazyLock<Vec<Door>> = LazyLock::new(|| {
        [envelopes::doors(), messages::doors(), sticks::doors(), rules::doors(), prior::doors(), texts::doors()]
            .into_iter()
            .flatten()
            .collect()
    });
    &DOORS
}

/// Those that read CBOR.
fn doors_of_cbor() -> Vec<Door> {
    [envelopes::doors(), messages::doors(), sticks::doors_of_cbor(), rules::doors_of_cbor(), prior::doors_of_cbor()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn what_is_honest_is_understood_at_every_door() {
    for door in doors() {
        assert!(!door.honest.is_empty(), "{}", door.name);
        assert!(door.honest.iter().all(|bytes| door.is_offered(bytes)), "{}", door.name);
    }
}
