//! An envelope on the road: what the receiver can compute is left out.

use minicbor::{Decode, Encode};

use super::Envelope;
use crate::ids::BodyHash;

/// Every header ends in the CBOR of its body's hash: two bytes of prefix, thirty-two of hash.
const HASH_PREFIX: [u8; 2] = [0x58, 0x20];
const TAIL_BYTES: usize = 34;

/// `header` lacks its last 34 bytes when the body is present and they are the body's hash.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WireEnvelope {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub body: Option<Vec<u8>>,
    #[n(2)]
    pub hash_left_out: bool,
}

impl From<Envelope> for WireEnvelope {
    fn from(envelope: Envelope) -> Self {
        let Envelope { mut header, body } = envelope;
        let hash_left_out = body.as_ref().is_some_and(|body| header.ends_with(&tail(body)));
        if hash_left_out {
            header.truncate(header.len() - TAIL_BYTES);
        }
        Self { header, body, hash_left_out }
    }
}

impl From<WireEnvelope> for Envelope {
    fn from(wire: WireEnvelope) -> Self {
        let WireEnvelope { mut header, body, hash_left_out } = wire;
        if let (true, Some(body)) = (hash_left_out, &body) {
            header.extend_from_slice(&tail(body));
        }
        Self { header, body }
    }
}

fn tail(body: &[u8]) -> Vec<u8> {
    [HASH_PREFIX.as_slice(), BodyHash::of(body).as_bytes()].concat()
}
