//! The agreement: whatever laptop, hub and server must decide alike.
//!
//! Four promises: no input or output, no clock, no randomness, no unordered iteration.
//! So three machines given the same envelopes reach the same record. Time, ids and keys
//! come in as arguments. Human language is absent too: codes go out, screens find words.
//!
//! The journey of a dose through this crate:
//! [`scanned`] ③ → [`rules`] ⑤ → [`statement`] and [`envelope`] ⑥ → [`sync`] ⑧ →
//! [`record`] ⑩ → [`conflict`] ⑪ → [`settlement`] ⑬ → [`view`] for eyes.
//! Beside the road lies [`prior`]: what a laptop without a line knows of citizens from elsewhere.

pub mod certificate;
pub mod citizen;
pub mod conflict;
pub mod dose;
pub mod envelope;
mod hash;
pub mod ids;
pub mod limits;
pub mod merge;
pub mod planted;
pub mod prior;
pub mod record;
pub mod rules;
pub mod scanned;
pub mod settlement;
pub mod statement;
pub mod sync;
pub mod text;
pub mod time;
pub mod view;
