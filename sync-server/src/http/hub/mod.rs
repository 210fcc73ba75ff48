//! What hubs ask the nation. All requests are idempotent; a lost answer is asked for again.

pub(in crate::http) mod enrol;
pub(in crate::http) mod hello;
pub(in crate::http) mod push;
