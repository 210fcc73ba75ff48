//! An honest server made of the model alone: a log that pushes are placed in, and feeds behind cursors.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::{CampaignWord, DeviceCertificate, Signed};
use shared_model::envelope::{Envelope, LogHead};
use shared_model::ids::{Chain, Epoch, Seq, StatementId};
use shared_model::limits;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{FeedEntry, Hello, HelloAnswer, Page, Pull, Push, Receipt, refusal};
use shared_model::sync::segment::{Segment, Segments};
use shared_model::sync::{AuthorStanding, PushRefused, Trouble, verify_push};

use crate::country::desk::{Desk, Person};
use crate::country::{campaign, morning};

pub fn signed<T: CampaignWord>(word: &T) -> Signed {
    Signed::make(word, &campaign())
}

pub fn refused(code: &str, held: Option<LogHead>) -> Trouble {
    Trouble::Refused { code: code.to_owned(), held, retry_after_s: None }
}

#[derive(Clone)]
pub struct Feed {
    pub name: String,
    pub epoch: u64,
    pub entries: Vec<Envelope>,
}

impl Feed {
    pub fn cursor_at(&self, seq: Seq) -> Cursor {
        let read = &self.entries[..usize::try_from(seq).unwrap()];
        read.iter().fold(Cursor::start(self.name.clone(), self.epoch), |at, one| at.after(one.statement_id()))
    }

    pub fn end(&self) -> Cursor {
        self.cursor_at(self.entries.len() as Seq)
    }

    pub fn statements(&self) -> Vec<StatementId> {
        self.entries.iter().map(Envelope::statement_id).collect()
    }

    /// Whole stretches behind a number. In this model a file's name is its end.
    pub fn segments(&self, after: Seq) -> Segments {
        let size = limits::SEGMENT_ENTRIES;
        let cut = (1..).map(|n| n * size).take_while(|last| *last <= self.entries.len() as Seq);
        let segments = cut.filter(|last| last - size >= after).map(|last| self.segment(last - size, last));
        Segments { feed: self.name.clone(), epoch: self.epoch, segments: segments.collect() }
    }

    pub fn segment(&self, after: Seq, last: Seq) -> Segment {
        let (before, sum) = (self.cursor_at(after).sum, self.cursor_at(last).sum);
        Segment { first: after + 1, before, last, sum, sha256: sum, bytes: 7 }
    }

    /// The entries behind a number, as many as asked for.
    pub fn page(&self, after: Seq, entries_max: usize) -> Page {
        let from = usize::try_from(after).map_or(self.entries.len(), |after| after.min(self.entries.len()));
        let to = self.entries.len().min(from + entries_max);
        let entries = self.entries[from..to].iter().cloned();
        Page {
            entries: entries.map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
            authors: Vec::new(),
            devices: Vec::new(),
            sum: signed(&FeedSum::from(self.cursor_at(to as Seq))),
            more: to < self.entries.len(),
        }
    }
}

#[derive(Clone)]
pub struct Server {
    pub device: DeviceCertificate,
    pub person: Person,
    pub logs: BTreeMap<Epoch, Vec<(StatementId, Chain)>>,
    pub feeds: Vec<Feed>,
    pub page_entries: usize,
    /// Every entry placed as a new one, in that order.
    pub placed: Vec<(Epoch, Seq)>,
}

impl Server {
    pub fn of(desk: &Desk, feeds: Vec<Feed>) -> Self {
        let (device, person) = (desk.certificate(), desk.person.clone());
        Self { device, person, logs: BTreeMap::new(), feeds, page_entries: 2, placed: Vec::new() }
    }

    pub fn head(&self, epoch: Epoch) -> LogHead {
        let log = self.logs.get(&epoch).map_or(&[][..], Vec::as_slice);
        let empty = LogHead::empty(self.device.device, epoch);
        log.last().map_or(empty, |(_, chain)| LogHead { seq: log.len() as Seq, chain: *chain })
    }

    pub fn feed(&self, name: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.name == name)
    }

    pub fn hears(&self, hello: &Hello) -> HelloAnswer {
        let held = self.head(hello.epoch);
        HelloAnswer {
            device: hello.device,
            nonce: hello.nonce,
            now_ms: morning().0,
            held,
            national_to: held.seq,
            fresh_epoch: None,
            feeds: self.feeds.iter().map(|feed| feed.end().into()).collect(),
            rules: Vec::new(),
            quarantined: Vec::new(),
            is_nation: true,
            national: None,
            ended_hubs: None,
        }
    }

    /// What is new goes into the log and to the end of the first feed.
    pub fn takes(&mut self, push: &Push) -> Result<Receipt, Trouble> {
        let known = self.head(push.epoch);
        let empty = LogHead::empty(self.device.device, push.epoch).chain;
        let log = self.logs.entry(push.epoch).or_default();
        let held = |seq: Seq| match usize::try_from(seq).unwrap().checked_sub(1) {
            None => Some(empty),
            Some(at) => log.get(at).map(|(_, chain)| *chain),
        };
        let certificate = self.person.certificate(self.device.device);
        let author = |_| Some(AuthorStanding { certificate: certificate.clone(), revoked: false });
        let run = verify_push(push, &self.device, known, held, author).map_err(|why| match why {
            PushRefused::Hole => refused(refusal::HOLE, Some(known)),
            _ => refused(refusal::BAD_SEAL, Some(known)),
        })?;
        assert_eq!(run.forked_at, None);
        let in_feed: BTreeSet<_> = self.feeds.first().map(Feed::statements).unwrap_or_default().into_iter().collect();
        for entry in run.fresh {
            log.push((entry.statement, entry.chain));
            self.placed.push((push.epoch, entry.position.seq));
            if let (Some(feed), false) = (self.feeds.first_mut(), in_feed.contains(&entry.statement)) {
                feed.entries.push(entry.envelope);
            }
        }
        Ok(self.receipt(push.epoch, push.nonce))
    }

    pub fn receipt(&self, epoch: Epoch, nonce: [u8; 16]) -> Receipt {
        let held = self.head(epoch);
        Receipt {
            device: self.device.device,
            epoch,
            held,
            national_to: held.seq,
            quarantined: Vec::new(),
            now_ms: morning().0,
            fresh_epoch: None,
            nonce,
            national: None,
        }
    }

    pub fn gives(&self, pull: &Pull) -> Result<Page, Trouble> {
        let feed = self.feed(&pull.cursor.feed).ok_or_else(|| refused(refusal::FEED_NOT_YOURS, None))?;
        if feed.epoch != pull.cursor.epoch {
            return Err(refused(refusal::FEED_CHANGED, None));
        }
        Ok(feed.page(pull.cursor.seq, self.page_entries.min(usize::from(pull.entries_max))))
    }
}
