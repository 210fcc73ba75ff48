//! ⑨ ⑩ ⑪ One road in: kept raw, believed or not, drawn into the record, doubted.
//!
//! Stage 1 ([`keep`], [`verify`]) ends in the acknowledgement and looks up no citizen.
//! Stage 2 ([`projector`], [`apply`], [`drawing`], [`raise`]) follows behind, and can be done over.

pub mod apply;
pub mod downstream;
pub mod drawing;
pub mod keep;
pub mod projector;
pub mod raise;
pub mod verify;
