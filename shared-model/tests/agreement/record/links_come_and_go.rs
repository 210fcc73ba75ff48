use proptest::prelude::*;
use shared_model::merge::Merged;
use shared_model::statement::{Subject, WithdrawReason};

use super::{cards, merged};
use crate::cases;
use crate::country::card;
use crate::country::deeds::{Country, deeds};
use crate::country::desk::Desk;
use crate::country::people::{edit, link, name, phone, withdraw};

fn picture(merged: &Merged) -> impl PartialEq + std::fmt::Debug + use<> {
    let record = &merged.record;
    (
        (record.cards.clone(), record.fields.clone(), record.history.clone()),
        (record.waiting.clone(), record.heads.clone(), merged.conflicts.clone()),
    )
}

proptest! {
    #![proptest_config(cases::of("links"))]

    #[test]
    fn a_link_joins_whole_records_and_undone_parts_them_as_they_were(deeds in deeds(12)) {
        let mut country = Country::of(&deeds);
        let before: Vec<Merged> = cards().map(|card| merged(card, &country.said)).collect();
        let linked = country.the_nation_says(card(0), link(card(1)));
        let joined = merged(card(0), &country.said);
        prop_assert_eq!(&joined, &merged(card(1), &country.said));
        for part in &before[..2] {
            prop_assert!(part.record.cards.is_subset(&joined.record.cards));
            let doses = |merged: &Merged| merged.record.history.doses.len();
            prop_assert!(doses(part) <= doses(&joined));
        }
        country.the_nation_says(card(0), withdraw(linked.id, WithdrawReason::LinkUndone));
        for (card, before) in cards().zip(&before) {
            prop_assert_eq!(picture(&merged(card, &country.said)), picture(before));
        }
    }
}

/// While two cards were one person's, an edit of the one was made with the other's values on screen.
#[test]
fn an_edit_made_while_cards_were_linked_stays_when_they_are_parted() {
    let mut desk = Desk::new(1);
    let (an, ba) = (Subject::Citizen(card(0)), Subject::Citizen(card(1)));
    let mut said = vec![desk.says(an, edit(vec![name("Lê Văn An")])), desk.says(ba, edit(vec![name("Lê Văn Ba")]))];
    let linked = desk.says(an, link(card(1)));
    said.push(linked.clone());
    let on_screen = merged(card(0), &said).record.fields.into_values().flat_map(|field| field.standing).collect();
    let better = edit(vec![name("Lê Văn Ân"), phone("0912345678")]);
    said.push(desk.says_having_seen(an, better, Vec::new(), on_screen));
    said.push(desk.says(an, withdraw(linked.id, WithdrawReason::LinkUndone)));
    let (one, other) = (merged(card(0), &said).record, merged(card(1), &said).record);
    assert_eq!(one.waiting, [].into());
    assert_eq!(one.name().unwrap().as_str(), "Lê Văn Ân");
    assert_eq!(other.name().unwrap().as_str(), "Lê Văn Ba");
}
