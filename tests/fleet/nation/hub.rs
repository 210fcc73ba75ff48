//! Mirrors `store/tables/hub.rs`, `intake/downstream.rs`, `http/hub` and `http/device/introduce.rs`: what the nation
//! notes of hubs, and what the same store keeps beside where it is a hub's.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ed25519_dalek::SigningKey;
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::{Envelope, LogHead, Seal};
use shared_model::ids::{Chain, DeviceId, Epoch, Position, Seq, StatementId};
use shared_model::sync::Quarantine;
use shared_model::sync::feed::{self, CheckedPage, Cursor};
use shared_model::sync::hub::{HubAnswer, HubHello, LogEnd};
use shared_model::sync::message::{Introduce, Introduced, Push, Receipt, refusal};
use shared_model::time::Moment;

use super::feed::Feed;
use super::intake::refuse;
use super::{Entry, Nation, Refused};
use crate::country::{Campaign, Enrolled};

/// What a store keeps where it is a hub's.
#[derive(Clone)]
pub struct District {
    pub areas: Vec<String>,
    pub voice: SigningKey,
    words: BTreeMap<(DeviceId, Epoch), (LogHead, Signed)>,
    seals: BTreeMap<(DeviceId, Epoch, Seq), Vec<Seal>>,
    upstream: BTreeMap<String, Upstream>,
    pub last_nonce: Option<[u8; 16]>,
}

/// A feed of the nation's, as far as it was read.
#[derive(Clone)]
struct Upstream {
    cursor: Cursor,
    reading: u32,
    is_ready: bool,
}

/// The only epoch of a feed's log.
const FEED_LOG_EPOCH: Epoch = 1;
/// As a push may carry: a log of this fleet goes up in one.
const RANGE_ENTRIES_MAX: Seq = shared_model::limits::PUSH_ENTRIES_MAX as Seq;

impl District {
    pub(super) fn put_seals(&mut self, seals: &[Seal]) {
        for seal in seals {
            let here = self.seals.entry((seal.device, seal.epoch, seal.to_seq)).or_default();
            if !here.iter().any(|known| known.chain == seal.chain && known.author == seal.author) {
                here.push(*seal);
            }
        }
    }

    pub(super) fn word(&self, device: DeviceId, epoch: Epoch) -> Option<Signed> {
        self.words.get(&(device, epoch)).map(|(_, word)| word.clone())
    }

    pub(super) fn tells(&self, feed: &str) -> bool {
        self.areas.iter().any(|area| area == feed) && self.upstream.get(feed).is_some_and(|one| one.is_ready)
    }
}

/// The nation, of the hubs it hears.
impl Nation {
    pub fn enrol_hub(&mut self, hub: DeviceId, areas: Vec<String>) {
        self.hubs.insert(hub, areas);
    }

    pub fn hear_hub(
        &mut self,
        hello: &HubHello,
        certificate: &Signed,
        campaign: &Campaign,
        now: Moment,
    ) -> Result<Signed, Refused> {
        let Some(areas) = self.hubs.get(&hello.hub).cloned() else { return refuse(refusal::UNKNOWN_DEVICE) };
        let has_twin = self.note_nonce(hello);
        let strangers: BTreeSet<DeviceId> =
            hello.logs.iter().map(|log| log.device).filter(|device| !self.knows(*device)).collect();
        let mut receipts = Vec::new();
        for log in hello.logs.iter().filter(|log| !strangers.contains(&log.device)) {
            let standing = self.standing(log.device, log.epoch);
            let held = self.held_of(log);
            let epoch_max = self.epoch_max(log.device);
            let fresh_epoch = match standing.closed {
                true if epoch_max > log.epoch => Some(epoch_max),
                true => Some(self.give_epoch(log.device)),
                false => None,
            };
            let receipt = Receipt {
                device: log.device,
                epoch: log.epoch,
                held,
                national_to: held.seq,
                quarantined: Vec::new(),
                now_ms: now.0,
                fresh_epoch,
                nonce: hello.nonce,
                national: None,
            };
            receipts.push(Signed::make(&receipt, &campaign.key));
        }
        let answer = HubAnswer {
            hub: hello.hub,
            nonce: hello.nonce,
            now_ms: now.0,
            certificate: certificate.clone(),
            receipts,
            strangers: strangers.into_iter().collect(),
            feeds: areas.iter().map(|area| self.feed_head(area).into()).collect(),
            rules: Vec::new(),
            ended: self.revoked.keys().copied().collect(),
            has_twin,
        };
        Ok(Signed::make(&answer, &campaign.key))
    }

    fn note_nonce(&mut self, hello: &HubHello) -> bool {
        let said = hello.last_nonce.map_or([0; 16], Into::into);
        let known = self.hub_nonces.insert(hello.hub, (said, hello.nonce));
        known.is_some_and(|(acknowledged, latest)| said != acknowledged && said != latest)
    }

    /// Nothing where the two are different logs of one number.
    fn held_of(&self, named: &LogEnd) -> LogHead {
        let head = self.standing(named.device, named.epoch).head;
        if head.seq < named.head.seq {
            return head;
        }
        let same = self.chain_at(named.device, named.epoch, named.head.seq) == Some(named.head.chain);
        if same { named.head } else { LogHead::empty(named.device, named.epoch) }
    }

    /// What one that was taken back said is kept as well, and not believed.
    pub fn push_from_hub(
        &mut self,
        push: &Push,
        hub: DeviceId,
        campaign: &Campaign,
        now: Moment,
    ) -> Result<Signed, Refused> {
        if !self.hubs.contains_key(&hub) || !self.knows(push.device) || self.console == Some(push.device) {
            return refuse(refusal::UNKNOWN_DEVICE);
        }
        let receipt = self.keep(push, now)?;
        Ok(Signed::make(&receipt, &campaign.key))
    }

    pub fn knows(&self, device: DeviceId) -> bool {
        self.devices.contains_key(&device)
    }

    /// The campaign's signature is the only reason to take anybody in; no log is given with it.
    pub fn introduce(&mut self, shown: &Introduce, campaign: &Campaign) -> Result<Introduced, Refused> {
        let mut fresh = 0;
        for (device, author) in shown.devices.iter().zip(&shown.authors) {
            let opened =
                (device.open::<DeviceCertificate>(campaign.public), author.open::<AuthorCertificate>(campaign.public));
            let (Ok(of_device), Ok(of_author)) = opened else { return refuse(refusal::NOT_SIGNED) };
            let signed = (author.clone(), device.clone());
            fresh += u32::from(self.take_in(Enrolled { device: of_device, author: of_author, signed }));
        }
        Ok(Introduced { fresh })
    }

    fn take_in(&mut self, enrolled: Enrolled) -> bool {
        let device = enrolled.device.device;
        if self.knows(device) {
            return false;
        }
        self.authors.insert((enrolled.author.author, device), device);
        self.devices.insert(device, enrolled);
        true
    }
}

/// A hub, of itself and of the nation.
impl Nation {
    pub fn hub(feed_epoch: u64, areas: Vec<String>, voice: SigningKey, console: Option<DeviceId>) -> Self {
        let (words, seals, upstream) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let district = District { areas, voice, words, seals, upstream, last_nonce: None };
        Self { console, district: Some(district), ..Self::new(feed_epoch, None) }
    }

    pub fn log_ends(&self) -> Vec<LogEnd> {
        let ours = |device: &DeviceId| self.knows(*device) && self.console != Some(*device);
        let held = self.logs.iter().filter(|((device, _), log)| ours(device) && log.head.seq > 0);
        held.map(|((device, epoch), log)| LogEnd { device: *device, epoch: *epoch, head: log.head }).collect()
    }

    /// A stretch of a log as it came, ending in a seal; from its start where the nation's word is about another log.
    pub fn range(&self, device: DeviceId, epoch: Epoch, from: Seq) -> Option<Push> {
        let district = self.district.as_ref()?;
        let parted = district.words.get(&(device, epoch)).is_some_and(|(held, _)| {
            let here = self.chain_at(device, epoch, held.seq);
            held.seq + 1 == from && here.is_some_and(|chain| chain != held.chain)
        });
        let from = if parted { 1 } else { from };
        let previous = self.chain_at(device, epoch, from - 1)?;
        let end = self.standing(device, epoch).head.seq.min(from + RANGE_ENTRIES_MAX - 1);
        let seals = district.seals.range((device, epoch, from)..=(device, epoch, end)).flat_map(|(_, seals)| seals);
        let mut seals: Vec<Seal> =
            seals.filter(|seal| self.chain_at(device, epoch, seal.to_seq) == Some(seal.chain)).copied().collect();
        seals.dedup_by_key(|seal| seal.to_seq);
        let to = seals.last()?.to_seq;
        let wire = |seq: Seq| self.entry_at(device, epoch, seq).map(|entry| entry.envelope.as_ref().clone().into());
        let entries = (from..=to).filter_map(wire).collect();
        Some(Push { device, epoch, from, previous, entries, seals, nonce: [0; 16] })
    }

    /// Where a statement stands: its place, whether on a branch, and whether its device was taken back.
    pub fn places_of(&self, id: StatementId) -> Vec<(Position, bool, bool)> {
        let there = self.entries.iter().filter(|entry| entry.statement == id);
        there
            .map(|entry| (entry.position, entry.on_a_branch, self.revoked.contains_key(&entry.position.device)))
            .collect()
    }

    pub fn put_word(&mut self, receipt: &Receipt, word: Signed) {
        if let Some(district) = &mut self.district {
            district.words.insert((receipt.device, receipt.epoch), (receipt.held, word));
        }
    }

    pub fn note_ended(&mut self, ended: &[DeviceId], now: Moment) {
        for device in ended.iter().filter(|device| self.devices.contains_key(device)) {
            self.revoked.entry(*device).or_insert(now);
        }
    }

    pub fn certificates(&self, devices: &[DeviceId]) -> Introduce {
        let known: Vec<&Enrolled> = devices.iter().filter_map(|device| self.devices.get(device)).collect();
        Introduce {
            devices: known.iter().map(|one| one.signed.1.clone()).collect(),
            authors: known.iter().map(|one| one.signed.0.clone()).collect(),
        }
    }

    pub fn upstream_cursors(&self) -> Vec<Cursor> {
        let read = self.district.iter().flat_map(|district| district.upstream.values());
        read.map(|one| one.cursor.clone()).collect()
    }

    pub fn feeds_are_ready(&mut self) {
        for one in self.district.iter_mut().flat_map(|district| district.upstream.values_mut()) {
            one.is_ready = true;
        }
    }

    /// Kept as it came in a log of its own. Pages bring the certificates of those met in them; here they are
    /// taken from where the page came from, for checking them every time would be most of what is done.
    pub fn keep_page(&mut self, page: &CheckedPage, from: &Self, now: Moment) -> Result<(), NotThere> {
        let CheckedPage { envelopes, cursor: end } = page;
        for (_, envelope) in envelopes {
            let met = shared_model::envelope::Header::from_cbor(&envelope.header).ok();
            if let Some(enrolled) = met.and_then(|header| from.devices.get(&header.device)) {
                self.take_in(enrolled.clone());
            }
        }
        let start = end.seq.saturating_sub(envelopes.len() as u64);
        let (mut cursor, reading) = self.begin_page(&end.feed, end.epoch, start)?;
        let device = feed::log_of(&end.feed, end.epoch, reading);
        for (statement, envelope) in envelopes {
            cursor = cursor.after(*statement);
            self.keep_told(Position { device, epoch: FEED_LOG_EPOCH, seq: cursor.seq }, &cursor, envelope, now);
        }
        if let Some(one) = self.district.as_mut().and_then(|district| district.upstream.get_mut(&end.feed)) {
            one.cursor = cursor;
        }
        Ok(())
    }

    fn begin_page(&mut self, name: &str, epoch: u64, start: Seq) -> Result<(Cursor, u32), NotThere> {
        let Some(district) = &mut self.district else { return Err(NotThere) };
        let known = district.upstream.get(name);
        match known {
            Some(one) if (one.cursor.epoch, one.cursor.seq) == (epoch, start) => {
                return Ok((one.cursor.clone(), one.reading));
            }
            _ if start > 0 => return Err(NotThere),
            _ => {}
        }
        let again = known.filter(|one| one.cursor.epoch == epoch).map_or(0, |one| one.reading + 1);
        let (cursor, is_ready) = (Cursor::start(name.to_owned(), epoch), known.is_some_and(|one| one.is_ready));
        district.upstream.insert(name.to_owned(), Upstream { cursor: cursor.clone(), reading: again, is_ready });
        Ok((cursor, again))
    }

    fn keep_told(&mut self, position: Position, after: &Cursor, envelope: &Envelope, now: Moment) {
        let statement = envelope.statement_id();
        let head = LogHead { seq: position.seq, chain: Chain(after.sum) };
        self.at.entry(position).or_default().push(self.entries.len());
        self.held.insert(statement);
        self.entries.push(Entry {
            position,
            on_a_branch: false,
            chain: head.chain,
            statement,
            envelope: Rc::new(envelope.clone()),
            said: envelope.open().map(Rc::new).map_err(Quarantine::from),
            received_at: now,
        });
        self.logs.insert((position.device, position.epoch), super::LogStanding { head, closed: false });
    }

    /// Every feed under another epoch, with the same entries in the same order.
    pub fn renew_feeds(&mut self, epoch: u64) {
        self.feed_epoch = epoch;
        for (name, feed) in &mut self.feeds {
            let mut end = Cursor::start(name.clone(), epoch);
            let Feed { entries, end: last, .. } = feed;
            for (_, statement, sum) in entries {
                end = end.after(*statement);
                *sum = end.sum;
            }
            *last = end;
        }
    }
}

/// The page was checked against a cursor that is not here any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotThere;
