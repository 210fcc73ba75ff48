//! A laptop's store, as far as a conversation touches it.

use std::collections::BTreeMap;

use shared_model::envelope::LogHead;
use shared_model::ids::{Epoch, Seq, StatementId};
use shared_model::sync::conversation::Myself;
use shared_model::sync::feed::{CheckedPage, Cursor};
use shared_model::sync::message::Push;
use shared_model::sync::segment::Stretch;
use shared_model::sync::{Action, Event, Speaker};

use super::server::{Server, signed};
use crate::country::campaign_public;
use crate::country::desk::Desk;

#[derive(Clone)]
pub struct Laptop {
    pub desk: Desk,
    pub cursors: BTreeMap<String, Cursor>,
    /// What was kept of each feed; entry n lies at n − 1.
    pub read: BTreeMap<String, Vec<StatementId>>,
}

/// So that a log of a few entries takes a few pushes.
const RANGE_MAX: Seq = 2;

impl Laptop {
    pub fn of(desk: Desk) -> Self {
        Self { desk, cursors: BTreeMap::new(), read: BTreeMap::new() }
    }

    pub fn me(&self) -> Myself {
        Myself {
            device: self.desk.device,
            campaign: campaign_public(),
            speaker: Speaker::Nation,
            epoch: self.desk.epoch,
            head: self.desk.head,
            cursors: self.cursors.values().cloned().collect(),
            rules: Vec::new(),
            leans_on: None,
            app_version: "0.1.0".to_owned(),
            nonce: [0x4e; 16],
        }
    }

    pub fn range(&self, from: Seq) -> Option<Push> {
        let to = from.saturating_add(RANGE_MAX - 1).min(self.desk.head.seq);
        (1..=to).contains(&from).then(|| self.desk.push(from, to))
    }

    fn keep(&mut self, page: &CheckedPage) {
        let read = self.read.entry(page.cursor.feed.clone()).or_default();
        let before = usize::try_from(page.cursor.seq).unwrap() - page.envelopes.len();
        assert!(before <= read.len(), "entries before {before} were skipped");
        read.truncate(before);
        read.extend(page.envelopes.iter().map(|(statement, _)| *statement));
        self.cursors.insert(page.cursor.feed.clone(), page.cursor.clone());
    }

    /// A file is what its server's feed has there, or it is no file.
    fn keep_segment(&mut self, stretch: &Stretch, server: &Server) -> Event {
        let (at, end) = (&stretch.at, stretch.end());
        let feed = server.feed(&at.feed).filter(|feed| feed.entries.len() as Seq >= end.seq);
        let Some(cursor) = feed.map(|feed| feed.cursor_at(end.seq)).filter(|cursor| cursor.is_at(&end)) else {
            return Event::SegmentDamaged;
        };
        let (from, to) = (usize::try_from(at.seq).unwrap(), usize::try_from(end.seq).unwrap());
        let envelopes = server.feed(&at.feed).unwrap().entries[from..to].iter();
        let envelopes = envelopes.map(|envelope| (envelope.statement_id(), envelope.clone())).collect();
        self.keep(&CheckedPage { envelopes, cursor: cursor.clone() });
        Event::SegmentKept(cursor)
    }

    /// Says everything again under another number.
    fn start_epoch(&mut self, epoch: Epoch) -> LogHead {
        let log = std::mem::take(&mut self.desk.log);
        self.desk.seals.clear();
        (self.desk.epoch, self.desk.head) = (epoch, LogHead::empty(self.desk.device, epoch));
        for entry in log {
            self.desk.append(entry.envelope);
        }
        self.desk.seal();
        self.desk.head
    }

    /// Does what is to be done, with an honest server at the other end of a good road.
    pub fn does(&mut self, action: &Action, server: &mut Server) -> Event {
        match action {
            Action::SayHello(hello) => Event::Hello(signed(&server.hears(hello))),
            Action::ReadLog { from } => Event::Log(self.range(*from)),
            Action::Push(push) => {
                server.takes(push).map_or_else(Event::Trouble, |receipt| Event::Receipt(signed(&receipt)))
            }
            Action::StartEpoch(epoch) => Event::EpochStarted(self.start_epoch(*epoch)),
            Action::FindSegments(ask) => {
                let segments = server.feed(&ask.cursor.feed).map(|feed| feed.segments(ask.cursor.seq));
                segments.map_or(Event::NoSegments, |segments| Event::SegmentsFound(signed(&segments)))
            }
            Action::KeepSegment(stretch) => self.keep_segment(stretch, server),
            Action::Pull(pull) => server.gives(pull).map_or_else(Event::Trouble, Event::Page),
            Action::KeepPage { page, .. } => {
                self.keep(page);
                Event::Done
            }
            Action::NoteReceipt(_)
            | Action::NoteHeldByHub(_)
            | Action::NoteBrought(_)
            | Action::NoteEndedHubs(_)
            | Action::NoteRules(_)
            | Action::NoteTime { .. }
            | Action::Finished(_) => Event::Done,
        }
    }
}
