//! Bytes from outside, thrown at every place that reads them.
//!
//! A [`Target`] is one such place. It takes any bytes and makes of them what a stranger could send: as they are, or,
//! where a hash, a seal or a signature stands at the door, dressed up so that they get past it. It falls down when
//! something is not as promised. libFuzzer invents the bytes (`tests/fuzz/run`); what it ever found is in `corpus`
//! and answered again by `cargo test`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a harness falls down where it stands")]
#![allow(clippy::cast_possible_truncation, reason = "the pretend country is small")]

mod conversation;
#[path = "../../../shared-model/tests/country/mod.rs"]
mod country;
mod input;
mod memory;
mod nation;
#[path = "../../../shared-model/tests/agreement/record/reference.rs"]
#[allow(dead_code, reason = "the tests of the model ask more of it")]
mod reference;
mod script;
mod targets;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use memory::MEMORY_MAX;
pub use targets::TARGETS;

/// One place where bytes from outside are read.
pub struct Target {
    pub name: &'static str,
    run: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Falls down unless the bytes are answered as promised, within the memory one input may take.
    pub fn answers(&self, bytes: &[u8]) {
        let ((), peak) = memory::peak_of(|| (self.run)(bytes));
        assert!(peak <= MEMORY_MAX, "{}: {peak} bytes of memory for an input of {}", self.name, bytes.len());
    }

    /// As [`Target::answers`], for whoever wants to go on: whether nothing fell, in any thread, caught or not.
    pub fn stands(&self, bytes: &[u8]) -> bool {
        let before = falls();
        let answered = panic::catch_unwind(AssertUnwindSafe(|| self.answers(bytes)));
        answered.is_ok() && falls() == before
    }

    /// What honest writers send, in the form this target reads.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        (self.seeds)()
    }
}

/// How often anything has panicked in this process, be it caught and passed over.
fn falls() -> usize {
    static FALLS: AtomicUsize = AtomicUsize::new(0);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            FALLS.fetch_add(1, Ordering::SeqCst);
            hook(info);
        }));
    });
    FALLS.load(Ordering::SeqCst)
}
