//! Writing a filter: citizens become marks, marks go to their segments, each segment is solved by itself.
//!
//! A delta and a small nation go through [`build()`], which holds 16 bytes a citizen. For a hundred million the
//! server writes marks and doses to one file for each [`Split::of`], and brings them to [`build_segment`]
//! one file at a time: 60 MB of memory for a million citizens, whatever the nation's size.

use super::fuse::solve;
use super::segment::{HEAD_BYTES, Head, sha256_of};
use super::{Doses, Kind, Manifest, Mark, PriorKey, SCHEME, SegmentWord};
use crate::ids::{CitizenId, PriorId};
use crate::limits;

/// How many leading bits of a mark choose its segment: 0 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Split(u8);

impl Split {
    /// `None` for more bits than segments there may be.
    pub fn new(bits: u8) -> Option<Self> {
        (1_usize.checked_shl(bits.into())? <= limits::PRIOR_SEGMENTS_MAX).then_some(Self(bits))
    }

    /// `None` for a number of segments that is not 1, 2, 4 … 256.
    pub fn of_segments(segments: usize) -> Option<Self> {
        let bits = u8::try_from(segments.checked_ilog2()?).ok()?;
        (segments == 1 << bits).then(|| Self::new(bits)).flatten()
    }

    /// The coarsest with about a million citizens a segment at most; `None` for more than 268 million.
    pub fn for_citizens(citizens: u64) -> Option<Self> {
        (0..=u8::MAX)
            .map_while(Self::new)
            .find(|split| citizens.div_ceil(split.segments().into()) <= limits::PRIOR_SEGMENT_CITIZENS.into())
    }

    pub fn bits(self) -> u8 {
        self.0
    }

    /// 1 to 256.
    pub fn segments(self) -> u16 {
        1 << self.0
    }

    /// The number of the segment a mark belongs to.
    pub fn of(self, mark: Mark) -> u16 {
        let leading = mark.0.checked_shr(64 - u32::from(self.0)).unwrap_or(0);
        u16::try_from(leading).unwrap_or(u16::MAX)
    }
}

/// What a filter covers. Places are in the national log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every citizen with a dose up to this place.
    Base { to_lseq: u64 },
    /// The citizens given a dose after one place and up to another, with all their doses.
    /// `after_lseq` is that of the base or of any delta on it; one delta may stand for many smaller ones.
    Delta { on: PriorId, after_lseq: u64, to_lseq: u64 },
}

impl Reach {
    pub fn kind(self) -> Kind {
        match self {
            Self::Base { .. } => Kind::Base,
            Self::Delta { .. } => Kind::Delta,
        }
    }
}

/// What the builder is told of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// One more than that of the last filter built.
    pub number: u32,
    /// Unix milliseconds.
    pub built_ms: i64,
    pub reach: Reach,
}

/// A segment's file, and the word on it for the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltSegment {
    pub bytes: Vec<u8>,
    pub word: SegmentWord,
}

/// A filter as it is published: a manifest to sign, and files in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    pub manifest: Manifest,
    pub segments: Vec<Vec<u8>>,
}

/// Why no filter came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// More than 268 million, or far too many for one segment: split finer.
    #[error("more citizens than there is room for")]
    TooMany,
    /// A mark was brought to a segment that no look-up would seek it in.
    #[error("segment {number} was given a mark of another segment")]
    ForeignMark { number: u16 },
    /// Segments are missing, or of another split than their number says.
    #[error("not as many segments as a split has")]
    NotASplit,
    /// A delta that ends before it begins.
    #[error("ends at a place before the one it begins after")]
    Backwards,
    /// 256 seeds were tried, and four of five succeed: the marks are not made by a keyed hash.
    #[error("no seed solves segment {number}")]
    NoSeed { number: u16 },
}

/// Writes one segment. `known` comes in any order; of several doses for one mark the most is told, be it a
/// citizen given twice or two citizens whose marks collide.
pub fn build_segment(
    kind: Kind,
    split: Split,
    number: u16,
    mut known: Vec<(Mark, Doses)>,
) -> Result<BuiltSegment, BuildError> {
    if number >= split.segments() || known.iter().any(|(mark, _)| split.of(*mark) != number) {
        return Err(BuildError::ForeignMark { number });
    }
    known.sort_unstable_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
    known.dedup_by_key(|(mark, _)| *mark);
    let citizens = u32::try_from(known.len()).map_err(|_| BuildError::TooMany)?;
    if citizens > limits::PRIOR_SEGMENT_CITIZENS_MAX {
        return Err(BuildError::TooMany);
    }
    let (shape, slots) = solve(&known, kind.slot_bits()).map_err(|_| BuildError::NoSeed { number })?;
    let mut bytes = Vec::with_capacity(HEAD_BYTES + slots.len());
    bytes.extend_from_slice(&Head { split, number, citizens, shape }.write());
    bytes.extend_from_slice(&slots);
    let length = u64::try_from(bytes.len()).map_err(|_| BuildError::TooMany)?;
    let word = SegmentWord { bytes: length, sha256: sha256_of(&bytes), citizens };
    Ok(BuiltSegment { bytes, word })
}

/// The manifest over segments, given in the order of their numbers.
pub fn manifest_of(key: &PriorKey, about: About, segments: Vec<SegmentWord>) -> Result<Manifest, BuildError> {
    Split::of_segments(segments.len()).ok_or(BuildError::NotASplit)?;
    let (base, after_lseq, to_lseq) = match about.reach {
        Reach::Base { to_lseq } => (None, 0, to_lseq),
        Reach::Delta { on, after_lseq, to_lseq } => (Some(on), after_lseq, to_lseq),
    };
    if after_lseq > to_lseq {
        return Err(BuildError::Backwards);
    }
    Ok(Manifest {
        scheme: SCHEME,
        number: about.number,
        built_ms: about.built_ms,
        base,
        after_lseq,
        to_lseq,
        key: key.check(),
        citizens: segments.iter().map(|segment| u64::from(segment.citizens)).sum(),
        segments,
    })
}

/// Writes a whole filter in memory. The same citizens in any order give the same bytes.
pub fn build(
    key: &PriorKey,
    about: About,
    citizens: impl IntoIterator<Item = (CitizenId, Doses)>,
) -> Result<Built, BuildError> {
    let mut known: Vec<(Mark, Doses)> =
        citizens.into_iter().map(|(citizen, doses)| (Mark::of(key, citizen), doses)).collect();
    // Whoever is given twice must not split the nation finer than who is given once: the count comes after.
    known.sort_unstable_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
    known.dedup_by_key(|(mark, _)| *mark);
    let count = u64::try_from(known.len()).map_err(|_| BuildError::TooMany)?;
    let split = Split::for_citizens(count).ok_or(BuildError::TooMany)?;
    let (mut words, mut segments) = (Vec::new(), Vec::new());
    let mut rest = known.as_slice();
    for number in 0..split.segments() {
        let (here, behind) = rest.split_at(rest.partition_point(|(mark, _)| split.of(*mark) <= number));
        rest = behind;
        let BuiltSegment { bytes, word } = build_segment(about.reach.kind(), split, number, here.to_vec())?;
        words.push(word);
        segments.push(bytes);
    }
    Ok(Built { manifest: manifest_of(key, about, words)?, segments })
}
