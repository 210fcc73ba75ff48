//! What stands in the frames of a stick. CBOR maps with numbered keys: a later version adds keys, none changes.

use minicbor::{Decode, Encode};

use super::frame::{Folding, Frame, Kind};
use crate::certificate::Signed;
use crate::envelope::PublicKey;
use crate::ids::{BundleId, Chain, DeviceId, Epoch, Seq};
use crate::limits;
use crate::prior::PriorAnswer;
use crate::sync::feed::Cursor;
use crate::sync::message::{Page, Push};

/// What a stick is and what is on it, said by whoever made it and signed by nobody.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    #[n(0)]
    pub bundle: BundleId,
    #[n(1)]
    pub campaign: PublicKey,
    #[n(2)]
    pub maker: DeviceId,
    /// Milliseconds since 1970 by the maker's clock.
    #[n(3)]
    pub made_ms: i64,
    /// In the first frame what was meant to be written, in the last one what was.
    #[n(4)]
    pub ranges: Vec<LogRange>,
    #[n(5)]
    pub feeds: Vec<FeedRange>,
    /// All frames with both manifests; only the last frame knows.
    #[n(6)]
    pub frames: Option<u32>,
}

/// A contiguous range of one log, over one frame or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogRange {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub from: Seq,
    #[n(3)]
    pub to: Seq,
    /// The chain at `from - 1`.
    #[n(4)]
    pub previous: Chain,
}

/// A stretch of one feed, over one frame or several.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedRange {
    #[n(0)]
    pub feed: String,
    #[n(1)]
    pub epoch: u64,
    /// Where a cursor must stand to go on with it; the first entry is the one after.
    #[n(2)]
    pub after: Seq,
    #[n(3)]
    pub to: Seq,
}

/// Devices and authors met in the ranges, so that who does not know them can name them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Certificates {
    #[n(0)]
    pub authors: Vec<Signed>,
    #[n(1)]
    pub devices: Vec<Signed>,
    /// Of hubs whose words are on the stick.
    #[n(2)]
    pub hubs: Option<Vec<Signed>>,
}

/// A page and the cursor it goes on from, so that it can be placed when the one before it is lost.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedStretch {
    #[n(0)]
    pub from: Cursor,
    #[n(1)]
    pub page: Page,
}

/// A stretch of a file of a filter of prior doses, known by the hash of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PriorPiece {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// Bytes of the file before it.
    #[n(1)]
    pub from: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Manifest(Manifest),
    Certificates(Certificates),
    /// Its nonce is zero: what answers a stick is bound to the bundle id.
    Push(Push),
    Feed(FeedStretch),
    /// A [`super::Returned`], signed by the campaign.
    Returned(Signed),
    /// A [`super::ReturnAsked`], signed by the device that made the stick.
    ReturnAsked(Signed),
    /// The filters of prior doses in force, each signed by the campaign, with the key they are asked with.
    Prior(PriorAnswer),
    PriorPiece(PriorPiece),
}

/// Why the content of a whole frame can't be had here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    #[error("to be unfolded first")]
    Folded(Folding),
    #[error("a kind of a later version")]
    LaterKind(u8),
    #[error("not the CBOR of what the frame says it holds")]
    Malformed,
    #[error("larger than such a content may be")]
    BeyondLimits,
}

impl Manifest {
    pub fn within_limits(&self) -> bool {
        self.ranges.len() <= limits::STICK_RANGES_MAX
            && self.feeds.len() <= limits::STICK_FEEDS_MAX
            && self.feeds.iter().all(|range| range.feed.len() <= limits::STICK_FEED_NAME_BYTES_MAX)
    }
}

impl Content {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Manifest(_) => Kind::Manifest,
            Self::Certificates(_) => Kind::Certificates,
            Self::Push(_) => Kind::Push,
            Self::Feed(_) => Kind::Feed,
            Self::Returned(_) => Kind::Returned,
            Self::ReturnAsked(_) => Kind::ReturnAsked,
            Self::Prior(_) => Kind::Prior,
            Self::PriorPiece(_) => Kind::PriorPiece,
        }
    }

    pub fn to_cbor(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = match self {
            Self::Manifest(manifest) => minicbor::encode(manifest, &mut bytes),
            Self::Certificates(certificates) => minicbor::encode(certificates, &mut bytes),
            Self::Push(push) => minicbor::encode(push, &mut bytes),
            Self::Feed(stretch) => minicbor::encode(stretch, &mut bytes),
            Self::Returned(signed) | Self::ReturnAsked(signed) => minicbor::encode(signed, &mut bytes),
            Self::Prior(answer) => minicbor::encode(answer, &mut bytes),
            Self::PriorPiece(piece) => minicbor::encode(piece, &mut bytes),
        };
        bytes
    }

    /// Reads an unfolded payload. What is in it still has to be verified: [`crate::sync::verify_push`],
    /// [`crate::sync::feed::check_page`], [`Signed::open`], [`super::ReturnAsked::open`].
    pub fn read(kind: Kind, cbor: &[u8]) -> Result<Self, NotOpened> {
        if cbor.len() > limits::UNFOLDED_BYTES_MAX {
            return Err(NotOpened::BeyondLimits);
        }
        let content = match kind {
            Kind::Manifest => minicbor::decode(cbor).map(Self::Manifest),
            Kind::Certificates => minicbor::decode(cbor).map(Self::Certificates),
            Kind::Push => minicbor::decode(cbor).map(Self::Push),
            Kind::Feed => minicbor::decode(cbor).map(Self::Feed),
            Kind::Returned => minicbor::decode(cbor).map(Self::Returned),
            Kind::ReturnAsked => minicbor::decode(cbor).map(Self::ReturnAsked),
            Kind::Prior => minicbor::decode(cbor).map(Self::Prior),
            Kind::PriorPiece => minicbor::decode(cbor).map(Self::PriorPiece),
            Kind::Other(number) => return Err(NotOpened::LaterKind(number)),
        };
        let content = content.map_err(|_| NotOpened::Malformed)?;
        if content.within_limits() { Ok(content) } else { Err(NotOpened::BeyondLimits) }
    }

    pub(super) fn within_limits(&self) -> bool {
        match self {
            Self::Manifest(manifest) => manifest.within_limits(),
            Self::Certificates(Certificates { authors, devices, hubs }) => {
                let hubs = hubs.as_ref().map_or(0, Vec::len);
                authors.len().max(devices.len()).max(hubs) <= limits::CERTIFICATES_MAX
            }
            Self::Push(push) => {
                push.entries.len() <= limits::PUSH_ENTRIES_MAX && push.seals.len() <= limits::PUSH_SEALS_MAX
            }
            Self::Feed(FeedStretch { from, page }) => {
                page.entries.len() <= limits::PULL_ENTRIES_MAX && from.feed.len() <= limits::STICK_FEED_NAME_BYTES_MAX
            }
            Self::Prior(answer) => answer.manifests.len() <= limits::PRIOR_DELTAS_MAX + 1,
            Self::PriorPiece(piece) => {
                let end = piece.from.checked_add(piece.bytes.len() as u64);
                end.is_some_and(|end| end <= limits::PRIOR_SEGMENT_BYTES_MAX)
            }
            Self::Returned(_) | Self::ReturnAsked(_) => true,
        }
    }
}

impl Frame {
    /// The content of a frame that was not folded.
    pub fn open(&self) -> Result<Content, NotOpened> {
        match self.folding {
            Folding::Raw => Content::read(self.kind, &self.payload),
            folded @ (Folding::Zstd | Folding::Other(_)) => Err(NotOpened::Folded(folded)),
        }
    }
}
