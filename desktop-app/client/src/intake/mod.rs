//! ⑭ What came down: keep, verify, apply; the same three steps as the server.

pub mod apply;
pub mod evict;
pub mod keep;
pub mod verify;
