//! The record in a few dozen lines of sets, written from the promises and not from the code.
//!
//! A value of a key is visible unless another applied edit of that key saw it: directly, or through
//! what it saw. An edit that no longer counts is looked through to what it saw itself.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::conflict::Conflict;
use shared_model::envelope::{Authority, Said};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::{document_key, dose_key};
use shared_model::settlement::Answer;
use shared_model::statement::{Settled, Statement, Subject};

use crate::country::cbor;

pub struct Reference<'a> {
    said: BTreeMap<StatementId, &'a Said>,
}

/// What one card's document should say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Visible values by key, with who gave them.
    pub values: BTreeMap<String, BTreeMap<StatementId, Vec<u8>>>,
    pub waiting: BTreeSet<StatementId>,
    /// Edits that no other edit saw.
    pub heads: usize,
}

struct Edit {
    puts: BTreeMap<String, Vec<u8>>,
    /// What must be here first.
    saw: BTreeSet<StatementId>,
}

impl<'a> Reference<'a> {
    pub fn of(said: &'a [Said]) -> Self {
        Self { said: said.iter().map(|said| (said.id, said)).collect() }
    }

    pub fn stands(&self, id: StatementId) -> bool {
        let Some(target) = self.said.get(&id) else { return true };
        !self.said.values().any(|one| match &one.body.statement {
            Statement::Withdrawn(withdrawn) => {
                withdrawn.target == id
                    && one.header.authority >= target.header.authority
                    && speaks_of(one.header.subject, target)
                    && self.stands(one.id)
            }
            _ => false,
        })
    }

    /// Stands, and is the latest standing answer of the nation where it is an answer to a case.
    pub fn counts(&self, id: StatementId) -> bool {
        let Some(Statement::Settled(settled)) = self.said.get(&id).map(|said| &said.body.statement) else {
            return self.stands(id);
        };
        let rivals = self.said.values().filter(|one| match &one.body.statement {
            Statement::Settled(other) => {
                other.case == settled.case
                    && is_about_its_case(other)
                    && one.header.authority == Authority::National
                    && self.stands(one.id)
            }
            _ => false,
        });
        rivals.max_by_key(|one| (one.header.hlc, one.id)).is_some_and(|latest| latest.id == id)
    }

    pub fn person(&self, card: CitizenId) -> BTreeSet<CitizenId> {
        let mut cards = BTreeSet::from([card]);
        loop {
            let before = cards.len();
            for one in self.said.values().filter(|one| self.counts(one.id)) {
                let joined: Vec<CitizenId> = match (&one.body.statement, one.header.subject) {
                    (Statement::Linked(linked), Subject::Citizen(card)) => vec![card, linked.other],
                    (Statement::Settled(settled), _) if settled.answer == Answer::SamePerson => {
                        settled.citizens.clone()
                    }
                    _ => continue,
                };
                if joined.iter().any(|card| cards.contains(card)) {
                    cards.extend(joined);
                }
            }
            if cards.len() == before {
                return cards;
            }
        }
    }

    pub fn document(&self, card: CitizenId) -> Expected {
        let edits = self.edits(card);
        let applied: BTreeMap<StatementId, BTreeSet<StatementId>> =
            edits.keys().filter_map(|id| Some((*id, self.ancestors(*id, &edits)?))).collect();
        let mut expected = Expected {
            waiting: edits.keys().filter(|id| !applied.contains_key(id)).copied().collect(),
            heads: applied.keys().filter(|id| !applied.values().any(|before| before.contains(id))).count(),
            ..Expected::default()
        };
        for id in applied.keys() {
            for (key, value) in &edits[id].puts {
                let replaced =
                    applied.iter().any(|(other, before)| before.contains(id) && edits[other].puts.contains_key(key));
                if !replaced {
                    expected.values.entry(key.clone()).or_default().insert(*id, value.clone());
                }
            }
        }
        expected
    }

    /// Every edit of this card that an edit saw, through others too; nothing while one of them is not here.
    fn ancestors(&self, id: StatementId, edits: &BTreeMap<StatementId, Edit>) -> Option<BTreeSet<StatementId>> {
        let mut before = BTreeSet::new();
        for seen in &edits[&id].saw {
            if edits.contains_key(seen) {
                before.insert(*seen);
                before.extend(self.ancestors(*seen, edits)?);
            } else if !self.said.contains_key(seen) {
                return None;
            }
        }
        Some(before)
    }

    fn edits(&self, card: CitizenId) -> BTreeMap<StatementId, Edit> {
        let about = self.said.values().filter(|one| one.header.subject == Subject::Citizen(card));
        about.filter_map(|one| Some((one.id, self.edit(one)?))).collect()
    }

    fn edit(&self, one: &Said) -> Option<Edit> {
        let is_dose = matches!(one.body.statement, Statement::DoseGiven(_));
        if !is_dose && !self.counts(one.id) {
            return None;
        }
        let puts: BTreeMap<String, Vec<u8>> = match &one.body.statement {
            Statement::DoseGiven(_) => [(dose_key(one.id, None), one.header.body_hash.0.to_vec())].into(),
            Statement::CitizenEdited(edited) => {
                edited.values.iter().map(|value| (document_key(value.register()), cbor(value))).collect()
            }
            Statement::DoseAmended(amended) => {
                [(dose_key(amended.dose, Some(amended.field.code())), cbor(&amended.field))].into()
            }
            Statement::Settled(settled) => match (&settled.answer, &settled.key) {
                (Answer::ChooseValue(chosen), Some(key)) => [(key.clone(), self.value(key, *chosen)?)].into(),
                _ => return None,
            },
            _ => return None,
        };
        let subject = one.header.subject;
        let saw = seen_by(one).into_iter().flat_map(|id| self.looked_through(id, subject)).collect();
        Some(Edit { puts, saw })
    }

    fn looked_through(&self, id: StatementId, subject: Subject) -> BTreeSet<StatementId> {
        match self.said.get(&id) {
            Some(one) if edits(one) && one.header.subject == subject && !self.counts(id) => {
                seen_by(one).into_iter().flat_map(|id| self.looked_through(id, subject)).collect()
            }
            _ => [id].into(),
        }
    }

    /// What a statement said of a key; an answer to a case says what the chosen statement says.
    fn value(&self, key: &str, id: StatementId) -> Option<Vec<u8>> {
        match &self.said.get(&id)?.body.statement {
            Statement::CitizenEdited(edited) => {
                edited.values.iter().find(|value| document_key(value.register()) == key).map(cbor)
            }
            Statement::DoseAmended(amended) if dose_key(amended.dose, Some(amended.field.code())) == key => {
                Some(cbor(&amended.field))
            }
            Statement::Settled(Settled { answer: Answer::ChooseValue(chosen), key: Some(own), .. }) if own == key => {
                self.value(key, *chosen)
            }
            _ => None,
        }
    }
}

fn edits(one: &Said) -> bool {
    match &one.body.statement {
        Statement::CitizenEdited(_) | Statement::DoseAmended(_) => true,
        Statement::Settled(settled) => matches!((&settled.answer, &settled.key), (Answer::ChooseValue(_), Some(_))),
        _ => false,
    }
}

/// A dose saw nothing that it would wait for; a choice saw what it chose among.
fn seen_by(one: &Said) -> Vec<StatementId> {
    let based_on = one.body.based_on.iter().copied();
    match &one.body.statement {
        Statement::DoseGiven(_) => Vec::new(),
        Statement::DoseAmended(amended) => based_on.chain([amended.dose]).collect(),
        Statement::Settled(settled) => settled.involved.clone(),
        _ => based_on.collect(),
    }
}

/// Whoever takes something back speaks of the same person or device.
fn speaks_of(subject: Subject, target: &Said) -> bool {
    subject == target.header.subject
        || subject.citizen().is_some_and(|card| target.body.statement.other_citizens().contains(&card))
}

pub fn is_about_its_case(settled: &Settled) -> bool {
    let Settled { case, kind, involved, citizens, key, .. } = settled;
    Conflict::new(*kind, involved.iter().copied(), citizens.iter().copied(), key.clone()).id == *case
}
