//! Mirrors `store/sqlite/statement.rs`: which believed statements there are, and whose records they enter.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::people::cards_joined;
use shared_model::statement::Statement;
use sync_server::store::rows::{Kept, Testimony};

use super::Nation;
use crate::plant::Plant;

/// As in the file this mirrors.
const LINKED_CARDS_MAX: usize = 64;

impl Nation {
    /// `None` when it is known already: an alias. Otherwise the cards whose records it touches.
    pub(super) fn index(&mut self, place: usize, said: &Said) -> Option<BTreeSet<CitizenId>> {
        if self.statements.contains_key(&said.id) {
            return None;
        }
        self.statements.insert(said.id, place);
        let mut cards: BTreeSet<CitizenId> = said.header.subject.citizen().into_iter().collect();
        cards.extend(said.body.statement.other_citizens());
        let follows = self.plant != Some(Plant::WithdrawalDoesNotFollow);
        if let Statement::Withdrawn(withdrawn) = &said.body.statement {
            self.withdrawals.entry(withdrawn.target).or_default().insert(said.id);
            if follows {
                cards.extend(self.cards_of.get(&withdrawn.target).into_iter().flatten());
            }
        }
        for (one, other) in cards_joined(said) {
            self.links.entry(one).or_default().insert(other);
            self.links.entry(other).or_default().insert(one);
        }
        self.enter(&cards, place, said.id);
        let mut targets = if follows { vec![said.id] } else { Vec::new() };
        while let Some(target) = targets.pop() {
            for withdrawal in self.withdrawals.get(&target).cloned().unwrap_or_default() {
                if let Some(place) = self.statements.get(&withdrawal).copied() {
                    self.enter(&cards, place, withdrawal);
                    targets.push(withdrawal);
                }
            }
        }
        Some(cards)
    }

    fn enter(&mut self, cards: &BTreeSet<CitizenId>, place: usize, statement: StatementId) {
        for card in cards {
            self.said.entry(*card).or_default().insert(place);
        }
        self.cards_of.entry(statement).or_default().extend(cards);
    }

    fn ever_linked(&self, card: CitizenId) -> BTreeSet<CitizenId> {
        let (mut cards, mut frontier) = (BTreeSet::from([card]), vec![card]);
        while let Some(next) = frontier.pop() {
            let others = self.links.get(&next).into_iter().flatten();
            frontier.extend(others.filter(|other| cards.insert(**other)));
            if cards.len() > LINKED_CARDS_MAX {
                return BTreeSet::from([card]);
            }
        }
        cards
    }

    /// The places of everything said about whoever may hold this card.
    pub(super) fn places(&self, card: CitizenId) -> (BTreeSet<CitizenId>, BTreeSet<usize>) {
        let cards = self.ever_linked(card);
        let places = cards.iter().flat_map(|card| self.said.get(card).into_iter().flatten().copied()).collect();
        (cards, places)
    }

    pub fn testimony(&self, card: CitizenId) -> Testimony {
        let (cards, places) = self.places(card);
        let kept = places.into_iter().filter_map(|place| self.kept(place)).map(|kept| (kept.said.id, kept)).collect();
        Testimony { cards, kept }
    }

    pub(super) fn kept(&self, place: usize) -> Option<Kept> {
        let entry = self.entries.get(place)?;
        Some(Kept {
            lseq: i64::try_from(place).unwrap_or(i64::MAX) + 1,
            position: entry.position,
            received_at: entry.received_at,
            envelope: entry.envelope.as_ref().clone(),
            said: entry.said.as_ref().ok()?.as_ref().clone(),
        })
    }

    /// As a laptop would have it, for comparing roots.
    pub fn said_about(&self, card: CitizenId) -> BTreeMap<StatementId, Rc<Said>> {
        let said = |place: usize| self.entries.get(place)?.said.as_ref().ok().cloned();
        self.places(card).1.into_iter().filter_map(said).map(|said| (said.id, said)).collect()
    }
}
