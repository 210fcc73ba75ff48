//! ⑩ From what was said to what is so. Pure: the store loads the testimony and writes the conclusion down.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use shared_model::citizen::{Birth, Register};
use shared_model::dose::DoseGiven;
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::merge::{Merged, merge};
use shared_model::record::{Dose, DoseState};
use shared_model::rules::Rulebook;
use shared_model::statement::{Statement, kind};
use shared_model::time::Moment;
use shared_model::view;

use crate::store::rows::{Kept, Testimony};

/// One person, drawn from the testimony about the cards that were ever linked.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub merged: Merged,
}

/// The merge engine failed on this testimony, or there is more of it than one life could bring. The statements are untouched and the last picture stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be drawn")]
pub struct CannotDraw;

/// A life has fewer statements. A chain of edits is replayed one by one, so the cost grows with the square.
const STATEMENTS_MAX: usize = 500;

/// Draws every person among the cards: links that were withdrawn part them again.
pub fn draw(testimony: &Testimony, rules: &Rulebook) -> Result<Vec<Drawn>, CannotDraw> {
    let said: Vec<&Said> = testimony.kept.values().map(|kept| &kept.said).collect();
    draw_said(testimony.cards.clone(), &said, rules)
}

/// As [`draw`]; of each statement one.
pub fn draw_said(mut cards: BTreeSet<CitizenId>, said: &[&Said], rules: &Rulebook) -> Result<Vec<Drawn>, CannotDraw> {
    if said.len() > STATEMENTS_MAX {
        return Err(CannotDraw);
    }
    let mut people = Vec::new();
    while let Some(card) = cards.pop_first() {
        // The engine has been seen to panic on its own changes; one person must not stop a country.
        let merged = catch_unwind(AssertUnwindSafe(|| merge(card, said.iter().copied(), rules)))
            .map_err(|_| CannotDraw)?
            .map_err(|_| CannotDraw)?;
        cards.retain(|other| !merged.record.cards.contains(other));
        people.push(Drawn { merged });
    }
    Ok(people)
}

/// One line of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenRow {
    pub card: CitizenId,
    pub person: CitizenId,
    pub name: String,
    pub name_key: String,
    pub birth: Option<Birth>,
    pub unit: String,
    pub doses_given: u32,
    pub last_given_at: Option<Moment>,
    pub plain: bool,
    /// Who wrote of this card first.
    pub first_device: Option<DeviceId>,
}

/// A card's claim to an identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentifierRow {
    pub register: Register,
    pub value: String,
    pub card: CitizenId,
    pub statement: StatementId,
}

impl Drawn {
    pub fn cards(&self) -> &BTreeSet<CitizenId> {
        &self.merged.record.cards
    }

    pub fn citizen_rows(&self, testimony: &Testimony) -> Vec<CitizenRow> {
        let record = &self.merged.record;
        let first = record.cards.first().copied();
        let line = first.map(|card| view::citizen_line(card, record, false));
        let given: Vec<&Dose> = record.history.given().collect();
        record
            .cards
            .iter()
            .map(|card| CitizenRow {
                card: *card,
                person: first.unwrap_or(*card),
                name: line.as_ref().map(|line| line.name.clone()).unwrap_or_default(),
                name_key: record.name().map(|name| name.search_key()).unwrap_or_default(),
                birth: record.birth(),
                unit: view::person_facts(record).unit.unwrap_or_default(),
                doses_given: u32::try_from(given.len()).unwrap_or(u32::MAX),
                last_given_at: given.iter().map(|dose| dose.given_at).max(),
                plain: testimony.kept.values().all(|kept| is_plain(&kept.said)),
                first_device: first_device(testimony, *card),
            })
            .collect()
    }

    pub fn identifier_rows(&self, testimony: &Testimony) -> BTreeSet<IdentifierRow> {
        let votes =
            self.merged.record.fields.values().flat_map(|field| [&field.shown].into_iter().chain(&field.others));
        votes
            .filter_map(|vote| {
                let (register, value) = vote.value.identifier()?;
                let card = testimony.kept.get(&vote.statement)?.said.header.subject.citizen()?;
                Some(IdentifierRow { register, value: value.to_owned(), card, statement: vote.statement })
            })
            .collect()
    }

    pub fn doses(&self) -> &[Dose] {
        &self.merged.record.history.doses
    }
}

/// Only registrations, corrections and doses: nothing that takes back, joins, amends or settles.
fn is_plain(said: &Said) -> bool {
    matches!(said.header.kind, kind::CITIZEN_EDITED | kind::DOSE_GIVEN)
}

fn first_device(testimony: &Testimony, card: CitizenId) -> Option<DeviceId> {
    let about = |kept: &&Kept| kept.said.header.subject.citizen() == Some(card);
    let first = testimony.kept.values().filter(about).min_by_key(|kept| kept.lseq);
    first.or_else(|| testimony.kept.values().min_by_key(|kept| kept.lseq)).map(|kept| kept.said.header.device)
}

/// A dose of a card of which nothing but doses and registrations were said: it counts as it stands.
pub fn plain_dose(said: &Said) -> Option<Dose> {
    let Statement::DoseGiven(given) = &said.body.statement else { return None };
    Some(as_given(said.header.subject.citizen()?, said, given))
}

fn as_given(citizen: CitizenId, said: &Said, given: &DoseGiven) -> Dose {
    Dose {
        statement: said.id,
        citizen,
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
        state: DoseState::Given,
        author: said.header.author,
        authority: said.header.authority,
        device: said.header.device,
        hlc: said.header.hlc,
        evidence: said.header.evidence,
        seen: said.body.seen.clone(),
        amended: Vec::new(),
    }
}

/// When each statement of a testimony was first held here.
pub fn received(testimony: &Testimony) -> BTreeMap<StatementId, Moment> {
    testimony.kept.iter().map(|(id, kept)| (*id, kept.received_at)).collect()
}
