use proptest::collection::vec;
use proptest::prelude::*;
use shared_model::ids::PriorId;
use shared_model::limits;
use shared_model::prior::{About, BuildError, Filters, NotStacked, Prior, PriorKey, Reach, build, manifest_of};

use super::{about, announced, base_of, base_to, citizen, delta_of, doses, fetched, held, id_of, key};
use crate::cases;

proptest! {
    #![proptest_config(cases::of("prior deltas"))]

    #[test]
    fn a_citizen_is_told_the_most_that_a_base_or_any_delta_holds(
        days in vec(vec((0..30_u64, 1..8_u32), 0..30), 1..=limits::PRIOR_DELTAS_MAX + 1),
    ) {
        let told = |day: &[(u64, u32)]| day.iter().map(|(n, given)| (citizen(1, *n), doses(*given))).collect::<Vec<_>>();
        let base = base_of(told(&days[0]));
        let mut filters = held(&base);
        for (to, day) in (1_001..).zip(&days[1..]) {
            filters.add(fetched(&delta_of(&base, (to - 1, to), told(day)))).unwrap();
        }
        for (n, _) in days.iter().flatten() {
            let most = days.iter().flatten().filter(|(other, _)| other == n).map(|(_, given)| *given).max().unwrap();
            let said = filters.look_up(citizen(1, *n));
            // A hit by chance in another filter may say more, never less.
            prop_assert!(matches!(said, Prior::MayHave(told) if u32::from(told.get()) >= most), "{:?}", said);
        }
    }
}

#[test]
fn a_citizen_given_a_second_dose_today_is_told_two() {
    let base = base_of([(citizen(1, 1), doses(1)), (citizen(1, 2), doses(1))]);
    let mut filters = held(&base);
    filters
        .add(fetched(&delta_of(&base, (1_000, 1_100), [(citizen(1, 1), doses(2)), (citizen(1, 3), doses(1))])))
        .unwrap();
    let said = [1, 2, 3, 4].map(|n| filters.look_up(citizen(1, n)));
    let may_have = |given| Prior::MayHave(doses(given));
    assert_eq!(said, [may_have(2), may_have(1), may_have(1), Prior::NoneKnown]);
    assert_eq!(filters.to_lseq(), 1_100);
}

#[test]
fn no_delta_hides_what_the_base_holds() {
    let base = base_of((0..20_000).map(|n| (citizen(1, n), doses(3))));
    let mut filters = held(&base);
    let others = (0..20_000).map(|n| (citizen(2, n), doses(1)));
    filters.add(fetched(&delta_of(&base, (1_000, 1_001), others.chain([(citizen(1, 5), doses(1))])))).unwrap();
    for n in 0..20_000 {
        assert!(matches!(filters.look_up(citizen(1, n)), Prior::MayHave(told) if told >= doses(3)), "{n}");
    }
}

#[test]
fn a_hole_between_deltas_is_named() {
    let base = base_of([]);
    let mut filters = held(&base);
    let late = || fetched(&delta_of(&base, (1_100, 1_200), [(citizen(1, 1), doses(1))]));
    assert_eq!(filters.add(late()), Err(NotStacked::Gap { held_to: 1_000, after: 1_100 }));
    assert_eq!(filters.to_lseq(), 1_000);
    filters.add(fetched(&delta_of(&base, (1_000, 1_100), []))).unwrap();
    filters.add(late()).unwrap();
    assert_eq!(filters.look_up(citizen(1, 1)), Prior::MayHave(doses(1)));
}

#[test]
fn an_old_delta_a_second_time_is_left() {
    let base = base_of([]);
    let mut filters = held(&base);
    let today = || fetched(&delta_of(&base, (1_000, 1_100), []));
    filters.add(today()).unwrap();
    assert_eq!(filters.add(today()), Err(NotStacked::NothingNew));
}

#[test]
fn one_delta_takes_the_place_of_the_small_ones_it_covers() {
    let base = base_of([]);
    let mut filters = held(&base);
    let days = limits::PRIOR_DELTAS_MAX as u64;
    let day = |n: u64| (citizen(1, n), doses(1));
    for n in 0..days {
        filters.add(fetched(&delta_of(&base, (1_000 + n, 1_001 + n), [day(n)]))).unwrap();
    }
    let one_more = delta_of(&base, (1_000 + days, 1_001 + days), [day(days)]);
    assert_eq!(filters.add(fetched(&one_more)), Err(NotStacked::TooMany));
    let week = delta_of(&base, (1_000, 1_001 + days), (0..=days).map(day));
    assert_eq!(filters.add(announced(&week.manifest)), Err(NotStacked::TooMany), "it holds nothing yet");
    filters.add(fetched(&week)).unwrap();
    assert_eq!(filters.all().count(), 2);
    assert!((0..=days).all(|n| filters.look_up(day(n).0) == Prior::MayHave(doses(1))));
}

#[test]
fn a_delta_whose_segments_are_still_on_the_way_pushes_nothing_out() {
    let base = base_of([]);
    let mut filters = held(&base);
    filters.add(fetched(&delta_of(&base, (1_000, 1_001), [(citizen(1, 1), doses(1))]))).unwrap();
    let both = delta_of(&base, (1_000, 1_002), [(citizen(1, 1), doses(1)), (citizen(1, 2), doses(1))]);
    filters.add(announced(&both.manifest)).unwrap();
    assert_eq!(filters.look_up(citizen(1, 1)), Prior::MayHave(doses(1)));
    assert_eq!(filters.look_up(citizen(1, 2)), Prior::CannotSay);
    filters.filter_mut(id_of(&both)).unwrap().put(0, &both.segments[0], both.segments[0].clone()).unwrap();
    assert_eq!(filters.look_up(citizen(1, 2)), Prior::MayHave(doses(1)));
    assert_eq!(filters.look_up(citizen(1, 3)), Prior::NoneKnown);
    assert_eq!(filters.all().count(), 3);
    filters.add(fetched(&delta_of(&base, (1_002, 1_003), []))).unwrap();
    assert_eq!(filters.all().count(), 3, "the whole one has taken the place of the first");
}

#[test]
fn a_filter_of_another_base_kind_or_key_is_not_laid_on() {
    let base = base_of([]);
    let mut filters = held(&base);
    assert_eq!(filters.add(fetched(&base_of([]))), Err(NotStacked::Kind));
    let delta = delta_of(&base, (1_000, 1_001), []);
    assert_eq!(Filters::new(key(), fetched(&delta)).err(), Some(NotStacked::Kind));
    let other = base_of([(citizen(1, 1), doses(1))]);
    assert_eq!(filters.add(fetched(&delta_of(&other, (1_000, 1_001), []))), Err(NotStacked::OtherBase(id_of(&other))));
    let strange = PriorKey::new([3; 32]);
    assert_eq!(Filters::new(strange.clone(), fetched(&base)).err(), Some(NotStacked::OtherKey));
    let reach = Reach::Delta { on: id_of(&base), after_lseq: 1_000, to_lseq: 1_001 };
    let under_another_key = build(&strange, about(2, reach), []).unwrap();
    assert_eq!(filters.add(fetched(&under_another_key)), Err(NotStacked::OtherKey));
    assert_eq!(filters.all().count(), 1);
}

#[test]
fn no_manifest_is_made_that_ends_before_it_begins_or_covers_half_a_split() {
    let backwards = Reach::Delta { on: PriorId([1; 32]), after_lseq: 2, to_lseq: 1 };
    let made = |about: About, segments| manifest_of(&key(), about, segments).err();
    let word = base_of([]).manifest.segments;
    assert_eq!(made(about(2, backwards), word.clone()), Some(BuildError::Backwards));
    assert_eq!(made(base_to(1), word.repeat(3)), Some(BuildError::NotASplit));
    assert_eq!(made(base_to(1), Vec::new()), Some(BuildError::NotASplit));
}
