use proptest::prelude::*;
use shared_model::conflict::ConflictKind;
use shared_model::ids::StatementId;
use shared_model::statement::Subject;
use shared_model::time::{MS_PER_HOUR, Moment};

use super::merged;
use crate::cases;
use crate::country::desk::Desk;
use crate::country::people::{a_whole_form, dose, edit};
use crate::country::{card, morning};

proptest! {
    #![proptest_config(cases::of("agreement"))]

    /// Many laptops that never met register one card, each with a part of one form.
    #[test]
    fn equal_values_from_many_sides_are_no_conflict(parts in proptest::collection::vec(1_u16..(1 << 13), 1..6)) {
        let mut said = Vec::new();
        for (n, part) in (1..).zip(&parts) {
            let values = (0..).zip(a_whole_form()).filter(|(at, _)| part >> at & 1 == 1).map(|(_, value)| value);
            said.push(Desk::new(n).says(Subject::Citizen(card(0)), edit(values.collect())));
        }
        let merged = merged(card(0), &said);
        prop_assert_eq!(&merged.conflicts, &[]);
        prop_assert!(merged.record.fields.values().all(|field| field.others.is_empty()));
        let votes: usize = merged.record.fields.values().map(|field| field.standing.len()).sum();
        prop_assert_eq!(votes, parts.iter().map(|part| part.count_ones() as usize).sum::<usize>());
    }
}

proptest! {
    #![proptest_config(cases::of("seen"))]

    /// The same dose number again and again: two of them clash unless one laptop knew of the other's.
    #[test]
    fn a_dose_that_names_the_other_as_seen_raises_no_clash(
        saw in proptest::collection::vec(any::<u8>(), 2..7),
        hours in proptest::collection::vec(0_i64..500, 7),
    ) {
        let mut said = Vec::new();
        let mut ids: Vec<StatementId> = Vec::new();
        for (n, (saw, hours)) in (1_u8..).zip(saw.iter().zip(&hours)) {
            let seen = (0..).zip(&ids).filter(|(at, _)| saw >> at & 1 == 1).map(|(_, id)| *id).collect();
            let given = dose("pfizer", "FK9412", 2, morning().plus_ms(hours * MS_PER_HOUR));
            let one = Desk::new(n).says_having_seen(Subject::Citizen(card(0)), given, seen, Vec::new());
            ids.push(one.id);
            said.push(one);
        }
        let conflicts = merged(card(0), &said).conflicts;
        for (at, one) in said.iter().enumerate() {
            for other in &said[..at] {
                let raised = conflicts.iter().any(|conflict| {
                    conflict.involved.contains(&one.id) && conflict.involved.contains(&other.id)
                });
                prop_assert_eq!(raised, !one.body.seen.contains(&other.id));
            }
        }
    }
}

/// The distance between them is larger than any number of milliseconds.
#[test]
fn doses_at_the_two_ends_of_time_are_two_injections() {
    for (one, other) in [(i64::MIN, i64::MAX), (i64::MIN, 0), (i64::MIN, morning().0), (i64::MIN + 1, i64::MAX)] {
        let give = |n: u8, at| Desk::new(n).says(Subject::Citizen(card(0)), dose("pfizer", "FK9412", 2, Moment(at)));
        let said = [give(1, one), give(2, other)];
        let kinds: Vec<_> = merged(card(0), &said).conflicts.iter().map(|conflict| conflict.kind).collect();
        assert_eq!(kinds, [ConflictKind::TooManyDoses], "{one} {other}");
    }
}
