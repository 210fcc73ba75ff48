//! ⑫ ⑬ What the admins' screens ask. JSON, a cookie, and an origin that must be our own.

pub(in crate::http) mod cases;
pub(in crate::http) mod citizens;
pub(in crate::http) mod codes;
pub(in crate::http) mod completeness;
pub(in crate::http) mod devices;
mod forms;
pub(in crate::http) mod overview;
pub(in crate::http) mod quarantine;
pub(in crate::http) mod session;
pub mod view;
