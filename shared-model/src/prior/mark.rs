//! Who a citizen is to a filter: sixty-four bits that nobody without the key can compute.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::citizen::CampaignKey;
use crate::ids::CitizenId;

const OF_CAMPAIGN: &[u8] = b"so-tiem/prior/key/1\0";
const OF_CITIZEN: &[u8] = b"so-tiem/prior/mark/1\0";
const CHECK: &[u8] = b"so-tiem/prior/key-check/1\0";

/// The key that turns citizen ids into marks: as secret as the campaign key, and kept beside it.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct PriorKey([u8; 32]);

/// Names a key without telling it. A filter looked up under another key would say of everybody that
/// they are not in it; this is how it is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyCheck(pub [u8; 8]);

/// A citizen in a filter. Two of a hundred million share one with a probability of 1 to 3,700; then the greater
/// number of doses is told of both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub u64);

impl PriorKey {
    /// A key of its own, drawn by the server and brought to the laptops.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key every laptop of the campaign can make for itself, without a word from the server.
    pub fn of_campaign(key: &CampaignKey) -> Self {
        Self(hash(key.bytes(), OF_CAMPAIGN, &[]))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn check(&self) -> KeyCheck {
        KeyCheck(first_eight(hash(&self.0, CHECK, &[])))
    }
}

impl fmt::Debug for PriorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PriorKey(…)")
    }
}

impl Mark {
    pub fn of(key: &PriorKey, citizen: CitizenId) -> Self {
        Self(u64::from_be_bytes(first_eight(hash(&key.0, OF_CITIZEN, citizen.as_bytes()))))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark({:08x}…)", self.0 >> 32)
    }
}

fn hash(key: &[u8; 32], domain: &[u8], content: &[u8]) -> [u8; 32] {
    // HMAC fills a shorter key up with zeros; done here, no length is left that could be wrong.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(domain);
    mac.update(content);
    mac.finalize().into_bytes().into()
}

fn first_eight(hash: [u8; 32]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = hash;
    [a, b, c, d, e, f, g, h]
}

impl<C> minicbor::Encode<C> for KeyCheck {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for KeyCheck {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let wrong = |_| minicbor::decode::Error::message("wrong length of KeyCheck");
        d.bytes()?.try_into().map(Self).map_err(wrong)
    }
}
