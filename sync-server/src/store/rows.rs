//! What goes into the store and comes out of it, the same for every engine.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::{AuthorCertificate, DeviceCertificate, HubCertificate, Signed};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::envelope::{Envelope, LogHead, PublicKey, Said, Seal};
use shared_model::ids::{AuthorId, CaseId, Chain, CitizenId, DeviceId, Epoch, Position, PriorId, Seq, StatementId};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::hub::LogEnd;
use shared_model::sync::message::EarlierEnd;
use shared_model::sync::quarantine::Quarantine;
use shared_model::sync::segment::Segment;
use shared_model::time::Moment;
use shared_model::view::CaseStatus;

use super::Durable;

#[derive(Debug, Clone)]
pub struct DeviceRow {
    pub device: DeviceId,
    pub key: PublicKey,
    pub name: String,
    pub site: String,
    pub area: String,
    pub certificate: Signed,
    pub enrolled_at: Moment,
    pub revoked_at: Option<Moment>,
    pub last_contact: Option<Moment>,
    pub clock_offset_ms: Option<i64>,
    pub is_console: bool,
    /// Codes of the units whose feeds a hub may tell; nothing for a laptop.
    pub hub_areas: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct AuthorRow {
    pub author: AuthorId,
    pub device: DeviceId,
    pub name: String,
    pub certificate: Signed,
    pub revoked_at: Option<Moment>,
}

/// A log as this server holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStanding {
    pub epoch: Epoch,
    pub head: LogHead,
    pub claimed_head: Seq,
    pub closed: bool,
    /// The highest epoch this device was ever given or used.
    pub epoch_max: Epoch,
}

impl LogStanding {
    /// A log nothing came from yet.
    pub fn empty(device: DeviceId, epoch: Epoch) -> Self {
        Self { epoch, head: LogHead::empty(device, epoch), claimed_head: 0, closed: false, epoch_max: epoch }
    }
}

/// A device, its people and its logs, for the list of devices.
#[derive(Debug, Clone)]
pub struct DeviceStanding {
    pub device: DeviceRow,
    pub people: Vec<String>,
    pub logs: Vec<LogStanding>,
    pub forked: BTreeSet<Epoch>,
    pub quarantined: u32,
}

#[derive(Debug, Clone)]
pub struct CodeRow {
    pub hash: [u8; 32],
    pub site: String,
    pub area: String,
    pub expires_at: Moment,
    pub used_by: Option<DeviceId>,
    /// Of a code that lets a hub in.
    pub hub_areas: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct Enrolment {
    /// None for the console's own device, which nobody types a code for.
    pub code: Option<[u8; 32]>,
    pub device: DeviceRow,
    pub author: Option<AuthorRow>,
    pub at: Moment,
}

#[derive(Debug, Clone)]
pub enum EnrolOutcome {
    /// Enrolled with this call, or with an earlier one that asked the same.
    Enrolled {
        device: Signed,
        author: Option<Signed>,
        epoch: Epoch,
    },
    CodeUnknown,
    CodeExpired,
}

/// An entry on its way into a log, with what was thought of it at the door.
#[derive(Debug, Clone)]
pub struct KeptEntry {
    pub seq: Seq,
    pub chain: Chain,
    pub statement: StatementId,
    pub envelope: Envelope,
    pub quarantine: Option<Quarantine>,
}

/// A verified run of entries for one log.
#[derive(Debug, Clone)]
pub struct AppendRun {
    pub device: DeviceId,
    pub epoch: Epoch,
    /// The head it was verified against; if the log has moved, it must be verified again.
    pub known: LogHead,
    pub entries: Vec<KeptEntry>,
    pub seals: Vec<Seal>,
    pub forked_at: Option<Seq>,
    pub received_at: Moment,
}

#[derive(Debug, Clone)]
pub enum Appended {
    Kept {
        held: Durable<LogHead>,
        /// Where the projector must be for these entries to be in the record.
        last_lseq: i64,
        /// The log can't go on in its epoch.
        fresh_epoch: Option<Epoch>,
    },
    /// Somebody else appended in between.
    Moved,
}

/// A hello, as far as it is remembered.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    pub device: DeviceId,
    pub epoch: Epoch,
    pub claimed: LogHead,
    /// What the device does not say again because this server gave a receipt for it.
    pub leans_on: Option<EarlierEnd>,
    pub at: Moment,
    pub wall: Moment,
    /// A hub hears this, which never gave the log its number.
    pub at_hub: bool,
}

/// A hub's hello, as far as the nation remembers it.
#[derive(Debug, Clone)]
pub struct HubContact {
    pub hub: DeviceId,
    pub logs: Vec<LogEnd>,
    pub at: Moment,
    pub wall: Moment,
    pub nonce: [u8; 16],
    pub last_nonce: Option<[u8; 16]>,
}

#[derive(Debug, Clone)]
pub struct HubContactNoted {
    pub has_twin: bool,
    /// Of every log that was named: how far the nation holds it, and in which epoch its device must go on.
    pub logs: Vec<(LogEnd, LogHead, Option<Epoch>)>,
    pub strangers: Vec<DeviceId>,
    pub ended: Vec<DeviceId>,
}

/// A stretch of a log as it came, ending in a seal.
#[derive(Debug, Clone)]
pub struct LogRange {
    pub from: Seq,
    pub previous: Chain,
    pub entries: Vec<Envelope>,
    pub seals: Vec<Seal>,
}

/// The nation's receipt for a log, as a hub keeps it for its laptop.
#[derive(Debug, Clone)]
pub struct NationalWord {
    pub device: DeviceId,
    pub epoch: Epoch,
    /// Milliseconds since 1970 by the nation's clock.
    pub given_at_ms: i64,
    pub held: LogHead,
    pub word: Signed,
}

/// A feed of the nation's, as far as a hub has read it.
#[derive(Debug, Clone)]
pub struct UpstreamFeed {
    pub cursor: Cursor,
    pub reading: u32,
    pub is_ready: bool,
}

/// What a hello is told.
#[derive(Debug, Clone, Copy)]
pub struct ContactNoted {
    /// How far this server holds the log that the device has.
    pub held: LogHead,
    /// The log can't go on in its epoch.
    pub fresh_epoch: Option<Epoch>,
}

/// Where the projector stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub projected_to: i64,
    /// Entries and stale cards still waiting.
    pub behind: u64,
    pub citizens_touched: usize,
}

/// A believed statement as it lies in the log.
#[derive(Debug, Clone)]
pub struct Kept {
    pub lseq: i64,
    pub position: Position,
    pub received_at: Moment,
    pub envelope: Envelope,
    pub said: Said,
}

/// Everything said about the cards that were ever linked to one.
#[derive(Debug, Clone, Default)]
pub struct Testimony {
    pub cards: BTreeSet<CitizenId>,
    pub kept: BTreeMap<StatementId, Kept>,
}

#[derive(Debug, Clone)]
pub struct FeedPage {
    pub envelopes: Vec<Envelope>,
    pub authors: Vec<Signed>,
    pub devices: Vec<Signed>,
    /// The feed after the last entry.
    pub sum: FeedSum,
    pub more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    pub sum: FeedSum,
    pub sha256: [u8; 32],
    pub bytes: u64,
    pub made_at: Moment,
}

/// A file of a feed, and of which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    pub feed: String,
    pub epoch: u64,
    pub segment: Segment,
    pub unfolded: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    pub conflict: Conflict,
    pub status: CaseStatus,
    pub device: Option<DeviceId>,
    pub settlement: Option<StatementId>,
    pub raised_at: Moment,
}

#[derive(Debug, Clone)]
pub struct CaseQuery {
    pub status: Option<CaseStatus>,
    pub kind: Option<ConflictKind>,
    /// The last one of the page before.
    pub after: Option<(Moment, CaseId)>,
    pub max: usize,
}

#[derive(Debug, Clone, Default)]
pub struct CasePage {
    pub cases: Vec<CaseRow>,
    pub open: u32,
    pub sent_back: u32,
    pub settled: u32,
}

#[derive(Debug, Clone)]
pub struct QuarantineRow {
    pub lseq: i64,
    pub position: Position,
    pub device_name: String,
    pub code: String,
    pub received_at: Moment,
    pub bytes: u32,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Overview {
    pub doses: u64,
    pub people: u64,
    pub devices: u32,
    pub devices_silent: u32,
    pub statements_missing: u64,
    pub cases_open: u32,
    pub quarantined: u32,
    pub behind: u64,
}

/// `admin` may settle and manage devices; `viewer` may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Admin,
    Viewer,
}

impl Role {
    pub fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Admin, Self::Viewer].into_iter().find(|role| role.code() == code)
    }
}

#[derive(Clone)]
pub struct StaffRow {
    pub name: String,
    pub role: Role,
    pub author: AuthorId,
    pub salt: [u8; 16],
    pub hash: [u8; 32],
    pub added_at: Moment,
}

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub token_hash: [u8; 32],
    pub staff_name: String,
    pub begun_at: Moment,
    pub last_seen_at: Moment,
}

#[derive(Debug, Clone)]
pub struct AuditLine {
    pub at: Moment,
    /// A device id or a staff account.
    pub who: String,
    pub deed: &'static str,
    pub what: Vec<u8>,
}

impl DeviceRow {
    pub fn of(certificate: &DeviceCertificate, signed: Signed, enrolled_at: Moment, is_console: bool) -> Self {
        Self {
            device: certificate.device,
            key: certificate.key,
            name: certificate.name.clone(),
            site: certificate.site.clone(),
            area: certificate.area.clone(),
            certificate: signed,
            enrolled_at,
            revoked_at: None,
            last_contact: None,
            clock_offset_ms: None,
            is_console,
            hub_areas: None,
        }
    }
}

impl DeviceRow {
    pub fn of_hub(certificate: &HubCertificate, signed: Signed, enrolled_at: Moment) -> Self {
        Self {
            device: certificate.hub,
            key: certificate.key,
            name: certificate.name.clone(),
            site: certificate.site.clone(),
            area: String::new(),
            certificate: signed,
            enrolled_at,
            revoked_at: None,
            last_contact: None,
            clock_offset_ms: None,
            is_console: false,
            hub_areas: Some(certificate.areas.clone()),
        }
    }

    pub fn is_hub(&self) -> bool {
        self.hub_areas.is_some()
    }
}

impl AuthorRow {
    pub fn of(certificate: &AuthorCertificate, signed: Signed) -> Self {
        Self {
            author: certificate.author,
            device: certificate.device,
            name: certificate.name.clone(),
            certificate: signed,
            revoked_at: None,
        }
    }
}

/// A filter of prior doses that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorRow {
    pub id: PriorId,
    pub number: u32,
    /// The base a delta stands on.
    pub base: Option<PriorId>,
    pub built_at: Moment,
    pub after_lseq: u64,
    pub to_lseq: u64,
    pub citizens: u64,
    pub bytes: u64,
    /// What its key is made of.
    pub salt: [u8; 16],
    pub manifest: Signed,
    /// By segment.
    pub files: Vec<[u8; 32]>,
}

/// What there is of filters, and what the next one would be built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorStanding {
    /// 0 before the first.
    pub number_last: u64,
    /// The newest base, and the deltas on it.
    pub current: Vec<PriorRow>,
    pub projected_to: u64,
    pub wants_base: bool,
    pub someone_is_held: bool,
}

/// Takes citizens with their doses one by one, as they are read.
pub trait Taker: Send + 'static {
    /// About how many will come.
    fn expect(&mut self, citizens: u64);

    fn take(&mut self, card: CitizenId, doses: u32);
}
