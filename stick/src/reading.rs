//! Reading a stick: everything that can be had, in the order of the bytes, and what can't be had by name.
//!
//! It holds a block, a segment, what that opens to, and the sums of the frames met.

use std::collections::VecDeque;
use std::io;

use shared_model::envelope::PublicKey;
use shared_model::ids::BundleId;
use shared_model::limits;
use shared_model::planted::{Bug, is_alive};
use shared_model::sync::bundle::{
    Content, Damage, Frame, NotOpened, Reader, Report, Sealed, Segments, SegmentsRead, What,
};

use crate::fold;
use crate::medium::Medium;
use crate::sealing::{Identity, Opened, Unopened};

const BLOCK_BYTES: usize = 64 * 1024;
/// What is read again where a block can't be: one page of a flash memory.
const PAGE_BYTES: usize = 4 * 1024;
/// A medium that gave none of so many pages in a row is not there any more.
const PAGES_LOST_MAX: u32 = 64;

/// A whole frame that is not a manifest or was folded: what it says, or why that can't be told here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub bundle: BundleId,
    pub number: u32,
    pub content: Result<Content, NotOpened>,
}

pub struct Reading<M> {
    medium: M,
    identity: Identity,
    at: u64,
    /// `None` once everything was read.
    segments: Option<Segments>,
    read: SegmentsRead,
    frames: Reader,
    waiting: VecDeque<Frame>,
    /// Segments that were sealed for this reader, and for others.
    ours: u64,
    others: u64,
    sealed_damages: Vec<Damage>,
    sealed_unlisted: u64,
    pages_lost: u32,
    gave_up: Option<io::Error>,
}

impl<M: Medium> Reading<M> {
    pub fn of(medium: M, identity: &Identity, campaign: PublicKey) -> Self {
        Self {
            medium,
            identity: identity.clone(),
            at: 0,
            segments: Some(Segments::new(campaign)),
            read: SegmentsRead { damages: Vec::new(), damages_unlisted: 0, bytes: 0 },
            frames: Reader::new(campaign),
            waiting: VecDeque::new(),
            ours: 0,
            others: 0,
            sealed_damages: Vec::new(),
            sealed_unlisted: 0,
            pages_lost: 0,
            gave_up: None,
        }
    }

    fn read_on(&mut self, segments: &mut Segments) -> Ended {
        let mut block = vec![0; BLOCK_BYTES];
        // After trouble a block is read page by page.
        let most = if self.pages_lost > 0 { PAGE_BYTES } else { BLOCK_BYTES };
        match self.medium.read_at(self.at, &mut block[..most]) {
            Ok(0) => Ended { sealed: Vec::new(), is_last: true },
            Ok(bytes) => {
                self.pages_lost = 0;
                self.at = self.at.saturating_add(bytes as u64);
                Ended { sealed: segments.feed(&block[..bytes.min(most)]), is_last: false }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ended { sealed: Vec::new(), is_last: false },
            Err(_) if self.pages_lost == 0 => {
                self.pages_lost = 1;
                Ended { sealed: Vec::new(), is_last: false }
            }
            Err(error) if self.pages_lost > PAGES_LOST_MAX => {
                self.gave_up = Some(error);
                Ended { sealed: Vec::new(), is_last: true }
            }
            Err(_) => {
                self.pages_lost += 1;
                // The rest of the page that can't be had.
                let lost = PAGE_BYTES as u64 - self.at % PAGE_BYTES as u64;
                self.at = self.at.saturating_add(lost);
                Ended { sealed: segments.skip(lost).into_iter().collect(), is_last: false }
            }
        }
    }

    fn unseal(&mut self, sealed: &Sealed) {
        let Opened { plain, why } = self.identity.open(&sealed.sealed);
        match why {
            Some(Unopened::NotForUs) => {
                self.others += 1;
                self.note(Damage { at: sealed.at, bytes: sealed.bytes, bundle: None, what: What::NotForUs });
            }
            // What breaks off is named already.
            Some(Unopened::Damaged) if sealed.is_whole => {
                self.ours += u64::from(!plain.is_empty());
                if is_alive(Bug::DamageSpreads) {
                    self.waiting.pop_back();
                }
                self.note(Damage { at: sealed.at, bytes: sealed.bytes, bundle: None, what: What::BadSeal });
            }
            Some(Unopened::Damaged) | None => self.ours += u64::from(!plain.is_empty()),
        }
        self.waiting.extend(self.frames.feed(&plain));
    }

    fn note(&mut self, damage: Damage) {
        if let Some(last) = self.sealed_damages.last_mut()
            && last.what == damage.what
            && last.at.saturating_add(last.bytes) == damage.at
        {
            last.bytes = last.bytes.saturating_add(damage.bytes);
        } else if self.sealed_damages.len() < limits::STICK_DAMAGES_MAX {
            self.sealed_damages.push(damage);
        } else {
            self.sealed_unlisted += 1;
        }
    }

    /// What was found, to its end.
    pub fn finish(mut self) -> ReadThrough {
        self.by_ref().for_each(drop);
        let mut damages = [self.read.damages, self.sealed_damages].concat();
        damages.sort_by_key(|damage| damage.at);
        ReadThrough {
            bundles: self.frames.finish(),
            damages,
            damages_unlisted: self.read.damages_unlisted.saturating_add(self.sealed_unlisted),
            bytes: self.read.bytes,
            segments_ours: self.ours,
            segments_of_others: self.others,
            gave_up: self.gave_up,
        }
    }
}

impl<M: Medium> Iterator for Reading<M> {
    type Item = Found;

    /// The next thing that is whole; `None` at the end.
    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                let content = fold::open(&frame);
                return Some(Found { bundle: frame.bundle, number: frame.number, content });
            }
            let mut segments = self.segments.take()?;
            let ended = self.read_on(&mut segments);
            for sealed in ended.sealed {
                self.unseal(&sealed);
            }
            if ended.is_last {
                let (begun, read) = segments.finish();
                self.read = read;
                if let Some(sealed) = begun {
                    self.unseal(&sealed);
                }
            } else {
                self.segments = Some(segments);
            }
        }
    }
}

struct Ended {
    sealed: Vec<Sealed>,
    is_last: bool,
}

/// A stick, read to its end.
#[derive(Debug)]
pub struct ReadThrough {
    /// What the frames say of themselves; places in it are counted in what was sealed.
    pub bundles: Report,
    /// What lies on the medium and could not be opened, in the order of the bytes.
    pub damages: Vec<Damage>,
    pub damages_unlisted: u64,
    /// Bytes on the medium.
    pub bytes: u64,
    pub segments_ours: u64,
    pub segments_of_others: u64,
    /// The medium stopped giving bytes: it was pulled out, or it is dead.
    pub gave_up: Option<io::Error>,
}

/// Why nothing at all came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Nothing of it was written by this system.
    NotAStick,
    /// Of another campaign.
    Foreign,
    /// Update this program to read it.
    LaterVersion { needs: u8 },
    /// Sealed for another laptop or server.
    NotForUs,
    /// Not one frame is whole.
    Damaged,
}

impl Unread {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAStick => "not_a_stick",
            Self::Foreign => "foreign",
            Self::LaterVersion { .. } => "later_version",
            Self::NotForUs => "not_for_us",
            Self::Damaged => "damaged",
        }
    }
}

impl ReadThrough {
    /// Why nothing came out; `None` where something did.
    pub fn unread(&self) -> Option<Unread> {
        if !self.bundles.bundles.is_empty() {
            return None;
        }
        let what = |what| self.damages.iter().any(|damage| damage.what == what);
        let needs = self.damages.iter().filter_map(|damage| match damage.what {
            What::LaterVersion { needs } => Some(needs),
            _ => None,
        });
        // A damaged stick of ours is worth more words than what else lies on it.
        Some(if self.segments_ours > 0 || what(What::BadSeal) || what(What::Unreadable) {
            Unread::Damaged
        } else if let Some(needs) = needs.max() {
            Unread::LaterVersion { needs }
        } else if self.segments_of_others > 0 {
            Unread::NotForUs
        } else if what(What::ForeignCampaign) {
            Unread::Foreign
        } else if what(What::NothingFound) {
            Unread::NotAStick
        } else {
            Unread::Damaged
        })
    }

    /// Whether anything that was meant to be on it is not.
    pub fn is_damaged(&self) -> bool {
        self.gave_up.is_some()
            || self.damages_unlisted > 0
            || self.bundles.damages_unlisted > 0
            || self.damages.iter().chain(&self.bundles.damages).any(|damage| !damage.what.is_harmless())
    }
}
