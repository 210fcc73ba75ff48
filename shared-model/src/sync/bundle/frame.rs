//! One frame: its head, its sum, and how its bytes are told from those of others.

use super::marks::escape;
use crate::envelope::PublicKey;
use crate::hash;
use crate::ids::BundleId;
use crate::limits;

/// How every frame begins. No UTF-8 and no CBOR head holds its first byte, and a copy "as text" breaks its end.
pub const MAGIC: [u8; 8] = *b"\xfdSTIEM\r\n";
/// The version of frames written here, and the latest one read.
pub const VERSION: u8 = 1;
/// A payload as stored, in bytes, of a frame in which nothing has to be escaped.
pub const PAYLOAD_BYTES_MAX: usize = limits::REQUEST_BYTES_MAX - MAGIC.len() - BEFORE_PAYLOAD_BYTES;

const HEAD_BYTES: usize = 36;
pub(super) const BEFORE_PAYLOAD_BYTES: usize = HEAD_BYTES + 32;

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)*
            /// Of a later version: whole, and not for this reader.
            Other(u8),
        }

        impl $name {
            pub fn number(self) -> u8 {
                match self { $(Self::$variant => $number,)* Self::Other(number) => number }
            }

            pub fn from_number(number: u8) -> Self {
                match number { $($number => Self::$variant,)* other => Self::Other(other) }
            }
        }
    };
}

numbered! {
    /// What a payload is.
    Kind {
        Manifest = 0,
        Certificates = 1,
        Push = 2,
        Feed = 3,
        Returned = 4,
        ReturnAsked = 5,
        Prior = 6,
        PriorPiece = 7,
    }
}

numbered! {
    /// How a payload was made smaller before it was stored.
    Folding {
        Raw = 0,
        Zstd = 1,
    }
}

/// Eight bytes that tell one campaign's sticks from another's. They prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CampaignTag(pub [u8; 8]);

impl CampaignTag {
    pub fn of(campaign: PublicKey) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = hash::sha256(hash::CAMPAIGN, &[&campaign.0]);
        Self([a, b, c, d, e, f, g, h])
    }
}

/// A frame that came as it was written. What it says has not been believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub bundle: BundleId,
    pub number: u32,
    /// Of its writer.
    pub version: u8,
    pub kind: Kind,
    pub folding: Folding,
    /// As stored: [`Frame::open`] it, or unfold it and read [`super::Content`].
    pub payload: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub version: u8,
    pub needs: u8,
    pub kind: Kind,
    pub folding: Folding,
    pub campaign: CampaignTag,
    pub bundle: BundleId,
    pub number: u32,
    pub payload_bytes: u32,
}

impl Head {
    fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..4].copy_from_slice(&[self.version, self.needs, self.kind.number(), self.folding.number()]);
        bytes[4..12].copy_from_slice(&self.campaign.0);
        bytes[12..28].copy_from_slice(&self.bundle.0);
        bytes[28..32].copy_from_slice(&self.number.to_be_bytes());
        bytes[32..].copy_from_slice(&self.payload_bytes.to_be_bytes());
        bytes
    }

    /// Head and sum, once their bytes are here.
    pub fn parse(bytes: &[u8]) -> Option<(Self, [u8; 32])> {
        let ([version, needs, kind, folding], rest) = bytes.split_first_chunk()?;
        let (campaign, rest) = rest.split_first_chunk()?;
        let (bundle, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (payload_bytes, rest) = rest.split_first_chunk()?;
        let (sum, _) = rest.split_first_chunk()?;
        let head = Self {
            version: *version,
            needs: *needs,
            kind: Kind::from_number(*kind),
            folding: Folding::from_number(*folding),
            campaign: CampaignTag(*campaign),
            bundle: BundleId(*bundle),
            number: u32::from_be_bytes(*number),
            payload_bytes: u32::from_be_bytes(*payload_bytes),
        };
        Some((head, *sum))
    }

    pub fn sum(self, payload: &[u8]) -> [u8; 32] {
        hash::sha256(hash::FRAME, &[&self.to_bytes(), payload])
    }

    /// The bytes of a whole frame.
    pub fn around(self, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAGIC.len() + BEFORE_PAYLOAD_BYTES + payload.len() * 65 / 64);
        bytes.extend(MAGIC);
        for part in [&self.to_bytes()[..], &self.sum(payload), payload] {
            escape(part, &mut bytes);
        }
        bytes
    }
}
