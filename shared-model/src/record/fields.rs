//! From statements to document keys, and from a document's values back to registers and doses.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Edit};
use super::history::{Dose, DoseState};
use crate::citizen::{Register, RegisterValue};
use crate::conflict::{Conflict, edited_in_two_places};
use crate::dose::{DoseField, DoseGiven, Source};
use crate::envelope::{Authority, Said};
use crate::ids::{CitizenId, StatementId};
use crate::planted::{Bug, is_alive};
use crate::settlement::Answer;
use crate::statement::{Settled, Statement};
use crate::time::{Hlc, Moment};

/// A value somebody gave to a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub statement: StatementId,
    pub value: RegisterValue,
    pub source: Source,
    pub authority: Authority,
    pub hlc: Hlc,
}

/// A register: the value to show, and the different ones that nobody has chosen between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    pub shown: Vote,
    pub others: Vec<Vote>,
    /// Every statement whose value stands, agreeing or not: what an edit made now is based on.
    pub standing: Vec<StatementId>,
}

pub fn document_key(register: Register) -> String {
    match register {
        Register::Other(number) => format!("citizen/{number}"),
        known => format!("citizen/{}", known.code()),
    }
}

pub fn dose_key(dose: StatementId, field: Option<&str>) -> String {
    match field {
        None => format!("dose/{dose}"),
        Some(field) => format!("dose/{dose}/{field}"),
    }
}

/// The edits of one card's document. Withdrawn edits are left out, and edits that saw them
/// count as having seen what those had seen, so that taking one back delays nobody.
pub(super) fn edits_of(
    card: CitizenId,
    said: &BTreeMap<StatementId, &Said>,
    counts: &impl Fn(StatementId) -> bool,
) -> Vec<Edit> {
    let of_card = said.values().filter(|one| one.header.subject.citizen() == Some(card));
    let mut edits = Vec::new();
    for one in of_card {
        if let Statement::DoseGiven(_) = &one.body.statement {
            // A dose is a fact: its body's hash under its own id, there for good, waiting for nothing.
            let puts = vec![(dose_key(one.id, None), one.header.body_hash.0.to_vec())];
            edits.push(Edit { id: one.id, puts, based_on: Vec::new() });
        } else if let (true, Some(saw), Some(puts)) = (counts(one.id), seen_by(one), puts_of(one, said)) {
            let saw = if is_alive(Bug::EditSeesNothing) { Vec::new() } else { saw };
            edits.push(Edit { id: one.id, puts, based_on: seen_through(card, saw, said, counts) });
        }
    }
    edits
}

/// What an edit writes under which keys. Nothing for other statements, and for a choice of what is not here.
fn puts_of(one: &Said, said: &BTreeMap<StatementId, &Said>) -> Option<Vec<(String, Vec<u8>)>> {
    match &one.body.statement {
        Statement::CitizenEdited(edited) => {
            Some(edited.values.iter().map(|value| (document_key(value.register()), cbor(value))).collect())
        }
        Statement::DoseAmended(amended) => {
            Some(vec![(dose_key(amended.dose, Some(amended.field.code())), cbor(&amended.field))])
        }
        Statement::Settled(settled) => match (&settled.answer, &settled.key) {
            (Answer::ChooseValue(chosen), Some(key)) => Some(vec![(key.clone(), value_under(key, *chosen, said)?)]),
            _ => None,
        },
        Statement::DoseGiven(_) | Statement::Withdrawn(_) | Statement::Linked(_) | Statement::Unknown { .. } => None,
    }
}

/// What the author of an edit had seen; nothing for statements that edit nothing.
fn seen_by(one: &Said) -> Option<Vec<StatementId>> {
    match &one.body.statement {
        Statement::CitizenEdited(_) => Some(one.body.based_on.clone()),
        Statement::DoseAmended(amended) => Some(one.body.based_on.iter().copied().chain([amended.dose]).collect()),
        Statement::Settled(settled) => {
            let chooses = matches!(settled.answer, Answer::ChooseValue(_)) && settled.key.is_some();
            chooses.then(|| settled.involved.clone())
        }
        Statement::DoseGiven(_) | Statement::Withdrawn(_) | Statement::Linked(_) | Statement::Unknown { .. } => None,
    }
}

/// Follows edits of this card that no longer count to what those were based on.
fn seen_through(
    card: CitizenId,
    ids: Vec<StatementId>,
    said: &BTreeMap<StatementId, &Said>,
    counts: &impl Fn(StatementId) -> bool,
) -> Vec<StatementId> {
    let mut seen = BTreeSet::new();
    let mut visited = BTreeSet::new();
    let mut stack = ids;
    while let Some(id) = stack.pop() {
        if !visited.insert(id) {
            continue;
        }
        let of_this_card = said.get(&id).filter(|one| one.header.subject.citizen() == Some(card));
        match of_this_card.filter(|_| !counts(id)).and_then(|one| seen_by(one)) {
            Some(before) => stack.extend(before),
            None => {
                seen.insert(id);
            }
        }
    }
    seen.into_iter().collect()
}

/// The value that a statement gave to a document key. An earlier choice, chosen again, gives what it chose;
/// ids are hashes, so that a chain of choices has an end.
fn value_under(key: &str, statement: StatementId, said: &BTreeMap<StatementId, &Said>) -> Option<Vec<u8>> {
    let mut statement = statement;
    loop {
        match &said.get(&statement)?.body.statement {
            Statement::CitizenEdited(edited) => {
                return edited.values.iter().find(|value| document_key(value.register()) == key).map(cbor);
            }
            Statement::DoseAmended(amended) => {
                return (dose_key(amended.dose, Some(amended.field.code())) == key).then(|| cbor(&amended.field));
            }
            Statement::Settled(Settled { answer: Answer::ChooseValue(chosen), key: Some(own), .. }) if own == key => {
                statement = *chosen;
            }
            Statement::Settled(_)
            | Statement::DoseGiven(_)
            | Statement::Withdrawn(_)
            | Statement::Linked(_)
            | Statement::Unknown { .. } => return None,
        }
    }
}

fn cbor(value: &impl minicbor::Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

/// Reads all cards' documents: registers with their votes, and the keys whose votes differ.
pub(super) fn read(
    documents: &BTreeMap<CitizenId, Document>,
    said: &BTreeMap<StatementId, &Said>,
) -> (BTreeMap<Register, FieldState>, Vec<Conflict>) {
    let mut votes: BTreeMap<Register, Vec<Vote>> = BTreeMap::new();
    let mut disputes = Vec::new();
    for (card, document) in documents {
        for (key, values) in &document.values {
            if !is_alive(Bug::ClockForOrder) {
                disputes.extend(edited_in_two_places(*card, key, values));
            }
            for (statement, bytes) in values {
                if let (true, Some(one)) = (key.starts_with("citizen/"), said.get(statement))
                    && let Ok(value) = minicbor::decode::<RegisterValue>(bytes)
                {
                    votes.entry(value.register()).or_default().push(vote(one, value));
                }
            }
        }
    }
    let fields = votes.into_iter().filter_map(|(register, votes)| Some((register, choose(votes)?))).collect();
    (fields, disputes)
}

fn vote(one: &Said, value: RegisterValue) -> Vote {
    let source = match &one.body.statement {
        Statement::CitizenEdited(edited) => edited.source.clone(),
        _ => Source::Typed,
    };
    Vote { statement: one.id, value, source, authority: one.header.authority, hlc: one.header.hlc }
}

/// The value shown is chosen by (authority, hlc, id), never by the merge engine's winner, which is not the later one.
fn choose(mut votes: Vec<Vote>) -> Option<FieldState> {
    votes.sort_by_key(|vote| (vote.authority, vote.hlc, vote.statement));
    let standing = votes.iter().map(|vote| vote.statement).collect();
    let shown = votes.pop()?;
    let mut others: Vec<Vote> = Vec::new();
    for vote in votes.into_iter().rev() {
        if is_alive(Bug::ClockForOrder) {
            break;
        }
        if vote.value != shown.value && others.iter().all(|other| other.value != vote.value) {
            others.push(vote);
        }
    }
    Some(FieldState { shown, others, standing })
}

/// All doses on these cards with their amendments and where they stand.
pub(super) fn doses(
    documents: &BTreeMap<CitizenId, Document>,
    said: &BTreeMap<StatementId, &Said>,
    counts: &impl Fn(StatementId) -> bool,
) -> Vec<Dose> {
    let settled = SettledDoses::of(said, counts);
    let taken_back = |id: StatementId| !counts(id) || settled.withdrawn.contains(&id);
    let on_these_cards = |one: &Said| one.header.subject.citizen().is_some_and(|card| documents.contains_key(&card));
    // What may count in an echo's place: a dose of this person that nobody took back.
    let valid = |id: StatementId| {
        let is_dose = |one: &&Said| matches!(one.body.statement, Statement::DoseGiven(_)) && on_these_cards(one);
        !taken_back(id) && said.get(&id).is_some_and(is_dose)
    };
    let mut doses = Vec::new();
    for (card, document) in documents {
        for one in said.values().filter(|one| one.header.subject.citizen() == Some(*card)) {
            let Statement::DoseGiven(given) = &one.body.statement else { continue };
            let state = if taken_back(one.id) {
                DoseState::Withdrawn
            } else {
                settled.voice_of(one.id, valid).map_or(DoseState::Given, DoseState::EchoOf)
            };
            let mut dose = plain_dose(*card, one, given, state);
            amend(&mut dose, document, said);
            doses.push(dose);
        }
    }
    doses
}

fn plain_dose(card: CitizenId, one: &Said, given: &DoseGiven, state: DoseState) -> Dose {
    Dose {
        statement: one.id,
        citizen: card,
        product: given.product.clone(),
        lot: given.lot.clone(),
        lot_expiry: given.lot_expiry,
        number: given.number,
        given_at: given.given_at(),
        body_site: given.body_site.clone(),
        route: given.route.clone(),
        site: given.site.clone(),
        session: given.session,
        source: given.source.clone(),
        in_spite_of: given.in_spite_of.clone(),
        state,
        author: one.header.author,
        authority: one.header.authority,
        device: one.header.device,
        hlc: one.header.hlc,
        evidence: one.header.evidence,
        seen: one.body.seen.clone(),
        amended: Vec::new(),
    }
}

fn amend(dose: &mut Dose, document: &Document, said: &BTreeMap<StatementId, &Said>) {
    let prefix = dose_key(dose.statement, Some(""));
    for (key, values) in document.values.range(prefix.clone()..) {
        if !key.starts_with(&prefix) {
            break;
        }
        let newest = values
            .iter()
            .filter_map(|(id, bytes)| Some((said.get(id)?, bytes)))
            .max_by_key(|(one, _)| (one.header.authority, one.header.hlc, one.id));
        let Some(field) = newest.and_then(|(_, bytes)| minicbor::decode::<DoseField>(bytes).ok()) else { continue };
        dose.amended.push(field.code());
        match field {
            DoseField::Lot(lot) => dose.lot = lot,
            DoseField::Product(product) => dose.product = product,
            DoseField::Number(number) => dose.number = number,
            DoseField::GivenAt(ms) => dose.given_at = Moment(ms),
            DoseField::BodySite(site) => dose.body_site = site,
        }
    }
}

/// What settlements in force say of doses.
#[derive(Default)]
struct SettledDoses {
    withdrawn: BTreeSet<StatementId>,
    /// The same injection, from the statement that repeats it to the one that is kept. Never a circle.
    echoes: BTreeMap<StatementId, StatementId>,
}

impl SettledDoses {
    fn of(said: &BTreeMap<StatementId, &Said>, counts: &impl Fn(StatementId) -> bool) -> Self {
        let mut settled = Self::default();
        let mut in_force: Vec<&Said> = said.values().copied().filter(|one| counts(one.id)).collect();
        in_force.sort_by_key(|one| (one.header.hlc, one.id));
        for one in in_force {
            let Statement::Settled(Settled { answer, involved, .. }) = &one.body.statement else { continue };
            match answer {
                Answer::WithdrawDose(dose) if involved.contains(dose) => {
                    settled.withdrawn.insert(*dose);
                }
                Answer::SameDose(kept) if involved.contains(kept) => {
                    for echo in involved.iter().filter(|id| *id != kept) {
                        // Of answers that name each other's doses in a circle, the last would leave no dose to count.
                        if !settled.kept_by(*kept).any(|further| further == *echo) {
                            settled.echoes.entry(*echo).or_insert(*kept);
                        }
                    }
                }
                _ => {}
            }
        }
        settled
    }

    /// The dose kept for this one, the one kept for that, and so on.
    fn kept_by(&self, dose: StatementId) -> impl Iterator<Item = StatementId> {
        std::iter::successors(self.echoes.get(&dose).copied(), |kept| self.echoes.get(kept).copied())
    }

    /// The dose that counts in this one's place. An echo of what was taken back speaks for itself.
    fn voice_of(&self, dose: StatementId, valid: impl Fn(StatementId) -> bool) -> Option<StatementId> {
        self.kept_by(dose).filter(|kept| valid(*kept)).last()
    }
}

/// The hexadecimal dose id inside a document key, if the key is about a dose.
pub fn dose_of_key(key: &str) -> Option<String> {
    key.strip_prefix("dose/").map(|rest| rest.split('/').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::to_hex;

    #[test]
    fn keys_name_their_register_or_their_dose() {
        let dose = StatementId([7; 32]);
        assert_eq!(document_key(Register::Name), "citizen/name");
        assert_eq!(document_key(Register::Other(900)), "citizen/900");
        assert_eq!(dose_of_key(&dose_key(dose, Some("lot"))), Some(to_hex(dose.as_bytes())));
    }
}
