//! Pairs of doses whose authors did not know of each other, by table.

use crate::rules::testing::{dose, rules};
use crate::rules::{ClashReason, clash};

#[test]
fn two_doses_clash_for_the_gravest_reason_that_fits() {
    use ClashReason::{Mixed, TooMany, TooSoon};
    let table = [
        // The same number twice, whatever the products and days.
        (("astrazeneca", 2, "2021-08-01"), ("astrazeneca", 2, "2021-08-01"), Some(TooMany)),
        (("astrazeneca", 1, "2021-06-01"), ("pfizer", 1, "2021-12-01"), Some(TooMany)),
        (("sinovac", 1, "2021-06-01"), ("sinovac", 1, "2021-07-01"), Some(TooMany)),
        // One more than the series has, before the campaign gave extra doses (December 2021).
        (("janssen", 1, "2021-08-01"), ("pfizer", 2, "2021-11-01"), Some(TooMany)),
        (("pfizer", 2, "2021-08-01"), ("pfizer", 3, "2021-11-30"), Some(TooMany)),
        (("pfizer", 2, "2021-08-01"), ("pfizer", 3, "2021-12-01"), None),
        (("pfizer", 2, "2021-08-01"), ("pfizer", 4, "2021-12-20"), Some(TooMany)),
        // Decision 3588: 21 days after Pfizer, 28 after Moderna; VNA: 14 after Abdala.
        (("pfizer", 1, "2021-08-01"), ("pfizer", 2, "2021-08-21"), Some(TooSoon)),
        (("pfizer", 1, "2021-08-01"), ("pfizer", 2, "2021-08-22"), None),
        (("moderna", 1, "2021-08-01"), ("moderna", 2, "2021-08-28"), Some(TooSoon)),
        (("abdala", 2, "2021-10-01"), ("abdala", 3, "2021-10-14"), Some(TooSoon)),
        (("abdala", 2, "2021-10-01"), ("abdala", 3, "2021-10-15"), None),
        // An additional dose needs 28 days at least.
        (("pfizer", 2, "2021-12-01"), ("pfizer", 3, "2021-12-20"), Some(TooSoon)),
        (("pfizer", 2, "2021-12-01"), ("pfizer", 3, "2021-12-28"), Some(TooSoon)),
        (("pfizer", 2, "2021-12-01"), ("pfizer", 3, "2021-12-29"), None),
        // Eight weeks everywhere until six are enough in some province.
        (("astrazeneca", 1, "2021-07-15"), ("astrazeneca", 2, "2021-08-30"), Some(TooSoon)),
        (("astrazeneca", 1, "2021-08-12"), ("astrazeneca", 2, "2021-09-23"), Some(TooSoon)),
        (("astrazeneca", 1, "2021-08-13"), ("astrazeneca", 2, "2021-09-24"), None),
        (("astrazeneca", 1, "2021-08-15"), ("astrazeneca", 2, "2021-09-30"), None),
        (("astrazeneca", 1, "2021-08-15"), ("astrazeneca", 2, "2021-09-25"), Some(TooSoon)),
        // Too soon weighs more than mixed.
        (("vero-cell", 1, "2021-08-15"), ("pfizer", 2, "2021-08-20"), Some(TooSoon)),
        (("vero-cell", 1, "2021-08-15"), ("pfizer", 2, "2021-09-20"), Some(Mixed)),
        (("moderna", 1, "2021-07-15"), ("pfizer", 2, "2021-09-07"), Some(Mixed)),
        (("moderna", 1, "2021-07-15"), ("pfizer", 2, "2021-09-08"), None),
        (("vero-cell", 2, "2021-08-15"), ("sputnik-v", 3, "2022-03-20"), Some(Mixed)),
        (("vero-cell", 2, "2021-08-15"), ("pfizer", 3, "2022-03-20"), None),
        // Numbers against the order of days: the wait is still the one after dose 1.
        (("pfizer", 2, "2021-08-01"), ("pfizer", 1, "2021-08-10"), Some(TooSoon)),
        (("sinovac", 1, "2021-06-01"), ("pfizer", 2, "2021-06-02"), None),
    ];
    let rules = rules();
    for ((a, m, first), (b, n, second), expected) in table {
        let (mut one, mut other) = (dose(a, m, first), dose(b, n, second));
        (one.statement.0[31], other.statement.0[31]) = (1, 2);
        assert_eq!(clash(&one, &other, Some(&rules)), expected, "{a} {m} {first} / {b} {n} {second}");
        assert_eq!(clash(&other, &one, Some(&rules)), expected, "the other way round");
    }
}

#[test]
fn without_rules_only_numbers_can_clash() {
    let (one, other, third) =
        (dose("pfizer", 1, "2021-08-01"), dose("moderna", 2, "2021-08-02"), dose("moderna", 1, "2021-08-03"));
    assert_eq!(clash(&one, &other, None), None);
    assert_eq!(clash(&one, &third, None), Some(ClashReason::TooMany));
}

#[test]
fn a_dose_does_not_clash_with_itself() {
    let one = dose("pfizer", 1, "2021-08-01");
    assert_eq!(clash(&one, &one.clone(), Some(&rules())), None);
}
