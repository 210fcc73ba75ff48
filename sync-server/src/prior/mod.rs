//! "May already have this dose": the nation's doses as a filter that every laptop can hold.
//!
//! What a filter is and what it promises is said in `shared_model::prior`. Here is when one is [`due`], how the
//! nation's cards become files without being held in memory ([`spill`]), and the [`build`] itself: everything is
//! read from one moment of the database, the files are in place before the manifest is remembered, and a build that is cut off
//! leaves the filters of before.
//!
//! Files lie in the data directory: servers that share a database share this directory too, or the one that lacks the
//! files writes a base of its own.

mod build;
mod due;
mod spill;

pub(crate) use build::in_force;
pub use build::{PriorError, When, build_if_due, follow};
