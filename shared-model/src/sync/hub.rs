//! What travels between a hub and the nation. A hub forwards logs as it got them and reads the feeds of its areas;
//! CBOR maps with numbered keys, as all messages.

use minicbor::{Decode, Encode};

use super::feed::{Cursor, FeedSum};
use super::message::Receipt;
use crate::certificate::{CampaignWord, Signed};
use crate::envelope::{LogHead, PublicKey};
use crate::ids::{DeviceId, Epoch, RulesId};

/// A hub asks to join the campaign with a one-time code that was made for a hub.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubEnrol {
    #[n(0)]
    pub code: String,
    #[n(1)]
    pub hub: DeviceId,
    #[n(2)]
    pub key: PublicKey,
    #[n(3)]
    pub name: String,
    /// The age recipient that sticks for this hub are sealed to.
    #[n(4)]
    pub stick: Option<String>,
}

/// Everything a hub needs to serve its areas without a line. It gets no key that turns card numbers into ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubEnrolled {
    #[n(0)]
    pub campaign_name: String,
    #[n(1)]
    pub campaign_key: PublicKey,
    /// A [`crate::certificate::HubCertificate`].
    #[n(2)]
    pub certificate: Signed,
    #[n(3)]
    pub rules: Vec<Signed>,
    #[n(4)]
    pub now_ms: i64,
}

/// A log and how far it goes where this is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogEnd {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub head: LogHead,
}

/// Which logs a hub holds and how far, which feeds it read, what its clock says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubHello {
    #[n(0)]
    pub hub: DeviceId,
    #[n(1)]
    pub logs: Vec<LogEnd>,
    #[n(2)]
    pub cursors: Vec<Cursor>,
    #[n(3)]
    pub wall_ms: i64,
    /// Drawn for this message; comes back signed in the answer and in every receipt of it.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    #[n(5)]
    pub app_version: String,
    #[n(6)]
    pub rules: Vec<RulesId>,
    /// The nonce of the hub's conversation before this one. Two machines that both call themselves this hub do not
    /// know each other's.
    #[n(7)]
    pub last_nonce: Option<minicbor::bytes::ByteArray<16>>,
    /// The age recipient that sticks for this hub are sealed to, for a hub that joined before it had one.
    #[n(8)]
    pub stick: Option<String>,
}

/// What the nation says back; it travels signed by the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubAnswer {
    #[n(0)]
    pub hub: DeviceId,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    #[n(2)]
    pub now_ms: i64,
    /// A certificate that lasts longer, and may name other areas.
    #[n(3)]
    pub certificate: Signed,
    /// For each log that was named and whose device is known here: a [`Receipt`], to be handed on to its laptop.
    #[n(4)]
    pub receipts: Vec<Signed>,
    /// Devices of logs that were named and are not known here.
    #[n(5)]
    pub strangers: Vec<DeviceId>,
    #[n(6)]
    pub feeds: Vec<FeedSum>,
    /// Rules the hub does not hold yet.
    #[n(7)]
    pub rules: Vec<Signed>,
    /// Devices that were taken back.
    #[n(8)]
    pub ended: Vec<DeviceId>,
    /// Another machine calls itself this hub: its feeds must not be told under the numbers used so far.
    #[n(9)]
    pub has_twin: bool,
}

impl CampaignWord for HubAnswer {
    const DOMAIN: &'static [u8] = b"so-tiem/hub-answer/1\0";
}

impl Receipt {
    /// Whether it is the answer to this question about a log of this head.
    pub(super) fn answers(&self, log: &LogEnd, nonce: [u8; 16]) -> bool {
        (self.device, self.epoch, self.nonce) == (log.device, log.epoch, nonce)
    }
}
