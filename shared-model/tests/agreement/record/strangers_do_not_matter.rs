use std::collections::BTreeSet;

use proptest::prelude::*;
use shared_model::envelope::Said;
use shared_model::ids::CitizenId;
use shared_model::record::people::cards_joined;
use shared_model::statement::{Statement, Subject, WithdrawReason};

use super::{cards, merged};
use crate::cases;
use crate::country::card;
use crate::country::deeds::{Country, deeds};
use crate::country::desk::Desk;
use crate::country::morning;
use crate::country::people::{dose, withdraw};

/// Cards that were ever said to be one person's: what a node loads to draw a record.
fn ever_joined(card: CitizenId, said: &[Said]) -> BTreeSet<CitizenId> {
    let mut cards = BTreeSet::from([card]);
    while let Some(next) =
        said.iter().flat_map(cards_joined).find_map(|(a, b)| match (cards.contains(&a), cards.contains(&b)) {
            (true, false) => Some(b),
            (false, true) => Some(a),
            _ => None,
        })
    {
        cards.insert(next);
    }
    cards
}

/// What was said of these cards, and the withdrawals of it, wherever they are filed.
fn concerning(cards: &BTreeSet<CitizenId>, said: &[Said]) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    // Whatever withdraws came after what it withdraws.
    for one in said {
        let about = one.header.subject.citizen().is_some_and(|card| cards.contains(&card))
            || one.body.statement.other_citizens().iter().any(|card| cards.contains(card));
        let withdraws = match &one.body.statement {
            Statement::Withdrawn(withdrawn) => found.iter().any(|said| said.id == withdrawn.target),
            _ => false,
        };
        if about || withdraws {
            found.push(one.clone());
        }
    }
    found
}

proptest! {
    #![proptest_config(cases::of("strangers"))]

    /// A laptop that holds one area and a nation that holds them all draw the same record.
    #[test]
    fn a_record_is_drawn_from_what_concerns_its_cards_alone(deeds in deeds(16)) {
        let country = Country::of(&deeds);
        for card in cards() {
            let joined = ever_joined(card, &country.said);
            let own = concerning(&joined, &country.said);
            prop_assert_eq!(merged(card, &own), merged(card, &country.said));
        }
    }
}

/// Filed under somebody else's card, a withdrawal would reach some nodes and not others.
#[test]
fn nobody_takes_back_what_was_said_of_another_person() {
    let mut desk = Desk::new(1);
    let given = desk.says(Subject::Citizen(card(0)), dose("pfizer", "FK9412", 1, morning()));
    let elsewhere = desk.says(Subject::Citizen(card(2)), withdraw(given.id, WithdrawReason::NotGiven));
    let here = desk.says(Subject::Citizen(card(0)), withdraw(given.id, WithdrawReason::NotGiven));
    assert!(matches!(elsewhere.body.statement, Statement::Withdrawn(_)));
    assert_eq!(merged(card(0), [&given, &elsewhere]).record.history.given().count(), 1);
    assert_eq!(merged(card(0), [&given, &here]).record.history.given().count(), 0);
}
