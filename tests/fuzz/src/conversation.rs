//! The server and the laptop of the model's own tests, honest both.

#[path = "../../../shared-model/tests/agreement/conversation/laptop.rs"]
pub mod laptop;
#[path = "../../../shared-model/tests/agreement/conversation/server.rs"]
#[allow(dead_code, reason = "the tests of the model ask more of it")]
pub mod server;
