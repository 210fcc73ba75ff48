//! What holds for any history, person and day, the ends of the calendar included.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::citizen::{Birth, BirthPrecision};
use crate::ids::StatementId;
use crate::record::{Dose, DoseState, History};
use crate::rules::testing::{dose_at, lot, product, rules};
use crate::rules::{Advice, Bundle, Due, PersonFacts, ProposedDose, clash, due, findings};
use crate::time::{Date, Moment};

const PRODUCTS: [&str; 9] =
    ["astrazeneca", "pfizer", "moderna", "vero-cell", "sputnik-v", "janssen", "hayat-vax", "abdala", "sinovac"];

/// Mostly the campaign, sometimes any day, sometimes an end of the calendar.
fn any_date() -> impl Strategy<Value = Date> {
    prop_oneof![
        8 => (18_659..19_400).prop_map(Date::from_days),
        1 => any::<i32>().prop_map(Date::from_days),
        1 => prop_oneof![Just("0001-01-01"), Just("0001-12-31"), Just("9999-01-31"), Just("9999-12-31")]
            .prop_map(|text| Date::parse_iso(text).unwrap()),
    ]
}

fn any_product() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&PRODUCTS[..])
}

fn any_dose() -> impl Strategy<Value = Dose> {
    let at = prop_oneof![
        9 => any_date().prop_map(Date::starts_at),
        1 => any::<i64>().prop_map(Moment),
    ];
    (any_product(), 0_u8..5, at, any::<[u8; 4]>(), 0_u8..8).prop_map(|(code, number, at, id, state)| {
        let mut dose = dose_at(code, number, at);
        let mut statement = [0; 32];
        statement[..4].copy_from_slice(&id);
        dose.statement = StatementId(statement);
        if state == 0 {
            dose.state = DoseState::Withdrawn;
        }
        dose
    })
}

/// Doses of any kind, or a plausible series: one product, numbers in order, weeks apart.
fn any_doses() -> impl Strategy<Value = Vec<Dose>> {
    let series = (any_product(), any_date(), vec(0_i32..200, 0..5)).prop_map(|(code, first, waits)| {
        let mut on = first;
        let mut doses = Vec::new();
        for (number, wait) in (1..).zip(waits) {
            on = on.plus_days(wait);
            let mut dose = dose_at(code, number, on.starts_at());
            dose.statement = StatementId([number; 32]);
            doses.push(dose);
        }
        doses
    });
    prop_oneof![vec(any_dose(), 0..6), series]
}

fn any_person() -> impl Strategy<Value = PersonFacts> {
    use BirthPrecision::{Day, Estimated, Month, Year};
    let precision = proptest::sample::select(&[Day, Month, Year, Estimated][..]);
    let birth = prop_oneof![4 => (-15_000..19_400).prop_map(Date::from_days), 1 => any_date()];
    let birth = (birth, precision).prop_map(|(date, precision)| Birth { date, precision });
    let unit = option::of(proptest::sample::select(&["79-760", "794", "1", "", "é"][..]));
    (option::of(birth), unit).prop_map(|(birth, unit)| PersonFacts {
        birth,
        sex: None,
        unit: unit.map(ToOwned::to_owned),
    })
}

fn any_proposed() -> impl Strategy<Value = ProposedDose> {
    (any_product(), 0_u8..=255, option::of(any_date()), any_date()).prop_map(|(code, number, lot_expiry, on)| {
        ProposedDose { product: product(code), lot: lot("LOT1"), lot_expiry, number, on }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_history_person_or_day_makes_the_rules_panic(
        doses in any_doses(), person in any_person(), proposed in any_proposed(), today in any_date(),
    ) {
        let rules = rules();
        for (one, other) in doses.iter().zip(doses.iter().skip(1)) {
            clash(one, other, Some(&rules));
        }
        let history = History { doses };
        due(&history, &person, &rules, today);
        for finding in findings(&history, &person, &proposed, &rules, today) {
            prop_assert!(Advice::CODES.contains(&finding.code()));
            prop_assert!(finding.sources.iter().all(|id| rules.source(id).is_some()));
        }
    }

    #[test]
    fn findings_come_gravest_first_then_by_code(
        doses in any_doses(), person in any_person(), proposed in any_proposed(), today in any_date(),
    ) {
        let found = findings(&History { doses }, &person, &proposed, &rules(), today);
        let keys: Vec<_> = found.iter().map(|found| (std::cmp::Reverse(found.severity()), found.code())).collect();
        prop_assert!(keys.is_sorted());
    }

    #[test]
    fn a_dose_on_the_earliest_day_is_not_too_soon(
        doses in any_doses(), person in any_person(), today in any_date(),
    ) {
        let (rules, history) = (rules(), History { doses });
        let (number, products, on) = match due(&history, &person, &rules, today) {
            Due::Next { number, products, earliest, recommended_from, recommended_to, .. } => {
                prop_assert!(earliest <= recommended_from && recommended_from <= recommended_to);
                (number, products, earliest)
            }
            Due::Complete { extra: Some(extra) } => (extra.number, extra.products, extra.earliest),
            Due::First { .. } | Due::Complete { extra: None } | Due::Unclear { .. } => return Ok(()),
        };
        for product in products {
            let proposed = ProposedDose { product, lot: lot("NEW"), lot_expiry: None, number, on };
            let found = findings(&history, &person, &proposed, &rules, on);
            let unwelcome = found.iter().find(|found| {
                ["too_soon", "already_complete", "not_in_series", "number_skipped"].contains(&found.code())
            });
            prop_assert_eq!(unwelcome, None, "{:?}", proposed);
        }
    }

    #[test]
    fn the_day_before_the_earliest_one_is_too_soon(
        doses in any_doses(), person in any_person(), today in any_date(),
    ) {
        let (rules, history) = (rules(), History { doses });
        if let Due::Next { number, products, earliest, .. } = due(&history, &person, &rules, today) {
            let on = earliest.plus_days(-1);
            let last = history.given().map(Dose::given_on).max();
            if last.is_some_and(|last| last <= on) {
                let product = products[0].clone();
                let proposed = ProposedDose { product, lot: lot("NEW"), lot_expiry: None, number, on };
                let found = findings(&history, &person, &proposed, &rules, on);
                let expected = Advice::TooSoon { days_early: 1, earliest };
                prop_assert!(found.iter().any(|found| found.advice == expected), "{:?}", found);
            }
        }
    }

    #[test]
    fn the_order_in_which_doses_came_does_not_matter(
        (doses, shuffled) in any_doses().prop_flat_map(|doses| (Just(doses.clone()), Just(doses).prop_shuffle())),
        person in any_person(), proposed in any_proposed(), today in any_date(),
    ) {
        let rules = rules();
        let (one, other) = (History { doses }, History { doses: shuffled });
        prop_assert_eq!(due(&one, &person, &rules, today), due(&other, &person, &rules, today));
        prop_assert_eq!(
            findings(&one, &person, &proposed, &rules, today),
            findings(&other, &person, &proposed, &rules, today)
        );
    }

    #[test]
    fn a_clash_is_the_same_from_both_sides(one in any_dose(), other in any_dose()) {
        let rules = rules();
        prop_assert_eq!(clash(&one, &other, Some(&rules)), clash(&other, &one, Some(&rules)));
        prop_assert_eq!(clash(&one, &other, None), clash(&other, &one, None));
    }

    #[test]
    fn bytes_with_a_flaw_are_refused_or_are_another_bundle(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let rules = rules();
        let mut bytes = rules.to_cbor();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Bundle::from_cbor(&bytes) {
            prop_assert_ne!(other.id(), rules.id());
            prop_assert_eq!(other.to_cbor(), bytes);
        }
    }

    #[test]
    fn noise_is_no_bundle(noise in vec(any::<u8>(), 0..200), text in ".{0,200}") {
        prop_assert!(Bundle::from_cbor(&noise).is_err());
        prop_assert!(Bundle::from_json(&text).is_err());
    }
}
