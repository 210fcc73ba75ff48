//! A stick carries the day where there is no line: [`export`] writes what the nation has not given a receipt for,
//! [`import`] takes in the stick that comes home.
//!
//! What is on a stick is believed for seals and signatures, exactly as what comes over a line.

pub mod export;
pub mod import;
pub mod recipients;
pub mod volumes;
