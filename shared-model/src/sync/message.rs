//! What travels between a device and a server. CBOR maps with numbered keys: a later version adds keys, none changes.

use minicbor::{Decode, Encode};

use crate::certificate::{CampaignWord, Signed};
use crate::envelope::{LogHead, PublicKey, Seal, WireEnvelope};
use crate::ids::{Chain, CitizenId, DeviceId, Epoch, Seq, StatementId};
use crate::sync::feed::{Cursor, FeedSum};

pub const PROTOCOL: u8 = 1;

/// A laptop asks to join the campaign with a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrol {
    #[n(0)]
    pub code: String,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub device_key: PublicKey,
    #[n(3)]
    pub device_name: String,
    #[n(4)]
    pub author: crate::ids::AuthorId,
    #[n(5)]
    pub author_key: PublicKey,
    #[n(6)]
    pub author_name: String,
}

/// Everything a laptop needs to work without a line.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrolled {
    #[n(0)]
    pub campaign_name: String,
    /// The key whose signatures this laptop will believe.
    #[n(1)]
    pub campaign_key: PublicKey,
    /// Turns scanned card numbers into citizen ids.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub citizen_key: [u8; 32],
    #[n(3)]
    pub device: Signed,
    #[n(4)]
    pub author: Signed,
    #[n(5)]
    pub epoch: Epoch,
    #[n(6)]
    pub rules: Vec<Signed>,
    #[n(7)]
    pub now_ms: i64,
    /// A `StickRecipients`, signed by the campaign.
    #[n(8)]
    pub stick_recipients: Option<Signed>,
}

/// Asks for a nonce to sign requests with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Greet {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub protocol: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Greeted {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: Vec<u8>,
    #[n(1)]
    pub protocol: u8,
    /// A [`crate::certificate::HubCertificate`], where a hub answers and not the nation.
    #[n(2)]
    pub hub: Option<Signed>,
}

/// A device shows who it is to a hub that has not heard of it, or to a nation put back to a copy from before it was
/// enrolled. The campaign vouches for every one of these, so nobody signs the whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Introduce {
    #[n(0)]
    pub devices: Vec<Signed>,
    #[n(1)]
    pub authors: Vec<Signed>,
}

/// How many devices are known now that were not before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Introduced {
    #[n(0)]
    pub fresh: u32,
}

/// Who I am, how far my log goes, which feeds I follow, what my clock says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub head: LogHead,
    #[n(3)]
    pub cursors: Vec<Cursor>,
    #[n(4)]
    pub wall_ms: i64,
    /// Drawn for this message; comes back signed beside the server's time.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    #[n(6)]
    pub app_version: String,
    /// Ids of the rules held.
    #[n(7)]
    pub rules: Vec<crate::ids::RulesId>,
    /// What this epoch does not say again because the nation gave a receipt for it.
    #[n(8)]
    pub leans_on: Option<EarlierEnd>,
}

/// How far the nation said it holds an epoch that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EarlierEnd {
    #[n(0)]
    pub epoch: Epoch,
    #[n(1)]
    pub head: LogHead,
}

/// What the server says back; it travels signed by the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HelloAnswer {
    #[n(0)]
    pub device: DeviceId,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    #[n(2)]
    pub now_ms: i64,
    /// How far this server holds the log of that epoch.
    #[n(3)]
    pub held: LogHead,
    /// How far the nation holds it.
    #[n(4)]
    pub national_to: Seq,
    /// The log can't go on in its epoch: go on in this one.
    #[n(5)]
    pub fresh_epoch: Option<Epoch>,
    #[n(6)]
    pub feeds: Vec<FeedSum>,
    /// Rules this device does not hold yet.
    #[n(7)]
    pub rules: Vec<Signed>,
    /// What of this log was kept and not believed.
    #[n(8)]
    pub quarantined: Vec<Notice>,
    #[n(9)]
    pub is_nation: bool,
    /// The nation's own receipt for this log, a [`Receipt`] as it was given to the hub that says this.
    #[n(10)]
    pub national: Option<Signed>,
    /// Hubs whose word counts no more; the nation alone says this.
    #[n(11)]
    pub ended_hubs: Option<Vec<DeviceId>>,
}

/// An entry of the receiver's own log that was kept and not believed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Notice {
    #[n(0)]
    pub epoch: Epoch,
    #[n(1)]
    pub seq: Seq,
    #[n(2)]
    pub code: String,
}

/// A contiguous range of one log, ending in a seal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Push {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub from: Seq,
    /// The chain at `from - 1`.
    #[n(3)]
    pub previous: Chain,
    #[n(4)]
    pub entries: Vec<WireEnvelope>,
    #[n(5)]
    pub seals: Vec<Seal>,
    /// Another one for each push; comes back signed in the receipt.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
}

/// The receipt for a push, signed by the campaign; made only after a durable append.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub held: LogHead,
    #[n(3)]
    pub national_to: Seq,
    #[n(4)]
    pub quarantined: Vec<Notice>,
    #[n(5)]
    pub now_ms: i64,
    /// The range did not fit the log: go on in this epoch.
    #[n(6)]
    pub fresh_epoch: Option<Epoch>,
    /// That of the push. A receipt from before the server was put back to an old copy is not one for this push.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// Beside a hub's receipt: the nation's own one for this log, as the hub got it.
    #[n(8)]
    pub national: Option<Signed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pull {
    #[n(0)]
    pub cursor: Cursor,
    #[n(1)]
    pub entries_max: u16,
}

/// One entry of a feed. The same statement never stands twice in one feed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedEntry {
    #[n(0)]
    pub envelope: WireEnvelope,
}

/// A stretch of a feed. `certificates` are of the authors and devices met in it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Page {
    #[n(0)]
    pub entries: Vec<FeedEntry>,
    #[n(1)]
    pub authors: Vec<Signed>,
    #[n(2)]
    pub devices: Vec<Signed>,
    /// A `FeedSum` after the last entry, signed by the campaign.
    #[n(3)]
    pub sum: Signed,
    #[n(4)]
    pub more: bool,
}

/// Where the file with a whole feed up to a point lies.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Snapshot {
    #[n(0)]
    pub feed: String,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    #[n(2)]
    pub bytes: u64,
    #[n(3)]
    pub sum: FeedSum,
}

/// Asks for a feed as one file.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotAsk {
    #[n(0)]
    pub feed: String,
}

/// A stretch of a snapshot, which is a sequence of them under one compression.
/// Certificates stand in the chunk where their holder is met first.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotChunk {
    #[n(0)]
    pub entries: Vec<FeedEntry>,
    #[n(1)]
    pub authors: Vec<Signed>,
    #[n(2)]
    pub devices: Vec<Signed>,
}

/// Visitors from elsewhere, by id.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Fetch {
    #[n(0)]
    pub citizens: Vec<CitizenId>,
}

/// All statements about the citizens asked for, signed as a whole by the ids inside.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Fetched {
    #[n(0)]
    pub entries: Vec<FeedEntry>,
    #[n(1)]
    pub authors: Vec<Signed>,
    #[n(2)]
    pub devices: Vec<Signed>,
    /// A `FetchedWord`, signed by the campaign.
    #[n(3)]
    pub word: Signed,
}

/// The campaign's word that it holds these statements about these citizens.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FetchedWord {
    #[n(0)]
    pub citizens: Vec<CitizenId>,
    #[n(1)]
    pub statements: Vec<StatementId>,
}

/// Why a request was refused whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Refusal {
    #[n(0)]
    pub code: String,
    /// How far the log is held, where the request was a push.
    #[n(1)]
    pub held: Option<LogHead>,
    #[n(2)]
    pub retry_after_s: Option<u32>,
    /// A nonce to sign the next request with, where the last one had run out.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: Option<Vec<u8>>,
}

/// Codes of refusals, each with something its receiver does about it.
pub mod refusal {
    pub const MALFORMED: &str = "malformed";
    pub const TOO_LARGE: &str = "too_large";
    pub const UNKNOWN_DEVICE: &str = "unknown_device";
    pub const DEVICE_REVOKED: &str = "device_revoked";
    pub const NOT_SIGNED: &str = "not_signed";
    pub const NONCE_OLD: &str = "nonce_old";
    pub const HOLE: &str = "hole";
    pub const BAD_SEAL: &str = "bad_seal";
    pub const BUSY: &str = "busy";
    pub const STORE_FULL: &str = "store_full";
    pub const CODE_UNKNOWN: &str = "code_unknown";
    pub const CODE_EXPIRED: &str = "code_expired";
    pub const FEED_CHANGED: &str = "feed_changed";
    pub const FEED_NOT_YOURS: &str = "feed_not_yours";
    pub const FUTURE_PROTOCOL: &str = "future_protocol";
    pub const NOT_FOUND: &str = "not_found";
    /// Only the nation does this, and this is a hub.
    pub const NOT_AT_A_HUB: &str = "not_at_a_hub";
    /// Only a hub may ask this.
    pub const NOT_A_HUB: &str = "not_a_hub";
}

macro_rules! campaign_words {
    ($($name:ty = $domain:literal;)*) => {$(
        impl CampaignWord for $name {
            const DOMAIN: &'static [u8] = $domain;
        }
    )*};
}

campaign_words! {
    HelloAnswer = b"so-tiem/hello/1\0";
    Receipt = b"so-tiem/receipt/1\0";
    FeedSum = b"so-tiem/feed-sum/1\0";
    FetchedWord = b"so-tiem/fetched/1\0";
    Snapshot = b"so-tiem/snapshot/1\0";
}
