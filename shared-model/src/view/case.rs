use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::citizen::{CitizenView, ValueView};
use super::dose::{DoseView, WhoView};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    Open,
    SentBack,
    Settled,
    /// No longer raised: what was in dispute has been taken back or superseded.
    Gone,
}

/// One row of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CaseLine {
    pub id: String,
    pub kind: String,
    pub status: CaseStatus,
    pub citizen: Option<String>,
    pub citizen_name: String,
    pub summary: Vec<String>,
    pub sites: Vec<String>,
    #[ts(type = "number")]
    pub raised_at_ms: i64,
}

/// One of the statements in dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SideView {
    pub statement: String,
    pub kind: String,
    pub who: WhoView,
    #[ts(type = "number")]
    pub received_at_ms: i64,
    pub position: String,
    /// The scanned text its author's laptop read.
    pub scan: Option<String>,
    pub source: Option<String>,
    pub dose: Option<DoseView>,
    pub values: Vec<ValueView>,
    pub citizen: Option<String>,
}

/// An answer an admin may give to this case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerView {
    /// `choose_value`, `same_dose`, `really_two`, `withdraw_dose`, `same_person` …
    pub code: String,
    /// The statement it points at, for answers that choose one.
    pub names: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettlementView {
    pub statement: String,
    pub answer: AnswerView,
    pub note: String,
    pub who: WhoView,
    /// A later statement took it back.
    pub undone: bool,
}

/// One case, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CaseView {
    pub id: String,
    pub kind: String,
    pub status: CaseStatus,
    #[ts(type = "number")]
    pub raised_at_ms: i64,
    pub register: Option<String>,
    pub sides: Vec<SideView>,
    pub citizens: Vec<CitizenView>,
    /// Oldest first; the last one that is not undone is in force.
    pub settlements: Vec<SettlementView>,
    pub answers: Vec<AnswerView>,
}
