//! How long to wait after a dose, by product, day and place.

use super::age::reaches;
use super::bundle::Bundle;
use super::product::{ExtraDose, Interval, IntervalChange, Product, SourceId, Wait};
use crate::citizen::Birth;
use crate::dose::ProductCode;
use crate::time::Date;

impl Wait {
    /// The first day after the wait. Days beyond the calendar are clamped to its end.
    pub fn after(self, day: Date) -> Date {
        match self {
            Self::Days(days) => day.plus_days(days.into()),
            Self::Months(months) => plus_months(day, months),
        }
    }
}

fn plus_months(day: Date, months: u16) -> Date {
    let month = i32::from(day.month()) - 1 + i32::from(months);
    let year = day.year() + month / 12;
    let last = u8::try_from(month % 12 + 1)
        .ok()
        .and_then(|month| Date::new(year, month, 1).ok())
        .map(super::age::last_of_month);
    match last {
        Some(last) => Date::new(year, last.month(), day.day()).unwrap_or(last),
        None => day.plus_days(31 * i32::from(months)),
    }
}

/// A wait and the days on which it is the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permit {
    from: Date,
    /// The first day it is no longer the rule.
    until: Option<Date>,
    wait: Wait,
}

impl Permit {
    fn in_force(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }

    /// The first day, not before `not_before`, on which this rule lets a dose follow one given on `previous`.
    fn opens(&self, previous: Date, not_before: Date) -> Option<Date> {
        let day = self.wait.after(previous).max(self.from).max(not_before);
        self.until.is_none_or(|until| day < until).then_some(day)
    }
}

/// The first day, not before `not_before`, on which any of these rules lets a dose follow one given on `previous`.
pub(super) fn earliest(previous: Date, permits: impl IntoIterator<Item = Permit>, not_before: Date) -> Option<Date> {
    permits.into_iter().filter_map(|permit| permit.opens(previous, not_before)).min()
}

/// The interval that rules a day in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IntervalRule<'a> {
    Base(&'a Interval),
    Changed(&'a IntervalChange),
}

impl<'a> IntervalRule<'a> {
    pub(super) fn days_min(self) -> u16 {
        match self {
            Self::Base(interval) => interval.days_min.value,
            Self::Changed(change) => change.days_min,
        }
    }

    /// Days after the dose before, first and last.
    pub(super) fn recommended(self) -> (u16, u16) {
        match self {
            Self::Base(interval) => (interval.days_recommended_from.value, interval.days_recommended_to.value),
            Self::Changed(change) => (change.days_recommended_from, change.days_recommended_to),
        }
    }

    pub(super) fn sources(self) -> &'a [SourceId] {
        match self {
            Self::Base(interval) => &interval.days_min.sources,
            Self::Changed(change) => &change.sources,
        }
    }

    pub(super) fn unconfirmed(self) -> bool {
        match self {
            Self::Base(interval) => interval.days_min.unconfirmed,
            Self::Changed(change) => change.unconfirmed,
        }
    }
}

/// The intervals after one dose of a product, over time.
pub(super) struct Intervals<'a> {
    base: &'a Interval,
    /// Those that may hold here, by their first day.
    changes: Vec<&'a IntervalChange>,
}

impl<'a> Intervals<'a> {
    /// `None` when the product's own series ends with its first dose. After a dose that a mixed
    /// series counts higher than the product does, the product's last interval holds.
    pub(super) fn after(product: &'a Product, dose: u8, rules: &'a Bundle, unit: Option<&str>) -> Option<Self> {
        let base = product.intervals.iter().rev().find(|interval| interval.after_dose <= dose.max(1))?;
        let mut changes: Vec<_> = rules
            .interval_changes()
            .iter()
            .filter(|change| change.product == product.code && change.after_dose == base.after_dose)
            .filter(|change| change.units.is_empty() || unit.is_some_and(|unit| holds_in(change, unit)))
            .collect();
        changes.sort_by_key(|change| change.from);
        Some(Self { base, changes })
    }

    /// A unit's own rule holds before its country's, a later one before an earlier one.
    pub(super) fn on(&self, day: Date) -> IntervalRule<'a> {
        let begun = || self.changes.iter().rev().filter(|change| change.from <= day);
        let own = begun().find(|change| !change.units.is_empty());
        own.or_else(|| begun().next()).map_or(IntervalRule::Base(self.base), |change| IntervalRule::Changed(change))
    }

    pub(super) fn permits(&self) -> impl Iterator<Item = Permit> + '_ {
        let begins: Vec<Date> =
            std::iter::once(Date::from_days(i32::MIN)).chain(self.changes.iter().map(|change| change.from)).collect();
        (0..begins.len()).map(move |at| Permit {
            from: begins[at],
            until: begins.get(at + 1).copied(),
            wait: Wait::Days(self.on(begins[at]).days_min()),
        })
    }
}

/// The shortest wait that any part of the country allows on that day: whoever kept to it somewhere
/// broke no rule there.
pub(super) fn shortest_days(product: &Product, dose: u8, rules: &Bundle, on: Date) -> Option<u16> {
    let nation = Intervals::after(product, dose, rules, None)?;
    let after = nation.base.after_dose;
    rules
        .interval_changes()
        .iter()
        .filter(|change| change.product == product.code && change.after_dose == after)
        .filter(|change| !change.units.is_empty() && change.from <= on)
        .map(|change| change.days_min)
        .chain([nation.on(on).days_min()])
        .min()
}

/// `79` holds in `79` and `79-760`, never in `794`, which lies in another province.
fn holds_in(change: &IntervalChange, unit: &str) -> bool {
    change.units.iter().any(|code| {
        unit.strip_prefix(code.as_str())
            .is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_alphanumeric()))
    })
}

impl ExtraDose {
    fn permit(&self) -> Permit {
        Permit { from: self.from, until: self.until, wait: self.wait }
    }

    pub(super) fn in_force(&self, on: Date) -> bool {
        self.permit().in_force(on)
    }

    /// The first day, not before `not_before`, on which this dose may follow one given on `previous`.
    pub(super) fn opens(&self, previous: Date, birth: Option<Birth>, not_before: Date) -> Option<Date> {
        let of_age = birth.map_or(not_before, |birth| reaches(birth, self.age_years_min));
        self.permit().opens(previous, not_before.max(of_age))
    }

    /// Nobody with this birth date can be old enough on that day.
    pub(super) fn certainly_excludes(&self, birth: Option<Birth>, on: Date) -> bool {
        birth.is_some_and(|birth| on < reaches(birth, self.age_years_min))
    }

    /// Whether this is about the dose at `place` after a series begun with `series`.
    pub(super) fn follows(&self, series: &ProductCode, place: u8) -> bool {
        self.place == place && (self.after.is_empty() || self.after.contains(series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    #[test]
    fn a_wait_in_months_ends_on_a_day_that_exists() {
        for (from, months, to) in [
            ("2021-11-30", 3, "2022-02-28"),
            ("2021-08-31", 6, "2022-02-28"),
            ("2021-09-15", 3, "2021-12-15"),
            ("2021-12-31", 12, "2022-12-31"),
            ("2023-12-31", 2, "2024-02-29"),
        ] {
            assert_eq!(Wait::Months(months).after(day(from)), day(to), "{from} + {months} months");
        }
    }

    #[test]
    fn no_wait_leaves_the_calendar() {
        for edge in [Date::from_days(i32::MIN), day("0001-01-01"), Date::from_days(i32::MAX)] {
            assert!(Wait::Months(u16::MAX).after(edge) >= edge);
            assert!(Wait::Days(u16::MAX).after(edge) >= edge);
        }
    }

    #[test]
    fn a_shorter_wait_helps_from_the_day_it_is_the_rule() {
        let permits = [
            Permit { from: day("2021-01-01"), until: Some(day("2021-09-24")), wait: Wait::Days(56) },
            Permit { from: day("2021-09-24"), until: None, wait: Wait::Days(42) },
        ];
        for (previous, expected) in
            [("2021-07-01", "2021-08-26"), ("2021-08-01", "2021-09-24"), ("2021-09-01", "2021-10-13")]
        {
            let found = earliest(day(previous), permits, day(previous));
            assert_eq!(found, Some(day(expected)), "{previous}");
        }
    }
}
