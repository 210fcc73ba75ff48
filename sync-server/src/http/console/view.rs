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

/// What was signed, what is here, and between which bounds the rest must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct SumView {
    #[ts(type = "number")]
    pub devices: u64,
    /// Not heard for a day.
    #[ts(type = "number")]
    pub devices_silent: u64,
    #[ts(type = "number")]
    pub held: u64,
    /// Of what is still out, how much lies at hubs and will come without the laptop.
    #[ts(type = "number")]
    pub at_hubs: u64,
    /// Certain: numbers that a device named, or a hub holds, and that are not here.
    #[ts(type = "number")]
    pub out_low: u64,
    /// With as much as its busiest day for each day of silence, seven at most.
    #[ts(type = "number")]
    pub out_high: u64,
}

/// An administrative unit, or an area that the register of units does not have on that day.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UnitLine {
    pub code: String,
    /// Nothing for a code that the register does not have.
    pub name: Option<String>,
    pub sum: SumView,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct SiteLine {
    pub site: String,
    pub sum: SumView,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct LogCompleteness {
    pub epoch: u32,
    /// The highest number its device ever named.
    #[ts(type = "number")]
    pub signed: u64,
    /// Held by the nation, or by a hub.
    #[ts(type = "number")]
    pub held: u64,
    /// Held by the nation; what this server holds, where it is the nation.
    #[ts(type = "number")]
    pub nationally: u64,
    pub hole: Option<MissingRange>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ArrivedOn {
    pub day: String,
    #[ts(type = "number")]
    pub entries: u64,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct DeviceCompleteness {
    pub id: String,
    pub name: String,
    pub site: String,
    pub revoked: bool,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    /// Server time minus the device's wall clock.
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    #[ts(type = "number")]
    pub held: u64,
    /// Of what is still out, how much lies at hubs.
    #[ts(type = "number")]
    pub at_hubs: u64,
    #[ts(type = "number")]
    pub out_low: u64,
    #[ts(type = "number")]
    pub out_high: u64,
    pub logs: Vec<LogCompleteness>,
    /// Days on which something arrived, of the month that ends with the day asked for, oldest first.
    pub days: Vec<ArrivedOn>,
}

/// The country or one unit of it: the sum, what lies directly below, and the devices of the unit itself.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CompletenessView {
    #[ts(type = "number")]
    pub now_ms: i64,
    /// The day whose borders are drawn with.
    pub day: String,
    pub sum: SumView,
    /// What the unit lies in, the largest first, itself last; empty for the country.
    pub lies_in: Vec<UnitLine>,
    pub below: Vec<UnitLine>,
    /// Pass back as `after_unit`.
    pub below_next: Option<String>,
    pub sites: Vec<SiteLine>,
    /// Sites beyond those that are told.
    pub sites_more: u32,
    pub devices: Vec<DeviceCompleteness>,
    /// Pass back as `after_device`.
    pub devices_next: Option<String>,
}

/// Six words read out from a laptop, with or without marks.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CheckEnd {
    pub words: String,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EndChecked {
    /// Everything that laptop had said when the words were read out is here.
    Held {
        device: String,
        device_name: String,
        site: String,
        area: String,
        epoch: u32,
        #[ts(type = "number")]
        held_to: u64,
    },
    /// No log here ends so: the laptop holds what has not arrived.
    NotHeld,
    /// Ask for the words again.
    NotUnderstood { code: String, unknown: Vec<UnknownWordView> },
}

/// A word that is none of the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UnknownWordView {
    /// Counted from 1.
    pub place: u32,
    /// What was perhaps meant, the nearest first.
    pub nearest: Vec<String>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct RouteFailure {
    pub code: String,
}
