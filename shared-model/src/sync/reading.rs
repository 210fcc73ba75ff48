//! Reading feeds: each from its cursor, as files first where it is far behind, then page by page to what was promised.

use std::collections::VecDeque;

use super::feed::{self, Cursor, FeedSum, PageRefused};
use super::message::{Page, Pull, refusal};
use super::segment::{Segment, Segments, SegmentsAsk, Stretch};
use super::turn::{FeedStep, Trouble, open};
use crate::certificate::Signed;
use crate::envelope::PublicKey;
use crate::ids::Seq;
use crate::limits;

/// A feed this far behind is taken as files first: at least one lies between here and its end, wherever it was cut.
const SEGMENTS_WHEN_BEHIND: Seq = 2 * limits::SEGMENT_ENTRIES;
/// Files of one feed that may come damaged before it is read without them.
const DAMAGES_MAX: u8 = 2;

/// A feed to be read: from where, and at least how far.
struct Awaited {
    from: Cursor,
    promised: Seq,
}

/// The feed that is being read.
struct Current {
    cursor: Cursor,
    /// How far it went when hello was said.
    promised: Seq,
    /// It was begun again from its start once; a second time nobody is talking sense.
    reread: bool,
    /// Files that were announced and not taken yet.
    segments: VecDeque<Segment>,
    /// Asking for files again would bring others than before.
    may_ask: bool,
    damages: u8,
}

impl Current {
    fn begin(cursor: Cursor, promised: Seq) -> Self {
        Self { cursor, promised, reread: false, segments: VecDeque::new(), may_ask: true, damages: 0 }
    }

    /// From its start, once.
    fn again(&mut self) {
        self.cursor = Cursor::start(std::mem::take(&mut self.cursor.feed), self.cursor.epoch);
        (self.reread, self.may_ask) = (true, true);
        self.segments.clear();
    }

    /// A file where one begins at the cursor, pages up to where one does, and pages behind the last of them.
    fn step(&mut self) -> FeedStep {
        let next = self.cursor.seq.saturating_add(1);
        while self.segments.front().is_some_and(|segment| segment.first < next) {
            self.segments.pop_front();
        }
        let is_far = self.promised.saturating_sub(self.cursor.seq) >= SEGMENTS_WHEN_BEHIND;
        match self.segments.front() {
            Some(segment) if segment.first > next => pull_from(&self.cursor, segment.first - next),
            Some(segment) if segment.before == self.cursor.sum => {
                FeedStep::KeepSegment(Box::new(Stretch { at: self.cursor.clone(), segment: segment.clone() }))
            }
            // Cut from another feed than the one read so far: the next page tells which of them is meant.
            Some(_) => {
                self.segments.clear();
                pull_from(&self.cursor, Seq::MAX)
            }
            None if self.may_ask && is_far => self.find_segments(None),
            None => pull_from(&self.cursor, Seq::MAX),
        }
    }

    fn find_segments(&mut self, damaged: Option<[u8; 32]>) -> FeedStep {
        self.may_ask = false;
        FeedStep::FindSegments(SegmentsAsk { cursor: self.cursor.clone(), damaged: damaged.map(Into::into) })
    }
}

/// A page was checked. What is in it is kept even where the feed ends too early.
pub(super) struct PageRead {
    pub(super) keep: Option<FeedStep>,
    pub(super) then: Result<Option<FeedStep>, Trouble>,
}

pub(super) struct Reading {
    campaign: PublicKey,
    /// Whose signature stands under the sums.
    key: PublicKey,
    waiting: VecDeque<Awaited>,
    current: Option<Current>,
    /// Why a feed was left unread while the others were read on.
    left_unread: Option<Trouble>,
    entries: u64,
}

impl Reading {
    pub(super) fn new(campaign: PublicKey, key: PublicKey) -> Self {
        let (waiting, current, left_unread) = (VecDeque::new(), None, None);
        Self { campaign, key, waiting, current, left_unread, entries: 0 }
    }

    /// Feeds to be read: each from the cursor held for it, or from its start when it was made anew.
    pub(super) fn await_feeds<'a>(&mut self, sums: impl Iterator<Item = &'a FeedSum>, cursors: &[Cursor]) {
        self.waiting.extend(sums.map(|sum| {
            let held = cursors.iter().find(|cursor| cursor.feed == sum.feed && cursor.epoch == sum.epoch);
            let from = held.cloned().unwrap_or_else(|| Cursor::start(sum.feed.clone(), sum.epoch));
            Awaited { from, promised: sum.seq }
        }));
    }

    /// Entries read, those of files included.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn left_unread(&mut self) -> Option<Trouble> {
        self.left_unread.take()
    }

    /// The first step of the next feed; `None` when all were read.
    pub(super) fn next_feed(&mut self) -> Option<FeedStep> {
        let Awaited { from, promised } = self.waiting.pop_front()?;
        Some(self.current.insert(Current::begin(from, promised)).step())
    }

    pub(super) fn found_segments(&mut self, signed: &Signed) -> Result<FeedStep, Trouble> {
        let found: Segments = open(signed, self.key)?;
        let current = self.reading()?;
        current.segments = found.of_feed(&current.cursor).ok_or(Trouble::BadAnswer)?;
        Ok(current.step())
    }

    pub(super) fn no_segments(&mut self) -> Result<FeedStep, Trouble> {
        Ok(self.reading()?.step())
    }

    pub(super) fn kept_segment(&mut self, cursor: Cursor, end: &FeedSum) -> Result<FeedStep, Trouble> {
        if !cursor.is_at(end) {
            return Err(Trouble::Store);
        }
        let current = self.reading()?;
        let more = cursor.seq.saturating_sub(current.cursor.seq);
        (current.cursor, current.may_ask) = (cursor, true);
        let step = current.step();
        self.entries = self.entries.saturating_add(more);
        Ok(step)
    }

    /// Whoever keeps the file is told, and may have a whole one; where that is of no use, pages are.
    pub(super) fn met_damage(&mut self) -> Result<FeedStep, Trouble> {
        let current = self.reading()?;
        let damaged = current.segments.pop_front().map(|segment| segment.sha256);
        current.segments.clear();
        current.damages += 1;
        if current.damages < DAMAGES_MAX {
            return Ok(current.find_segments(damaged));
        }
        current.may_ask = false;
        Ok(current.step())
    }

    /// What is to be kept of a page, and what to ask next: nothing once the feed was read to what was promised.
    pub(super) fn got_page(&mut self, page: Page) -> Result<PageRead, Trouble> {
        let (campaign, key) = (self.campaign, self.key);
        let current = self.reading()?;
        let cursor = &current.cursor;
        let checked = match feed::check_page_of(cursor, &page, campaign, key) {
            Ok(checked) => checked,
            // Not what this cursor was promised: read the feed again from its start. Nothing is lost by it.
            Err(PageRefused::WrongSum) if cursor.seq > 0 && !current.reread => {
                current.again();
                return Ok(PageRead { keep: None, then: Ok(Some(current.step())) });
            }
            Err(PageRefused::NotGenuine(_)) => return Err(Trouble::NotGenuine),
            Err(PageRefused::WrongSum | PageRefused::TooMany) => return Err(Trouble::BadAnswer),
        };
        if page.more && checked.envelopes.is_empty() {
            return Err(Trouble::BadAnswer);
        }
        current.cursor = checked.cursor.clone();
        let then = if page.more {
            Ok(Some(current.step()))
        } else if checked.cursor.seq < current.promised {
            // "No more" is nobody's signed word; how far the feed went is.
            Err(Trouble::BadAnswer)
        } else {
            Ok(None)
        };
        self.entries = self.entries.saturating_add(checked.envelopes.len() as u64);
        let keep = FeedStep::KeepPage { page: Box::new(checked), authors: page.authors, devices: page.devices };
        Ok(PageRead { keep: Some(keep), then })
    }

    /// Whether a refusal concerns this feed alone: it was made anew since hello, and what it is now the next hello says.
    pub(super) fn leaves(&mut self, trouble: &Trouble) -> bool {
        let changed = matches!(trouble, Trouble::Refused { code, .. } if code == refusal::FEED_CHANGED);
        if changed {
            self.left_unread.get_or_insert_with(|| trouble.clone());
        }
        changed
    }

    fn reading(&mut self) -> Result<&mut Current, Trouble> {
        self.current.as_mut().ok_or(Trouble::BadAnswer)
    }
}

fn pull_from(cursor: &Cursor, entries_max: Seq) -> FeedStep {
    let entries_max = entries_max.min(limits::PULL_ENTRIES_MAX as Seq);
    FeedStep::Pull(Pull { cursor: cursor.clone(), entries_max: u16::try_from(entries_max).unwrap_or(u16::MAX) })
}
