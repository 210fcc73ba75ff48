//! Who wants a return stick: said by the maker of an outward one, under the key of the device.
//!
//! A return stick carries an area's people. Whoever could have one sealed to himself by plugging in a stick would have
//! them all, so the reader it is sealed to is named by the device, for one bundle, and by nobody else.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};

use crate::certificate::{NotGenuine, Signed};
use crate::envelope::{PublicKey, sign, verify_signature};
use crate::ids::{BundleId, DeviceId, PriorId};
use crate::limits;
use crate::sync::feed::Cursor;
use crate::sync::message::EarlierEnd;

const DOMAIN: &[u8] = b"so-tiem/return-asked/1\0";

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReturnAsked {
    /// The outward bundle it stands in; in another one it asks for nothing.
    #[n(0)]
    pub bundle: BundleId,
    #[n(1)]
    pub campaign: PublicKey,
    #[n(2)]
    pub device: DeviceId,
    /// The age recipient the return stick is to be sealed to.
    #[n(3)]
    pub recipient: String,
    /// How far the feeds are read.
    #[n(4)]
    pub cursors: Vec<Cursor>,
    #[n(5)]
    pub app_version: String,
    /// How far the nation said it holds each epoch of the device's log, so that the answer tells whether it still does.
    #[n(6)]
    pub known: Vec<EarlierEnd>,
    /// How far the feeds of the hubs it is sealed to are read: each counts for itself.
    #[n(7)]
    pub at_hubs: Option<Vec<HubCursors>>,
    /// Filters of prior doses that are wholly here; nothing from an app that can't take them from a stick.
    #[n(8)]
    pub prior: Option<Vec<PriorId>>,
}

/// How far a hub's feeds are read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubCursors {
    #[n(0)]
    pub hub: DeviceId,
    #[n(1)]
    pub cursors: Vec<Cursor>,
}

impl ReturnAsked {
    pub fn sign(&self, device: &SigningKey) -> Signed {
        let mut content = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(self, &mut content);
        let signature = sign(device, DOMAIN, &content);
        Signed { content, signature }
    }

    /// Who it says is asking, so that the key to check it with can be looked up.
    pub fn claimed_by(signed: &Signed) -> Option<DeviceId> {
        minicbor::decode::<Self>(&signed.content).ok().map(|asked| asked.device)
    }

    /// The word, once the device's signature holds and it is one for this campaign and within limits.
    pub fn open(signed: &Signed, device: PublicKey, campaign: PublicKey) -> Result<Self, NotGenuine> {
        if !verify_signature(device, DOMAIN, &signed.content, signed.signature) {
            return Err(NotGenuine::Signature);
        }
        let asked: Self = minicbor::decode(&signed.content).map_err(|_| NotGenuine::Malformed)?;
        let within_limits = asked.recipient.len() <= limits::STICK_RECIPIENT_BYTES_MAX
            && asked.known.len() <= limits::STICK_ANSWERS_MAX
            && are_within_limits(&asked.cursors)
            && asked.prior.iter().flatten().count() <= limits::PRIOR_DELTAS_MAX + 1
            && asked.at_hubs.iter().flatten().count() <= limits::STICK_RECIPIENTS_MAX
            && asked.at_hubs.iter().flatten().all(|hub| are_within_limits(&hub.cursors));
        if asked.campaign == campaign && within_limits { Ok(asked) } else { Err(NotGenuine::Malformed) }
    }
}

fn are_within_limits(cursors: &[Cursor]) -> bool {
    cursors.len() <= limits::FEEDS_MAX
        && cursors.iter().all(|cursor| cursor.feed.len() <= limits::STICK_FEED_NAME_BYTES_MAX)
}
