//! ⑧ What laptops ask. All requests are idempotent; a lost answer is asked for again.

pub(in crate::http) mod enrol;
pub(in crate::http) mod fetch;
pub(in crate::http) mod greet;
pub(in crate::http) mod hello;
pub(in crate::http) mod introduce;
pub(in crate::http) mod prior;
pub(in crate::http) mod pull;
pub(in crate::http) mod push;
pub(in crate::http) mod recipients;
pub(in crate::http) mod segment;
pub(in crate::http) mod snapshot;

pub(crate) use enrol::CERTIFICATE_LIFE_MS;
pub(crate) use hello::feeds_told;
