//! libFuzzer around one target, named by `FUZZ_TARGET`. Built and started by `tests/fuzz/run`.

#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls functions by their C names")]

use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

#[allow(clippy::expect_used, reason = "without a target there is nothing to do")]
static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    Target::named(&name).expect("a target of that name")
});

// What a target makes once, keys and servers, counts for no input.
fuzz_target!(init: { TARGET.answers(&[]); }, |bytes: &[u8]| TARGET.answers(bytes));
