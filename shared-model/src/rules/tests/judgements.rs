//! Findings, by table.

use crate::citizen::{Birth, BirthPrecision};
use crate::record::History;
use crate::rules::testing::{adult, born, codes, day, history, judged, lot, product, proposed, rules};
use crate::rules::{Advice, Age, AgeBound, ExtraKind, PersonFacts, ProposedDose, RuleField, Severity, findings};

type Given = &'static [(&'static str, u8, &'static str)];
type Row = (Given, (&'static str, u8, &'static str), &'static [&'static str]);

/// The record, the proposed product, number and day; then what must be answered for.
#[test]
fn what_is_worth_saying_about_a_dose() {
    const NONE: Given = &[];
    const AZ: Given = &[("astrazeneca", 1, "2021-07-01")];
    const VERO: Given = &[("vero-cell", 1, "2021-08-20")];
    const SPUTNIK: Given = &[("sputnik-v", 1, "2021-07-01")];
    const PFIZER_2: Given = &[("pfizer", 1, "2021-07-01"), ("pfizer", 2, "2021-08-01")];
    const MIXED: Given = &[("astrazeneca", 1, "2021-07-01"), ("pfizer", 2, "2021-09-01")];
    const JANSSEN: Given = &[("janssen", 1, "2021-08-01")];
    let table: &[Row] = &[
        (NONE, ("astrazeneca", 1, "2021-07-01"), &[]),
        (NONE, ("astrazeneca", 2, "2021-07-01"), &["number_skipped"]),
        (NONE, ("astrazeneca", 0, "2021-07-01"), &["not_in_series"]),
        (NONE, ("sinovac", 1, "2021-07-01"), &["unknown_product"]),
        (NONE, ("hayat-vax", 1, "2021-09-09"), &["not_authorised_yet"]),
        (NONE, ("hayat-vax", 1, "2021-09-10"), &[]),
        // Decision 3588 of 2021-07-26: eight weeks after AstraZeneca.
        (AZ, ("astrazeneca", 2, "2021-08-25"), &["too_soon"]),
        (AZ, ("astrazeneca", 2, "2021-08-26"), &[]),
        (AZ, ("astrazeneca", 1, "2021-08-26"), &["number_already_given"]),
        (AZ, ("astrazeneca", 3, "2021-10-26"), &["already_complete", "number_skipped"]),
        // August 2021: Pfizer after AstraZeneca with consent, Moderna not; from 8 September both.
        (AZ, ("pfizer", 2, "2021-08-26"), &["mix_allowed_with_consent"]),
        (AZ, ("moderna", 2, "2021-08-26"), &["mix_not_allowed"]),
        (AZ, ("moderna", 2, "2021-09-08"), &["mix_allowed_with_consent"]),
        (AZ, ("vero-cell", 2, "2021-09-08"), &["mix_not_allowed"]),
        (VERO, ("pfizer", 2, "2021-09-20"), &["mix_not_allowed"]),
        (VERO, ("vero-cell", 2, "2021-08-20"), &["dose_today", "too_soon"]),
        (SPUTNIK, ("sputnik-v", 2, "2021-07-22"), &[]),
        (JANSSEN, ("janssen", 2, "2021-10-01"), &["already_complete"]),
        (PFIZER_2, ("pfizer", 3, "2021-11-30"), &["already_complete"]),
        // December 2021: additional dose after 28 days where a doctor finds a reason, booster after six months.
        (PFIZER_2, ("pfizer", 3, "2021-12-01"), &["on_indication_only"]),
        (PFIZER_2, ("moderna", 3, "2021-12-17"), &[]),
        (PFIZER_2, ("vero-cell", 3, "2021-12-17"), &["mix_not_allowed"]),
        // A product of the series itself, whichever of its doses it was.
        (MIXED, ("astrazeneca", 3, "2021-12-17"), &[]),
        (PFIZER_2, ("pfizer", 4, "2021-12-17"), &["already_complete", "number_skipped"]),
        (PFIZER_2, ("pfizer", 2, "2021-12-17"), &["number_already_given"]),
        // Entered late from paper: the first dose of a series whose second is known.
        (&[("pfizer", 2, "2021-08-01")], ("pfizer", 1, "2021-07-01"), &[]),
        (&[("pfizer", 2, "2021-08-01")], ("pfizer", 3, "2021-07-01"), &["already_complete", "not_in_series"]),
        (&[("pfizer", 2, "2021-08-01")], ("pfizer", 1, "2021-09-01"), &["not_in_series"]),
        (&[("sinovac", 1, "2021-06-01")], ("pfizer", 2, "2021-08-01"), &["previous_unknown"]),
    ];
    for (given, (code, number, on), expected) in table {
        let found = judged(&history(given), &adult(), &proposed(code, *number, on));
        assert_eq!(codes(&found), *expected, "{given:?} then {code} {number} on {on}");
    }
}

#[test]
fn too_soon_says_how_early_and_when_it_is_time() {
    let az = history(&[("astrazeneca", 1, "2021-08-05")]);
    let hcmc = PersonFacts { unit: Some("79-769".to_owned()), ..adult() };
    for (person, on, expected) in [
        (&adult(), "2021-09-20", Some((10, "2021-09-30"))),
        // Six weeks are over on 16 September, but the city's rule begins on the 24th.
        (&hcmc, "2021-09-20", Some((4, "2021-09-24"))),
        (&hcmc, "2021-09-24", None),
    ] {
        let found = judged(&az, person, &proposed("astrazeneca", 2, on));
        let early = found.iter().find_map(|found| match found.advice {
            Advice::TooSoon { days_early, earliest } => Some((days_early, earliest)),
            _ => None,
        });
        assert_eq!(early, expected.map(|(days, earliest)| (days, day(earliest))), "{:?} {on}", person.unit);
    }
}

/// Ages: Decision 3588 and dispatch 8688 of 2021-10-14; Abdala 19–65, Vietnam News Agency 2022-02-08.
#[test]
fn ages_stop_the_hand_when_certain_and_ask_when_possible() {
    use AgeBound::{Exact, Oldest, Youngest};
    use BirthPrecision::{Day, Year};
    use Severity::{Caution, Stop};
    let table = [
        ("pfizer", "2008-10-14", Day, "2021-10-13", Some(("too_young", Stop, 12, Exact))),
        ("pfizer", "2009-10-14", Day, "2021-10-14", None),
        ("pfizer", "2009-10-15", Day, "2021-10-14", Some(("too_young", Stop, 11, Exact))),
        ("pfizer", "2009-01-01", Year, "2021-10-14", Some(("too_young", Caution, 11, Youngest))),
        ("pfizer", "2010-01-01", Year, "2021-10-14", Some(("too_young", Stop, 11, Oldest))),
        // An infant: eighteen were once given this product by mistake.
        ("pfizer", "2021-07-01", Day, "2021-11-01", Some(("too_young", Stop, 0, Exact))),
        ("abdala", "2002-11-02", Day, "2021-11-01", Some(("too_young", Stop, 18, Exact))),
        ("abdala", "1955-11-02", Day, "2021-11-01", None),
        ("abdala", "1955-11-01", Day, "2021-11-01", Some(("too_old", Stop, 66, Exact))),
        ("abdala", "1955-01-01", Year, "2021-11-01", Some(("too_old", Caution, 66, Oldest))),
    ];
    for (code, birth, precision, on, expected) in table {
        let person = PersonFacts { birth: Some(Birth { date: day(birth), precision }), ..adult() };
        let found = judged(&History::default(), &person, &proposed(code, 1, on));
        let age = |age: Age| (age.years, age.bound);
        let ages = found.iter().find_map(|found| match found.advice {
            Advice::TooYoung { age: a, .. } | Advice::TooOld { age: a, .. } => Some((found, age(a))),
            _ => None,
        });
        let ages = ages.map(|(found, (years, bound))| (found.code(), found.severity(), years, bound));
        assert_eq!(ages, expected, "{code} {birth} {precision:?} {on}");
    }
}

#[test]
fn without_a_birth_date_somebody_must_ask() {
    let person = PersonFacts { birth: None, ..adult() };
    let found = judged(&History::default(), &person, &proposed("astrazeneca", 1, "2021-07-01"));
    assert_eq!(codes(&found), ["birth_unknown"]);
    assert_eq!(found[0].advice, Advice::BirthUnknown { age_years_min: 18 });
}

#[test]
fn a_lot_may_be_used_until_the_end_of_its_last_day() {
    for (on, expected) in [("2021-09-30", &[][..]), ("2021-10-01", &["lot_expired"])] {
        let dose = ProposedDose { lot_expiry: Some(day("2021-09-30")), ..proposed("moderna", 1, on) };
        assert_eq!(codes(&judged(&History::default(), &adult(), &dose)), expected, "{on}");
    }
}

/// 24h.com.vn, September 2021: a different vector in each of the two doses of Sputnik V.
#[test]
fn one_lot_for_both_doses_of_sputnik_is_the_wrong_component() {
    let lot_1 = lot("LOT1");
    for (code, first, expected) in
        [("sputnik-v", "sputnik-v", &["component_order"][..]), ("vero-cell", "vero-cell", &[])]
    {
        let dose = ProposedDose { lot: lot_1.clone(), ..proposed(code, 2, "2021-08-20") };
        let found = judged(&history(&[(first, 1, "2021-07-01")]), &adult(), &dose);
        assert_eq!(codes(&found), expected, "{code}");
    }
}

#[test]
fn a_second_dose_of_one_day_may_be_the_first_one_entered_twice() {
    let first = history(&[("pfizer", 1, "2021-08-01")]);
    for (lot_used, same_lot) in [("LOT1", true), ("OTHER", false)] {
        let dose = ProposedDose { lot: lot(lot_used), ..proposed("pfizer", 1, "2021-08-01") };
        let found = judged(&first, &adult(), &dose);
        assert_eq!(codes(&found), ["dose_today", "number_already_given", "too_soon"]);
        assert_eq!(found[0].advice, Advice::DoseToday { number: 1, same_lot });
    }
}

#[test]
fn a_clock_before_the_first_day_of_the_rules_is_mentioned() {
    let dose = proposed("astrazeneca", 1, "2021-03-08");
    let found = findings(&History::default(), &adult(), &dose, &rules(), day("2020-01-01"));
    assert_eq!(codes(&found), ["clock_before_rules"]);
}

/// Guidance of December 2021: 28 days where a doctor finds a reason, else six months, from the 17th on three.
#[test]
fn a_dose_for_a_reason_says_when_it_would_need_none() {
    let for_a_reason =
        |until: &str| Some(Advice::OnIndicationOnly { kind: ExtraKind::Additional, earliest: Some(day(until)) });
    let unconfirmed = Advice::RulesUnconfirmed { product: product("pfizer"), field: RuleField::ExtraDose };
    let table = [
        ("2021-11-10", "2021-12-01", Some(Advice::TooSoon { days_early: 71, earliest: day("2022-02-10") })),
        ("2021-11-10", "2021-12-15", for_a_reason("2022-02-10")),
        ("2021-08-01", "2021-12-01", for_a_reason("2021-12-17")),
        ("2021-06-02", "2021-12-01", for_a_reason("2021-12-02")),
        ("2021-06-01", "2021-12-01", None),
        // The day of the three months is not confirmed, whatever else allows the dose.
        ("2021-08-01", "2021-12-17", Some(unconfirmed)),
    ];
    for (second, on, expected) in table {
        let before = history(&[("pfizer", 1, "2021-05-01"), ("pfizer", 2, second)]);
        let found = judged(&before, &adult(), &proposed("pfizer", 3, on));
        assert_eq!(found.first().map(|found| found.advice.clone()), expected, "{second} then {on}");
    }
}

/// Boosters from 18 years in December 2021; from 12 with dispatch 3309 of 2022-06-23, after five months.
#[test]
fn extra_doses_have_ages_of_their_own() {
    let series = history(&[("pfizer", 1, "2021-11-01"), ("pfizer", 2, "2021-11-22")]);
    let child = born("2006-09-01");
    for (on, expected) in [("2022-03-01", &["too_young"][..]), ("2022-06-23", &[]), ("2022-04-21", &["too_young"])] {
        assert_eq!(codes(&judged(&series, &child, &proposed("pfizer", 3, on))), expected, "{on}");
    }
    let later = history(&[("pfizer", 1, "2022-02-01"), ("pfizer", 2, "2022-02-22")]);
    assert_eq!(codes(&judged(&later, &child, &proposed("pfizer", 3, "2022-06-23"))), ["too_soon"]);
}

#[test]
fn one_confirmed_rule_for_everyone_is_enough_to_rest_on() {
    let vero = history(&[("vero-cell", 1, "2021-09-01"), ("vero-cell", 2, "2021-09-29")]);
    let found = judged(&vero, &adult(), &proposed("pfizer", 3, "2022-03-01"));
    assert_eq!(found, []);
}

/// What no text confirmed is said to be so, but only where the judgement rests on it.
#[test]
fn advice_owns_up_to_values_nobody_confirmed() {
    use RuleField::{AgeMin, Doses, Interval};
    let table = [
        ("astrazeneca", 1, &[][..]),
        ("pfizer", 1, &[]),
        ("moderna", 1, &[AgeMin]),
        ("janssen", 1, &[Doses, AgeMin]),
        ("hayat-vax", 2, &[Doses, Interval, AgeMin]),
        ("abdala", 2, &[]),
    ];
    for (code, number, expected) in table {
        let before = if number == 1 { History::default() } else { history(&[(code, 1, "2021-10-01")]) };
        let found = judged(&before, &adult(), &proposed(code, number, "2021-11-15"));
        let mut fields: Vec<RuleField> = Vec::new();
        for finding in &found {
            if let Advice::RulesUnconfirmed { product: about, field } = &finding.advice {
                assert_eq!(*about, product(code));
                assert_eq!(finding.severity(), Severity::Info);
                fields.push(*field);
            }
        }
        assert_eq!(fields, expected, "{code} {number}");
    }
}

#[test]
fn every_finding_that_rests_on_a_rule_names_its_text() {
    let source_of = |person: &PersonFacts, dose: &ProposedDose, code: &str| {
        let found = judged(&history(&[("astrazeneca", 1, "2021-07-01")]), person, dose);
        let found = found.into_iter().find(|found| found.code() == code);
        found.map(|found| found.sources.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>())
    };
    let rules = rules();
    for (person, dose, code, expected) in [
        (adult(), proposed("astrazeneca", 2, "2021-08-01"), "too_soon", &["decision-3588", "sggp-94844"][..]),
        (born("2005-01-01"), proposed("pfizer", 2, "2021-08-26"), "too_young", &["sggp-95956"]),
        (born("2012-01-01"), proposed("pfizer", 2, "2021-11-26"), "too_young", &["dispatch-8688"]),
        (
            adult(),
            proposed("pfizer", 2, "2021-08-26"),
            "mix_allowed_with_consent",
            &["24h-1280631", "dispatch-5873", "tuoitrenews-62516"],
        ),
        (
            adult(),
            proposed("vero-cell", 2, "2021-09-08"),
            "mix_not_allowed",
            &["council-2021-09-08", "dispatch-2021-12-12", "vns-mrna"],
        ),
    ] {
        let found = source_of(&person, &dose, code).unwrap_or_default();
        assert_eq!(found, expected, "{code}");
        assert!(found.iter().all(|id| rules.sources().iter().any(|source| source.id.as_str() == id)));
    }
}
