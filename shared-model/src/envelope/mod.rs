//! One signed, numbered statement by one person on one device: the unit of storage and sync.
//!
//! Two identities, never mixed: the *statement id* says what was said; the *position*
//! (device, epoch, seq) says where it lies in a log. Header and body bytes are kept and
//! relayed as they came, so what this version does not understand survives it.

mod header;
mod log;
mod seal;
mod wire;

pub use header::{Authority, Header, HeaderError};
pub use log::{LogEntry, LogHead};
pub use seal::{PublicKey, Seal, Signature, SigningKeys, sign, verify_signature};
pub use wire::WireEnvelope;

use crate::hash;
use crate::ids::{BodyHash, StatementId};
use crate::limits;
use crate::statement::{Body, BodyError};

/// Header and body as they came. Nothing in it has been believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub header: Vec<u8>,
    /// `None` once the body has been erased by law; the header still verifies.
    pub body: Option<Vec<u8>>,
}

/// A statement with all that its header says of it: what records are derived from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub id: StatementId,
    pub header: Header,
    pub body: Body,
}

/// Why an envelope can't be understood. It is kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("larger than an envelope may be")]
    TooLarge,
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    #[error("the body is not the one the header names")]
    BodyHash,
    #[error("body: {0}")]
    Body(#[from] BodyError),
    #[error("the body has been erased")]
    Erased,
}

impl BodyHash {
    pub fn of(body: &[u8]) -> Self {
        Self(hash::sha256(hash::BODY, &[body]))
    }
}

impl StatementId {
    pub fn of(header: &[u8]) -> Self {
        Self(hash::sha256(hash::STATEMENT, &[header]))
    }
}

impl Envelope {
    /// Puts a body into an envelope. The header's body hash and length are filled in here.
    pub fn compose(mut header: Header, body: &Body) -> Result<Self, EnvelopeError> {
        let bytes = body.to_cbor();
        if bytes.len() > limits::BODY_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        if !body.statement.within_limits()
            || body.seen.len() > limits::SEEN_MAX
            || body.based_on.len() > limits::BASED_ON_MAX
        {
            return Err(BodyError::BeyondLimits.into());
        }
        header.kind = body.statement.kind();
        header.body_bytes = u32::try_from(bytes.len()).map_err(|_| EnvelopeError::TooLarge)?;
        header.body_hash = BodyHash::of(&bytes);
        Ok(Self { header: header.to_cbor(), body: Some(bytes) })
    }

    pub fn statement_id(&self) -> StatementId {
        StatementId::of(&self.header)
    }

    /// Opens the envelope: sizes, header, the body's hash, the body.
    pub fn open(&self) -> Result<Said, EnvelopeError> {
        let header = self.open_header()?;
        let bytes = self.body.as_ref().ok_or(EnvelopeError::Erased)?;
        let body = Body::from_cbor(header.kind, bytes)?;
        Ok(Said { id: self.statement_id(), header, body })
    }

    /// What the header says, and that the body, if it is here, is the one it names.
    pub fn open_header(&self) -> Result<Header, EnvelopeError> {
        let body_bytes = self.body.as_ref().map_or(0, Vec::len);
        if self.header.len() > limits::HEADER_BYTES_MAX || body_bytes > limits::BODY_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        let header = Header::from_cbor(&self.header)?;
        match &self.body {
            Some(body) if !header.names(body) => Err(EnvelopeError::BodyHash),
            _ => Ok(header),
        }
    }

    /// Whether the body, if it is here, is the one its header names, as far as this version reads headers.
    pub fn is_whole(&self) -> bool {
        match (&self.body, Header::from_cbor(&self.header)) {
            (Some(body), Ok(header)) => header.names(body),
            _ => true,
        }
    }
}
