//! Mirrors `intake/keep.rs`, `intake/verify.rs`, `store/sqlite/log.rs` and the endpoints of `http/device`.

use std::rc::Rc;

use ed25519_dalek::SigningKey;
use shared_model::certificate::Signed;
use shared_model::envelope::{Header, LogHead};
use shared_model::ids::{Chain, DeviceId, Epoch, Position, Seq};
use shared_model::limits;
use shared_model::sync::message::{EarlierEnd, Hello, HelloAnswer, Notice, Page, Pull, Push, Receipt, refusal};
use shared_model::sync::{AuthorStanding, PushRefused, SealedRun, verify_push};
use shared_model::time::{Hlc, Moment};

use super::{Entry, LogStanding, Nation};
use crate::country::Campaign;
use crate::plant::Plant;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    pub held: Option<LogHead>,
}

pub(super) fn refuse<T>(code: &'static str) -> Result<T, Refused> {
    Err(Refused { code, held: None })
}

impl Nation {
    pub fn standing(&self, device: DeviceId, epoch: Epoch) -> LogStanding {
        let empty = LogStanding { head: LogHead::empty(device, epoch), closed: false };
        self.logs.get(&(device, epoch)).copied().unwrap_or(empty)
    }

    pub fn epoch_max(&self, device: DeviceId) -> Epoch {
        self.logs.range((device, 0)..=(device, Epoch::MAX)).next_back().map_or(0, |((_, epoch), _)| *epoch)
    }

    pub(super) fn give_epoch(&mut self, device: DeviceId) -> Epoch {
        let epoch = self.epoch_max(device) + 1;
        self.logs.insert((device, epoch), self.standing(device, epoch));
        epoch
    }

    /// The first branch, up to the head that is held.
    pub fn chain_at(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Option<Chain> {
        if seq == 0 {
            return Some(LogHead::empty(device, epoch).chain);
        }
        self.entry_at(device, epoch, seq).map(|entry| entry.chain)
    }

    pub fn entry_at(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Option<&Entry> {
        let places = self.at.get(&Position { device, epoch, seq })?;
        places.iter().filter_map(|place| self.entries.get(*place)).find(|entry| !entry.on_a_branch)
    }

    /// Whoever is not of this campaign, or was taken back, is not listened to.
    pub fn admit(&self, device: DeviceId) -> Result<(), Refused> {
        if !self.devices.contains_key(&device) || self.console == Some(device) {
            return refuse(refusal::UNKNOWN_DEVICE);
        }
        if self.revoked.contains_key(&device) && self.plant != Some(Plant::RevokedIsHeard) {
            return refuse(refusal::DEVICE_REVOKED);
        }
        Ok(())
    }

    pub fn hello(&mut self, hello: &Hello, campaign: &Campaign, now: Moment) -> Result<Signed, Refused> {
        self.admit(hello.device)?;
        if hello.epoch == 0 {
            return refuse(refusal::MALFORMED);
        }
        let (held, fresh_epoch) = self.note_contact(hello);
        let answer = HelloAnswer {
            device: hello.device,
            nonce: hello.nonce,
            now_ms: now.0,
            held,
            national_to: self.national_to(held),
            fresh_epoch,
            feeds: self.feeds_told(hello.device).into_iter().map(|feed| self.feed_head(&feed).into()).collect(),
            rules: Vec::new(),
            quarantined: Vec::new(),
            is_nation: self.district.is_none(),
            national: self.district.as_ref().and_then(|district| district.word(hello.device, hello.epoch)),
            ended_hubs: None,
        };
        Ok(Signed::make(&answer, self.voice(campaign)))
    }

    pub(super) fn voice<'a>(&'a self, campaign: &'a Campaign) -> &'a SigningKey {
        self.district.as_ref().map_or(&campaign.key, |district| &district.voice)
    }

    /// What a hub holds says nothing of the nation.
    fn national_to(&self, held: LogHead) -> Seq {
        if self.district.is_some() { 0 } else { held.seq }
    }

    /// A hub tells only what it has read to the end, of its own areas.
    fn feeds_told(&self, device: DeviceId) -> Vec<String> {
        let mut feeds = self.hubs.get(&device).cloned().unwrap_or_else(|| vec![self.area_of(device).to_owned()]);
        if let Some(district) = &self.district {
            feeds.retain(|feed| district.tells(feed));
        }
        feeds
    }

    fn note_contact(&mut self, hello: &Hello) -> (LogHead, Option<Epoch>) {
        let Hello { device, epoch, head: claimed, .. } = *hello;
        let mut log = self.standing(device, epoch);
        let differs = claimed.seq <= log.head.seq && self.chain_at(device, epoch, claimed.seq) != Some(claimed.chain);
        // A hub never gives the first number, and gives no receipt that anything leans on.
        let at_hub = self.district.is_some();
        let never_given = !at_hub && !self.logs.contains_key(&(device, epoch));
        let lost = !at_hub && hello.leans_on.is_some_and(|end| !self.holds_end(device, end));
        log.closed |= differs || claimed.seq < log.head.seq || never_given || lost;
        self.logs.insert((device, epoch), log);
        if differs && let Some(entry) = self.entry_at(device, epoch, claimed.seq) {
            let statement = entry.statement;
            self.note_fork(device, epoch, claimed.seq, (statement, statement));
        }
        let fresh_epoch = log.closed.then(|| self.give_epoch(device));
        let held = match self.plant {
            Some(Plant::ReceiptWithoutChain) => log.head,
            _ if differs || lost => LogHead::empty(device, epoch),
            _ if claimed.seq < log.head.seq => claimed,
            _ => log.head,
        };
        (held, fresh_epoch)
    }

    fn holds_end(&self, device: DeviceId, EarlierEnd { epoch, head }: EarlierEnd) -> bool {
        let places = self.at.get(&Position { device, epoch, seq: head.seq });
        places.into_iter().flatten().any(|place| self.entries.get(*place).is_some_and(|held| held.chain == head.chain))
    }

    pub fn push(&mut self, push: &Push, campaign: &Campaign, now: Moment) -> Result<Signed, Refused> {
        self.admit(push.device)?;
        let receipt = self.keep(push, now)?;
        Ok(Signed::make(&receipt, self.voice(campaign)))
    }

    /// The receipt is made of what has been appended, never of what was asked.
    pub fn keep(&mut self, push: &Push, now: Moment) -> Result<Receipt, Refused> {
        let log = self.standing(push.device, push.epoch);
        let run = self.verify(push, log.head)?;
        let word = self.district.as_ref().and_then(|district| district.word(push.device, push.epoch));
        let receipt = |held: LogHead, national_to: Seq, quarantined, fresh_epoch| Receipt {
            device: push.device,
            epoch: push.epoch,
            held,
            national_to,
            quarantined,
            now_ms: now.0,
            fresh_epoch,
            nonce: push.nonce,
            national: word.clone(),
        };
        if run.fresh.is_empty() && !log.closed {
            return Ok(receipt(log.head, self.national_to(log.head), Vec::new(), None));
        }
        let doubted = run.fresh.iter().filter_map(|entry| {
            let code = entry.said.as_ref().err()?.code().to_owned();
            Some(Notice { epoch: push.epoch, seq: entry.position.seq, code })
        });
        let doubted = doubted.collect();
        let (held, fresh_epoch) = self.append(push.device, push.epoch, run, now);
        Ok(receipt(held, self.national_to(held), doubted, fresh_epoch))
    }

    fn verify(&self, push: &Push, known: LogHead) -> Result<SealedRun, Refused> {
        let refused = |refused: PushRefused| Refused {
            code: match refused {
                PushRefused::Empty => refusal::MALFORMED,
                PushRefused::TooMany => refusal::TOO_LARGE,
                PushRefused::WrongDevice => refusal::UNKNOWN_DEVICE,
                PushRefused::Hole => refusal::HOLE,
                PushRefused::Unsealed | PushRefused::BadSeal => refusal::BAD_SEAL,
            },
            held: Some(known),
        };
        if push.from == 0 || push.epoch == 0 {
            return Err(refused(PushRefused::Empty));
        }
        let enrolled = self.devices.get(&push.device).ok_or(refused(PushRefused::WrongDevice))?;
        let held = |seq: Seq| if seq > known.seq { None } else { self.chain_at(push.device, push.epoch, seq) };
        let revoked = self.revoked.contains_key(&push.device);
        let author = |author| {
            let device = self.authors.get(&(author, push.device))?;
            let certificate = self.devices.get(device)?.author.clone();
            Some(AuthorStanding { certificate, revoked })
        };
        verify_push(push, &enrolled.device, known, held, author).map_err(refused)
    }

    fn append(&mut self, device: DeviceId, epoch: Epoch, run: SealedRun, now: Moment) -> (LogHead, Option<Epoch>) {
        if let Some(district) = &mut self.district {
            district.put_seals(&run.seals);
        }
        let before = self.standing(device, epoch);
        let first = run.fresh.first().map(|entry| (entry.position.seq, entry.statement));
        let forked_at = run.forked_at;
        let on_a_branch = forked_at.is_some();
        if let (Some(at), Some((_, second))) = (forked_at, first) {
            let position = at.max(1).min(before.head.seq);
            if let Some(entry) = self.entry_at(device, epoch, position) {
                let first = entry.statement;
                self.note_fork(device, epoch, position, (first, second));
            }
        }
        let head = if on_a_branch { before.head } else { run.head };
        if !(on_a_branch && self.plant == Some(Plant::DroppedBranch)) {
            for entry in run.fresh {
                let places = self.at.entry(entry.position).or_default();
                if places.iter().any(|place| self.entries.get(*place).is_some_and(|held| held.chain == entry.chain)) {
                    continue;
                }
                places.push(self.entries.len());
                self.held.insert(entry.statement);
                self.entries.push(Entry {
                    position: entry.position,
                    on_a_branch,
                    chain: entry.chain,
                    statement: entry.statement,
                    envelope: Rc::new(entry.envelope),
                    said: entry.said.map(Rc::new),
                    received_at: now,
                });
            }
        }
        let closed = before.closed || on_a_branch;
        self.logs.insert((device, epoch), LogStanding { head, closed });
        let fresh_epoch = closed.then(|| self.give_epoch(device));
        let held = match (forked_at, first) {
            (Some(_), _) if self.plant == Some(Plant::ReceiptWithoutChain) => head,
            (Some(at), first) => {
                let left_here = first.is_some_and(|(seq, _)| seq == at);
                let seq = if left_here { at.saturating_sub(1) } else { 0 };
                let chain = self.chain_at(device, epoch, seq);
                chain.map_or(LogHead::empty(device, epoch), |chain| LogHead { seq, chain })
            }
            (None, _) => head,
        };
        (held, fresh_epoch)
    }

    fn note_fork(
        &mut self,
        device: DeviceId,
        epoch: Epoch,
        position: Seq,
        ends: (shared_model::ids::StatementId, shared_model::ids::StatementId),
    ) {
        let known = self.forks.entry(device).or_default();
        if !known.iter().any(|(one, seq, ..)| *one == epoch && *seq <= position) {
            known.push((epoch, position, ends.0, ends.1));
        }
        self.touched_devices.insert(device);
    }

    pub fn pull(
        &self,
        pull: &Pull,
        device: DeviceId,
        campaign: &Campaign,
        certificates: bool,
    ) -> Result<Page, Refused> {
        if !self.hubs.contains_key(&device) {
            self.admit(device)?;
        }
        if !self.feeds_told(device).contains(&pull.cursor.feed) {
            return refuse(refusal::FEED_NOT_YOURS);
        }
        let entries_max = usize::from(pull.entries_max).clamp(1, limits::PULL_ENTRIES_MAX);
        self.page(&pull.cursor, entries_max, campaign, certificates)
            .ok_or(Refused { code: refusal::FEED_CHANGED, held: None })
    }

    /// The stamp of the last thing a device said here.
    pub fn last_hlc(&self, device: DeviceId) -> Hlc {
        let last = self.entries.iter().rev().find(|entry| entry.position.device == device);
        last.and_then(|entry| Header::from_cbor(&entry.envelope.header).ok())
            .map_or(Hlc::default(), |header| header.hlc)
    }
}
