//! Frames as the table in the documentation has them, made without the writer.

use sha2::{Digest, Sha256};
use shared_model::ids::BundleId;
use shared_model::sync::bundle::{CampaignTag, MAGIC};

use super::{a_days_stick, bundle};
use crate::country::campaign_public;

#[derive(Clone)]
pub struct ByHand {
    pub version: u8,
    pub needs: u8,
    pub kind: u8,
    pub folding: u8,
    pub campaign: [u8; 8],
    pub bundle: BundleId,
    pub number: u32,
    pub payload_bytes: Option<u32>,
    pub payload: Vec<u8>,
}

impl ByHand {
    pub fn new(number: u32, payload: Vec<u8>) -> Self {
        let campaign = CampaignTag::of(campaign_public()).0;
        let (version, needs, kind, folding, payload_bytes) = (1, 1, 2, 0, None);
        Self { version, needs, kind, folding, campaign, bundle: bundle(1), number, payload_bytes, payload }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut head = vec![self.version, self.needs, self.kind, self.folding];
        head.extend(self.campaign);
        head.extend(self.bundle.0);
        head.extend(self.number.to_be_bytes());
        head.extend(self.payload_bytes.unwrap_or(self.payload.len() as u32).to_be_bytes());
        let sum = Sha256::digest([b"so-tiem/frame/1\0", head.as_slice(), &self.payload].concat());
        let mut bytes = MAGIC.to_vec();
        for byte in [head.as_slice(), &sum, &self.payload].concat() {
            bytes.push(byte);
            if byte == MAGIC[0] {
                bytes.push(0);
            }
        }
        bytes
    }
}

#[test]
fn the_writer_writes_what_the_table_says() {
    let push = &a_days_stick()[2];
    let cbor = super::Content::Push(super::desk().push(1, 2)).to_cbor();
    assert_eq!(*push, ByHand::new(2, cbor).bytes());
}
