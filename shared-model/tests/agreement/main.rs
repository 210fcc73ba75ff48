//! What laptop, hub and server must agree on, as promises of this crate: bytes, records, pushes, conversations.

#![allow(clippy::cast_possible_truncation, reason = "the pretend country is small")]

#[path = "../country/mod.rs"]
mod country;

mod bytes;
mod cases;
mod push;
mod record;
