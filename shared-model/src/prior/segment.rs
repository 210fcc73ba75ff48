//! The bytes of a segment: 24 of head, the slots, two of padding. Numbers are big-endian.
//!
//! | Bytes | Hold |
//! | --- | --- |
//! | 0–3 | `STPd` |
//! | 4 | scheme |
//! | 5 | leading bits of a mark that choose the segment, 0 to 8 |
//! | 6–7 | number of the segment |
//! | 8 | bits a slot |
//! | 9 | bits of a window's length |
//! | 10–11 | zero |
//! | 12–15 | citizens, those who share a mark counted once |
//! | 16–19 | windows a citizen may begin in |
//! | 20–23 | seed |

use sha2::{Digest, Sha256};

use super::fuse::{PADDING, Shape, WINDOW_BITS_MAX, WINDOW_BITS_MIN};
use super::{Kind, SCHEME, SegmentWord, Split};

pub const HEAD_BYTES: usize = 24;
const MAGIC: [u8; 4] = *b"STPd";

/// Why bytes are not the segment that was asked for. What is held of other segments goes on answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// The filter has no such segment: what came belongs to another filter.
    #[error("the filter has segments 0 to {last}, none with the number {number}")]
    NotListed { number: u16, last: u16 },
    /// Cut short or run on: fetch the rest, or begin again.
    #[error("segment {number} is {expected} bytes long, not {found}")]
    Length { number: u16, expected: u64, found: u64 },
    /// Damaged on the way or on the disk, or another filter's: fetch this one again.
    #[error("segment {number} is not the one that the manifest names")]
    Hash { number: u16 },
    /// The campaign named bytes that are no segment: fetching again brings the same ones, the server has to know.
    #[error("segment {number} was signed and is not a segment")]
    Malformed { number: u16 },
}

/// The head of a segment and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub split: Split,
    pub number: u16,
    pub citizens: u32,
    pub shape: Shape,
}

/// The hash by which a manifest names a segment: a plain one, on which file servers and `sha256sum` agree.
pub fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Head {
    pub fn write(&self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..4].copy_from_slice(&MAGIC);
        head[4] = SCHEME;
        head[5] = self.split.bits();
        head[6..8].copy_from_slice(&self.number.to_be_bytes());
        head[8] = self.shape.slot_bits;
        head[9] = self.shape.window_bits;
        head[12..16].copy_from_slice(&self.citizens.to_be_bytes());
        head[16..20].copy_from_slice(&self.shape.starts.to_be_bytes());
        head[20..].copy_from_slice(&self.shape.seed.to_be_bytes());
        head
    }

    /// Reads a whole segment, strictly: what this gives back is written again as the same bytes.
    /// `None` when it is no segment. Takes no memory, whatever the bytes say.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (head, slots) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let read = Self::parse(head)?;
        let holds = read.shape.bytes() == u64::try_from(slots.len()).ok()? && slots.ends_with(&[0; PADDING]);
        holds.then_some(read)
    }

    fn parse(head: &[u8; HEAD_BYTES]) -> Option<Self> {
        let four = |at: usize| -> Option<u32> { Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?)) };
        let number = u16::from_be_bytes([head[6], head[7]]);
        let shape = Shape { slot_bits: head[8], window_bits: head[9], starts: four(16)?, seed: four(20)? };
        let read = Self { split: Split::new(head[5])?, number, citizens: four(12)?, shape };
        let is_kind = Kind::ALL.iter().any(|kind| kind.slot_bits() == shape.slot_bits);
        let is_sized = (WINDOW_BITS_MIN..=WINDOW_BITS_MAX).contains(&shape.window_bits)
            && (read.citizens == 0) == (shape.starts == 0)
            && u64::from(read.citizens) <= shape.slots();
        let holds = is_kind && is_sized && number < read.split.segments() && read.write() == *head;
        holds.then_some(read)
    }

    /// Reads the segment of that number, once it is the one its filter's manifest names.
    pub fn check(bytes: &[u8], kind: Kind, number: u16, words: &[SegmentWord]) -> Result<Self, SegmentError> {
        let last = u16::try_from(words.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let word = words.get(usize::from(number)).ok_or(SegmentError::NotListed { number, last })?;
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found != word.bytes {
            return Err(SegmentError::Length { number, expected: word.bytes, found });
        }
        if sha256_of(bytes) != word.sha256 {
            return Err(SegmentError::Hash { number });
        }
        let read = Self::read(bytes).filter(|head| head.is_meant(kind, number, word, words.len()));
        read.ok_or(SegmentError::Malformed { number })
    }

    /// As [`check`](Self::check), of a segment that was checked whole when it was kept: reads its head alone.
    pub fn check_kept(bytes: &[u8], kind: Kind, number: u16, words: &[SegmentWord]) -> Result<Self, SegmentError> {
        let last = u16::try_from(words.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let word = words.get(usize::from(number)).ok_or(SegmentError::NotListed { number, last })?;
        let head = bytes.first_chunk().and_then(Self::parse);
        let head = head.filter(|head| {
            head.is_meant(kind, number, word, words.len()) && HEAD_BYTES as u64 + head.shape.bytes() == word.bytes
        });
        head.ok_or(SegmentError::Malformed { number })
    }

    fn is_meant(&self, kind: Kind, number: u16, word: &SegmentWord, segments: usize) -> bool {
        (self.number, self.citizens) == (number, word.citizens)
            && usize::from(self.split.segments()) == segments
            && self.shape.slot_bits == kind.slot_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prior::{Doses, Mark, build_segment};

    fn segment() -> Vec<u8> {
        let known = (32..64_u64).map(|n| (Mark(n << 58), Doses::MOST));
        build_segment(Kind::Base, Split::new(1).unwrap(), 1, known.collect()).unwrap().bytes
    }

    #[test]
    fn what_is_read_is_written_as_the_same_bytes() {
        let bytes = segment();
        let head = Head::read(&bytes).unwrap();
        assert_eq!(head.write(), bytes[..HEAD_BYTES]);
        assert_eq!((head.number, head.citizens), (1, 32));
    }

    #[test]
    fn no_flipped_bit_of_the_head_or_the_padding_is_read_unless_it_says_something_else() {
        let bytes = segment();
        let head = Head::read(&bytes).unwrap();
        for bit in (0..HEAD_BYTES * 8).chain((bytes.len() - PADDING) * 8..bytes.len() * 8) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Head::read(&flipped), Some(head), "bit {bit}");
        }
    }

    #[test]
    fn no_shorter_and_no_longer_bytes_are_a_segment() {
        let bytes = segment();
        for end in 0..bytes.len() {
            assert_eq!(Head::read(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Head::read(&[&bytes[..], &[0]].concat()), None);
    }
}
