//! A laptop's store in memory: the same tables, keys and look-ups as `client/src/store`, without SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::envelope::{Envelope, LogHead, Said, Seal};
use shared_model::ids::{BundleId, Chain, CitizenId, DeviceId, Epoch, Seq, StatementId};
use shared_model::record::people::cards_joined;
use shared_model::statement::Statement;
use shared_model::sync::bundle::Outward;
use shared_model::sync::feed::Cursor;
use shared_model::sync::message::EarlierEnd;
use shared_model::time::Hlc;

#[derive(Clone)]
pub struct Kept {
    pub envelope: Rc<Envelope>,
    /// Nothing where it is kept and not believed.
    pub said: Option<Rc<Said>>,
    pub from_nation: bool,
}

/// An epoch of the log, its head, and how far others are known to hold it.
#[derive(Clone, Copy)]
pub struct EpochState {
    pub epoch: Epoch,
    pub head: LogHead,
    pub national_to: Seq,
    /// When, by its own clock, the nation last spoke of it.
    pub national_ms: i64,
}

/// As `store/stick.rs`: a bundle as it was made, and what was answered.
#[derive(Clone)]
pub struct Made {
    pub known: Vec<EarlierEnd>,
    pub outward: Outward,
}

/// As `client/src/clock.rs` keeps it.
#[derive(Clone, Copy, Default)]
pub struct ClockState {
    pub hlc: Hlc,
    pub offset_ms: Option<i64>,
    pub contact: Option<(u64, i64)>,
    pub latest_wall_ms: i64,
    pub went_backwards: bool,
}

#[derive(Clone, Default)]
pub struct Tables {
    pub envelopes: BTreeMap<StatementId, Kept>,
    concern: BTreeMap<CitizenId, BTreeSet<StatementId>>,
    concerned: BTreeMap<StatementId, BTreeSet<CitizenId>>,
    withdrawals: BTreeMap<StatementId, BTreeSet<StatementId>>,
    joined: BTreeMap<CitizenId, BTreeSet<CitizenId>>,
    /// Oldest first; the last one is written.
    pub epochs: Vec<EpochState>,
    pub log: BTreeMap<(Epoch, Seq), (StatementId, Chain)>,
    pub seals: BTreeMap<(Epoch, Seq), Seal>,
    /// By server, the nation's under no id.
    pub cursors: BTreeMap<(DeviceId, String), Cursor>,
    /// How far each hub says it holds an epoch.
    pub hub_held: BTreeMap<(DeviceId, Epoch), Seq>,
    /// What was kept of each feed; entry n lies at n − 1. No laptop needs it, the invariants do.
    pub read: BTreeMap<(DeviceId, String), Vec<StatementId>>,
    pub clock: ClockState,
    pub sticks: BTreeMap<BundleId, Made>,
}

impl Tables {
    pub fn current(&self) -> EpochState {
        *self.epochs.last().expect("an enrolled laptop has a log")
    }

    pub fn begin_epoch(&mut self, device: DeviceId, epoch: Epoch) {
        self.epochs.push(EpochState { epoch, head: LogHead::empty(device, epoch), national_to: 0, national_ms: 0 });
    }

    pub fn append(&mut self, device: DeviceId, statement: StatementId) -> LogHead {
        let now = self.epochs.last_mut().expect("an enrolled laptop has a log");
        now.head = now.head.append(device, now.epoch, statement);
        self.log.insert((now.epoch, now.head.seq), (statement, now.head.chain));
        now.head
    }

    pub fn chain_at(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Option<Chain> {
        match seq {
            0 => Some(LogHead::empty(device, epoch).chain),
            _ => self.log.get(&(epoch, seq)).map(|(_, chain)| *chain),
        }
    }

    pub fn sealed_to(&self, epoch: Epoch) -> Seq {
        self.seals.range((epoch, 0)..=(epoch, Seq::MAX)).next_back().map_or(0, |((_, to), _)| *to)
    }

    /// As `store/log.rs`: when the nation last spoke of an epoch.
    pub fn last_heard(&self, epoch: Epoch) -> Option<i64> {
        self.epochs.iter().find(|one| one.epoch == epoch).map(|one| one.national_ms)
    }

    /// As `store/log.rs`: nothing of this log is known to be held by anybody else.
    pub fn forget_receipts(&mut self) {
        for one in &mut self.epochs {
            one.national_to = 0;
        }
        for made in self.sticks.values_mut() {
            made.outward.overtaken = true;
        }
        for (statement, _) in self.log.values() {
            if let Some(kept) = self.envelopes.get_mut(statement) {
                kept.from_nation = false;
            }
        }
    }

    /// As `store/log.rs`: what lies only in epochs that are over is said again in this one.
    pub fn say_again(&mut self, device: DeviceId) {
        let epoch = self.current().epoch;
        let here: BTreeSet<StatementId> =
            self.log.range((epoch, 0)..=(epoch, Seq::MAX)).map(|(_, (statement, _))| *statement).collect();
        for statement in self.not_held_by_nation().into_iter().filter(|statement| !here.contains(statement)) {
            self.append(device, statement);
        }
    }

    /// As `store/log.rs`: the newest epoch that is over and that a receipt was given for.
    pub fn leans_on(&self) -> Option<EarlierEnd> {
        let (_, over) = self.epochs.split_last()?;
        let last = over.iter().rev().find(|one| one.national_to > 0)?;
        let (_, chain) = self.log.get(&(last.epoch, last.national_to))?;
        Some(EarlierEnd { epoch: last.epoch, head: LogHead { seq: last.national_to, chain: *chain } })
    }

    /// As `store/log.rs` asks for them: not receipted in any epoch.
    pub fn not_held_by_nation(&self) -> Vec<StatementId> {
        let national_to: BTreeMap<Epoch, Seq> = self.epochs.iter().map(|one| (one.epoch, one.national_to)).collect();
        let held = |epoch: &Epoch, seq: Seq| national_to.get(epoch).is_some_and(|to| seq <= *to);
        let receipted: BTreeSet<StatementId> = self
            .log
            .iter()
            .filter(|((epoch, seq), _)| held(epoch, *seq))
            .map(|(_, (statement, _))| *statement)
            .collect();
        let mut again = Vec::new();
        let mut taken = BTreeSet::new();
        for (statement, _) in self.log.values() {
            if !receipted.contains(statement) && taken.insert(*statement) {
                again.push(*statement);
            }
        }
        again
    }

    /// Keeps an envelope; keeping it again changes nothing but where it is known to be. Tells whether it is new.
    pub fn keep(&mut self, id: StatementId, envelope: &Envelope, said: Option<Said>, from_nation: bool) -> bool {
        if let Some(kept) = self.envelopes.get_mut(&id) {
            kept.from_nation |= from_nation;
            return false;
        }
        let said = said.map(Rc::new);
        self.envelopes.insert(id, Kept { envelope: Rc::new(envelope.clone()), said: said.clone(), from_nation });
        if let Some(said) = said {
            self.note_concerns(&said);
        }
        true
    }

    /// As `intake/apply.rs`: which cards a statement enters, and what takes it back with it.
    fn note_concerns(&mut self, said: &Said) {
        let mut cards: BTreeSet<CitizenId> = said.header.subject.citizen().into_iter().collect();
        cards.extend(said.body.statement.other_citizens());
        if let Statement::Withdrawn(withdrawn) = &said.body.statement {
            self.withdrawals.entry(withdrawn.target).or_default().insert(said.id);
            cards.extend(self.concerned.get(&withdrawn.target).into_iter().flatten());
        }
        self.concern(said.id, &cards);
        let (mut targets, mut followed) = (vec![said.id], BTreeSet::from([said.id]));
        while let Some(target) = targets.pop() {
            for withdrawal in self.withdrawals.get(&target).cloned().unwrap_or_default() {
                if followed.insert(withdrawal) {
                    self.concern(withdrawal, &cards);
                    targets.push(withdrawal);
                }
            }
        }
        for (one, other) in cards_joined(said) {
            self.joined.entry(one).or_default().insert(other);
            self.joined.entry(other).or_default().insert(one);
        }
    }

    fn concern(&mut self, statement: StatementId, cards: &BTreeSet<CitizenId>) {
        for card in cards {
            self.concern.entry(*card).or_default().insert(statement);
        }
        self.concerned.entry(statement).or_default().extend(cards);
    }

    /// Everything believed about the cards that were ever joined to this one.
    pub fn said_about(&self, card: CitizenId) -> BTreeMap<StatementId, Rc<Said>> {
        let (mut cards, mut frontier) = (BTreeSet::from([card]), vec![card]);
        while let Some(one) = frontier.pop() {
            for other in self.joined.get(&one).into_iter().flatten() {
                if cards.insert(*other) {
                    frontier.push(*other);
                }
            }
        }
        let statements = cards.iter().flat_map(|card| self.concern.get(card).into_iter().flatten());
        statements.filter_map(|id| Some((*id, self.envelopes.get(id)?.said.clone()?))).collect()
    }
}
