//! This laptop as a hub.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Makes this laptop the hub of its site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct JoinSiteHub {
    /// A one-time code that the nation made for a hub.
    pub code: String,
    /// As the site calls it.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SiteHubPhase {
    /// This program brings no hub.
    Unavailable,
    /// Nobody joined with a code for a hub.
    Never,
    Stopped,
    Serving,
    /// It should serve and does not.
    Broke,
}

/// This laptop as the hub of its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SiteHubView {
    pub phase: SiteHubPhase,
    pub name: String,
    /// Codes of the units whose feeds it tells.
    pub areas: Vec<String>,
    /// To be typed in on other laptops, where they do not find it by themselves.
    pub addresses: Vec<String>,
    /// Entries that the nation does not hold yet.
    #[ts(type = "number")]
    pub waiting: u64,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    /// What the system said when it stopped by itself.
    pub detail: Option<String>,
}
