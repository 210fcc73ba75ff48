//! The outside of an envelope: who speaks, of whom, when, by which clock and which rules.

use minicbor::{Decode, Encode};

use crate::ids::{AuthorId, BodyHash, DeviceId, RulesId};
use crate::statement::Subject;
use crate::time::{ClockEvidence, Hlc};

/// In whose name a statement is made. A certificate says how far its holder may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Authority {
    /// A team at an injection point.
    #[n(0)]
    Team,
    #[n(1)]
    District,
    /// The central administration, which settles cases.
    #[n(2)]
    National,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub kind: u16,
    pub subject: Subject,
    pub author: AuthorId,
    /// Where it was said first; a log position after a fork may name another epoch, never another device.
    pub device: DeviceId,
    pub hlc: Hlc,
    pub evidence: ClockEvidence,
    /// The protocol bundle in force on that laptop.
    pub rules: RulesId,
    pub authority: Authority,
    pub body_bytes: u32,
    pub body_hash: BodyHash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("not the CBOR of a header")]
    Malformed,
    #[error("made by a later version")]
    FutureVersion,
}

const VERSION: u8 = 1;
const FIELDS: u64 = 11;

impl Header {
    /// A deterministic array of eleven; the body hash comes last so that the wire can leave it out.
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(160);
        let mut e = minicbor::Encoder::new(&mut bytes);
        // Writing to a Vec cannot fail.
        let _ = (|| {
            e.array(FIELDS)?.u8(VERSION)?.u16(self.kind)?;
            self.subject.encode(&mut e, &mut ())?;
            self.author.encode(&mut e, &mut ())?;
            self.device.encode(&mut e, &mut ())?;
            e.u64(self.hlc.0)?;
            self.evidence.encode(&mut e, &mut ())?;
            self.rules.encode(&mut e, &mut ())?;
            self.authority.encode(&mut e, &mut ())?;
            e.u32(self.body_bytes)?;
            self.body_hash.encode(&mut e, &mut ())
        })();
        bytes
    }

    /// Version 1 has exactly one encoding: what reads must also write back to the same bytes.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, HeaderError> {
        let d = &mut minicbor::Decoder::new(bytes);
        let fields = d.array().map_err(|_| HeaderError::Malformed)?;
        let version = d.u8().map_err(|_| HeaderError::Malformed)?;
        if version > VERSION {
            return Err(HeaderError::FutureVersion);
        }
        let header = Self::parse(d).map_err(|_| HeaderError::Malformed)?;
        if fields == Some(FIELDS) && version == VERSION && header.to_cbor() == bytes {
            Ok(header)
        } else {
            Err(HeaderError::Malformed)
        }
    }

    pub(super) fn names(&self, body: &[u8]) -> bool {
        usize::try_from(self.body_bytes) == Ok(body.len()) && BodyHash::of(body) == self.body_hash
    }

    fn parse(d: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        Ok(Self {
            kind: d.u16()?,
            subject: d.decode()?,
            author: d.decode()?,
            device: d.decode()?,
            hlc: Hlc(d.u64()?),
            evidence: d.decode()?,
            rules: d.decode()?,
            authority: d.decode()?,
            body_bytes: d.u32()?,
            body_hash: d.decode()?,
        })
    }
}
