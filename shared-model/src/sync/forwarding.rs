//! A hub's side of a sync with the nation, as a state machine without sockets.
//!
//! Logs go up as they came, under their own seals; a hub never numbers or signs anything anew. What the nation says
//! of a log is kept for the laptop it belongs to. Then the feeds of the hub's areas are read. One log that can't be
//! forwarded stops no other: why it can't is told at the end, and the next sync tries again.

use std::collections::VecDeque;

use super::feed::{CheckedPage, Cursor, FeedSum};
use super::hub::{HubAnswer, HubHello, LogEnd};
use super::message::{Pull, Push, Receipt, refusal};
use super::reading::{PageRead, Reading};
use super::segment::{SegmentsAsk, Stretch};
use super::turn::{Event, FeedStep, Outcome, Trouble, end_of, open};
use crate::certificate::Signed;
use crate::envelope::{LogHead, PublicKey};
use crate::ids::{DeviceId, RulesId, Seq};
use crate::limits;
use crate::time::Moment;

/// What a hub knows of itself when it begins.
#[derive(Debug, Clone)]
pub struct HubSelf {
    pub hub: DeviceId,
    pub campaign: PublicKey,
    /// Every log it holds.
    pub logs: Vec<LogEnd>,
    pub cursors: Vec<Cursor>,
    pub rules: Vec<RulesId>,
    pub app_version: String,
    /// Drawn by the caller for this conversation.
    pub nonce: [u8; 16],
    /// That of the conversation before, where there was one.
    pub last_nonce: Option<[u8; 16]>,
    /// What sticks for it are sealed to.
    pub stick: Option<String>,
}

/// What the caller must do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    SayHello(HubHello),
    /// The nation answered this nonce: say so the next time, and show this certificate from now on.
    NoteHeard {
        certificate: Signed,
        nonce: [u8; 16],
        server: Moment,
        at: Moment,
    },
    NoteRules(Vec<Signed>),
    /// Devices that were taken back.
    NoteEnded(Vec<DeviceId>),
    /// Somebody else calls himself this hub: give the hub's own feeds a new epoch.
    NoteTwin,
    /// Keep the nation's word about a log, with the word itself for its laptop.
    NoteNational(Box<(Receipt, Signed)>),
    /// Send the certificates of these devices and of their people.
    Introduce(Vec<DeviceId>),
    /// The sealed range of a log from here on; from its start where the nation's word was about another branch.
    ReadLog {
        log: LogEnd,
        from: Seq,
    },
    Push(Push),
    FindSegments(SegmentsAsk),
    KeepSegment(Box<Stretch>),
    Pull(Pull),
    KeepPage {
        page: Box<CheckedPage>,
        authors: Vec<Signed>,
        devices: Vec<Signed>,
    },
    Finished(Outcome),
}

/// The question whose answer is awaited.
enum Asked {
    Hello,
    Introduced,
    Log { log: LogEnd, from: Seq },
    Receipt { of: LogHead, log: LogEnd, nonce: [u8; 16] },
    Segments,
    SegmentFile(FeedSum),
    Page,
}

impl Asked {
    fn by(errand: &Errand, log: Option<LogEnd>) -> Option<Self> {
        Some(match errand {
            Errand::SayHello(_) => Self::Hello,
            Errand::Introduce(_) => Self::Introduced,
            Errand::ReadLog { log, from } => Self::Log { log: *log, from: *from },
            Errand::Push(push) => Self::Receipt { of: end_of(push), log: log?, nonce: push.nonce },
            Errand::FindSegments(_) => Self::Segments,
            Errand::KeepSegment(stretch) => Self::SegmentFile(stretch.end()),
            Errand::Pull(_) => Self::Page,
            _ => return None,
        })
    }
}

impl From<FeedStep> for Errand {
    fn from(step: FeedStep) -> Self {
        match step {
            FeedStep::FindSegments(ask) => Self::FindSegments(ask),
            FeedStep::KeepSegment(stretch) => Self::KeepSegment(stretch),
            FeedStep::Pull(pull) => Self::Pull(pull),
            FeedStep::KeepPage { page, authors, devices } => Self::KeepPage { page, authors, devices },
        }
    }
}

/// A log that the nation holds less of than this hub.
#[derive(Debug, Clone, Copy)]
struct Owed {
    log: LogEnd,
    from: Seq,
    /// The nation went back behind its word once; a second time nobody is talking sense.
    went_back: bool,
}

pub struct Forwarding {
    me: HubSelf,
    wall: Moment,
    next: VecDeque<Errand>,
    asked: Option<Asked>,
    /// Logs that were not spoken of yet.
    unsaid: VecDeque<LogEnd>,
    /// Those of the last hello.
    named: Vec<LogEnd>,
    owed: VecDeque<Owed>,
    current: Option<Owed>,
    reading: Reading,
    feeds: Vec<FeedSum>,
    /// Why a log was left where it is while the others went on.
    left_behind: Option<Trouble>,
    /// Logs that the nation did not take, and the code it gave.
    refused: Vec<(LogEnd, String)>,
    outcome: Outcome,
    finished: bool,
    told: bool,
}

impl Forwarding {
    pub fn begin(me: HubSelf, wall: Moment) -> Self {
        let mut forwarding = Self {
            wall,
            next: VecDeque::new(),
            asked: None,
            unsaid: me.logs.iter().copied().collect(),
            named: Vec::new(),
            owed: VecDeque::new(),
            current: None,
            reading: Reading::new(me.campaign, me.campaign),
            feeds: Vec::new(),
            left_behind: None,
            refused: Vec::new(),
            outcome: Outcome { pushed: 0, pulled: 0, complete: false, trouble: None },
            finished: false,
            told: false,
            me,
        };
        forwarding.say_hello();
        forwarding
    }

    fn say_hello(&mut self) {
        let count = self.unsaid.len().min(limits::HUB_LOGS_MAX);
        self.named = self.unsaid.drain(..count).collect();
        self.next.push_back(Errand::SayHello(HubHello {
            hub: self.me.hub,
            logs: self.named.clone(),
            cursors: self.me.cursors.clone(),
            wall_ms: self.wall.0,
            nonce: self.me.nonce,
            app_version: self.me.app_version.clone(),
            rules: self.me.rules.clone(),
            last_nonce: self.me.last_nonce.map(Into::into),
            stick: self.me.stick.clone(),
        }));
    }

    /// The next thing to do; `None` once finished or while an answer is awaited.
    pub fn poll(&mut self) -> Option<Errand> {
        match self.next.pop_front() {
            Some(errand) => {
                self.asked = Asked::by(&errand, self.current.map(|owed| owed.log));
                Some(errand)
            }
            None if self.finished && !self.told => {
                self.told = true;
                Some(Errand::Finished(self.outcome.clone()))
            }
            None => None,
        }
    }

    /// Logs that the nation did not take, and the code it gave for each.
    pub fn refused(&self) -> &[(LogEnd, String)] {
        &self.refused
    }

    pub fn handle(&mut self, event: Event, now: Moment) {
        if self.finished {
            if let Event::Trouble(trouble) = event {
                self.outcome.complete = false;
                self.outcome.trouble.get_or_insert(trouble);
            }
            return;
        }
        let went_wrong = match (event, self.asked.take()) {
            (Event::Hello(signed), Some(Asked::Hello)) => self.heard_hello(&signed, now),
            (Event::Done, Some(Asked::Introduced)) => self.forward_next(),
            (Event::Log(range), Some(Asked::Log { log, from })) => self.read_log(range, log, from),
            (Event::Receipt(signed), Some(Asked::Receipt { of, log, nonce })) => {
                self.got_receipt(&signed, of, log, nonce)
            }
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
            (Event::Page(page), Some(Asked::Page)) => self.reading.got_page(page).and_then(|read| self.keep(read)),
            (Event::Done, None) => Ok(()),
            (Event::Trouble(trouble), asked) => self.met_trouble(trouble, asked),
            (_, _) => Err(Trouble::BadAnswer),
        };
        if let Err(trouble) = went_wrong {
            self.finish(Some(trouble));
        }
    }

    fn heard_hello(&mut self, signed: &Signed, now: Moment) -> Result<(), Trouble> {
        let answer: HubAnswer = open(signed, self.me.campaign)?;
        if answer.hub != self.me.hub || answer.nonce != self.me.nonce || answer.receipts.len() > self.named.len() {
            return Err(Trouble::BadAnswer);
        }
        let HubAnswer { now_ms, certificate, receipts, feeds, rules, ended, has_twin, .. } = answer;
        let nonce = self.me.nonce;
        self.me.last_nonce = Some(nonce);
        self.next.push_back(Errand::NoteHeard { certificate, nonce, server: Moment(now_ms), at: now });
        if !rules.is_empty() {
            self.next.push_back(Errand::NoteRules(rules));
        }
        if !ended.is_empty() {
            self.next.push_back(Errand::NoteEnded(ended));
        }
        if has_twin {
            self.next.push_back(Errand::NoteTwin);
        }
        let mut unanswered = self.named.clone();
        for word in receipts {
            let receipt: Receipt = open(&word, self.me.campaign)?;
            let log = self.named.iter().find(|log| receipt.answers(log, self.me.nonce)).copied();
            let log = log.ok_or(Trouble::BadAnswer)?;
            unanswered.retain(|named| *named != log);
            let held = receipt.held;
            self.next.push_back(Errand::NoteNational(Box::new((receipt, word))));
            if held.seq < log.head.seq {
                self.owed.push_back(Owed { log, from: held.seq + 1, went_back: false });
            }
        }
        // Of strangers there is no receipt; nor is anything held that the nation says nothing of.
        self.owed.extend(unanswered.iter().map(|log| Owed { log: *log, from: 1, went_back: false }));
        // The feeds are the same in every answer of one conversation, or the newest counts.
        self.feeds = feeds;
        if unanswered.is_empty() {
            self.forward_next()
        } else {
            let mut devices: Vec<DeviceId> = unanswered.iter().map(|log| log.device).collect();
            devices.dedup();
            self.next.push_back(Errand::Introduce(devices));
            Ok(())
        }
    }

    /// The next log; when there is none, the next logs to be named; when all were, the feeds.
    fn forward_next(&mut self) -> Result<(), Trouble> {
        self.current = self.owed.pop_front();
        match self.current {
            Some(Owed { log, from, .. }) => self.next.push_back(Errand::ReadLog { log, from }),
            None if self.unsaid.is_empty() => {
                let feeds = std::mem::take(&mut self.feeds);
                self.reading.await_feeds(feeds.iter().take(limits::HUB_AREAS_MAX), &self.me.cursors);
                self.next_feed();
            }
            None => {
                self.next_nonce();
                self.say_hello();
            }
        }
        Ok(())
    }

    fn read_log(&mut self, range: Option<Push>, log: LogEnd, from: Seq) -> Result<(), Trouble> {
        match range {
            Some(push)
                if (push.device, push.epoch) == (log.device, log.epoch)
                    && push.from <= from
                    && !push.entries.is_empty() =>
            {
                self.current = self.current.map(|owed| Owed { from: push.from, ..owed });
                let nonce = self.next_nonce();
                self.next.push_back(Errand::Push(Push { nonce, ..push }));
                Ok(())
            }
            None => self.forward_next(),
            Some(_) => Err(Trouble::Store),
        }
    }

    /// As unguessable as the one that was drawn, and no two alike.
    fn next_nonce(&mut self) -> [u8; 16] {
        self.me.nonce = u128::from_be_bytes(self.me.nonce).wrapping_add(1).to_be_bytes();
        self.me.nonce
    }

    fn got_receipt(&mut self, signed: &Signed, pushed: LogHead, log: LogEnd, nonce: [u8; 16]) -> Result<(), Trouble> {
        let receipt: Receipt = open(signed, self.me.campaign)?;
        if !receipt.answers(&log, nonce) {
            return Err(Trouble::BadAnswer);
        }
        let Some(owed) = self.current else { return Err(Trouble::BadAnswer) };
        let moved = pushed.seq.saturating_sub(owed.from.saturating_sub(1));
        self.outcome.pushed = self.outcome.pushed.saturating_add(moved);
        self.next.push_back(Errand::NoteNational(Box::new((receipt, signed.clone()))));
        if pushed.seq >= log.head.seq {
            return self.forward_next();
        }
        // Where the nation holds another branch its receipt ends before what was pushed; the range is kept there.
        self.current = Some(Owed { from: pushed.seq + 1, ..owed });
        self.next.push_back(Errand::ReadLog { log, from: pushed.seq + 1 });
        Ok(())
    }

    fn take(&mut self, step: FeedStep) {
        self.next.push_back(step.into());
    }

    fn keep(&mut self, PageRead { keep, then }: PageRead) -> Result<(), Trouble> {
        keep.into_iter().for_each(|step| self.take(step));
        match then? {
            Some(step) => self.take(step),
            None => self.next_feed(),
        }
        Ok(())
    }

    fn next_feed(&mut self) {
        match self.reading.next_feed() {
            Some(step) => self.take(step),
            None => {
                let left = self.left_behind.take().or(self.reading.left_unread());
                self.outcome.complete = left.is_none();
                self.finish(left);
            }
        }
    }

    fn met_trouble(&mut self, trouble: Trouble, asked: Option<Asked>) -> Result<(), Trouble> {
        let Trouble::Refused { code, held, .. } = &trouble else { return Err(trouble) };
        match (asked, self.current) {
            (Some(Asked::Receipt { log, .. }), Some(owed)) if code != refusal::BUSY && code != refusal::STORE_FULL => {
                if let (refusal::HOLE, Some(held), false) = (code.as_str(), held, owed.went_back) {
                    // The nation has less than it said: put back to an old copy. Forward again from there.
                    let from = held.seq.saturating_add(1).min(owed.from);
                    self.current = Some(Owed { from, went_back: true, ..owed });
                    self.next.push_back(Errand::ReadLog { log, from });
                    return Ok(());
                }
                self.refused.push((log, code.clone()));
                self.left_behind.get_or_insert(trouble);
                self.forward_next()
            }
            // Whoever can't be introduced is refused at his log, and named there.
            (Some(Asked::Introduced), _) if code != refusal::BUSY => self.forward_next(),
            (Some(Asked::Page | Asked::Segments), _) if self.reading.leaves(&trouble) => {
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
            let log = self.current.map(|owed| owed.log);
            self.next.retain(|errand| Asked::by(errand, log).is_none());
        }
        self.outcome.trouble = trouble;
    }
}
