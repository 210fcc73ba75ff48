//! ⑧ The laptop's side of sync: the conversation of `shared_model::sync` carried over a road.

pub mod backoff;
pub mod enrol;
pub mod prior;
pub mod run;
pub mod seal;
pub mod visitor;

pub use roads::{courier, http, nearby, road, segment};
