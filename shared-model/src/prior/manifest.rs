//! The campaign's word on a filter: what it covers, and by which hash each of its files is known.

use minicbor::{Decode, Encode};

use super::{KeyCheck, SCHEME, Split};
use crate::certificate::{CampaignWord, NotGenuine, Signed};
use crate::envelope::PublicKey;
use crate::hash;
use crate::ids::PriorId;
use crate::limits;

/// What a filter is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Every citizen with a dose.
    Base,
    /// The citizens given a dose since a base.
    Delta,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Base, Self::Delta];

    /// Three bits of doses, the others fingerprint. A base may take a stranger for somebody else in 7 of 8,192
    /// look-ups at most (3 of 4,096 where nobody has more than three doses), a delta in half as many: with seven
    /// deltas 1 in 260. One bit more in a base would cost
    /// the nation 13 MB, in a delta a hundredth of that. A delta of fewer than 50,000 citizens costs a little over two
    /// bytes for each of them, which is nothing beside its base.
    pub(super) fn slot_bits(self) -> u8 {
        match self {
            Self::Base => 13,
            Self::Delta => 14,
        }
    }
}

/// What the campaign signs of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// [`SCHEME`]: how the segments are made and asked.
    #[n(0)]
    pub scheme: u8,
    /// Counted up by the server over bases and deltas alike, for people to speak of and for the newest base to be known.
    #[n(1)]
    pub number: u32,
    /// Unix milliseconds.
    #[n(2)]
    pub built_ms: i64,
    /// The base a delta stands on; `None` for a base.
    #[n(3)]
    pub base: Option<PriorId>,
    /// Place in the national log after which the changes in a delta begin; 0 for a base.
    #[n(4)]
    pub after_lseq: u64,
    /// Place in the national log up to which every dose is in it.
    #[n(5)]
    pub to_lseq: u64,
    #[n(6)]
    pub key: KeyCheck,
    /// Those who share a mark counted once.
    #[n(7)]
    pub citizens: u64,
    /// 1, 2, 4 … 256 of them, in the order of their numbers from 0 on.
    #[n(8)]
    pub segments: Vec<SegmentWord>,
}

/// How one segment is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SegmentWord {
    #[n(0)]
    pub bytes: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    #[n(2)]
    pub citizens: u32,
}

/// The one field that every later manifest has too.
#[derive(Decode)]
#[cbor(map)]
struct SchemeAlone {
    #[n(0)]
    scheme: u8,
}

impl CampaignWord for Manifest {
    const DOMAIN: &'static [u8] = b"so-tiem/prior/manifest/1\0";
}

/// Why a manifest can't be used. The filters already held go on answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// No manifest is so long.
    #[error("{found} bytes, more than a manifest may have")]
    TooLarge { found: usize },
    /// Damaged, or from a stranger: ask another road for it.
    #[error("not signed by this campaign")]
    NotGenuine,
    /// Of a later version: this program has to be renewed to use it.
    #[error("made by scheme {found}, and only {SCHEME} is known here")]
    Scheme { found: u8 },
    /// Signed, and contradicts itself: the server has to know.
    #[error("was signed and is not a manifest")]
    Malformed,
}

impl Manifest {
    /// The manifest, once the campaign's signature holds and it says one whole thing.
    pub fn open(signed: &Signed, campaign: PublicKey) -> Result<(PriorId, Self), ManifestError> {
        let found = signed.content.len();
        if found > limits::PRIOR_MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge { found });
        }
        if !signed.is_genuine::<Self>(campaign) {
            return Err(ManifestError::NotGenuine);
        }
        let SchemeAlone { scheme } = minicbor::decode(&signed.content).map_err(|_| ManifestError::Malformed)?;
        if scheme != SCHEME {
            return Err(ManifestError::Scheme { found: scheme });
        }
        let manifest: Self = signed.open(campaign).map_err(|refused| match refused {
            NotGenuine::Signature => ManifestError::NotGenuine,
            NotGenuine::Malformed => ManifestError::Malformed,
        })?;
        if manifest.is_whole() { Ok((PriorId::of(signed), manifest)) } else { Err(ManifestError::Malformed) }
    }

    pub fn kind(&self) -> Kind {
        if self.base.is_some() { Kind::Delta } else { Kind::Base }
    }

    /// How marks are shared out among its segments; `None` for a number of segments that no split has.
    pub fn split(&self) -> Option<Split> {
        Split::of_segments(self.segments.len())
    }

    /// Bytes of all segments together.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.bytes))
    }

    fn is_whole(&self) -> bool {
        let reaches = match self.kind() {
            Kind::Base => self.after_lseq == 0,
            Kind::Delta => self.after_lseq <= self.to_lseq,
        };
        let sizes = self.segments.iter().all(|segment| {
            segment.bytes <= limits::PRIOR_SEGMENT_BYTES_MAX && segment.citizens <= limits::PRIOR_SEGMENT_CITIZENS_MAX
        });
        let citizens: u64 = self.segments.iter().map(|segment| u64::from(segment.citizens)).sum();
        reaches && sizes && citizens == self.citizens && self.split().is_some()
    }
}

impl PriorId {
    /// The filter of a manifest: the hash of what was signed.
    pub fn of(manifest: &Signed) -> Self {
        Self(hash::sha256(hash::PRIOR, &[&manifest.content]))
    }
}
