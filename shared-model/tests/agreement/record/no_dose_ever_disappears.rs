use std::collections::BTreeSet;

use proptest::prelude::*;
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::envelope::Said;
use shared_model::ids::StatementId;
use shared_model::record::{DoseState, Record};
use shared_model::settlement::Answer;
use shared_model::statement::{Statement, Subject, WithdrawReason};

use super::reference::Reference;
use super::{cards, merged};
use crate::cases;
use crate::country::deeds::{Country, deeds};
use crate::country::desk::{Desk, Person};
use crate::country::people::{dose, link, settle, withdraw};
use crate::country::{card, morning};

fn given_on(record: &Record, said: &[Said]) -> BTreeSet<StatementId> {
    let on_these = said.iter().filter(|said| said.header.subject.citizen().is_some_and(|c| record.cards.contains(&c)));
    on_these.filter(|said| matches!(said.body.statement, Statement::DoseGiven(_))).map(|said| said.id).collect()
}

proptest! {
    #![proptest_config(cases::of("no dose disappears"))]

    #[test]
    fn every_dose_is_in_the_history_and_an_echo_has_a_voice(deeds in deeds(18)) {
        let country = Country::of(&deeds);
        let reference = Reference::of(&country.said);
        for card in cards() {
            let record = merged(card, &country.said).record;
            let listed: Vec<StatementId> = record.history.doses.iter().map(|dose| dose.statement).collect();
            prop_assert_eq!(listed.len(), record.history.doses.len());
            prop_assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), given_on(&record, &country.said));
            for dose in &record.history.doses {
                if let DoseState::EchoOf(kept) = dose.state {
                    // Whatever an echo repeats must count in its place.
                    prop_assert!(record.history.dose(kept).is_some_and(|kept| kept.counts()));
                }
                let taken_back = country.said.iter().any(|said| match &said.body.statement {
                    Statement::Settled(settled) => {
                        settled.answer == Answer::WithdrawDose(dose.statement) && reference.counts(said.id)
                    }
                    _ => false,
                });
                let withdrawn = taken_back || !reference.stands(dose.statement);
                prop_assert_eq!(dose.state == DoseState::Withdrawn, withdrawn);
            }
        }
    }
}

fn given(desk: &mut Desk, on: u8) -> Said {
    desk.says(Subject::Citizen(card(on)), dose("pfizer", "FK9412", 1, morning()))
}

fn same(one: &Said, other: &Said) -> Conflict {
    let cards = [one, other].map(|said| said.header.subject.citizen().unwrap());
    Conflict::new(ConflictKind::SameDoseTwice, [one.id, other.id], cards, None)
}

fn counted(said: &[Said], on: u8) -> Vec<StatementId> {
    merged(card(on), said).record.history.given().map(|dose| dose.statement).collect()
}

#[test]
fn three_doses_settled_as_echoes_in_a_circle_leave_one_that_counts() {
    let (mut desk, mut nation, an) = (Desk::new(1), Desk::new(9), Subject::Citizen(card(0)));
    nation.person = Person::of_the_nation(9);
    let doses = [given(&mut desk, 0), given(&mut desk, 0), given(&mut desk, 0)];
    let mut said = doses.to_vec();
    for (kept, echo) in [(0, 1), (1, 2), (2, 0)] {
        let conflict = same(&doses[kept], &doses[echo]);
        said.push(nation.says(an, settle(&conflict, Answer::SameDose(doses[kept].id))));
    }
    assert_eq!(counted(&said, 0).len(), 1);
}

#[test]
fn an_echo_counts_again_when_what_it_repeats_is_taken_back() {
    let (mut desk, mut nation, an) = (Desk::new(1), Desk::new(9), Subject::Citizen(card(0)));
    nation.person = Person::of_the_nation(9);
    let (kept, echo) = (given(&mut desk, 0), given(&mut desk, 0));
    let settled = nation.says(an, settle(&same(&kept, &echo), Answer::SameDose(kept.id)));
    let mut said = vec![kept.clone(), echo.clone(), settled];
    assert_eq!(counted(&said, 0), [kept.id]);
    said.push(desk.says(an, withdraw(kept.id, WithdrawReason::EnteredTwice)));
    assert_eq!(counted(&said, 0), [echo.id]);
}

#[test]
fn an_echo_on_another_card_counts_again_when_the_cards_are_parted() {
    let (mut desk, mut nation) = (Desk::new(1), Desk::new(9));
    nation.person = Person::of_the_nation(9);
    let (kept, echo) = (given(&mut desk, 0), given(&mut desk, 1));
    let joined = desk.says(Subject::Citizen(card(0)), link(card(1)));
    let settled = nation.says(Subject::Citizen(card(0)), settle(&same(&kept, &echo), Answer::SameDose(kept.id)));
    let mut said = vec![kept.clone(), echo.clone(), joined.clone(), settled];
    assert_eq!(counted(&said, 1), [kept.id]);
    said.push(desk.says(Subject::Citizen(card(0)), withdraw(joined.id, WithdrawReason::LinkUndone)));
    assert_eq!((counted(&said, 0), counted(&said, 1)), (vec![kept.id], vec![echo.id]));
}
