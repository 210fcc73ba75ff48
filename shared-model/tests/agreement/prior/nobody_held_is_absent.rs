use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use shared_model::prior::{Mark, Prior, Reach, Split};

use super::{about, base_of, base_to, citizen, doses, held, mark, of_marks};
use crate::cases;

/// The most doses given for each mark: what a filter must say.
fn truth(marks: &[(Mark, u32)]) -> BTreeMap<Mark, u32> {
    let mut truth = BTreeMap::new();
    for (mark, given) in marks {
        let most = truth.entry(*mark).or_insert(0);
        *most = (*given).max(*most);
    }
    truth
}

/// Marks of strangers and of neighbours: far too many that collide, and all bits alike but a few.
fn marks() -> impl Strategy<Value = Vec<(Mark, u32)>> {
    let mark = prop_oneof![
        any::<u64>(),
        0..20_u64,
        (0..20_u64).prop_map(|n| n << 58),
        (0..64_u32).prop_map(|bit| 1 << bit),
        any::<u64>().prop_map(|n| n | 0xffff_ffff),
    ];
    vec((mark.prop_map(Mark), 1..20_u32), 0..300)
}

proptest! {
    #![proptest_config(cases::of("prior marks"))]

    #[test]
    fn every_mark_given_is_found_with_the_most_doses_given_for_it(
        given in marks(),
        bits in 0..5_u8,
        is_delta in any::<bool>(),
    ) {
        let told: Vec<_> = given.iter().map(|(mark, given)| (*mark, doses(*given))).collect();
        let split = Split::new(bits).unwrap();
        let nobody = of_marks(base_to(10), split, &[]);
        let filters = if is_delta {
            let reach = Reach::Delta { on: super::id_of(&nobody), after_lseq: 10, to_lseq: 20 };
            let mut filters = held(&nobody);
            filters.add(super::fetched(&of_marks(about(2, reach), split, &told))).unwrap();
            filters
        } else {
            held(&of_marks(base_to(10), split, &told))
        };
        for (mark, given) in truth(&given) {
            prop_assert_eq!(filters.look_up_mark(mark), Prior::MayHave(doses(given)));
        }
    }
}

proptest! {
    #![proptest_config(cases::of("prior orders"))]

    #[test]
    fn the_order_and_the_repetition_of_citizens_change_no_byte(given in vec((0..200_u64, 1..9_u32), 0..200)) {
        let told = || given.iter().map(|(n, given)| (citizen(1, *n), doses(*given)));
        let once = base_of(told());
        prop_assert_eq!(&base_of(told().rev()), &once);
        prop_assert_eq!(&base_of(told().chain(told())), &once);
    }
}

#[test]
fn nobody_is_found_in_a_filter_of_nobody() {
    let filters = held(&base_of([]));
    for n in 0..10_000 {
        assert_eq!(filters.look_up(citizen(1, n)), Prior::NoneKnown);
    }
}

#[test]
fn one_citizen_is_found_in_a_filter_of_one() {
    let filters = held(&base_of([(citizen(1, 1), doses(2))]));
    assert_eq!(filters.look_up(citizen(1, 1)), Prior::MayHave(doses(2)));
    assert_eq!(filters.look_up(citizen(1, 2)), Prior::NoneKnown);
}

#[test]
fn two_citizens_with_one_mark_are_both_told_the_greater_number() {
    let (an, binh) = ((mark(1, 1), doses(1)), (mark(1, 1), doses(3)));
    for order in [[an, binh], [binh, an]] {
        let built = of_marks(base_to(10), Split::new(0).unwrap(), &order);
        assert_eq!(built.manifest.citizens, 1);
        assert_eq!(held(&built).look_up_mark(an.0), Prior::MayHave(doses(3)));
    }
}

#[test]
fn every_number_of_citizens_can_be_built_and_all_are_found() {
    let split = Split::new(0).unwrap();
    for count in (0..400).chain((400..3_000).step_by(97)).chain((3_000..120_000).step_by(9_973)) {
        let marks: Vec<_> = (0..count).map(|n| (mark(count, n), doses(n as u32 % 9 + 1))).collect();
        let filters = held(&of_marks(base_to(10), split, &marks));
        assert!(marks.iter().all(|(mark, doses)| filters.look_up_mark(*mark) == Prior::MayHave(*doses)), "{count}");
    }
}

#[test]
fn all_of_a_nation_in_sixteen_segments_are_found() {
    let marks: Vec<_> = (0..200_000).map(|n| (mark(7, n), doses(n as u32 % 3 + 1))).collect();
    let built = of_marks(base_to(10), Split::new(4).unwrap(), &marks);
    assert_eq!((built.segments.len(), built.manifest.citizens), (16, 200_000));
    let filters = held(&built);
    assert!(marks.iter().all(|(mark, doses)| filters.look_up_mark(*mark) == Prior::MayHave(*doses)));
}
