//! What lies on the medium: the frames, sealed to their readers, in segments that stand alone.
//!
//! A sealed stream ends where its first damaged chunk lies, so a stick that were one stream would lose everything
//! behind a bad sector. It is a row of segments instead; each is sealed by itself and holds whole frames. Numbers are
//! big-endian:
//!
//! | Bytes | What |
//! | --- | --- |
//! | 8 | [`SEGMENT_MAGIC`] |
//! | 1 | version of the writer |
//! | 1 | version a reader must have |
//! | 8 | [`CampaignTag`] |
//! | 4 | bytes that are sealed, as they lie here without escapes |
//! | 8 | the first of SHA-256 of the domain `so-tiem/segment/1\0` and the 14 bytes from the version to here |
//! | … | sealed bytes |
//!
//! The magic begins with the same byte as that of a frame and is kept apart from content in the same way. What is
//! sealed tells damage by itself; the eight bytes tell a damaged head from a length worth waiting for.

use super::frame::CampaignTag;
use super::marks::{MARK, Marks, Met, escape};
use super::report::{Damage, What};
use crate::envelope::PublicKey;
use crate::hash;
use crate::limits;

/// How every segment begins.
pub const SEGMENT_MAGIC: [u8; 8] = *b"\xfdSTICK\r\n";
/// The version of segments written here, and the latest one read.
pub const SEGMENT_VERSION: u8 = 1;

const HEAD_BYTES: usize = 14;
const SUM_BYTES: usize = 8;
const BEFORE_SEALED_BYTES: usize = HEAD_BYTES + SUM_BYTES;

/// The sealed bytes are more than a segment may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("larger than a segment may be")]
pub struct SegmentTooLarge;

/// A segment as it lies on the medium.
pub fn segment(campaign: PublicKey, sealed: &[u8]) -> Result<Vec<u8>, SegmentTooLarge> {
    if sealed.len() > limits::SEGMENT_SEALED_BYTES_MAX {
        return Err(SegmentTooLarge);
    }
    let sealed_bytes = u32::try_from(sealed.len()).map_err(|_| SegmentTooLarge)?;
    let head = Head { needs: SEGMENT_VERSION, campaign: CampaignTag::of(campaign), sealed_bytes };
    let mut bytes = Vec::with_capacity(SEGMENT_MAGIC.len() + BEFORE_SEALED_BYTES + sealed.len() * 65 / 64);
    bytes.extend(SEGMENT_MAGIC);
    let head = head.to_bytes();
    escape(&head, &mut bytes);
    escape(&sum(&head), &mut bytes);
    escape(sealed, &mut bytes);
    Ok(bytes)
}

#[derive(Clone, Copy)]
struct Head {
    needs: u8,
    campaign: CampaignTag,
    sealed_bytes: u32,
}

impl Head {
    fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..2].copy_from_slice(&[SEGMENT_VERSION, self.needs]);
        bytes[2..10].copy_from_slice(&self.campaign.0);
        bytes[10..].copy_from_slice(&self.sealed_bytes.to_be_bytes());
        bytes
    }

    fn parse(bytes: &[u8; HEAD_BYTES]) -> Self {
        let [_, needs, a, b, c, d, e, f, g, h, length @ ..] = *bytes;
        Self { needs, campaign: CampaignTag([a, b, c, d, e, f, g, h]), sealed_bytes: u32::from_be_bytes(length) }
    }
}

fn sum(head: &[u8; HEAD_BYTES]) -> [u8; SUM_BYTES] {
    let [a, b, c, d, e, f, g, h, ..] = hash::sha256(hash::SEGMENT, &[head]);
    [a, b, c, d, e, f, g, h]
}

/// What one segment seals, to be opened by whoever holds the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Where the segment begins, in bytes from the start of the file, and how far it reaches.
    pub at: u64,
    pub bytes: u64,
    /// The first bytes of them only, where the segment breaks off.
    pub sealed: Vec<u8>,
    pub is_whole: bool,
}

/// Takes a file in pieces of any size. It holds one segment and a bounded list of damages.
pub struct Segments {
    campaign: CampaignTag,
    marks: Marks,
    place: Place,
    any: bool,
    damages: Vec<Damage>,
    damages_unlisted: u64,
}

enum Place {
    /// In no segment: what lies from here on is damage.
    Between { from: u64, what: What },
    /// In a segment that began at `from`; `body` is what followed its magic, without escapes.
    Inside { from: u64, body: Vec<u8> },
}

/// What a file holds beside segments for this campaign and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentsRead {
    /// In the order of the bytes, no more than [`limits::STICK_DAMAGES_MAX`].
    pub damages: Vec<Damage>,
    pub damages_unlisted: u64,
    pub bytes: u64,
}

impl Segments {
    pub fn new(campaign: PublicKey) -> Self {
        Self {
            campaign: CampaignTag::of(campaign),
            marks: Marks::of(&SEGMENT_MAGIC),
            place: Place::Between { from: 0, what: What::Stray },
            any: false,
            damages: Vec::new(),
            damages_unlisted: 0,
        }
    }

    /// The segments that ended with these bytes: together no larger than they and one segment more.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Sealed> {
        let mut ended = Vec::new();
        let mut rest = bytes;
        while let Some(met) = self.marks.next(&mut rest, self.room()) {
            match met {
                Met::Plain(plain) => ended.extend(self.take(plain)),
                Met::Mark => ended.extend(self.take(&[MARK])),
                Met::Magic => {
                    self.any = true;
                    let from = self.marks.at().saturating_sub(SEGMENT_MAGIC.len() as u64);
                    ended.extend(self.leave(from));
                    self.place = Place::Inside { from, body: Vec::new() };
                }
                Met::Neither => ended.extend(self.break_off()),
            }
        }
        ended
    }

    /// So many bytes could not be had from the medium.
    pub fn skip(&mut self, bytes: u64) -> Option<Sealed> {
        let from = self.marks.at();
        let ended = self.leave(from);
        self.marks.skip(bytes);
        self.place = Place::Between { from: self.marks.at(), what: What::Stray };
        self.note(Damage { at: from, bytes, bundle: None, what: What::Unreadable });
        ended
    }

    /// What was begun and not ended, and what else was found, once all bytes were fed.
    pub fn finish(mut self) -> (Option<Sealed>, SegmentsRead) {
        let bytes = self.marks.at();
        let ended = self.leave(bytes);
        if !self.any {
            self.damages.clear();
            self.note(Damage { at: bytes, bytes: 0, bundle: None, what: What::NothingFound });
        }
        (ended, SegmentsRead { damages: self.damages, damages_unlisted: self.damages_unlisted, bytes })
    }

    /// How many bytes may be taken before there is something to judge; never 0.
    fn room(&self) -> usize {
        match &self.place {
            Place::Between { .. } => usize::MAX,
            Place::Inside { body, .. } => whole_bytes(body).unwrap_or(BEFORE_SEALED_BYTES) - body.len(),
        }
    }

    /// Bytes of a segment, no more than there is [`Self::room`] for.
    fn take(&mut self, plain: &[u8]) -> Option<Sealed> {
        let Place::Inside { from, body } = &mut self.place else { return None };
        let from = *from;
        body.extend_from_slice(plain);
        let (head, rest) = body.split_first_chunk::<HEAD_BYTES>()?;
        let (claimed, _) = rest.split_first_chunk::<SUM_BYTES>()?;
        let parsed = Head::parse(head);
        let wrong = if *claimed != sum(head) {
            Some(What::BadSum)
        } else if parsed.campaign != self.campaign {
            // Another campaign first: what a later version of another country needs is nothing to this reader.
            Some(What::ForeignCampaign)
        } else if parsed.needs > SEGMENT_VERSION {
            Some(What::LaterVersion { needs: parsed.needs })
        } else if usize::try_from(parsed.sealed_bytes).map_or(true, |bytes| bytes > limits::SEGMENT_SEALED_BYTES_MAX) {
            Some(What::TooLarge)
        } else {
            None
        };
        if let Some(what) = wrong {
            self.place = Place::Between { from, what };
            return None;
        }
        if whole_bytes(body).is_none_or(|whole| body.len() < whole) {
            return None;
        }
        let to = self.marks.at();
        let sealed = body.split_off(BEFORE_SEALED_BYTES);
        self.place = Place::Between { from: to, what: What::Stray };
        Some(Sealed { at: from, bytes: to.saturating_sub(from), sealed, is_whole: true })
    }

    /// A byte that no writer writes: what was read of the segment is all there is of it.
    fn break_off(&mut self) -> Option<Sealed> {
        let at = self.marks.at();
        if !matches!(self.place, Place::Inside { .. }) {
            return None;
        }
        let ended = self.leave(at);
        self.place = Place::Between { from: at, what: What::Stray };
        ended
    }

    /// Ends the place where the reader stands: nothing up to `to` belongs to it any more.
    fn leave(&mut self, to: u64) -> Option<Sealed> {
        let place = std::mem::replace(&mut self.place, Place::Between { from: to, what: What::Stray });
        let (from, what, sealed) = match place {
            Place::Between { from, what } => (from, what, None),
            Place::Inside { from, mut body } if body.len() > BEFORE_SEALED_BYTES => {
                (from, What::Truncated, Some(body.split_off(BEFORE_SEALED_BYTES)))
            }
            Place::Inside { from, .. } => (from, What::Truncated, None),
        };
        let bytes = to.saturating_sub(from);
        if bytes > 0 {
            self.note(Damage { at: from, bytes, bundle: None, what });
        }
        sealed.map(|sealed| Sealed { at: from, bytes, sealed, is_whole: false })
    }

    /// Damage right behind the same damage is the same.
    fn note(&mut self, damage: Damage) {
        if let Some(last) = self.damages.last_mut()
            && last.what == damage.what
            && last.at.saturating_add(last.bytes) == damage.at
        {
            last.bytes = last.bytes.saturating_add(damage.bytes);
        } else if self.damages.len() < limits::STICK_DAMAGES_MAX {
            self.damages.push(damage);
        } else {
            self.damages_unlisted = self.damages_unlisted.saturating_add(1);
        }
    }
}

/// Bytes of a segment without its magic and escapes, once its head is here.
fn whole_bytes(body: &[u8]) -> Option<usize> {
    if body.len() < BEFORE_SEALED_BYTES {
        return None;
    }
    let head = Head::parse(body.first_chunk()?);
    usize::try_from(head.sealed_bytes).ok()?.checked_add(BEFORE_SEALED_BYTES)
}
