//! Doors. [`table`] lists every endpoint with who may; each endpoint is a file and owns the map from its errors to
//! status codes.

pub(crate) mod access;
pub(crate) mod asked;
pub mod console;
pub mod device;
pub(crate) mod endpoint;
pub(crate) mod fault;
pub(crate) mod form;
pub(crate) mod health;
mod hub;
pub(crate) mod openapi;
pub(crate) mod table;
pub(crate) mod told;
pub mod wire;
