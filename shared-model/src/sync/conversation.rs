//! One device's side of a sync, as a state machine without sockets.
//!
//! The caller asks [`Conversation::poll`] what to do, does it on whatever road there is, and
//! tells [`Conversation::handle`] how it went, one action after the other. Push comes before pull: what only this laptop
//! holds is worth more than what everybody can fetch again. Every step may be cut off and the
//! whole begun anew: positions, sums and statement ids make each of them idempotent.

use std::collections::VecDeque;

use super::feed::Cursor;
use super::message::{EarlierEnd, Hello, HelloAnswer, Page, Push, Receipt, refusal};
use super::reading::{PageRead, Reading};
use super::speaker::Speaker;
pub use super::turn::{Action, Event, Outcome, Trouble};
use super::turn::{Asked, FeedStep, open};
use crate::certificate::Signed;
use crate::envelope::{LogHead, PublicKey};
use crate::ids::{DeviceId, Epoch, RulesId, Seq};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::time::Moment;

/// What a device knows of itself when it begins.
#[derive(Debug, Clone)]
pub struct Myself {
    pub device: DeviceId,
    pub campaign: PublicKey,
    /// Who answers on this road.
    pub speaker: Speaker,
    pub epoch: Epoch,
    pub head: LogHead,
    /// Of this speaker's feeds.
    pub cursors: Vec<Cursor>,
    pub rules: Vec<RulesId>,
    /// The newest epoch before this one that a receipt was given for, and how far.
    pub leans_on: Option<EarlierEnd>,
    pub app_version: String,
    /// Drawn by the caller for this conversation.
    pub nonce: [u8; 16],
}

pub struct Conversation {
    me: Myself,
    next: VecDeque<Action>,
    asked: Option<Asked>,
    reading: Reading,
    last_held: Seq,
    epochs_begun: u8,
    holes_met: u8,
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
        let reading = Reading::new(me.campaign, me.speaker.key(me.campaign));
        let mut conversation = Self {
            me,
            next: VecDeque::new(),
            asked: None,
            reading,
            last_held: 0,
            epochs_begun: 0,
            holes_met: 0,
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
            (Event::SegmentsFound(signed), Some(Asked::Segments)) => {
                self.reading.found_segments(&signed).map(|step| self.take(step))
            }
            (Event::NoSegments, Some(Asked::Segments)) => self.reading.no_segments().map(|step| self.take(step)),
            (Event::SegmentKept(cursor), Some(Asked::SegmentFile(end))) => {
                self.reading.kept_segment(cursor, &end).map(|step| self.take(step))
            }
            (Event::SegmentDamaged, Some(Asked::SegmentFile(_))) => {
                self.reading.met_damage().map(|step| self.take(step))
            }
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
        let answer: HelloAnswer = open(signed, self.me.speaker.key(self.me.campaign))?;
        let is_old = answer.nonce != self.me.nonce && !is_alive(Bug::OldHello);
        if answer.device != self.me.device || is_old || answer.is_nation != self.me.speaker.is_nation() {
            return Err(Trouble::BadAnswer);
        }
        // A hub's clock is anybody's.
        if self.me.speaker.is_nation() {
            self.next.push_back(Action::NoteTime { server: Moment(answer.now_ms), at: now });
        }
        if !answer.rules.is_empty() {
            self.next.push_back(Action::NoteRules(answer.rules));
        }
        if let Some(ended) = answer.ended_hubs.filter(|_| self.me.speaker.is_nation()) {
            self.next.push_back(Action::NoteEndedHubs(ended));
        }
        let too_many = answer.feeds.len() > limits::FEEDS_MAX;
        let told = answer.feeds.iter().take(limits::FEEDS_MAX).filter(|sum| self.me.speaker.may_tell(&sum.feed));
        self.reading.await_feeds(told, &self.me.cursors);
        self.last_held = answer.held.seq;
        let held = answer.held;
        let fresh_epoch = self.note(Receipt {
            device: answer.device,
            epoch: self.me.epoch,
            held: answer.held,
            national_to: answer.national_to,
            quarantined: answer.quarantined,
            now_ms: answer.now_ms,
            fresh_epoch: answer.fresh_epoch,
            nonce: answer.nonce,
            national: answer.national,
        });
        if too_many {
            return Err(Trouble::BadAnswer);
        }
        match fresh_epoch.filter(|_| !is_alive(Bug::FreshEpochIgnored)) {
            Some(epoch) => self.start_epoch(epoch)?,
            None if self.me.head.seq > held.seq => self.read_from(held.seq + 1),
            None if self.me.head == held => self.next_feed(),
            // Another log under our number, and no epoch to go on in.
            None => return Err(Trouble::BadAnswer),
        }
        Ok(())
    }

    /// Has a receipt noted as what it is: the nation's, or a hub's with the nation's beside it. Tells the epoch to go
    /// on in, whoever gave it.
    fn note(&mut self, receipt: Receipt) -> Option<Epoch> {
        let fresh = receipt.fresh_epoch;
        if self.me.speaker.is_nation() {
            self.next.push_back(Action::NoteReceipt(receipt));
            return fresh;
        }
        let brought: Option<Receipt> = receipt.national.as_ref().and_then(|word| word.open(self.me.campaign).ok());
        self.next.push_back(Action::NoteHeldByHub(receipt));
        // What a hub brings that is not the nation's, or of another log, says nothing.
        let Some(national) = brought.filter(|word| word.device == self.me.device) else { return fresh };
        let newer = |epoch: &Epoch| national.epoch == self.me.epoch && *epoch > self.me.epoch;
        let fresh = fresh.or(national.fresh_epoch.filter(newer));
        self.next.push_back(Action::NoteBrought(national));
        fresh
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
        let receipt: Receipt = open(signed, self.me.speaker.key(self.me.campaign))?;
        let is_old = receipt.nonce != nonce && !is_alive(Bug::OldReceipt);
        if receipt.device != self.me.device || receipt.epoch != self.me.epoch || is_old {
            return Err(Trouble::BadAnswer);
        }
        let LogHead { seq: held, chain } = receipt.held;
        if let Some(epoch) = self.note(receipt).filter(|_| !is_alive(Bug::FreshEpochIgnored)) {
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

    fn take(&mut self, step: FeedStep) {
        self.next.push_back(step.into());
    }

    fn next_feed(&mut self) {
        match self.reading.next_feed() {
            Some(step) => self.take(step),
            None => {
                let left_unread = self.reading.left_unread();
                self.outcome.complete = left_unread.is_none();
                self.finish(left_unread);
            }
        }
    }

    fn got_page(&mut self, page: Page) -> Result<(), Trouble> {
        let PageRead { keep, then } = self.reading.got_page(page)?;
        keep.into_iter().for_each(|step| self.take(step));
        match then? {
            Some(step) => self.take(step),
            None => self.next_feed(),
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
            (_, Some(Asked::Page | Asked::Segments)) if self.reading.leaves(&trouble) => {
                self.next_feed();
                Ok(())
            }
            _ => Err(trouble),
        }
    }

    fn finish(&mut self, trouble: Option<Trouble>) {
        self.finished = true;
        self.outcome.pulled = self.reading.entries();
        // What was learned is still noted; nothing more is sent.
        if trouble.is_some() {
            self.next.retain(|action| Asked::by(action).is_none());
        }
        self.outcome.trouble = trouble;
    }
}
