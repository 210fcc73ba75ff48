use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::merge::Merged;
use shared_model::record::Case;
use shared_model::statement::WithdrawReason;

use super::{cards, merged};
use crate::cases;
use crate::country::deeds::{Country, deeds, elsewhere};
use crate::country::people::withdraw;

/// Everything a screen could show; the root differs, since more was said.
fn picture(merged: &Merged, cases: Vec<Case>) -> impl PartialEq + std::fmt::Debug + use<> {
    let record = &merged.record;
    (
        (record.cards.clone(), record.fields.clone(), record.history.clone(), record.disputes.clone()),
        (record.waiting.clone(), record.heads.clone(), record.settlements.clone(), merged.conflicts.clone(), cases),
    )
}

proptest! {
    #![proptest_config(cases::of("taken back twice"))]

    #[test]
    fn a_withdrawal_withdrawn_restores_everything(deeds in deeds(14), which in any::<Index>()) {
        let mut country = Country::of(&deeds);
        prop_assume!(!country.said.is_empty());
        let elsewhere = elsewhere(&country.said);
        let before: Vec<Merged> = cards().map(|card| merged(card, &country.said)).collect();
        let target = country.said[which.index(country.said.len())].clone();
        let Some(about) = target.header.subject.citizen() else { return Ok(()) };
        let withdrawn = country.the_nation_says(about, withdraw(target.id, WithdrawReason::Mistake));
        country.the_nation_says(about, withdraw(withdrawn.id, WithdrawReason::Mistake));
        for (card, before) in cards().zip(&before) {
            let after = merged(card, &country.said);
            prop_assert_eq!(
                picture(&after, after.cases(elsewhere.clone())),
                picture(before, before.cases(elsewhere.clone()))
            );
        }
    }
}
