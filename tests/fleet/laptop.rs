//! A laptop without a screen and without SQL: what `client/src/laptop.rs` and `client/src/sync/run.rs` do to the
//! store is done here to tables in memory. Composing, chaining, sealing, checking and merging are the real ones.

use shared_model::envelope::{Authority, Envelope, Header, LogHead, Seal, SigningKeys};
use shared_model::ids::{BodyHash, CitizenId, DeviceId, Epoch, RulesId, Seq, StatementId};
use shared_model::limits;
use shared_model::merge::{Merged, merge};
use shared_model::rules::Rulebook;
use shared_model::statement::{Body, Statement, Subject};
use shared_model::sync::Speaker;
use shared_model::sync::conversation::Myself;
use shared_model::sync::feed::{CheckedPage, Cursor};
use shared_model::sync::message::{Push, Receipt};
use shared_model::time::{ClockEvidence, Moment};

use crate::country::{Campaign, Identity};
use crate::plant::Plant;
use crate::tables::Tables;

/// What becomes of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Kept,
    /// The power goes before the disk has it: the tail that nobody was told of is gone.
    TailLost,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotKept(pub Fate);

/// A wall clock that steps back by less is being set by a time service; as in `client/src/clock.rs`.
const BACKWARDS_MS_TOLERATED: i64 = 2_000;

/// Whose feed it is; the nation has no id.
pub const NATION: DeviceId = DeviceId([0; DeviceId::BYTES]);

pub struct Laptop {
    pub me: Identity,
    pub tables: Tables,
    pub off_ms: i64,
    /// Counts restarts: the monotonic clock means nothing in another run.
    pub run: u64,
    /// Where there is no line, until then.
    pub away_until: Moment,
    /// Thrown away or put aside: it does nothing any more.
    pub gone: bool,
    /// What its team was told is saved on this disk.
    pub acked: Vec<StatementId>,
    pub plant: Option<Plant>,
}

/// What somebody means to say.
pub struct Words {
    pub subject: Subject,
    pub statement: Statement,
    pub seen: Vec<StatementId>,
    pub based_on: Vec<StatementId>,
    pub authority: Authority,
}

impl Laptop {
    pub fn enrolled(me: Identity, epoch: Epoch, plant: Option<Plant>) -> Self {
        let mut tables = Tables::default();
        tables.begin_epoch(me.device, epoch);
        Self { me, tables, off_ms: 0, run: 0, away_until: Moment(0), gone: false, acked: Vec::new(), plant }
    }

    /// What is not durable when the power goes is not there when it comes back.
    pub fn transact<T>(&mut self, fate: Fate, deed: impl FnOnce(&mut Tables) -> T) -> Result<T, NotKept> {
        match fate {
            Fate::Kept => Ok(deed(&mut self.tables)),
            Fate::TailLost if self.plant == Some(Plant::AckBeforeDurable) => {
                let durable = self.tables.clone();
                let told = deed(&mut self.tables);
                self.tables = durable;
                Ok(told)
            }
            Fate::TailLost | Fate::Full => Err(NotKept(fate)),
        }
    }

    pub fn wall(&self, now: Moment) -> Moment {
        now.plus_ms(self.off_ms)
    }

    pub fn known(&self, card: CitizenId, rules: &Rulebook) -> Merged {
        let said = self.tables.said_about(card);
        merge(card, said.values().map(AsRef::as_ref), rules).expect("a record")
    }

    /// Says something; what comes back is on disk. Nothing where it is beyond a limit.
    pub fn say(
        &mut self,
        words: Words,
        salt: u64,
        now: Moment,
        rules: RulesId,
        fate: Fate,
    ) -> Result<Option<StatementId>, NotKept> {
        let (wall, run, me) = (self.wall(now), self.run, self.me.clone());
        let Words { subject, statement, seen, based_on, authority } = words;
        let body = Body { salt: salt.to_be_bytes(), statement, seen, based_on };
        let said = self.transact(fate, |tables| {
            let evidence = stamp(tables, wall, now, run);
            let header = Header {
                kind: 0,
                subject,
                author: me.author,
                device: me.device,
                hlc: tables.clock.hlc,
                evidence,
                rules,
                authority,
                body_bytes: 0,
                body_hash: BodyHash([0; 32]),
            };
            let envelope = Envelope::compose(header, &body).ok()?;
            let said = envelope.open().ok()?;
            // What reaches beyond its author's authority is believed by nobody, so it is not believed here.
            let believed = (authority == me.authority).then_some(said);
            let id = envelope.statement_id();
            tables.keep(id, &envelope, believed, false);
            tables.append(me.device, id);
            Some(id)
        })?;
        self.acked.extend(said);
        Ok(said)
    }

    fn seal(&self, epoch: Epoch, to: LogHead) -> Seal {
        let keys = SigningKeys { device: &self.me.key, author: &self.me.author_key };
        Seal::make(self.me.device, epoch, to.seq, to.chain, self.me.author, &keys)
    }

    pub fn seal_all(&mut self, fate: Fate) -> Result<(), NotKept> {
        let now = self.tables.current();
        if self.tables.sealed_to(now.epoch) >= now.head.seq {
            return Ok(());
        }
        let seal = self.seal(now.epoch, now.head);
        self.transact(fate, |tables| tables.seals.insert((now.epoch, now.head.seq), seal)).map(|_| ())
    }

    pub fn introduce(&self, campaign: &Campaign, speaker: Speaker, nonce: u64) -> Myself {
        let now = self.tables.current();
        let mut drawn = [0; 16];
        drawn[..8].copy_from_slice(&nonce.to_be_bytes());
        Myself {
            device: self.me.device,
            campaign: campaign.public,
            cursors: self.cursors_of(&speaker),
            speaker,
            epoch: now.epoch,
            head: now.head,
            rules: vec![campaign.rules_id],
            leans_on: self.tables.leans_on(),
            app_version: "0.1.0".to_owned(),
            nonce: drawn,
        }
    }

    fn cursors_of(&self, speaker: &Speaker) -> Vec<Cursor> {
        self.cursors_at(server_id(speaker))
    }

    pub fn cursors_at(&self, server: DeviceId) -> Vec<Cursor> {
        let here = self.tables.cursors.iter().filter(|((of, _), _)| *of == server);
        here.map(|(_, cursor)| cursor.clone()).collect()
    }

    /// The next range to push. `entries_max` is smaller than the real one, so that short logs take several pushes.
    pub fn read_log(&mut self, from: Seq, entries_max: u64, fate: Fate) -> Result<Option<Push>, NotKept> {
        let epoch = self.tables.current().epoch;
        let last = self.tables.sealed_to(epoch).min(from.saturating_add(entries_max - 1));
        let Some(chain) = self.tables.chain_at(self.me.device, epoch, last).filter(|_| from <= last) else {
            return Ok(None);
        };
        if !self.tables.seals.contains_key(&(epoch, last)) {
            let cut = self.seal(epoch, LogHead { seq: last, chain });
            self.transact(fate, |tables| tables.seals.insert((epoch, last), cut))?;
        }
        let tables = &self.tables;
        let entries = tables.log.range((epoch, from)..=(epoch, last));
        let wire = |id: &StatementId| tables.envelopes.get(id).map(|kept| kept.envelope.as_ref().clone().into());
        Ok(Some(Push {
            device: self.me.device,
            epoch,
            from,
            previous: tables.chain_at(self.me.device, epoch, from - 1).expect("the entry before"),
            entries: entries.filter_map(|(_, (id, _))| wire(id)).collect(),
            seals: tables.seals.range((epoch, from)..=(epoch, last)).map(|(_, seal)| *seal).collect(),
            nonce: [0; 16],
        }))
    }

    pub fn note_receipt(&mut self, receipt: &Receipt, fate: Fate) -> Result<(), NotKept> {
        let (device, plant) = (self.me.device, self.plant);
        self.transact(fate, |tables| {
            for one in tables.epochs.iter_mut().filter(|one| one.epoch == receipt.epoch) {
                one.national_ms = receipt.now_ms;
            }
            let ours = tables.chain_at(device, receipt.epoch, receipt.held.seq) == Some(receipt.held.chain)
                || plant == Some(Plant::ReceiptWithoutChain);
            let held_to = if ours { receipt.held.seq } else { 0 };
            let before = tables.epochs.iter().find(|one| one.epoch == receipt.epoch).map_or(0, |one| one.national_to);
            let went_back = held_to < before && plant != Some(Plant::ReceiptsNeverGoBack);
            let doubted = went_back || (receipt.fresh_epoch.is_some() && held_to == 0);
            if doubted && plant != Some(Plant::OldReceiptsStay) {
                tables.forget_receipts();
            }
            if went_back && receipt.fresh_epoch.is_none() {
                tables.say_again(device);
            }
            for one in tables.epochs.iter_mut().filter(|one| one.epoch == receipt.epoch) {
                let national_to = receipt.national_to.min(held_to).min(one.head.seq);
                let stays = plant == Some(Plant::ReceiptsNeverGoBack) && national_to < one.national_to;
                one.national_to = if stays { one.national_to } else { national_to };
            }
        })
    }

    /// A word of the nation's that lay at a hub. One from before the last that was heard is about the past.
    pub fn note_brought(&mut self, receipt: &Receipt, fate: Fate) -> Result<(), NotKept> {
        let is_newer = self.tables.last_heard(receipt.epoch) < Some(receipt.now_ms);
        if is_newer || self.plant == Some(Plant::OldWordBrought) {
            return self.note_receipt(receipt, fate);
        }
        Ok(())
    }

    pub fn note_held_by_hub(&mut self, hub: &Speaker, receipt: &Receipt, fate: Fate) -> Result<(), NotKept> {
        let (device, hub, plant) = (self.me.device, server_id(hub), self.plant);
        self.transact(fate, |tables| {
            let ours = tables.chain_at(device, receipt.epoch, receipt.held.seq) == Some(receipt.held.chain)
                || plant == Some(Plant::HubHoldsWithoutChain);
            let held_to = if ours { receipt.held.seq } else { 0 };
            tables.hub_held.insert((hub, receipt.epoch), held_to);
            let current = tables.epochs.iter_mut().filter(|one| one.epoch == receipt.epoch);
            for one in current.filter(|_| plant == Some(Plant::HubForNation)) {
                one.national_to = held_to.min(one.head.seq);
            }
        })
    }

    pub fn start_epoch(&mut self, epoch: Epoch, fate: Fate) -> Result<LogHead, NotKept> {
        let device = self.me.device;
        let again = self.tables.not_held_by_nation();
        let head =
            again.iter().fold(LogHead::empty(device, epoch), |head, statement| head.append(device, epoch, *statement));
        let seal = self.seal(epoch, head);
        self.transact(fate, |tables| {
            tables.begin_epoch(device, epoch);
            for statement in again {
                tables.append(device, statement);
            }
            if head.seq > 0 {
                tables.seals.insert((epoch, head.seq), seal);
            }
            head
        })
    }

    pub fn note_time(&mut self, server: Moment, at: Moment, now: Moment, fate: Fate) -> Result<(), NotKept> {
        let run = self.run;
        self.transact(fate, |tables| {
            tables.clock.offset_ms = Some(server.ms_since(at));
            tables.clock.contact = Some((run, now.0));
            tables.clock.latest_wall_ms = at.0;
            tables.clock.went_backwards = false;
        })
    }

    /// Entries and cursor in one transaction.
    pub fn keep_page(&mut self, from: &Speaker, page: &CheckedPage, now: Moment, fate: Fate) -> Result<(), NotKept> {
        let (wall, plant, server) = (self.wall(now), self.plant, server_id(from));
        self.transact(fate, |tables| {
            let before = usize::try_from(page.cursor.seq).unwrap_or(usize::MAX).saturating_sub(page.envelopes.len());
            let read = tables.read.entry((server, page.cursor.feed.clone())).or_default();
            read.truncate(before);
            let skipped = usize::from(plant == Some(Plant::CursorOffByOne) && page.envelopes.len() > 2);
            read.extend(page.envelopes.iter().skip(skipped).map(|(id, _)| *id));
            take_in(tables, page.envelopes.iter().skip(skipped), from.is_nation(), wall);
            let cursor: Cursor = page.cursor.clone();
            tables.cursors.insert((server, cursor.feed.clone()), cursor);
        })
    }
}

pub fn take_in<'a>(
    tables: &mut Tables,
    envelopes: impl Iterator<Item = &'a (StatementId, Envelope)>,
    from_nation: bool,
    wall: Moment,
) {
    for (id, envelope) in envelopes {
        let said = envelope.open().ok();
        if let Some(said) = &said {
            tables.clock.hlc = tables.clock.hlc.observe(said.header.hlc, wall);
        }
        tables.keep(*id, envelope, said, from_nation);
    }
}

/// As `store/cursor.rs`: the nation has no id.
pub fn server_id(speaker: &Speaker) -> DeviceId {
    match speaker {
        Speaker::Nation => NATION,
        Speaker::Hub(hub) => hub.hub,
    }
}

/// As `client/src/clock.rs`.
fn stamp(tables: &mut Tables, wall: Moment, now: Moment, run: u64) -> ClockEvidence {
    let clock = &mut tables.clock;
    clock.hlc = clock.hlc.tick(wall);
    clock.went_backwards |= wall.0 < clock.latest_wall_ms.saturating_sub(BACKWARDS_MS_TOLERATED);
    clock.latest_wall_ms = clock.latest_wall_ms.max(wall.0);
    let age = |(in_run, at): (u64, i64)| (in_run == run).then(|| u64::try_from((now.0 - at) / 1_000).unwrap_or(0));
    ClockEvidence {
        offset_ms: clock.offset_ms,
        contact_age_s: clock.contact.and_then(age),
        went_backwards: clock.went_backwards,
    }
}

const _: () = assert!(limits::PUSH_ENTRIES_MAX > 40, "ranges of the fleet are cut shorter than real ones");
