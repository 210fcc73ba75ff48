use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::dose::DoseView;

/// A value of a register as text, with the parts only some registers have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ValueView {
    /// Register code: `name`, `birth`, `sex`, `national_id`, `phone` …
    pub register: String,
    /// A name, an ISO date, `male`/`female`/`other`, digits, a unit code, a group number …
    pub text: String,
    /// For a birth date: `day`, `month`, `year` or `estimated`.
    pub precision: Option<String>,
    /// For a guardian.
    pub relation: Option<String>,
    pub phone: Option<String>,
}

/// One register of a citizen, with everything said of it that still stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FieldView {
    pub register: String,
    pub shown: ValueView,
    /// Other standing values nobody has chosen between; empty when all agree.
    pub others: Vec<ValueView>,
    /// `scanned`, `typed`, `paper` or `slip`.
    pub source: String,
}

/// One row of a list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CitizenLine {
    pub id: String,
    pub name: String,
    pub birth: String,
    pub birth_precision: String,
    pub sex: String,
    /// The last four characters of the identifier, enough to tell two people apart at a table.
    pub id_tail: String,
    pub phone_tail: String,
    pub address: String,
    pub doses_given: u8,
    #[ts(type = "number | null")]
    pub last_given_at_ms: Option<i64>,
    pub has_conflict: bool,
}

/// What is due next for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DueView {
    /// `first`, `next`, `complete` or `unclear`.
    pub state: String,
    pub number: Option<u8>,
    pub products: Vec<String>,
    pub earliest: Option<String>,
    pub recommended_from: Option<String>,
    pub recommended_to: Option<String>,
    /// Days until `earliest`; negative once it has passed.
    pub days_left: Option<i32>,
}

/// Advice at the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FindingView {
    pub code: String,
    /// `info`, `caution` or `stop`.
    pub severity: String,
    /// Parameters for the sentence in the catalogue.
    pub params: std::collections::BTreeMap<String, String>,
    /// Title of the rule's source.
    pub sources: Vec<String>,
}

/// A disagreement known here, and its answer once there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConflictView {
    pub case: String,
    pub kind: String,
    pub involved: Vec<String>,
    /// `open`, `sent_back` or `settled`.
    pub status: super::case::CaseStatus,
    /// Code of the answer of the settlement in force.
    pub answer: Option<String>,
    pub answer_names: Option<String>,
    pub note: Option<String>,
    pub register: Option<String>,
}

/// Doses that the national record may hold beyond those that are here: a reason to ask for the card, never to refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PriorView {
    /// 1 to 7.
    pub doses: u8,
    pub or_more: bool,
    /// The last day that had ended when the filter was written.
    pub as_of: String,
}

/// Everything about one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CitizenView {
    pub id: String,
    /// The text of the citizen's own QR code.
    pub own_code: String,
    /// Ids of all cards linked to this person, this one included.
    pub cards: Vec<String>,
    pub name: String,
    pub fields: Vec<FieldView>,
    pub doses: Vec<DoseView>,
    pub due: DueView,
    pub conflicts: Vec<ConflictView>,
    /// What the nation's filter says of somebody a laptop knows too little of; nothing where the record shows as many doses.
    pub prior: Option<PriorView>,
    /// Statements that wait for others they build on.
    pub waiting: u32,
    /// Equal on two nodes exactly when they hold the same statements about this person.
    pub state_root: String,
}

/// A walk-in or a scanned card on its way into the register.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RegistrationForm {
    pub values: Vec<ValueView>,
    /// `scanned` or `typed`.
    pub source: String,
    pub scan: Option<String>,
    /// The id a scanned card gives its holder; none for typed forms.
    pub citizen: Option<String>,
    /// Codes of what does not fit together on the card.
    pub doubts: Vec<String>,
}
