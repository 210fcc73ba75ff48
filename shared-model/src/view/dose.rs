use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::time::ClockQuality;

/// Who said something, on which device, and how good its clock was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WhoView {
    pub author: String,
    /// Empty where this node has not met the author.
    pub author_name: String,
    pub device: String,
    pub device_name: String,
    pub site: String,
    /// As the device's clock said.
    #[ts(type = "number")]
    pub said_at_ms: i64,
    /// By the server's clock, as far as the device knew its offset.
    #[ts(type = "number")]
    pub corrected_at_ms: i64,
    pub clock: ClockQuality,
}

/// Where copies of a statement lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Copies {
    /// On this laptop only.
    Here,
    /// Held by the district hub too.
    Hub,
    /// Held by the nation.
    Nation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DoseStateView {
    Given,
    Withdrawn,
    Echo,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DoseView {
    pub statement: String,
    pub citizen: String,
    pub product: String,
    /// As the rules in force call it; the code where they don't know it.
    pub product_name: String,
    pub lot: String,
    pub lot_expiry: Option<String>,
    pub number: u8,
    #[ts(type = "number")]
    pub given_at_ms: i64,
    pub given_on: String,
    pub body_site: String,
    pub route: String,
    pub source: String,
    pub state: DoseStateView,
    /// Codes of fields an amendment changed.
    pub amended: Vec<String>,
    pub in_spite_of: Vec<String>,
    pub who: WhoView,
    pub copies: Copies,
}
