//! What is due, by table.

use serde_json::json;

use crate::citizen::{Birth, BirthPrecision};
use crate::record::{DoseState, History};
use crate::rules::testing::{adult, altered, born, codes, day, dose, history, product, proposed, rules, source};
use crate::rules::{Due, ExtraKind, PersonFacts, WhyUnclear, due, findings};

fn in_hcmc() -> PersonFacts {
    PersonFacts { unit: Some("79-760-26734".to_owned()), ..adult() }
}

/// Product of dose 1, its day, today; then earliest, recommended days, overdue since.
#[test]
fn the_second_dose_waits_as_long_as_its_product_says() {
    let table = [
        // Decision 3588/QĐ-BYT of 2021-07-26: 8–12 weeks, 3, 4, 3–4 and 3 weeks.
        ("astrazeneca", "2021-06-01", "2021-07-01", ["2021-07-27", "2021-07-27", "2021-08-24"], None),
        ("astrazeneca", "2021-06-01", "2021-08-24", ["2021-07-27", "2021-07-27", "2021-08-24"], None),
        ("astrazeneca", "2021-06-01", "2021-08-25", ["2021-07-27", "2021-07-27", "2021-08-24"], Some("2021-08-25")),
        ("pfizer", "2021-07-10", "2021-07-31", ["2021-07-31", "2021-07-31", "2021-08-07"], None),
        ("moderna", "2021-07-10", "2021-07-31", ["2021-08-07", "2021-08-07", "2021-08-14"], None),
        ("vero-cell", "2021-07-10", "2021-07-31", ["2021-07-31", "2021-07-31", "2021-08-07"], None),
        ("sputnik-v", "2021-07-10", "2021-07-31", ["2021-07-31", "2021-07-31", "2021-08-07"], None),
        // Vietnam News Agency, 2022-02-08: three doses of Abdala, 14 days apart.
        ("abdala", "2021-10-10", "2021-10-11", ["2021-10-24", "2021-10-24", "2021-10-31"], None),
    ];
    for (code, given, today, [earliest, from, to], overdue) in table {
        match due(&history(&[(code, 1, given)]), &adult(), &rules(), day(today)) {
            Due::Next { number, products, earliest: found, recommended_from, recommended_to, overdue_since } => {
                assert_eq!((number, &products[0]), (2, &product(code)), "{code}");
                assert_eq!([found, recommended_from, recommended_to], [earliest, from, to].map(day), "{code}");
                assert_eq!(overdue_since, overdue.map(day), "{code}");
            }
            other => panic!("{code}: {other:?}"),
        }
    }
}

/// Letter 7190/VP-VX of 2021-09-24: six weeks after AstraZeneca in Ho Chi Minh City, from that day on.
#[test]
fn a_provinces_own_interval_holds_there_and_from_its_day() {
    let table = [
        ("2021-07-01", "2021-08-26", "2021-08-26"),
        ("2021-08-05", "2021-09-24", "2021-09-30"),
        ("2021-09-01", "2021-10-13", "2021-10-27"),
    ];
    for (given, there, elsewhere) in table {
        for (person, expected) in [(in_hcmc(), there), (adult(), elsewhere)] {
            match due(&history(&[("astrazeneca", 1, given)]), &person, &rules(), day("2021-10-01")) {
                Due::Next { earliest, .. } => assert_eq!(earliest, day(expected), "{given} {:?}", person.unit),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_unit_whose_code_only_looks_alike_is_elsewhere() {
    // 794 is Tân An in Long An; 79 and all below it is Ho Chi Minh City.
    for (unit, expected) in
        [("794", "2021-10-27"), ("79", "2021-10-13"), ("079", "2021-10-13"), ("79.760", "2021-10-13")]
    {
        let person = PersonFacts { unit: Some(unit.to_owned()), ..adult() };
        match due(&history(&[("astrazeneca", 1, "2021-09-01")]), &person, &rules(), day("2021-10-01")) {
            Due::Next { earliest, .. } => assert_eq!(earliest, day(expected), "{unit}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Dispatch 7820/BYT-DP of 2021-09-20 leaves the interval to the province, so a later change for the
/// whole country does not undo a province's own.
#[test]
fn a_provinces_own_interval_holds_before_a_later_one_of_its_country() {
    let change = json!({
        "product": "astrazeneca", "after_dose": 1, "from": "2021-10-01", "unconfirmed": true,
        "days_min": 28, "days_recommended_from": 28, "days_recommended_to": 84
    });
    let own = source()["interval_changes"][0].clone();
    let rules = altered([("/interval_changes", json!([own, change]))]).unwrap();
    for (person, expected) in [(in_hcmc(), "2021-10-16"), (adult(), "2021-10-02")] {
        match due(&history(&[("astrazeneca", 1, "2021-09-04")]), &person, &rules, day("2021-10-01")) {
            Due::Next { earliest, .. } => assert_eq!(earliest, day(expected), "{:?}", person.unit),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_rule_ends_on_the_eve_of_the_day_it_no_longer_holds() {
    let six_months = source()["extra_doses"][2].clone();
    let rules = altered([("/extra_doses", json!([six_months]))]).unwrap();
    let given = |second| history(&[("pfizer", 1, "2021-05-01"), ("pfizer", 2, second)]);
    for (second, expected) in [("2021-06-16", Some("2021-12-16")), ("2021-06-17", None)] {
        let found = due(&given(second), &adult(), &rules, day("2021-12-10"));
        match found {
            Due::Complete { extra } => assert_eq!(extra.map(|extra| extra.earliest), expected.map(day), "{second}"),
            other => panic!("{other:?}"),
        }
    }
    for (on, expected) in [("2021-12-16", &[][..]), ("2021-12-17", &["already_complete"])] {
        let found = findings(&given("2021-06-01"), &adult(), &proposed("pfizer", 3, on), &rules, day(on));
        assert_eq!(codes(&found), expected, "{on}");
    }
}

/// Council of 2021-09-08; before it the guidance of August 2021.
#[test]
fn other_products_are_offered_as_the_mixing_rules_of_the_day_allow() {
    let table = [
        ("astrazeneca", "2021-05-01", "2021-07-21", &["astrazeneca"][..]),
        ("astrazeneca", "2021-05-01", "2021-08-15", &["astrazeneca", "pfizer"]),
        ("astrazeneca", "2021-05-01", "2021-09-08", &["astrazeneca", "pfizer", "moderna"]),
        ("moderna", "2021-07-10", "2021-09-07", &["moderna"]),
        ("moderna", "2021-07-10", "2021-09-08", &["moderna", "pfizer"]),
        ("pfizer", "2021-07-10", "2021-09-08", &["pfizer", "moderna"]),
        ("vero-cell", "2021-07-10", "2021-09-08", &["vero-cell"]),
        ("sputnik-v", "2021-04-10", "2021-09-08", &["sputnik-v"]),
    ];
    for (code, given, today, expected) in table {
        match due(&history(&[(code, 1, given)]), &adult(), &rules(), day(today)) {
            Due::Next { products, .. } => {
                let expected: Vec<_> = expected.iter().map(|code| product(code)).collect();
                assert_eq!(products, expected, "{code} on {today}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_mix_is_offered_only_at_an_age_for_it() {
    // Dispatch 8688: at 12 to 17 Comirnaty alone.
    let found = due(&history(&[("pfizer", 1, "2021-11-01")]), &born("2008-05-01"), &rules(), day("2021-11-22"));
    assert!(matches!(found, Due::Next { products, .. } if products == [product("pfizer")]));
}

/// Days of approval: Ninh Bình, 2021-08-25; dispatch 8688 of 2021-10-14 for ages 12 to 17.
#[test]
fn a_first_dose_is_of_what_is_authorised_and_suits_the_age() {
    let table = [
        ("1980-05-01", "2021-02-01", &["astrazeneca"][..]),
        ("1980-05-01", "2021-03-23", &["astrazeneca", "sputnik-v"]),
        ("1980-05-01", "2021-01-31", &[]),
        ("2008-05-01", "2021-10-13", &[]),
        ("2008-05-01", "2021-10-14", &["pfizer"]),
        ("2012-05-01", "2021-10-14", &[]),
    ];
    for (birth, today, expected) in table {
        let expected = expected.iter().map(|code| product(code)).collect();
        let found = due(&History::default(), &born(birth), &rules(), day(today));
        assert_eq!(found, Due::First { products: expected }, "{birth} {today}");
    }
}

#[test]
fn someone_who_may_be_old_enough_is_not_turned_away_unseen() {
    let year_only = Birth { date: day("2003-01-01"), precision: BirthPrecision::Year };
    let person = PersonFacts { birth: Some(year_only), ..adult() };
    assert!(matches!(
        due(&History::default(), &person, &rules(), day("2021-02-02")),
        Due::First { products } if products == [product("astrazeneca")]
    ));
    // Abdala until 65: of those who turn 66 in 2021 some have not yet, of those of 1954 all have.
    for (year, offered) in [("1955-01-01", true), ("1954-01-01", false)] {
        let year_only = Birth { date: day(year), precision: BirthPrecision::Year };
        let person = PersonFacts { birth: Some(year_only), ..adult() };
        match due(&History::default(), &person, &rules(), day("2021-11-01")) {
            Due::First { products } => assert_eq!(products.contains(&product("abdala")), offered, "{year}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_series_ends_with_the_doses_of_the_product_it_began_with() {
    let today = day("2021-11-01");
    for doses in [
        &[("janssen", 1, "2021-08-01")][..],
        &[("pfizer", 1, "2021-07-01"), ("pfizer", 2, "2021-07-22")],
        &[("astrazeneca", 1, "2021-07-01"), ("pfizer", 2, "2021-09-01")],
        &[("abdala", 1, "2021-10-01"), ("abdala", 2, "2021-10-15"), ("abdala", 3, "2021-10-29")],
    ] {
        assert_eq!(due(&history(doses), &adult(), &rules(), today), Due::Complete { extra: None }, "{doses:?}");
    }
    let two_of_three = history(&[("abdala", 1, "2021-10-01"), ("abdala", 2, "2021-10-15")]);
    assert!(matches!(due(&two_of_three, &adult(), &rules(), today), Due::Next { number: 3, .. }));
}

/// Guidance of December 2021, dispatches 10722 of 2021-12-17 and 3309 of 2022-06-23, HCMC CDC 2022-06-24.
#[test]
fn extra_doses_follow_a_complete_series_once_the_campaign_gives_them() {
    use ExtraKind::{Additional, Booster};
    let vero = &[("vero-cell", 1, "2021-09-01"), ("vero-cell", 2, "2021-09-29")][..];
    let pfizer = &[("pfizer", 1, "2021-08-01"), ("pfizer", 2, "2021-08-31")][..];
    let boosted = &[pfizer, &[("pfizer", 3, "2022-01-10")]].concat()[..];
    let table = [
        (pfizer, "1980-05-01", "2021-11-30", None),
        // Six months would end in 2022; the rule of three months comes first.
        (pfizer, "1980-05-01", "2021-12-01", Some((Booster, "2021-12-17"))),
        (pfizer, "1980-05-01", "2022-01-05", Some((Booster, "2021-12-17"))),
        (vero, "1980-05-01", "2022-01-05", Some((Additional, "2021-12-17"))),
        (boosted, "1980-05-01", "2022-04-01", None),
        (boosted, "1970-05-01", "2022-06-24", Some((Booster, "2022-05-12"))),
        // 49 years old on the day the rule began, 50 from 1 September.
        (boosted, "1972-09-01", "2022-06-24", Some((Booster, "2022-09-01"))),
        // Seventeen at the end of the five months of the rule for 12 to 17.
        (pfizer, "2005-01-01", "2022-06-24", Some((Booster, "2022-06-23"))),
    ];
    for (doses, birth, today, expected) in table {
        match due(&history(doses), &born(birth), &rules(), day(today)) {
            Due::Complete { extra } => {
                let found = extra.map(|extra| (extra.kind, extra.earliest));
                assert_eq!(found, expected.map(|(kind, on)| (kind, day(on))), "{doses:?} {birth} {today}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_record_with_holes_or_repetitions_is_unclear() {
    let table = [
        (&[("pfizer", 2, "2021-08-01")][..], WhyUnclear::NumberMissing(1)),
        (&[("pfizer", 1, "2021-08-01"), ("pfizer", 3, "2021-10-01")], WhyUnclear::NumberMissing(2)),
        (&[("pfizer", 1, "2021-08-01"), ("moderna", 1, "2021-08-02")], WhyUnclear::NumberTwice(1)),
        (&[("pfizer", 2, "2021-08-01"), ("pfizer", 1, "2021-08-22")], WhyUnclear::OutOfOrder(2)),
        (&[("sinovac", 1, "2021-08-01")], WhyUnclear::UnknownProduct(product("sinovac"))),
        (&[("pfizer", 1, "2021-08-01"), ("sinovac", 2, "2021-09-01")], WhyUnclear::UnknownProduct(product("sinovac"))),
        (&[("abdala", 1, "2021-10-01"), ("janssen", 2, "2021-10-20")], WhyUnclear::NoInterval(product("janssen"))),
    ];
    for (doses, why) in table {
        let found = due(&history(doses), &adult(), &rules(), day("2021-11-01"));
        assert_eq!(found, Due::Unclear { why }, "{doses:?}");
    }
}

#[test]
fn a_dose_taken_back_is_due_again() {
    let mut doses = vec![dose("pfizer", 1, "2021-08-01"), dose("pfizer", 2, "2021-08-22")];
    doses[1].state = DoseState::Withdrawn;
    let found = due(&History::of(doses), &adult(), &rules(), day("2021-09-01"));
    assert!(matches!(found, Due::Next { number: 2, .. }), "{found:?}");
}
