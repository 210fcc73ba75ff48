//! The record in sets, written from the promises and not from the code: who is one person, which doses were
//! said of them, and which of those nobody took back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::envelope::{Authority, Said};
use shared_model::ids::{CaseId, CitizenId, StatementId};
use shared_model::record::people::cards_joined;
use shared_model::settlement::Answer;
use shared_model::statement::{Settled, Statement, Subject};
use shared_model::sync::Outcome;
use shared_model::time::Moment;

/// What is known beside the stores, to hold them to it.
#[derive(Default)]
pub struct Reference {
    /// Laptops that the server spoke to since it was last put back to an old copy.
    pub heard_since_restore: BTreeSet<usize>,
    pub restored: bool,
    pub restored_at: Option<Moment>,
    pub last_outcome: BTreeMap<usize, Outcome>,
    /// Of hubs, with the nation.
    pub last_forward: BTreeMap<usize, Outcome>,
    /// What a laptop said, and has no more since its disk was put back. Where the one hub that had it was put back as
    /// well, others may know of it and nobody can bring it to the nation under its seal.
    pub gone_with_a_disk: BTreeSet<StatementId>,
}

/// Every statement that was believed, wherever it is filed.
pub struct Truth {
    pub said: BTreeMap<StatementId, Rc<Said>>,
    against: BTreeMap<StatementId, Vec<StatementId>>,
    answers: BTreeMap<CaseId, Vec<StatementId>>,
}

impl Truth {
    pub fn of(said: BTreeMap<StatementId, Rc<Said>>) -> Self {
        let mut against: BTreeMap<StatementId, Vec<StatementId>> = BTreeMap::new();
        let mut answers: BTreeMap<CaseId, Vec<StatementId>> = BTreeMap::new();
        for one in said.values() {
            match &one.body.statement {
                Statement::Withdrawn(withdrawn) => against.entry(withdrawn.target).or_default().push(one.id),
                Statement::Settled(settled) if one.header.authority == Authority::National => {
                    answers.entry(settled.case).or_default().push(one.id);
                }
                _ => {}
            }
        }
        Self { said, against, answers }
    }

    /// Nobody with the right to it took it back, or that was taken back in turn.
    pub fn stands(&self, id: StatementId) -> bool {
        let Some(target) = self.said.get(&id) else { return true };
        let withdrawals = self.against.get(&id).into_iter().flatten().filter_map(|id| self.said.get(id));
        let mut heard = withdrawals
            .filter(|one| one.header.authority >= target.header.authority && speaks_of(one.header.subject, target));
        !heard.any(|one| self.stands(one.id))
    }

    /// Stands, and is the latest standing answer of the nation where it answers a case.
    pub fn counts(&self, id: StatementId) -> bool {
        let Some(one) = self.said.get(&id) else { return false };
        let Statement::Settled(settled) = &one.body.statement else { return self.stands(id) };
        let rivals = self.answers.get(&settled.case).into_iter().flatten().filter(|id| self.stands(**id));
        let latest = rivals.filter_map(|id| self.said.get(id)).max_by_key(|one| (one.header.hlc, one.id));
        latest.is_some_and(|latest| latest.id == id)
    }

    /// The connected cards of everybody.
    pub fn people(&self) -> Vec<BTreeSet<CitizenId>> {
        let mut people: Vec<BTreeSet<CitizenId>> = Vec::new();
        let mut meet = |cards: BTreeSet<CitizenId>| {
            let (met, apart): (Vec<_>, Vec<_>) =
                std::mem::take(&mut people).into_iter().partition(|person| !person.is_disjoint(&cards));
            people = apart;
            people.push(met.into_iter().fold(cards, |mut all, person| {
                all.extend(person);
                all
            }));
        };
        for one in self.said.values() {
            meet(one.header.subject.citizen().into_iter().collect());
            let joined: Vec<CitizenId> = match (&one.body.statement, one.header.subject) {
                (Statement::Linked(linked), Subject::Citizen(card)) => vec![card, linked.other],
                (Statement::Settled(Settled { answer: Answer::SamePerson, citizens, .. }), _) => citizens.clone(),
                _ => Vec::new(),
            };
            if !joined.is_empty() && self.counts(one.id) {
                meet(joined.into_iter().collect());
            }
        }
        people.retain(|person| !person.is_empty());
        people
    }

    /// Everything about whoever was ever said to hold these cards, and every withdrawal of that. An edit that saw a
    /// card whose link the nation lost with its disk waits for it, here as there.
    pub fn about(&self, cards: &BTreeSet<CitizenId>) -> Vec<&Said> {
        let joins: Vec<(CitizenId, CitizenId)> = self.said.values().flat_map(|one| cards_joined(one)).collect();
        let mut ever = cards.clone();
        let mut before = 0;
        while before < ever.len() {
            before = ever.len();
            for (one, other) in &joins {
                if ever.contains(one) || ever.contains(other) {
                    ever.extend([*one, *other]);
                }
            }
        }
        let is_about = |one: &Said| {
            one.header.subject.citizen().is_some_and(|card| ever.contains(&card))
                || other_cards(&one.body.statement).iter().any(|card| ever.contains(card))
        };
        let mut about: BTreeMap<StatementId, &Said> =
            self.said.values().filter(|one| is_about(one)).map(|one| (one.id, one.as_ref())).collect();
        let mut targets: Vec<StatementId> = about.keys().copied().collect();
        while let Some(target) = targets.pop() {
            for id in self.against.get(&target).into_iter().flatten() {
                if let Some(one) = self.said.get(id)
                    && about.insert(*id, one).is_none()
                {
                    targets.push(*id);
                }
            }
        }
        about.into_values().collect()
    }

    /// Every dose said of these cards, and whether it stands.
    pub fn doses(&self, cards: &BTreeSet<CitizenId>) -> BTreeMap<StatementId, bool> {
        let about = |one: &&Rc<Said>| one.header.subject.citizen().is_some_and(|card| cards.contains(&card));
        let doses = self.said.values().filter(about);
        doses
            .filter(|one| matches!(one.body.statement, Statement::DoseGiven(_)))
            .map(|one| (one.id, self.stands(one.id)))
            .collect()
    }

    /// Doses that an answer in force takes back.
    pub fn doses_taken_back(&self) -> BTreeSet<StatementId> {
        let answers = self.answers.values().flatten().filter(|id| self.counts(**id));
        let said = answers.filter_map(|id| self.said.get(id));
        said.filter_map(|one| match &one.body.statement {
            Statement::Settled(Settled { answer: Answer::WithdrawDose(dose), .. }) => Some(*dose),
            _ => None,
        })
        .collect()
    }

    /// Doses that an answer in force names or passes over.
    pub fn settled_doses(&self) -> BTreeSet<StatementId> {
        let answers = self.answers.values().flatten().filter(|id| self.counts(**id));
        let said = answers.filter_map(|id| self.said.get(id));
        said.flat_map(|one| match &one.body.statement {
            Statement::Settled(Settled { answer: Answer::WithdrawDose(_) | Answer::SameDose(_), involved, .. }) => {
                involved.clone()
            }
            _ => Vec::new(),
        })
        .collect()
    }
}

fn speaks_of(subject: Subject, target: &Said) -> bool {
    subject == target.header.subject
        || subject.citizen().is_some_and(|card| other_cards(&target.body.statement).contains(&card))
}

/// Whom a statement is about beside the card it is filed under.
pub fn other_cards(statement: &Statement) -> &[CitizenId] {
    match statement {
        Statement::Linked(linked) => std::slice::from_ref(&linked.other),
        Statement::Settled(settled) => &settled.citizens,
        _ => &[],
    }
}
