//! ⑧ The laptop's side of sync: the conversation of `shared_model::sync` carried over a road.

pub mod backoff;
pub mod courier;
pub mod enrol;
pub mod http;
pub mod prior;
pub mod road;
pub mod run;
pub mod seal;
pub mod snapshot;
