//! What laptop, hub and server must agree on, as promises of this crate: bytes, records, pushes, conversations.

#![allow(clippy::cast_possible_truncation, reason = "the pretend country is small")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names the one case it is about")]

#[path = "../country/mod.rs"]
mod country;

mod cases;
mod record;
