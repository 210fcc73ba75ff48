//! Why an entry that is kept is not believed. Nothing is refused for its content.

use crate::envelope::{EnvelopeError, HeaderError};
use crate::statement::BodyError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quarantine {
    /// The bytes are no envelope.
    Malformed,
    /// Made by a later version; read again after an upgrade.
    FutureVersion,
    /// A field or a list is beyond its limit.
    BeyondLimits,
    /// The body is not the one its header names.
    BodyMismatch,
    /// The seal names another author than the header, or another device spoke first.
    WrongAuthor,
    /// No certificate of this campaign names the author on that device.
    UnknownAuthor,
    /// The author's or the device's certificate was taken back before this was received.
    Revoked,
    /// The author may not say this: too high an authority, or not about such a subject.
    NotAllowed,
}

impl Quarantine {
    pub const ALL: [Self; 8] = [
        Self::Malformed,
        Self::FutureVersion,
        Self::BeyondLimits,
        Self::BodyMismatch,
        Self::WrongAuthor,
        Self::UnknownAuthor,
        Self::Revoked,
        Self::NotAllowed,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::FutureVersion => "future_version",
            Self::BeyondLimits => "beyond_limits",
            Self::BodyMismatch => "body_mismatch",
            Self::WrongAuthor => "wrong_author",
            Self::UnknownAuthor => "unknown_author",
            Self::Revoked => "revoked",
            Self::NotAllowed => "not_allowed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quarantine| quarantine.code() == code)
    }
}

impl From<EnvelopeError> for Quarantine {
    fn from(wrong: EnvelopeError) -> Self {
        match wrong {
            EnvelopeError::TooLarge | EnvelopeError::Body(BodyError::BeyondLimits) => Self::BeyondLimits,
            EnvelopeError::Header(HeaderError::FutureVersion) => Self::FutureVersion,
            EnvelopeError::BodyHash => Self::BodyMismatch,
            EnvelopeError::Header(HeaderError::Malformed)
            | EnvelopeError::Body(BodyError::Malformed)
            | EnvelopeError::Erased => Self::Malformed,
        }
    }
}
