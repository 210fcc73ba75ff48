//! Two doses of one person, given by teams that did not know of each other: can both be right?

use super::bundle::Bundle;
use super::interval::shortest_days;
use super::product::{ExtraDose, Product};
use crate::record::Dose;
use crate::time::Date;

/// Why both can't be right, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClashReason {
    /// The same dose of the series twice, or one more than the series has.
    TooMany,
    TooSoon,
    Mixed,
}

impl ClashReason {
    pub const KNOWN: [Self; 3] = [Self::TooMany, Self::TooSoon, Self::Mixed];

    pub fn code(self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::TooSoon => "too_soon",
            Self::Mixed => "mixed",
        }
    }
}

/// Judges two doses that count, by the rules in force on the day of the later one. The order of
/// the two does not matter. Without rules, or for products the rules don't know, only what needs
/// none is judged. Waits are the shortest that any part of the country allowed: a case that
/// one team's own rules explain is no case.
pub fn clash(one: &Dose, other: &Dose, rules: Option<&Bundle>) -> Option<ClashReason> {
    let (earlier, later) = match (one.given_at, one.statement).cmp(&(other.given_at, other.statement)) {
        std::cmp::Ordering::Less => (one, other),
        std::cmp::Ordering::Greater => (other, one),
        // A statement does not clash with itself.
        std::cmp::Ordering::Equal => return None,
    };
    if earlier.number == later.number {
        return Some(ClashReason::TooMany);
    }
    let rules = rules?;
    let series = rules.product(&earlier.product)?;
    let pair = Pair { earlier, later, rules, series, on: later.given_on() };
    if pair.too_many() {
        Some(ClashReason::TooMany)
    } else if pair.too_soon() {
        Some(ClashReason::TooSoon)
    } else if pair.mixed() {
        Some(ClashReason::Mixed)
    } else {
        None
    }
}

struct Pair<'a> {
    earlier: &'a Dose,
    later: &'a Dose,
    rules: &'a Bundle,
    /// The earlier dose's product, by which the series is counted.
    series: &'a Product,
    on: Date,
}

impl Pair<'_> {
    /// The place of the higher number beyond the series; 0 within it.
    fn place(&self) -> u8 {
        self.earlier.number.max(self.later.number).saturating_sub(self.series.doses.value)
    }

    fn extras(&self) -> impl Iterator<Item = &ExtraDose> {
        let place = self.place();
        self.rules
            .extra_doses()
            .iter()
            .filter(move |extra| extra.follows(&self.series.code, place) && extra.in_force(self.on))
    }

    fn too_many(&self) -> bool {
        self.place() > 0 && self.extras().next().is_none()
    }

    fn too_soon(&self) -> bool {
        let given = self.earlier.given_on();
        let after = self.earlier.number.min(self.later.number);
        if after < self.series.doses.value {
            shortest_days(self.series, after, self.rules, self.on)
                .is_some_and(|days| self.on < given.plus_days(days.into()))
        } else {
            self.extras().all(|extra| self.on < extra.wait.after(given))
        }
    }

    fn mixed(&self) -> bool {
        let then = &self.later.product;
        if self.earlier.product == *then || self.rules.product(then).is_none() {
            return false;
        }
        if self.place() > 0 {
            !self.extras().any(|extra| extra.products.contains(then))
        } else {
            !self.rules.mixes(&self.earlier.product, self.on).any(|rule| rule.then.contains(then))
        }
    }
}
