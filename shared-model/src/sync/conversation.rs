//! One device's side of a sync, as a state machine without sockets.
//!
//! The caller asks [`Conversation::poll`] what to do, does it on whatever road there is, and
//! tells [`Conversation::handle`] how it went, one action after the other. Push comes before pull: what only this laptop
//! holds is worth more than what everybody can fetch again. Every step may be cut off and the
//! whole begun anew: positions, sums and statement ids make each of them idempotent.

use std::collections::VecDeque;

use super::feed::{self, Cursor, FeedSum, PageRefused};
use super::message::{EarlierEnd, Hello, HelloAnswer, Page, Pull, Push, Receipt, Snapshot, refusal};
use super::turn::Asked;
pub use super::turn::{Action, Event, Outcome, Trouble};
use crate::certificate::{NotGenuine, Signed};
use crate::envelope::{LogHead, PublicKey};
use crate::ids::{DeviceId, Epoch, RulesId, Seq};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::time::Moment;

/// A feed this far behind is taken as a file first.
const SNAPSHOT_WHEN_BEHIND: Seq = 5_000;

/// What a device knows of itself when it begins.
#[derive(Debug, Clone)]
pub struct Myself {
    pub device: DeviceId,
    pub campaign: PublicKey,
    pub epoch: Epoch,
    pub head: LogHead,
    pub cursors: Vec<Cursor>,
    pub rules: Vec<RulesId>,
    /// The newest epoch before this one that a receipt was given for, and how far.
    pub leans_on: Option<EarlierEnd>,
    pub app_version: String,
    /// Drawn by the caller for this conversation.
    pub nonce: [u8; 16],
}

/// A feed to be read: from where, and at least how far.
struct Awaited {
    from: Cursor,
    promised: Seq,
}

pub struct Conversation {
    me: Myself,
    next: VecDeque<Action>,
    asked: Option<Asked>,
    feeds: VecDeque<Awaited>,
    pulling: Option<Cursor>,
    /// How far the feed being read went when hello was said.
    promised: Seq,
    /// This feed was begun again from its start once; a second time nobody is talking sense.
    reread: bool,
    last_held: Seq,
    epochs_begun: u8,
    holes_met: u8,
    /// Why a feed was left unread while the others were read on.
    left_unread: Option<Trouble>,
    outcome: Outcome,
    finished: bool,
    told: bool,
}

/// A server that asks for new epochs again and again is not talking about this log.
const EPOCHS_PER_CONVERSATION_MAX: u8 = 2;
/// Nobody signs a refusal, so whoever sits on the road could have the log pushed for ever.
const HOLES_PER_CONVERSATION_MAX: u8 = 2;

impl Conversation {
    pub fn begin(me: Myself, wall: Moment) -> Self {
        let outcome = Outcome { pushed: 0, pulled: 0, complete: false, trouble: None };
        let mut conversation = Self {
            me,
            next: VecDeque::new(),
            asked: None,
            feeds: VecDeque::new(),
            pulling: None,
            promised: 0,
            reread: false,
            last_held: 0,
            epochs_begun: 0,
            holes_met: 0,
            left_unread: None,
            outcome,
            finished: false,
            told: false,
        };
        let hello = conversation.hello(wall);
        conversation.next.push_back(Action::SayHello(hello));
        conversation
    }

    fn hello(&self, wall: Moment) -> Hello {
        Hello {
            device: self.me.device,
            epoch: self.me.epoch,
            head: self.me.head,
            cursors: self.me.cursors.clone(),
            wall_ms: wall.0,
            nonce: self.me.nonce,
            app_version: self.me.app_version.clone(),
            rules: self.me.rules.clone(),
            leans_on: self.me.leans_on,
        }
    }

    /// The next thing to do; `None` once finished or while an answer is awaited.
    pub fn poll(&mut self) -> Option<Action> {
        match self.next.pop_front() {
            Some(action) => {
                self.asked = Asked::by(&action);
                Some(action)
            }
            None if self.finished && !self.told => {
                self.told = true;
                Some(Action::Finished(self.outcome.clone()))
            }
            None => None,
        }
    }

    pub fn handle(&mut self, event: Event, now: Moment) {
        if self.finished {
            // A last page that could not be kept was not read.
            let trouble = match event {
                Event::Done => return,
                Event::Trouble(trouble) => trouble,
                _ => Trouble::BadAnswer,
            };
            self.outcome.complete = false;
            self.outcome.trouble.get_or_insert(trouble);
            return;
        }
        let went_wrong = match (event, self.asked.take()) {
            (Event::Hello(signed), Some(Asked::Hello)) => self.heard_hello(&signed, now),
            (Event::Log(range), Some(Asked::Log { from })) => self.read_log(range, from),
            (Event::Receipt(signed), Some(Asked::Receipt { of, nonce })) => self.got_receipt(&signed, of, nonce),
            (Event::EpochStarted(head), Some(Asked::Epoch)) => self.began_epoch(head),
            (Event::SnapshotFound(signed), Some(Asked::Snapshot)) => self.found_snapshot(&signed),
            (Event::NoSnapshot, Some(Asked::Snapshot)) => {
                self.pull();
                Ok(())
            }
            (Event::SnapshotKept(cursor), Some(Asked::SnapshotFile(sum))) => self.kept_snapshot(cursor, &sum),
            (Event::Page(page), Some(Asked::Page)) => self.got_page(page),
            (Event::Done, None) => Ok(()),
            (Event::Trouble(trouble), asked) => self.met_trouble(trouble, asked),
            (_, _) => Err(Trouble::BadAnswer),
        };
        if let Err(trouble) = went_wrong {
            self.finish(Some(trouble));
        }
    }

    fn heard_hello(&mut self, signed: &Signed, now: Moment) -> Result<(), Trouble> {
        let answer: HelloAnswer = open(signed, self.me.campaign)?;
        let is_old = answer.nonce != self.me.nonce && !is_alive(Bug::OldHello);
        if answer.device != self.me.device || is_old {
            return Err(Trouble::BadAnswer);
        }
        self.next.push_back(Action::NoteTime { server: Moment(answer.now_ms), at: now });
        if !answer.rules.is_empty() {
            self.next.push_back(Action::NoteRules(answer.rules));
        }
        let too_many = answer.feeds.len() > limits::FEEDS_MAX;
        self.feeds = answer.feeds.iter().take(limits::FEEDS_MAX).map(|sum| self.await_feed(sum)).collect();
        self.last_held = answer.held.seq;
        let held = answer.held;
        self.next.push_back(Action::NoteReceipt(Receipt {
            device: answer.device,
            epoch: self.me.epoch,
            held: answer.held,
            national_to: answer.national_to,
            quarantined: answer.quarantined,
            now_ms: answer.now_ms,
            fresh_epoch: answer.fresh_epoch,
            nonce: answer.nonce,
        }));
        if too_many {
            return Err(Trouble::BadAnswer);
        }
        match answer.fresh_epoch.filter(|_| !is_alive(Bug::FreshEpochIgnored)) {
            Some(epoch) => self.start_epoch(epoch)?,
            None if self.me.head.seq > held.seq => self.read_from(held.seq + 1),
            None if self.me.head == held => self.next_feed(),
            // Another log under our number, and no epoch to go on in.
            None => return Err(Trouble::BadAnswer),
        }
        Ok(())
    }

    /// From the cursor held for a feed, or from the start of it when the feed was made anew.
    fn await_feed(&self, sum: &FeedSum) -> Awaited {
        let held = self.me.cursors.iter().find(|cursor| cursor.feed == sum.feed && cursor.epoch == sum.epoch);
        let from = held.cloned().unwrap_or_else(|| Cursor::start(sum.feed.clone(), sum.epoch));
        Awaited { from, promised: sum.seq }
    }

    fn read_from(&mut self, from: Seq) {
        self.next.push_back(Action::ReadLog { from });
    }

    fn read_log(&mut self, range: Option<Push>, from: Seq) -> Result<(), Trouble> {
        match range {
            Some(push)
                if (push.device, push.epoch, push.from) == (self.me.device, self.me.epoch, from)
                    && !push.entries.is_empty() =>
            {
                let nonce = self.next_nonce();
                self.next.push_back(Action::Push(Push { nonce, ..push }));
            }
            None if self.last_held >= self.me.head.seq => self.next_feed(),
            Some(_) | None => return Err(Trouble::Store),
        }
        Ok(())
    }

    /// As unguessable as the one that was drawn, and no two alike.
    fn next_nonce(&mut self) -> [u8; 16] {
        self.me.nonce = u128::from_be_bytes(self.me.nonce).wrapping_add(1).to_be_bytes();
        self.me.nonce
    }

    fn got_receipt(&mut self, signed: &Signed, pushed: LogHead, nonce: [u8; 16]) -> Result<(), Trouble> {
        let receipt: Receipt = open(signed, self.me.campaign)?;
        let is_old = receipt.nonce != nonce && !is_alive(Bug::OldReceipt);
        if receipt.device != self.me.device || receipt.epoch != self.me.epoch || is_old {
            return Err(Trouble::BadAnswer);
        }
        let LogHead { seq: held, chain } = receipt.held;
        let fresh_epoch = receipt.fresh_epoch;
        self.next.push_back(Action::NoteReceipt(receipt));
        if let Some(epoch) = fresh_epoch.filter(|_| !is_alive(Bug::FreshEpochIgnored)) {
            return self.start_epoch(epoch);
        }
        // A receipt that acknowledges nothing new would have us push the same range for ever;
        // one for more than was pushed, or for another chain, is for another log.
        let is_ours = held < pushed.seq || (held, chain) == (pushed.seq, pushed.chain);
        if held <= self.last_held || !is_ours {
            return Err(Trouble::BadAnswer);
        }
        self.outcome.pushed += held - self.last_held;
        self.last_held = held;
        self.read_from(held + 1 + u64::from(is_alive(Bug::LogOffByOne)));
        Ok(())
    }

    fn start_epoch(&mut self, epoch: Epoch) -> Result<(), Trouble> {
        self.epochs_begun += 1;
        if epoch <= self.me.epoch || self.epochs_begun > EPOCHS_PER_CONVERSATION_MAX {
            return Err(Trouble::BadAnswer);
        }
        self.me.epoch = epoch;
        self.last_held = 0;
        self.next.push_back(Action::StartEpoch(epoch));
        Ok(())
    }

    fn began_epoch(&mut self, head: LogHead) -> Result<(), Trouble> {
        self.me.head = head;
        if head.seq > 0 {
            self.read_from(1)
        } else {
            self.next_feed()
        }
        Ok(())
    }

    fn next_feed(&mut self) {
        match self.feeds.pop_front() {
            Some(Awaited { from, promised }) => {
                let fresh = from.seq == 0;
                let feed = from.feed.clone();
                self.pulling = Some(from);
                self.promised = promised;
                self.reread = false;
                if fresh {
                    self.next.push_back(Action::TakeSnapshot { feed });
                } else {
                    self.pull();
                }
            }
            None => {
                let left_unread = self.left_unread.take();
                self.outcome.complete = left_unread.is_none();
                self.finish(left_unread);
            }
        }
    }

    fn found_snapshot(&mut self, signed: &Signed) -> Result<(), Trouble> {
        let snapshot: Snapshot = open(signed, self.me.campaign)?;
        let fits = self.pulling.as_ref().is_some_and(|cursor| {
            cursor.feed == snapshot.feed && (&cursor.feed, cursor.epoch) == (&snapshot.sum.feed, snapshot.sum.epoch)
        });
        if !fits || snapshot.bytes > limits::SNAPSHOT_BYTES_MAX as u64 {
            return Err(Trouble::BadAnswer);
        }
        if snapshot.sum.seq < SNAPSHOT_WHEN_BEHIND {
            self.pull();
        } else {
            self.next.push_back(Action::KeepSnapshot(snapshot));
        }
        Ok(())
    }

    fn kept_snapshot(&mut self, cursor: Cursor, sum: &FeedSum) -> Result<(), Trouble> {
        if !cursor.is_at(sum) {
            return Err(Trouble::Store);
        }
        self.outcome.pulled = self.outcome.pulled.saturating_add(cursor.seq);
        self.pulling = Some(cursor);
        self.pull();
        Ok(())
    }

    fn pull(&mut self) {
        match &self.pulling {
            Some(cursor) => {
                let entries_max = u16::try_from(limits::PULL_ENTRIES_MAX).unwrap_or(u16::MAX);
                self.next.push_back(Action::Pull(Pull { cursor: cursor.clone(), entries_max }));
            }
            None => self.next_feed(),
        }
    }

    fn got_page(&mut self, page: Page) -> Result<(), Trouble> {
        let Some(cursor) = &self.pulling else { return Err(Trouble::BadAnswer) };
        let checked = match feed::check_page(cursor, &page, self.me.campaign) {
            Ok(checked) => checked,
            // Not what this cursor was promised: read the feed again from its start. Nothing is lost by it.
            Err(PageRefused::WrongSum) if cursor.seq > 0 && !self.reread => {
                self.reread = true;
                self.pulling = Some(Cursor::start(cursor.feed.clone(), cursor.epoch));
                self.pull();
                return Ok(());
            }
            Err(PageRefused::NotGenuine(_)) => return Err(Trouble::NotGenuine),
            Err(PageRefused::WrongSum | PageRefused::TooMany) => return Err(Trouble::BadAnswer),
        };
        if page.more && checked.envelopes.is_empty() {
            return Err(Trouble::BadAnswer);
        }
        self.outcome.pulled = self.outcome.pulled.saturating_add(checked.envelopes.len() as u64);
        self.pulling = Some(checked.cursor.clone());
        self.next.push_back(Action::KeepPage { page: Box::new(checked), authors: page.authors, devices: page.devices });
        let reached = self.pulling.as_ref().map_or(0, |cursor| cursor.seq);
        if page.more {
            self.pull();
        } else if reached < self.promised {
            // "No more" is nobody's signed word; how far the feed went is.
            return Err(Trouble::BadAnswer);
        } else {
            self.next_feed();
        }
        Ok(())
    }

    fn met_trouble(&mut self, trouble: Trouble, asked: Option<Asked>) -> Result<(), Trouble> {
        match (&trouble, asked) {
            (Trouble::Refused { code, held: Some(held), .. }, Some(Asked::Receipt { .. }))
                if code == refusal::HOLE
                    && held.seq < self.last_held
                    && self.holes_met < HOLES_PER_CONVERSATION_MAX =>
            {
                // The server has less than it said: restored from an old copy. Push again from there.
                self.holes_met += 1;
                self.last_held = held.seq;
                self.read_from(held.seq + 1);
                Ok(())
            }
            (Trouble::Refused { code, .. }, Some(Asked::Page | Asked::Snapshot)) if code == refusal::FEED_CHANGED => {
                // Made anew since hello: what it is now, the next hello says.
                self.left_unread.get_or_insert(trouble);
                self.next_feed();
                Ok(())
            }
            _ => Err(trouble),
        }
    }

    fn finish(&mut self, trouble: Option<Trouble>) {
        self.finished = true;
        // What was learned is still noted; nothing more is sent.
        if trouble.is_some() {
            self.next.retain(|action| Asked::by(action).is_none());
        }
        self.outcome.trouble = trouble;
    }
}

fn open<T: crate::certificate::CampaignWord>(signed: &Signed, campaign: PublicKey) -> Result<T, Trouble> {
    signed.open(campaign).map_err(|wrong| match wrong {
        NotGenuine::Signature => Trouble::NotGenuine,
        NotGenuine::Malformed => Trouble::BadAnswer,
    })
}
