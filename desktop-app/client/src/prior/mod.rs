//! "May already have this dose": the nation's filters on this laptop, and what they say of somebody at the table.
//!
//! The files come down after a sync, part by part, and lie encrypted beside the store in blocks that are read one by
//! one. The keys, that of the files and that of the filters, are in the store alone. Files that are lost or damaged are fetched again; until then, the
//! laptop knows less and refuses nothing.

mod ask;
mod sealed;
mod shelf;

pub use sealed::{BLOCK_BYTES, Coming};
#[cfg(test)]
pub use shelf::Asked;
pub use shelf::{Shelf, ShelfError, ShelfState, Wanted};
