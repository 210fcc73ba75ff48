use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use shared_model::citizen::{Register, RegisterValue};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::DoseField;
use shared_model::envelope::Said;
use shared_model::ids::StatementId;
use shared_model::record::{Dose, FieldState, Record, dose_key};

use super::reference::{Expected, Reference};
use super::{cards, merged};
use crate::cases;
use crate::country::deeds::{Country, deeds};

proptest! {
    #![proptest_config(cases::of("reference model"))]

    /// Of any part of what was said: a laptop in the field never has the whole.
    #[test]
    fn values_votes_disputes_and_heads_are_those_of_the_reference_model(deeds in deeds(16), part in any::<u64>()) {
        let country = Country::of(&deeds);
        let here: Vec<Said> =
            (0..).zip(&country.said).filter(|(at, _)| part.rotate_right(*at) & 3 != 0).map(|(_, said)| said.clone()).collect();
        let reference = Reference::of(&here);
        for card in cards() {
            let record = merged(card, &here).record;
            prop_assert_eq!(&record.cards, &reference.person(card));
            let documents: BTreeMap<_, _> =
                record.cards.iter().map(|card| (*card, reference.document(*card))).collect();
            for (card, expected) in &documents {
                prop_assert_eq!(record.heads[card].len(), expected.heads);
            }
            let waiting: BTreeSet<StatementId> = documents.values().flat_map(|d| d.waiting.iter().copied()).collect();
            prop_assert_eq!(&record.waiting, &waiting);
            let disputes: BTreeSet<Conflict> = documents
                .iter()
                .flat_map(|(card, expected)| expected.values.iter().map(move |(key, votes)| (*card, key, votes)))
                .filter(|(_, _, votes)| votes.values().collect::<BTreeSet<_>>().len() > 1)
                .map(|(card, key, votes)| {
                    Conflict::new(ConflictKind::EditedInTwoPlaces, votes.keys().copied(), [card], Some(key.clone()))
                })
                .collect();
            prop_assert_eq!(record.disputes.iter().cloned().collect::<BTreeSet<_>>(), disputes);
            the_fields_show_the_votes(&record, documents.values(), &here)?;
            for dose in &record.history.doses {
                the_dose_shows_its_amendments(dose, &documents[&dose.citizen], &here)?;
            }
        }
    }
}

fn by_id(here: &[Said], id: StatementId) -> &Said {
    here.iter().find(|said| said.id == id).unwrap()
}

/// Who is believed where several speak.
fn weight(here: &[Said], id: StatementId) -> impl Ord + use<> {
    let said = by_id(here, id);
    (said.header.authority, said.header.hlc, id)
}

fn the_fields_show_the_votes<'a>(
    record: &Record,
    documents: impl Iterator<Item = &'a Expected>,
    here: &[Said],
) -> Result<(), TestCaseError> {
    let mut votes: BTreeMap<Register, BTreeMap<StatementId, RegisterValue>> = BTreeMap::new();
    for (key, values) in documents.flat_map(|document| &document.values) {
        for (id, bytes) in values.iter().filter(|_| key.starts_with("citizen/")) {
            let value: RegisterValue = minicbor::decode(bytes).unwrap();
            votes.entry(value.register()).or_default().insert(*id, value);
        }
    }
    prop_assert_eq!(record.fields.keys().collect::<Vec<_>>(), votes.keys().collect::<Vec<_>>());
    for (register, FieldState { shown, others, standing }) in &record.fields {
        let votes = &votes[register];
        prop_assert_eq!(standing.iter().copied().collect::<BTreeSet<_>>(), votes.keys().copied().collect());
        let first = votes.keys().max_by_key(|id| weight(here, **id)).unwrap();
        prop_assert_eq!(shown.statement, *first);
        prop_assert_eq!(&shown.value, &votes[first]);
        let others: BTreeSet<&RegisterValue> = others.iter().map(|vote| &vote.value).collect();
        prop_assert_eq!(others, votes.values().filter(|value| **value != shown.value).collect::<BTreeSet<_>>());
    }
    Ok(())
}

fn the_dose_shows_its_amendments(dose: &Dose, document: &Expected, here: &[Said]) -> Result<(), TestCaseError> {
    let mut amended = Vec::new();
    for field in ["body_site", "given_at", "lot", "number", "product"] {
        let Some(votes) = document.values.get(&dose_key(dose.statement, Some(field))) else { continue };
        let newest = votes.keys().max_by_key(|id| weight(here, **id)).unwrap();
        let value: DoseField = minicbor::decode(&votes[newest]).unwrap();
        let shown = match value {
            DoseField::Lot(lot) => dose.lot == lot,
            DoseField::Product(product) => dose.product == product,
            DoseField::Number(number) => dose.number == number,
            DoseField::GivenAt(ms) => dose.given_at.0 == ms,
            DoseField::BodySite(site) => dose.body_site == site,
        };
        prop_assert!(shown, "{field} of a dose is not the one last amended");
        amended.push(field);
    }
    prop_assert_eq!(&dose.amended, &amended);
    Ok(())
}
