//! Doors. Each endpoint is a file and owns the map from its errors to status codes.

pub mod console;
pub mod device;
pub mod health;
pub mod wire;
