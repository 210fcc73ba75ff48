//! What a set of statements says about one person. A record is a conclusion: it can be thrown away and drawn again.

pub mod document;
mod fields;
pub mod history;
pub mod people;
mod plain_change;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

pub use document::{Document, DocumentError, Edit};
pub use fields::{FieldState, Vote, document_key, dose_key, dose_of_key};
pub use history::{Dose, DoseState, History};
pub use standing::Standing;

use crate::citizen::{Birth, PersonName, Register, RegisterValue};
use crate::conflict::{Conflict, ConflictKind};
use crate::envelope::{Authority, Said};
use crate::hash;
use crate::ids::{CaseId, CitizenId, StateRoot, StatementId};
use crate::planted::{Bug, is_alive};
use crate::settlement::Answer;
use crate::statement::{Settled, Statement};

/// Everything known of one person, from the statements at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The linked cards, smallest id first.
    pub cards: BTreeSet<CitizenId>,
    pub fields: BTreeMap<Register, FieldState>,
    pub history: History,
    /// Register conflicts seen in the documents: per card and key, the statements that disagree.
    pub disputes: Vec<Conflict>,
    pub settlements: BTreeMap<CaseId, Vec<SettlementState>>,
    /// Edits that build on statements not here yet.
    pub waiting: BTreeSet<StatementId>,
    /// Statements of kinds this version does not know.
    pub unknown: usize,
    pub heads: BTreeMap<CitizenId, Vec<[u8; 32]>>,
    /// Equal on two nodes exactly when they hold the same statements about this person.
    pub root: StateRoot,
}

/// A settlement and whether it is the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementState {
    pub statement: StatementId,
    pub settled: Settled,
    pub stands: bool,
}

impl Record {
    pub fn name(&self) -> Option<&PersonName> {
        match &self.fields.get(&Register::Name)?.shown.value {
            RegisterValue::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn birth(&self) -> Option<Birth> {
        match &self.fields.get(&Register::Birth)?.shown.value {
            RegisterValue::Birth(birth) => Some(*birth),
            _ => None,
        }
    }

    /// The settlement in force for a case, if one stands.
    pub fn settlement(&self, case: CaseId) -> Option<&SettlementState> {
        self.settlements.get(&case)?.iter().rev().find(|settlement| settlement.stands)
    }
}

/// Draws the record of the person who holds `card`. `said` must hold what concerns the cards that were
/// ever linked to it, and every withdrawal of that, wherever it is filed; what else it holds is left out.
pub fn derive<'a>(card: CitizenId, said: impl IntoIterator<Item = &'a Said>) -> Result<Record, DocumentError> {
    let testimony = Testimony::of(said);
    let counts = |id: StatementId| testimony.counts(id);
    let cards = testimony.cards_of(card);
    let said = concerning(&cards, &testimony.all);
    let known = testimony.known();

    let mut documents = BTreeMap::new();
    let mut waiting = BTreeSet::new();
    for card in &cards {
        let edits = fields::edits_of(*card, &said, &counts);
        let document = document::replay(&edits, &known)?;
        waiting.extend(document.waiting.iter().copied());
        documents.insert(*card, document);
    }
    let (fields, disputes) = fields::read(&documents, &said);
    let history = History::of(fields::doses(&documents, &said, &counts));
    let heads: BTreeMap<_, _> = documents.into_iter().map(|(card, document)| (card, document.heads)).collect();
    let root = root_of(said.keys(), &heads);
    let unknown = said.values().filter(|one| matches!(one.body.statement, Statement::Unknown { .. })).count();
    let settlements = settlements_of(&said, &counts);
    Ok(Record { cards, fields, history, disputes, settlements, waiting, unknown, heads, root })
}

/// What is written into the document of each card of the person who holds `card`, and all that is here:
/// whoever replays it has the documents of [`derive`].
pub fn edits<'a>(
    card: CitizenId,
    said: impl IntoIterator<Item = &'a Said>,
) -> (BTreeMap<CitizenId, Vec<Edit>>, BTreeSet<StatementId>) {
    let testimony = Testimony::of(said);
    let cards = testimony.cards_of(card);
    let said = concerning(&cards, &testimony.all);
    let edits = cards.into_iter().map(|card| (card, fields::edits_of(card, &said, &|id| testimony.counts(id))));
    (edits.collect(), testimony.known())
}

/// All that was said, and what of it counts.
struct Testimony<'a> {
    all: BTreeMap<StatementId, &'a Said>,
    standing: Standing,
    in_force: BTreeMap<CaseId, StatementId>,
}

impl<'a> Testimony<'a> {
    fn of(said: impl IntoIterator<Item = &'a Said>) -> Self {
        let all: BTreeMap<StatementId, &Said> = said.into_iter().map(|one| (one.id, one)).collect();
        let standing = Standing::of(&all);
        let in_force = settlements_in_force(&all, &standing);
        Self { all, standing, in_force }
    }

    /// Stands, and is the answer in force where it answers a case.
    fn counts(&self, id: StatementId) -> bool {
        let undone = is_alive(Bug::UndoneAnswerStands) && self.in_force.values().any(|one| *one == id);
        (self.standing.stands(id) || undone)
            && self.all.get(&id).is_none_or(|one| match &one.body.statement {
                Statement::Settled(settled) => self.in_force.get(&settled.case) == Some(&id),
                _ => true,
            })
    }

    fn cards_of(&self, card: CitizenId) -> BTreeSet<CitizenId> {
        people::cards_of(card, &people::standing_joins(&self.all, |id| self.counts(id)))
    }

    /// An edit made while cards were linked saw the other card's statements too, and waits for none that is here.
    fn known(&self) -> BTreeSet<StatementId> {
        self.all.keys().copied().collect()
    }
}

/// The statements about these cards, and every withdrawal of one of them.
fn concerning<'a>(
    cards: &BTreeSet<CitizenId>,
    all: &BTreeMap<StatementId, &'a Said>,
) -> BTreeMap<StatementId, &'a Said> {
    let about = |one: &Said| {
        one.header.subject.citizen().is_some_and(|card| cards.contains(&card))
            || one.body.statement.other_citizens().iter().any(|card| cards.contains(card))
    };
    let mut said: BTreeMap<StatementId, &Said> =
        all.iter().filter(|(_, one)| about(one)).map(|(id, one)| (*id, *one)).collect();
    loop {
        let withdrawals: Vec<&Said> = all
            .values()
            .copied()
            .filter(|one| match &one.body.statement {
                Statement::Withdrawn(withdrawn) => said.contains_key(&withdrawn.target) && !said.contains_key(&one.id),
                _ => false,
            })
            .collect();
        if withdrawals.is_empty() {
            return said;
        }
        said.extend(withdrawals.into_iter().map(|one| (one.id, one)));
    }
}

fn root_of<'a>(said: impl Iterator<Item = &'a StatementId>, heads: &BTreeMap<CitizenId, Vec<[u8; 32]>>) -> StateRoot {
    let mut parts: Vec<&[u8]> = said.map(|id| id.as_bytes()).collect();
    for (card, heads) in heads {
        parts.push(card.as_bytes());
        parts.extend(heads.iter().map(|head| head.as_slice()));
    }
    StateRoot(hash::sha256(hash::ROOT, &parts))
}

/// Of several standing settlements of one case, the one said latest counts, the same on every node.
fn settlements_in_force(said: &BTreeMap<StatementId, &Said>, standing: &Standing) -> BTreeMap<CaseId, StatementId> {
    let mut latest: BTreeMap<CaseId, (crate::time::Hlc, StatementId)> = BTreeMap::new();
    for (id, one) in said {
        if let Statement::Settled(settled) = &one.body.statement
            && one.header.authority == Authority::National
            && (standing.stands(*id) || is_alive(Bug::UndoneAnswerStands))
            && conflict_of(settled).is_some()
        {
            let candidate = (one.header.hlc, *id);
            let chosen = |best: (crate::time::Hlc, StatementId)| {
                if is_alive(Bug::FirstAnswerStands) { best.min(candidate) } else { best.max(candidate) }
            };
            latest.entry(settled.case).and_modify(|best| *best = chosen(*best)).or_insert(candidate);
        }
    }
    latest.into_iter().map(|(case, (_, id))| (case, id)).collect()
}

fn settlements_of(
    said: &BTreeMap<StatementId, &Said>,
    counts: &impl Fn(StatementId) -> bool,
) -> BTreeMap<CaseId, Vec<SettlementState>> {
    let mut ordered: Vec<(&Said, &Settled)> = said
        .values()
        .filter_map(|one| match &one.body.statement {
            Statement::Settled(settled) => Some((*one, settled)),
            _ => None,
        })
        .collect();
    ordered.sort_by_key(|(one, _)| (one.header.hlc, one.id));
    let mut settlements: BTreeMap<CaseId, Vec<SettlementState>> = BTreeMap::new();
    for (one, settled) in ordered {
        settlements.entry(settled.case).or_default().push(SettlementState {
            statement: one.id,
            settled: settled.clone(),
            stands: counts(one.id),
        });
    }
    settlements
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseState {
    Open,
    SentBack,
    Settled,
}

/// A conflict raised now, or one that a standing settlement closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub conflict: Conflict,
    pub state: CaseState,
    /// The settlement in force.
    pub settlement: Option<StatementId>,
}

/// The cases of a person: what is raised, answered or not, and what was answered and is raised no longer.
pub fn cases(record: &Record, raised: impl IntoIterator<Item = Conflict>) -> Vec<Case> {
    let mut cases: BTreeMap<CaseId, Case> = BTreeMap::new();
    for conflict in raised {
        let settlement = record.settlement(conflict.id);
        let state = match settlement {
            None => CaseState::Open,
            Some(_) if is_alive(Bug::AnswerNotShown) => CaseState::Open,
            Some(given) if given.settled.answer.closes() => CaseState::Settled,
            Some(_) => CaseState::SentBack,
        };
        cases.insert(conflict.id, Case { state, settlement: settlement.map(|s| s.statement), conflict });
    }
    for (id, settlements) in &record.settlements {
        let Some(given) = settlements.iter().rev().find(|settlement| settlement.stands) else { continue };
        if let (true, false, Some(conflict)) =
            (given.settled.answer.closes(), cases.contains_key(id), conflict_of(&given.settled))
        {
            let settlement = Some(given.statement);
            cases.insert(*id, Case { conflict, state: CaseState::Settled, settlement });
        }
    }
    cases.into_values().collect()
}

/// The conflict a settlement answers. One that names another case than its own contents would is about none.
fn conflict_of(settled: &Settled) -> Option<Conflict> {
    let Settled { case, kind, involved, citizens, key, .. } = settled;
    let conflict = Conflict::new(*kind, involved.iter().copied(), citizens.iter().copied(), key.clone());
    (conflict.id == *case).then_some(conflict)
}

/// Which answers a kind of conflict takes, in the order a screen offers them.
pub fn answers(conflict: &Conflict) -> Vec<Answer> {
    let each = |answer: fn(StatementId) -> Answer| conflict.involved.iter().map(move |id| answer(*id));
    let mut answers: Vec<Answer> = match conflict.kind {
        ConflictKind::EditedInTwoPlaces => each(Answer::ChooseValue).collect(),
        ConflictKind::SameDoseTwice | ConflictKind::TooManyDoses => {
            each(Answer::SameDose).chain([Answer::ReallyTwo]).chain(each(Answer::WithdrawDose)).collect()
        }
        ConflictKind::TooSoon | ConflictKind::MixedProducts => {
            [Answer::ReallyTwo].into_iter().chain(each(Answer::WithdrawDose)).collect()
        }
        ConflictKind::OneCardTwoPersons | ConflictKind::TwoCardsOnePerson => {
            vec![Answer::SamePerson, Answer::NotSamePerson]
        }
        ConflictKind::ImplausibleTime => [Answer::Acknowledge].into_iter().chain(each(Answer::WithdrawDose)).collect(),
        ConflictKind::ClonedDevice | ConflictKind::Other(_) => vec![Answer::Acknowledge],
    };
    answers.push(Answer::SendBack);
    answers
}
