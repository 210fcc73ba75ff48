//! What lies on a stick, for laptop and server alike: [`Identity`] and [`Recipients`] seal and open it, [`write_file`]
//! puts it on the medium, [`Reading`] gets back whatever of it can be had.
//!
//! What the frames mean is decided in `shared_model::sync::bundle`, and what is believed of them by whoever takes them in.
//! Absent on purpose: databases, campaigns' keys, people. Dice are age's own: file keys and nonces can't be handed in.

mod file;
mod fold;
mod medium;
mod reading;
mod room;
mod sealing;
#[cfg(test)]
mod tests;
mod writing;
mod wrong;

pub use file::{OUTWARD, OnStick, RETURN, Written, clear_leftovers, list, name_by, name_of, write_file};
pub use fold::open;
pub use medium::Medium;
pub use reading::{Found, ReadThrough, Reading, Unread};
pub use room::free_bytes;
pub use sealing::{Identity, NotARecipient, NotAnIdentity, Opened, Recipients, Unopened};
pub use writing::{Bundle, SealedWriter};
pub use wrong::StickError;
