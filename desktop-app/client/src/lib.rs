//! Everything a laptop does, with no window.
//!
//! ④ [`visit`] opens a record and ⑥ says what happened; ⑦ [`store`] keeps it, encrypted; ⑧ [`sync`]
//! or a [`stick`] carries it away; ⑭ [`intake`] takes in what comes down. [`desk`] is the one door for screens.
//! Absent on purpose: windows, other laptops, any database but this laptop's own.

mod clock;
pub mod desk;
pub mod discretion;
pub mod edge;
pub mod files;
mod identity;
mod intake;
pub mod laptop;
mod prior;
pub mod site_hub;
mod soundness;
pub mod stick;
pub mod store;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod vault;
pub mod visit;

pub use desk::{Desk, DeskSettings};
pub use laptop::Laptop;
pub use soundness::Flaw;
