//! Sticks: what laptops and hubs hand over where there is no line, and what goes home with them.
//!
//! [`take`] places what is on a stick through the same road in as a push over the line; [`give`] writes the return
//! stick. A hub takes sticks as the nation does, with a key of its own, and forwards what was on them. Its return word
//! says what the hub holds, under the hub's key, with the nation's receipts beside it as the nation gave them.

mod give;
mod place;
mod prior;
mod report;
mod take;

pub use give::{Given, NotGiven};
pub use place::{LogPlace, Placed};
pub use take::{StickTaken, TakeError, Taken, take};
