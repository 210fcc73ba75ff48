//! How it stands with the nation and with hubs.

use serde::{Deserialize, Serialize};
use shared_model::view::Copies;
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    Idle,
    Running,
    /// The last try failed; the next one is due at `next_try_ms`.
    Waiting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncView {
    pub phase: SyncPhase,
    pub server_url: String,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub next_try_ms: Option<i64>,
    /// Code of what went wrong last: `no_network`, `server_busy`, `device_revoked`, `forked` …
    pub trouble: Option<String>,
    /// What the nation does not hold yet.
    #[ts(type = "number")]
    pub to_push: u64,
    /// What nobody but this laptop holds yet.
    #[ts(type = "number")]
    pub to_push_anywhere: u64,
    /// Hubs this laptop knows the address of.
    pub hubs: Vec<HubView>,
    /// Heard nearby, and not in the list.
    pub hubs_nearby: Vec<HubNearbyView>,
    #[ts(type = "number")]
    pub pushed: u64,
    #[ts(type = "number")]
    pub pulled: u64,
    pub log_epoch: u32,
    #[ts(type = "number")]
    pub log_head: u64,
    /// Six words for the end of the log, to be compared over the telephone; nothing while it is empty.
    pub log_words: Option<String>,
    #[ts(type = "number")]
    pub durable_to: u64,
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    pub area_ready: bool,
    pub attention: Vec<AttentionLine>,
    pub copies_of_last: Option<Copies>,
    /// The filter of prior doses; nothing before the server has announced one.
    pub prior: Option<PriorFilterView>,
}

/// How new the filter of prior doses is, and how large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PriorFilterView {
    /// The last day that had ended when it was written; nothing while the first is still coming.
    pub as_of: Option<String>,
    #[ts(type = "number")]
    pub citizens: u64,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Of a newer one, or of what was damaged, still to be fetched.
    #[ts(type = "number")]
    pub bytes_missing: u64,
}

/// A hub, as the sync screen lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubView {
    pub url: String,
    /// As the hub calls itself, once it was met.
    pub name: Option<String>,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    /// Code of what went wrong with it last.
    pub trouble: Option<String>,
}

/// A hub that made itself heard in the same network. Whether it is one is known once it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubNearbyView {
    pub url: String,
    pub name: Option<String>,
}

/// Where hubs answer: these and no others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct SetHubs {
    pub urls: Vec<String>,
}

/// A statement that was kept but not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AttentionLine {
    pub position: String,
    pub code: String,
    pub from_here: bool,
}
