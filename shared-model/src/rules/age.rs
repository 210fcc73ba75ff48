//! How old a person is on a day, when no more than a year of birth may be known.

use super::bundle::Bundle;
use super::product::{Product, SourceId};
use crate::citizen::{Birth, BirthPrecision, Sex};
use crate::time::Date;

/// How many years a receptionist's guess may be off, either way.
const ESTIMATE_YEARS: i32 = 5;

/// What the rules need to know of a person, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonFacts {
    pub birth: Option<Birth>,
    pub sex: Option<Sex>,
    /// The unit whose rules apply, by its code and those above it: `79`, `79-760`, `79-760-26734`.
    pub unit: Option<String>,
}

/// Which of the ages a person may have was compared with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBound {
    /// The day of birth is known.
    Exact,
    /// As if born on the last day possible.
    Youngest,
    /// As if born on the first day possible.
    Oldest,
}

/// An age, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age {
    pub years: u16,
    pub bound: AgeBound,
    /// Why there are bounds at all.
    pub precision: BirthPrecision,
}

/// The age limits of a product on a day, and where they come from.
pub(super) struct AgeRule<'a> {
    pub(super) years_min: u16,
    pub(super) years_max: Option<u16>,
    pub(super) min_sources: &'a [SourceId],
    pub(super) max_sources: &'a [SourceId],
    pub(super) min_unconfirmed: bool,
    pub(super) max_unconfirmed: bool,
}

impl<'a> AgeRule<'a> {
    pub(super) fn of(product: &'a Product, rules: &'a Bundle, on: Date) -> Self {
        let changes = rules.age_changes().iter().filter(|change| change.product == product.code && change.from <= on);
        match changes.max_by_key(|change| change.from) {
            Some(change) => Self {
                years_min: change.age_years_min,
                years_max: change.age_years_max,
                min_sources: &change.sources,
                max_sources: &change.sources,
                min_unconfirmed: change.unconfirmed,
                max_unconfirmed: change.unconfirmed,
            },
            None => Self {
                years_min: product.age_years_min.value,
                years_max: product.age_years_max.as_ref().map(|oldest| oldest.value),
                min_sources: &product.age_years_min.sources,
                max_sources: product.age_years_max.as_ref().map_or(&[], |oldest| &oldest.sources),
                min_unconfirmed: product.age_years_min.unconfirmed,
                max_unconfirmed: product.age_years_max.as_ref().is_some_and(|oldest| oldest.unconfirmed),
            },
        }
    }

    /// Nobody with this birth date can be within the limits on that day.
    pub(super) fn certainly_excludes(&self, birth: Option<Birth>, on: Date) -> bool {
        let excludes = |birth| {
            too_young(birth, on, self.years_min).is_some_and(Age::certainly_too_young)
                || self.years_max.and_then(|max| too_old(birth, on, max)).is_some_and(Age::certainly_too_old)
        };
        birth.is_some_and(excludes)
    }
}

impl Age {
    /// Even the oldest this person may be is below the limit.
    pub fn certainly_too_young(self) -> bool {
        self.bound != AgeBound::Youngest
    }

    /// Even the youngest this person may be is above the limit.
    pub fn certainly_too_old(self) -> bool {
        self.bound != AgeBound::Oldest
    }
}

/// The age that offends a lower limit. In doubt a person counts as too young; the bound tells.
pub(super) fn too_young(birth: Birth, on: Date, years_min: u16) -> Option<Age> {
    let (youngest, oldest) = bounds(birth, on);
    [oldest, youngest].into_iter().find(|age| age.years < years_min)
}

/// The age that offends an upper limit. In doubt a person counts as too old; the bound tells.
pub(super) fn too_old(birth: Birth, on: Date, years_max: u16) -> Option<Age> {
    let (youngest, oldest) = bounds(birth, on);
    [youngest, oldest].into_iter().find(|age| age.years > years_max)
}

/// The first day on which this person may be so old.
pub(super) fn reaches(birth: Birth, years: u16) -> Date {
    let (_, first) = last_and_first(birth);
    let year = first.year() + i32::from(years);
    // Who was born on 29 February grows older on 1 March.
    Date::new(year, first.month(), first.day()).or_else(|_| Date::new(year, 3, 1)).unwrap_or(if year < 1 {
        first
    } else {
        Date::from_days(i32::MAX)
    })
}

/// The youngest and the oldest this person may be.
fn bounds(birth: Birth, on: Date) -> (Age, Age) {
    let (last, first) = last_and_first(birth);
    let exact = birth.precision == BirthPrecision::Day;
    let age = |born: Date, bound| Age {
        years: born.age_years(on),
        bound: if exact { AgeBound::Exact } else { bound },
        precision: birth.precision,
    };
    (age(last, AgeBound::Youngest), age(first, AgeBound::Oldest))
}

/// The last and the first day on which this person may have been born.
fn last_and_first(Birth { date, precision }: Birth) -> (Date, Date) {
    let day = |year, month, day| Date::new(year, month, day).unwrap_or(date);
    match precision {
        BirthPrecision::Day => (date, date),
        BirthPrecision::Month => (last_of_month(date), day(date.year(), date.month(), 1)),
        BirthPrecision::Year => (day(date.year(), 12, 31), day(date.year(), 1, 1)),
        BirthPrecision::Estimated => {
            (day(date.year() + ESTIMATE_YEARS, 12, 31), day(date.year() - ESTIMATE_YEARS, 1, 1))
        }
    }
}

/// The last day of a date's month.
pub(super) fn last_of_month(date: Date) -> Date {
    (28..=31).rev().find_map(|day| Date::new(date.year(), date.month(), day).ok()).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    fn born(text: &str, precision: BirthPrecision) -> Birth {
        Birth { date: day(text), precision }
    }

    /// Limit 18, on 2021-08-15.
    #[test]
    fn in_doubt_a_person_counts_as_too_young_and_the_bound_says_so() {
        use AgeBound::{Exact, Oldest, Youngest};
        use BirthPrecision::{Day, Estimated, Month, Year};
        let table = [
            ("2003-08-15", Day, None),
            ("2003-08-16", Day, Some((17, Exact))),
            ("2003-07-01", Month, None),
            ("2003-08-01", Month, Some((17, Youngest))),
            ("2003-09-01", Month, Some((17, Oldest))),
            ("2002-01-01", Year, None),
            ("2003-01-01", Year, Some((17, Youngest))),
            ("2004-01-01", Year, Some((17, Oldest))),
            ("1997-01-01", Estimated, None),
            ("2000-01-01", Estimated, Some((15, Youngest))),
            ("2010-01-01", Estimated, Some((16, Oldest))),
        ];
        for (date, precision, expected) in table {
            let found = too_young(born(date, precision), day("2021-08-15"), 18);
            assert_eq!(found.map(|age| (age.years, age.bound)), expected, "{date} {precision:?}");
        }
    }

    #[test]
    fn an_age_is_reached_on_the_first_day_it_is_possible() {
        use BirthPrecision::{Day, Year};
        for (date, precision, expected) in
            [("2004-02-29", Day, "2022-03-01"), ("2003-08-15", Day, "2021-08-15"), ("2003-01-01", Year, "2021-01-01")]
        {
            let birth = born(date, precision);
            assert_eq!(reaches(birth, 18), day(expected), "{date} {precision:?}");
            assert_eq!(too_young(birth, day(expected), 18).filter(|age| age.certainly_too_young()), None);
            let eve = day(expected).plus_days(-1);
            assert!(too_young(birth, eve, 18).is_some_and(Age::certainly_too_young), "{date} {precision:?}");
        }
    }

    /// Limit 65, on 2021-10-15.
    #[test]
    fn the_last_year_of_life_within_a_limit_ends_at_the_next_birthday() {
        use AgeBound::{Exact, Oldest, Youngest};
        use BirthPrecision::{Day, Year};
        let table = [
            ("1955-10-16", Day, None),
            ("1955-10-15", Day, Some((66, Exact))),
            ("1956-01-01", Year, None),
            ("1955-01-01", Year, Some((66, Oldest))),
            ("1954-01-01", Year, Some((66, Youngest))),
        ];
        for (date, precision, expected) in table {
            let found = too_old(born(date, precision), day("2021-10-15"), 65);
            assert_eq!(found.map(|age| (age.years, age.bound)), expected, "{date} {precision:?}");
        }
    }
}
