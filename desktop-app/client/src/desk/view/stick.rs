//! What is carried by stick.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct StickExport {
    /// A folder on the stick, or the stick itself.
    pub folder: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct StickImport {
    /// A file, or a folder with return sticks in it.
    pub path: String,
}

/// What a stick would carry, who could read it, and where one is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickView {
    pub volumes: Vec<VolumeView>,
    /// Entries that no receipt of the nation names.
    #[ts(type = "number")]
    pub entries: u64,
    /// No stick needs more room than this.
    #[ts(type = "number")]
    pub bytes_max: u64,
    /// Names of those who can read it; nobody before the first sync with a server that reads sticks.
    pub readers: Vec<String>,
    pub last: Option<LastStickView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct VolumeView {
    pub path: String,
    pub name: String,
    #[ts(type = "number | null")]
    pub free_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct LastStickView {
    #[ts(type = "number")]
    pub made_ms: i64,
    #[ts(type = "number")]
    pub entries: u64,
    /// When the answer that came home was given.
    #[ts(type = "number | null")]
    pub answered_ms: Option<i64>,
}

/// A stick that was written, and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickWritten {
    pub file: String,
    #[ts(type = "number")]
    pub bytes: u64,
    #[ts(type = "number")]
    pub entries: u64,
    pub readers: Vec<String>,
}

/// What came home. No file at all: none lay there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickRead {
    pub files: Vec<StickFileView>,
    /// How far the nation holds this laptop's log.
    #[ts(type = "number")]
    pub national_to: u64,
    /// How far a hub or the nation holds it.
    #[ts(type = "number")]
    pub held_to: u64,
    /// How far it goes.
    #[ts(type = "number")]
    pub head: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickFileView {
    pub file: String,
    /// Why nothing came out: `not_a_stick`, `foreign`, `later_version`, `not_for_us`, `damaged`.
    pub unread: Option<String>,
    /// What the words of servers on it are worth: `answer`, `again`, `stale`, `not_ours`, `beyond_limits`.
    pub words: Vec<String>,
    /// The hub whose words they are; nothing where the nation spoke.
    pub hub: Option<String>,
    /// Entries of the area's news that were kept.
    #[ts(type = "number")]
    pub entries: u64,
    /// Part of it is damaged or could not be placed; the next sync or stick brings it.
    pub is_damaged: bool,
}
