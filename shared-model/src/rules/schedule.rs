//! What a person is due, as far as the record goes.

use super::age::{AgeRule, PersonFacts};
use super::bundle::Bundle;
use super::interval::{Intervals, earliest};
use super::product::{ExtraKind, MixRule, Product};
use crate::dose::ProductCode;
use crate::record::{Dose, History};
use crate::time::Date;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// No dose counts so far. Any of these may begin a series today; none where none suits the age.
    First { products: Vec<ProductCode> },
    /// The series has begun and waits for its next dose.
    Next {
        number: u8,
        /// The product given last comes first; others follow where mixing is allowed.
        products: Vec<ProductCode>,
        /// The first day the rules allow.
        earliest: Date,
        recommended_from: Date,
        recommended_to: Date,
        /// The day after the recommended ones, once it has come.
        overdue_since: Option<Date>,
    },
    /// The basic series has all its doses.
    Complete {
        /// A dose beyond it, where the rules of today know one.
        extra: Option<ExtraDue>,
    },
    /// The record must be cleared up first.
    Unclear { why: WhyUnclear },
}

/// An additional or booster dose that may follow a complete series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraDue {
    pub kind: ExtraKind,
    pub number: u8,
    /// The product given last comes first; others follow where the rule names them.
    pub products: Vec<ProductCode>,
    /// The first day the rules allow.
    pub earliest: Date,
}

/// Why a record does not say what is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyUnclear {
    UnknownProduct(ProductCode),
    /// Two doses that count have this number.
    NumberTwice(u8),
    /// No dose that counts has this number, but a later one is there.
    NumberMissing(u8),
    /// A dose was given before the one it should follow.
    OutOfOrder(u8),
    /// A series of several doses goes on with a product of one, whose rules name no wait.
    NoInterval(ProductCode),
}

impl Due {
    pub fn code(&self) -> &'static str {
        match self {
            Self::First { .. } => "first",
            Self::Next { .. } => "next",
            Self::Complete { .. } => "complete",
            Self::Unclear { .. } => "unclear",
        }
    }
}

impl WhyUnclear {
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProduct(_) => "unknown_product",
            Self::NumberTwice(_) => "number_twice",
            Self::NumberMissing(_) => "number_missing",
            Self::OutOfOrder(_) => "out_of_order",
            Self::NoInterval(_) => "no_interval",
        }
    }
}

/// The doses that count, in the order they were given, whatever order they came in.
pub(super) fn in_order(history: &History) -> Vec<&Dose> {
    let mut doses: Vec<&Dose> = history.given().collect();
    doses.sort_by_key(|dose| (dose.given_at, dose.number, dose.statement));
    doses
}

pub fn due(history: &History, person: &PersonFacts, rules: &Bundle, today: Date) -> Due {
    let doses = in_order(history);
    let (Some(first), Some(last)) = (doses.first(), doses.last()) else {
        return first_dose(person, rules, today);
    };
    if let Some(why) = unclear(&doses, rules) {
        return Due::Unclear { why };
    }
    let (Some(series), Some(product)) = (rules.product(&first.product), rules.product(&last.product)) else {
        return Due::Unclear { why: WhyUnclear::UnknownProduct(last.product.clone()) };
    };
    if last.number < series.doses.value {
        next_in_series(last, product, person, rules, today)
    } else {
        Due::Complete { extra: beyond_series(last, series, person, rules, today) }
    }
}

fn first_dose(person: &PersonFacts, rules: &Bundle, today: Date) -> Due {
    let products = rules.products().iter().filter(|product| suits(product, person, rules, today));
    let products = products.map(|product| product.code.clone()).collect();
    Due::First { products }
}

/// Authorised, and not certainly for another age.
fn suits(product: &Product, person: &PersonFacts, rules: &Bundle, on: Date) -> bool {
    product.authorised_from.value <= on && !AgeRule::of(product, rules, on).certainly_excludes(person.birth, on)
}

/// Doses in the order given must be numbered 1, 2, 3 … and of products the rules know.
fn unclear(doses: &[&Dose], rules: &Bundle) -> Option<WhyUnclear> {
    if let Some(unknown) = doses.iter().find(|dose| rules.product(&dose.product).is_none()) {
        return Some(WhyUnclear::UnknownProduct(unknown.product.clone()));
    }
    let mut numbers: Vec<u8> = doses.iter().map(|dose| dose.number).collect();
    numbers.sort_unstable();
    if let Some(pair) = numbers.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(WhyUnclear::NumberTwice(pair[0]));
    }
    if let Some((missing, _)) = (1..=u8::MAX).zip(&numbers).find(|(expected, number)| expected != *number) {
        return Some(WhyUnclear::NumberMissing(missing));
    }
    let early = doses.windows(2).find(|pair| pair[1].number < pair[0].number)?;
    Some(WhyUnclear::OutOfOrder(early[0].number))
}

fn next_in_series(last: &Dose, product: &Product, person: &PersonFacts, rules: &Bundle, today: Date) -> Due {
    let given = last.given_on();
    let Some(intervals) = Intervals::after(product, last.number, rules, person.unit.as_deref()) else {
        return Due::Unclear { why: WhyUnclear::NoInterval(product.code.clone()) };
    };
    let earliest = earliest(given, intervals.permits(), given).unwrap_or(given);
    let (from, to) = intervals.on(earliest).recommended();
    let recommended_to = given.plus_days(to.into()).max(earliest);
    let on = earliest.max(today);
    let mut products = vec![last.product.clone()];
    products.extend(others(rules.mixes(&last.product, on).flat_map(|rule| &rule.then), &products, person, rules, on));
    Due::Next {
        number: last.number.saturating_add(1),
        products,
        earliest,
        recommended_from: given.plus_days(from.into()).max(earliest),
        recommended_to,
        overdue_since: (today > recommended_to).then(|| recommended_to.plus_days(1)),
    }
}

/// The dose whose rule opens first. A rule that is still to come counts once the campaign gives such doses at all.
fn beyond_series(last: &Dose, series: &Product, person: &PersonFacts, rules: &Bundle, today: Date) -> Option<ExtraDue> {
    let given = last.given_on();
    let place = last.number.saturating_sub(series.doses.value).saturating_add(1);
    let about = || rules.extra_doses().iter().filter(|extra| extra.follows(&series.code, place));
    if !about().any(|extra| extra.from <= today) {
        return None;
    }
    let (earliest, extra) = about()
        .filter(|extra| !extra.on_indication)
        .filter_map(|extra| extra.opens(given, person.birth, given).map(|day| (day, extra)))
        .min_by_key(|(day, extra)| (*day, extra.kind))?;
    let mut products = vec![last.product.clone()];
    products.extend(others(&extra.products, &products, person, rules, earliest.max(today)));
    Some(ExtraDue { kind: extra.kind, number: last.number.saturating_add(1), products, earliest })
}

/// Those of `codes` that suit the person and are not in the list yet, without repetition.
fn others<'a>(
    codes: impl IntoIterator<Item = &'a ProductCode>,
    listed: &[ProductCode],
    person: &PersonFacts,
    rules: &Bundle,
    on: Date,
) -> Vec<ProductCode> {
    let mut others: Vec<ProductCode> = Vec::new();
    for code in codes {
        let suits = rules.product(code).is_some_and(|product| suits(product, person, rules, on));
        if suits && !listed.contains(code) && !others.contains(code) {
            others.push(code.clone());
        }
    }
    others
}

impl Bundle {
    /// The mixing rules in force about a series whose last dose was of this product.
    pub(super) fn mixes(&self, first: &ProductCode, on: Date) -> impl Iterator<Item = &MixRule> {
        self.mixing_in_force(on).filter(move |rule| rule.first == *first)
    }

    pub(super) fn mixing_in_force(&self, on: Date) -> impl Iterator<Item = &MixRule> {
        self.mixing().iter().filter(move |rule| rule.from <= on && rule.until.is_none_or(|until| on < until))
    }
}
