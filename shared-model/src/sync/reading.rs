//! Reading feeds: each from its cursor, as a file first where it is far behind, then page by page to what was promised.

use std::collections::VecDeque;

use super::feed::{self, Cursor, FeedSum, PageRefused};
use super::message::{Page, Pull, Snapshot, refusal};
use super::turn::{FeedStep, Trouble, open};
use crate::certificate::Signed;
use crate::envelope::PublicKey;
use crate::ids::Seq;
use crate::limits;

/// A feed this far behind is taken as a file first.
const SNAPSHOT_WHEN_BEHIND: Seq = 5_000;

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

    /// Entries read, snapshots included.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn left_unread(&mut self) -> Option<Trouble> {
        self.left_unread.take()
    }

    /// The first step of the next feed; `None` when all were read.
    pub(super) fn next_feed(&mut self) -> Option<FeedStep> {
        let Awaited { from, promised } = self.waiting.pop_front()?;
        let step = if from.seq == 0 { FeedStep::TakeSnapshot { feed: from.feed.clone() } } else { pull_from(&from) };
        self.current = Some(Current { cursor: from, promised, reread: false });
        Some(step)
    }

    pub(super) fn found_snapshot(&self, signed: &Signed) -> Result<FeedStep, Trouble> {
        let snapshot: Snapshot = open(signed, self.key)?;
        let cursor = self.cursor()?;
        let fits =
            cursor.feed == snapshot.feed && (&cursor.feed, cursor.epoch) == (&snapshot.sum.feed, snapshot.sum.epoch);
        if !fits || snapshot.bytes > limits::SNAPSHOT_BYTES_MAX as u64 {
            return Err(Trouble::BadAnswer);
        }
        if snapshot.sum.seq < SNAPSHOT_WHEN_BEHIND {
            Ok(pull_from(cursor))
        } else {
            Ok(FeedStep::KeepSnapshot(snapshot))
        }
    }

    pub(super) fn no_snapshot(&self) -> Result<FeedStep, Trouble> {
        Ok(pull_from(self.cursor()?))
    }

    pub(super) fn kept_snapshot(&mut self, cursor: Cursor, sum: &FeedSum) -> Result<FeedStep, Trouble> {
        if !cursor.is_at(sum) {
            return Err(Trouble::Store);
        }
        self.entries = self.entries.saturating_add(cursor.seq);
        let step = pull_from(&cursor);
        self.reading()?.cursor = cursor;
        Ok(step)
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
                current.cursor = Cursor::start(cursor.feed.clone(), cursor.epoch);
                current.reread = true;
                return Ok(PageRead { keep: None, then: Ok(Some(pull_from(&current.cursor))) });
            }
            Err(PageRefused::NotGenuine(_)) => return Err(Trouble::NotGenuine),
            Err(PageRefused::WrongSum | PageRefused::TooMany) => return Err(Trouble::BadAnswer),
        };
        if page.more && checked.envelopes.is_empty() {
            return Err(Trouble::BadAnswer);
        }
        current.cursor = checked.cursor.clone();
        let then = if page.more {
            Ok(Some(pull_from(&current.cursor)))
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

    fn cursor(&self) -> Result<&Cursor, Trouble> {
        self.current.as_ref().map(|current| &current.cursor).ok_or(Trouble::BadAnswer)
    }

    fn reading(&mut self) -> Result<&mut Current, Trouble> {
        self.current.as_mut().ok_or(Trouble::BadAnswer)
    }
}

fn pull_from(cursor: &Cursor) -> FeedStep {
    let entries_max = u16::try_from(limits::PULL_ENTRIES_MAX).unwrap_or(u16::MAX);
    FeedStep::Pull(Pull { cursor: cursor.clone(), entries_max })
}
