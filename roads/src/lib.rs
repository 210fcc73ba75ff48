//! ⑧ One question, one answer: how sync messages travel from a laptop or a hub to whoever holds more.
//!
//! [`courier`] folds, signs and unfolds; [`road`] is whatever carries its parcels, [`http`] the one for networks;
//! [`segment`] fetches a file of a feed in pieces, [`nearby`] hears which hubs are in the building. What the messages mean is absent: that is `shared_model::sync`.

pub mod courier;
pub mod http;
pub mod nearby;
pub mod road;
pub mod segment;
