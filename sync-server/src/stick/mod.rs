//! Sticks: what laptops and hubs hand over where there is no line, and what goes home with them.
//!
//! [`take`] places what is on a stick through the same road in as a push over the line; [`give`] writes the return
//! stick. A hub takes sticks as the nation does, under an identity of its own; it has no campaign key, so it writes no
//! return word and carries home those of the nation.

mod give;
mod place;
mod report;
mod take;

pub use give::{Given, NotGiven};
pub use place::{LogPlace, Placed};
pub use take::{StickTaken, TakeError, Taken, take};
