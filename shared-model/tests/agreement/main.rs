//! What laptop, hub and server must agree on, as promises of this crate: bytes, records, pushes, conversations, prior doses.

#![allow(clippy::cast_possible_truncation, reason = "the pretend country is small")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test falls down where it stands")]

#[path = "../country/mod.rs"]
mod country;

mod bytes;
mod cases;
mod conversation;
mod hostile;
mod prior;
mod push;
mod record;
mod stick;
