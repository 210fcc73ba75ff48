//! What the console's screens are told and ask with. Shapes of the model itself live in `shared_model::view`.

use serde::{Deserialize, Serialize};
use shared_model::view::CaseLine;
use ts_rs::TS;

#[derive(Debug, Clone, Deserialize, TS)]
pub struct SignIn {
    pub name: String,
    pub password: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct MeView {
    pub name: String,
    /// `admin` may settle and manage devices; `viewer` may look.
    pub role: String,
    pub server_version: String,
    pub campaign: String,
    #[ts(type = "number")]
    pub now_ms: i64,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct CaseList {
    pub cases: Vec<CaseLine>,
    pub open: u32,
    pub sent_back: u32,
    pub settled: u32,
    /// Pass back as `after` for the next page.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct Settle {
    pub answer: String,
    /// The statement chosen, for answers that choose one.
    pub names: Option<String>,
    pub note: String,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct Undo {
    /// The settlement to take back.
    pub settlement: String,
    pub note: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct LogView {
    pub epoch: u32,
    /// Held without a hole from 1 to here.
    #[ts(type = "number")]
    pub durable_to: u64,
    /// The head the device itself named at its last contact.
    #[ts(type = "number")]
    pub claimed_head: u64,
    /// Numbers the device has signed and this server does not hold, as ranges `from–to`.
    pub missing: Vec<MissingRange>,
    pub forked: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct MissingRange {
    #[ts(type = "number")]
    pub from: u64,
    #[ts(type = "number")]
    pub to: u64,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct DeviceLine {
    pub id: String,
    pub name: String,
    pub site: String,
    pub area: String,
    pub people: Vec<String>,
    #[ts(type = "number")]
    pub enrolled_at_ms: i64,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    pub logs: Vec<LogView>,
    pub quarantined: u32,
    pub revoked: bool,
    /// The server's own console, whose log holds settlements.
    pub is_console: bool,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct NewCode {
    pub site: String,
    pub area: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct CodeView {
    pub code: String,
    #[ts(type = "number")]
    pub expires_at_ms: i64,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct Revoke {
    pub note: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct QuarantineLine {
    #[ts(type = "number")]
    pub id: i64,
    pub device: String,
    pub device_name: String,
    pub position: String,
    pub code: String,
    #[ts(type = "number")]
    pub received_at_ms: i64,
    #[ts(type = "number")]
    pub bytes: u32,
}

/// Each figure with how many devices have not reported since when.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OverviewView {
    #[ts(type = "number")]
    pub doses: u64,
    #[ts(type = "number")]
    pub people: u64,
    pub devices: u32,
    pub devices_silent_today: u32,
    #[ts(type = "number")]
    pub statements_missing: u64,
    pub cases_open: u32,
    pub quarantined: u32,
    /// Entries received and not yet in the record.
    #[ts(type = "number")]
    pub projector_behind: u64,
    #[ts(type = "number")]
    pub now_ms: i64,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct RouteFailure {
    pub code: String,
}
