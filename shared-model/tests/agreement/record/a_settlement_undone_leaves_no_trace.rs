use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::conflict::Conflict;
use shared_model::record::{Case, CaseState, answers};
use shared_model::settlement::Answer;
use shared_model::statement::{Subject, WithdrawReason};

use super::{cards, merged};
use crate::cases;
use crate::country::card;
use crate::country::deeds::{Country, deeds, elsewhere};
use crate::country::desk::{Desk, Person};
use crate::country::people::{edit, name, settle, withdraw};

fn case(cases: Vec<Case>, conflict: &Conflict) -> Case {
    cases.into_iter().find(|case| case.conflict.id == conflict.id).unwrap()
}

proptest! {
    #![proptest_config(cases::of("settlement undone"))]

    /// For every answer a screen offers: the case is answered, and undone it is exactly what it was.
    #[test]
    fn undo_brings_back_exactly_the_conflict_that_was_there(
        deeds in deeds(14),
        which in any::<Index>(),
        answer in any::<Index>(),
    ) {
        let mut country = Country::of(&deeds);
        if cards().all(|card| merged(card, &country.said).conflicts.is_empty()) {
            country.the_nation_says(card(0), edit(vec![name("Lê Văn An")]));
            country.the_nation_says(card(0), edit(vec![name("Lê Văn Ân")]));
        }
        let elsewhere = elsewhere(&country.said);
        let before: Vec<_> = cards().map(|card| merged(card, &country.said)).collect();
        let raised: Vec<Conflict> =
            before.iter().flat_map(|merged| merged.conflicts.iter().cloned()).chain(elsewhere.clone()).collect();
        let conflict = which.get(&raised).clone();
        let answers = answers(&conflict);
        let answer: Answer = answer.get(&answers).clone();
        let about = conflict.citizens[0];

        let settled = country.the_nation_says(about, settle(&conflict, answer.clone()));
        let answered = merged(about, &country.said);
        let found = case(answered.cases(elsewhere.clone()), &conflict);
        prop_assert_eq!(found.settlement, Some(settled.id));
        prop_assert_eq!(found.state, if answer.closes() { CaseState::Settled } else { CaseState::SentBack });
        if let Answer::ChooseValue(_) = answer {
            prop_assert!(!answered.record.disputes.contains(&conflict), "a choice ends the dispute");
        }

        country.the_nation_says(about, withdraw(settled.id, WithdrawReason::SettlementUndone));
        for (card, before) in cards().zip(&before) {
            let after = merged(card, &country.said);
            prop_assert_eq!(&after.conflicts, &before.conflicts);
            prop_assert_eq!(&after.record.fields, &before.record.fields);
            prop_assert_eq!(&after.record.history, &before.record.history);
            prop_assert_eq!(&after.record.heads, &before.record.heads);
            prop_assert_eq!(after.cases(elsewhere.clone()), before.cases(elsewhere.clone()));
        }
    }
}

/// Choices of choices of choices: each one in turn found itself beside another edit made without a line.
#[test]
fn a_choice_of_a_choice_of_a_choice_still_chooses_a_value() {
    let (mut desk, mut nation, an) = (Desk::new(1), Desk::new(9), Subject::Citizen(card(0)));
    nation.person = Person::of_the_nation(9);
    let mut said = vec![desk.says(an, edit(vec![name("Lê Văn An")])), desk.says(an, edit(vec![name("Lê Văn Ân")]))];
    let mut chosen = said[0].id;
    for round in 0..6 {
        let merged = merged(card(0), &said);
        assert_eq!(merged.conflicts.len(), 1, "round {round}");
        let settled = nation.says(an, settle(&merged.conflicts[0], Answer::ChooseValue(chosen)));
        chosen = settled.id;
        said.push(settled);
        let after = super::merged(card(0), &said);
        assert_eq!(after.conflicts, [], "round {round}");
        assert_eq!(after.record.name().unwrap().as_str(), "Lê Văn An", "round {round}");
        said.push(desk.says(an, edit(vec![name("Lê Văn Ân")])));
    }
}

/// An answer whose contents are those of another case answers nothing, though the nation gave it.
#[test]
fn an_answer_that_does_not_fit_its_case_changes_nothing() {
    let (mut desk, mut nation, an) = (Desk::new(1), Desk::new(9), Subject::Citizen(card(0)));
    nation.person = Person::of_the_nation(9);
    let said = vec![desk.says(an, edit(vec![name("Lê Văn An")])), desk.says(an, edit(vec![name("Lê Văn Ân")]))];
    let before = merged(card(0), &said);
    let mut conflict = before.conflicts[0].clone();
    conflict.id.0[0] ^= 1;
    let settled = nation.says(an, settle(&conflict, Answer::ChooseValue(said[0].id)));
    let after = merged(card(0), said.iter().chain([&settled]));
    assert_eq!(after.record.fields, before.record.fields);
    assert_eq!(after.cases([]), before.cases([]));
}
