//! Looks a proposed dose over and says what is worth saying.
//!
//! It looks back only: a dose entered late from paper is judged by what came before its own day.

use std::cmp::Reverse;

use super::age::{AgeRule, PersonFacts, too_old, too_young};
use super::bundle::Bundle;
use super::finding::{Advice, Finding, RuleField};
use super::interval::{Intervals, earliest};
use super::product::{ExtraDose, Product, SourceId};
use super::schedule::in_order;
use crate::dose::{LotNumber, ProductCode};
use crate::record::{Dose, History};
use crate::time::Date;

/// A dose about to be given, or about to be entered from paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedDose {
    pub product: ProductCode,
    pub lot: LotNumber,
    pub lot_expiry: Option<Date>,
    pub number: u8,
    pub on: Date,
}

/// What is worth saying, the gravest first, then by code: the same on every node.
pub fn findings(
    history: &History,
    person: &PersonFacts,
    proposed: &ProposedDose,
    rules: &Bundle,
    today: Date,
) -> Vec<Finding> {
    let doses = in_order(history);
    let (before, later): (Vec<&Dose>, Vec<&Dose>) = doses.into_iter().partition(|dose| dose.given_on() <= proposed.on);
    let product = rules.product(&proposed.product);
    let series = before.first().map_or(product, |first| rules.product(&first.product));
    let mut look = Look { person, proposed, rules, product, series, before, later, findings: Vec::new() };
    if today < rules.valid_from() {
        look.say(Advice::ClockBeforeRules { valid_from: rules.valid_from() }, &[]);
    }
    look.product();
    look.age();
    look.number();
    look.wait();
    look.mix();
    look.lot();
    look.same_day();
    let mut findings = look.findings;
    findings.sort_by_cached_key(|found| (Reverse(found.severity()), found.code(), found.advice.clone()));
    findings.dedup();
    findings
}

struct Look<'a> {
    person: &'a PersonFacts,
    proposed: &'a ProposedDose,
    rules: &'a Bundle,
    product: Option<&'a Product>,
    /// The product that began the series, which decides how many doses it has.
    series: Option<&'a Product>,
    /// Doses given on or before the proposed day.
    before: Vec<&'a Dose>,
    later: Vec<&'a Dose>,
    findings: Vec<Finding>,
}

impl<'a> Look<'a> {
    fn say<'s>(&mut self, advice: Advice, sources: impl IntoIterator<Item = &'s SourceId>) {
        let mut sources: Vec<SourceId> = sources.into_iter().cloned().collect();
        sources.sort_unstable();
        sources.dedup();
        self.findings.push(Finding { advice, sources });
    }

    fn rests_on(&mut self, unconfirmed: bool, product: &ProductCode, field: RuleField, sources: &[SourceId]) {
        if unconfirmed {
            self.say(Advice::RulesUnconfirmed { product: product.clone(), field }, sources);
        }
    }

    fn product(&mut self) {
        let Some(product) = self.product else {
            return self.say(Advice::UnknownProduct { product: self.proposed.product.clone() }, &[]);
        };
        let from = &product.authorised_from;
        self.rests_on(from.unconfirmed, &product.code, RuleField::AuthorisedFrom, &from.sources);
        if self.proposed.on < from.value {
            self.say(Advice::NotAuthorisedYet { from: from.value }, &from.sources);
        }
        if let Some(differ) = &product.components_differ {
            self.rests_on(differ.unconfirmed, &product.code, RuleField::ComponentsDiffer, &differ.sources);
            let lot = &self.proposed.lot;
            let mut all = self.before.iter().chain(&self.later);
            if differ.value && all.any(|dose| dose.product == product.code && dose.lot == *lot) {
                self.say(Advice::ComponentOrder { lot: lot.clone() }, &differ.sources);
            }
        }
    }

    fn age(&mut self) {
        let Some(product) = self.product else { return };
        let on = self.proposed.on;
        let limits = AgeRule::of(product, self.rules, on);
        self.rests_on(limits.min_unconfirmed, &product.code, RuleField::AgeMin, limits.min_sources);
        self.rests_on(limits.max_unconfirmed, &product.code, RuleField::AgeMax, limits.max_sources);
        let Some(birth) = self.person.birth else {
            return self.say(Advice::BirthUnknown { age_years_min: limits.years_min }, limits.min_sources);
        };
        if let Some(age) = too_young(birth, on, limits.years_min) {
            self.say(Advice::TooYoung { age_years_min: limits.years_min, age }, limits.min_sources);
        }
        if let Some(age_years_max) = limits.years_max
            && let Some(age) = too_old(birth, on, age_years_max)
        {
            self.say(Advice::TooOld { age_years_max, age }, limits.max_sources);
        }
    }

    fn number(&mut self) {
        let number = self.proposed.number;
        let expected = self.before.iter().map(|dose| dose.number).max().unwrap_or(0).saturating_add(1);
        let same = self.before.iter().chain(&self.later).find(|dose| dose.number == number);
        if let Some(same) = same {
            self.say(Advice::NumberAlreadyGiven { number, on: same.given_on() }, &[]);
        } else if number < expected || self.later.iter().any(|dose| dose.number < number) {
            self.say(Advice::NotInSeries { number, expected }, &[]);
        } else if number > expected {
            self.say(Advice::NumberSkipped { number, expected }, &[]);
        }
        let Some(series) = self.series else { return };
        let doses = &series.doses;
        self.rests_on(doses.unconfirmed, &series.code, RuleField::Doses, &doses.sources);
        let place = number.saturating_sub(doses.value);
        if place > 0 && self.extras_in_force(series, place).next().is_none() {
            self.say(Advice::AlreadyComplete { doses: doses.value }, &doses.sources);
        }
    }

    fn extras(&self, series: &'a Product, place: u8) -> impl Iterator<Item = &'a ExtraDose> + use<'a> {
        self.rules.extra_doses().iter().filter(move |extra| extra.follows(&series.code, place))
    }

    fn extras_in_force(&self, series: &'a Product, place: u8) -> impl Iterator<Item = &'a ExtraDose> + use<'a> {
        let on = self.proposed.on;
        self.extras(series, place).filter(move |extra| extra.in_force(on))
    }

    fn wait(&mut self) {
        let unknown: Vec<ProductCode> = self
            .before
            .iter()
            .filter(|dose| self.rules.product(&dose.product).is_none())
            .map(|dose| dose.product.clone())
            .collect();
        for product in unknown {
            self.say(Advice::PreviousUnknown { product }, &[]);
        }
        let Some(&previous) = self.before.last() else { return };
        let Some(product) = self.rules.product(&previous.product) else { return };
        let series = self.series.unwrap_or(product);
        if previous.number < series.doses.value {
            self.wait_in_series(previous, product);
        } else {
            self.wait_beyond(previous, series);
        }
    }

    fn wait_in_series(&mut self, previous: &Dose, product: &'a Product) {
        let unit = self.person.unit.as_deref();
        let Some(intervals) = Intervals::after(product, previous.number, self.rules, unit) else { return };
        let (given, on) = (previous.given_on(), self.proposed.on);
        let rule = intervals.on(on);
        self.rests_on(rule.unconfirmed(), &product.code, RuleField::Interval, rule.sources());
        if on < given.plus_days(rule.days_min().into()) {
            self.too_soon(earliest(given, intervals.permits(), on), rule.sources());
        }
    }

    fn wait_beyond(&mut self, previous: &Dose, series: &'a Product) {
        let (given, on, person) = (previous.given_on(), self.proposed.on, self.person);
        let place = previous.number.saturating_sub(series.doses.value).saturating_add(1);
        let Some(years_min) = self.extras_in_force(series, place).map(|extra| extra.age_years_min).min() else {
            return;
        };
        let of_age = |extra: &&ExtraDose| !extra.certainly_excludes(person.birth, on);
        let in_force: Vec<_> = self.extras_in_force(series, place).filter(of_age).collect();
        let sources = |extras: &[&'a ExtraDose]| -> Vec<&'a SourceId> {
            extras.iter().flat_map(|extra| &extra.sources).collect()
        };
        if let Some(age) = person.birth.and_then(|birth| too_young(birth, on, years_min)) {
            let all: Vec<_> = self.extras_in_force(series, place).collect();
            self.say(Advice::TooYoung { age_years_min: years_min, age }, sources(&all));
        }
        if in_force.is_empty() {
            return;
        }
        let opens = |extra: &ExtraDose| extra.opens(given, person.birth, on);
        let general = self.extras(series, place).filter(|extra| !extra.on_indication).filter_map(opens).min();
        let open = in_force.iter().copied().filter(|extra| extra.wait.after(given) <= on);
        let (indicated, open): (Vec<_>, Vec<_>) = open.partition(|extra| extra.on_indication);
        // What the judgement rests on: a rule for everyone, else one for a reason, else all that say wait.
        let rests_on = match (open.is_empty(), indicated.first()) {
            (false, _) => open,
            (true, Some(extra)) => {
                let kind = extra.kind;
                self.say(Advice::OnIndicationOnly { kind, earliest: general }, sources(&indicated));
                indicated
            }
            (true, None) => {
                let any = || self.extras(series, place).filter_map(opens).min();
                self.too_soon(general.or_else(any), sources(&in_force));
                in_force
            }
        };
        if rests_on.iter().all(|extra| extra.unconfirmed) {
            let advice = Advice::RulesUnconfirmed { product: series.code.clone(), field: RuleField::ExtraDose };
            self.say(advice, sources(&rests_on));
        }
    }

    fn too_soon<'s>(&mut self, earliest: Option<Date>, sources: impl IntoIterator<Item = &'s SourceId>) {
        let Some(earliest) = earliest else { return };
        let days_early = u32::try_from(earliest.days_since(self.proposed.on)).unwrap_or(0);
        self.say(Advice::TooSoon { days_early, earliest }, sources);
    }

    fn mix(&mut self) {
        let (Some(product), Some(previous)) = (self.product, self.before.last()) else { return };
        let (first, then) = (previous.product.clone(), product.code.clone());
        if first == then || self.rules.product(&first).is_none() {
            return;
        }
        let series = self.series.unwrap_or(product);
        let place = self.proposed.number.saturating_sub(series.doses.value);
        if place > 0 {
            self.mix_beyond(first, then, series, place);
        } else {
            self.mix_in_series(first, then);
        }
    }

    fn mix_in_series(&mut self, first: ProductCode, then: ProductCode) {
        let (rules, on) = (self.rules, self.proposed.on);
        let allowing: Vec<_> = rules.mixes(&first, on).filter(|rule| rule.then.contains(&then)).collect();
        let sources: Vec<&SourceId> = allowing.iter().flat_map(|rule| &rule.sources).collect();
        if allowing.is_empty() {
            // The rules that allow other mixes are the closed list this one is not on.
            return self
                .say(Advice::MixNotAllowed { first, then }, rules.mixing_in_force(on).flat_map(|rule| &rule.sources));
        }
        if allowing.iter().all(|rule| rule.unconfirmed) {
            self.say(Advice::RulesUnconfirmed { product: first.clone(), field: RuleField::Mixing }, sources.clone());
        }
        if allowing.iter().all(|rule| rule.consent) {
            self.say(Advice::MixAllowedWithConsent { first, then }, sources);
        }
    }

    /// Beyond the series a product the person had before is allowed, and those the rule names.
    fn mix_beyond(&mut self, first: ProductCode, then: ProductCode, series: &'a Product, place: u8) {
        let extras: Vec<_> = self.extras_in_force(series, place).collect();
        let had = self.before.iter().any(|dose| dose.product == then);
        // Where no rule knows such a dose, that it is one too many has been said.
        if !extras.is_empty() && !had && !extras.iter().any(|extra| extra.products.contains(&then)) {
            self.say(Advice::MixNotAllowed { first, then }, extras.iter().flat_map(|extra| &extra.sources));
        }
    }

    fn lot(&mut self) {
        if let Some(expiry) = self.proposed.lot_expiry.filter(|expiry| *expiry < self.proposed.on) {
            self.say(Advice::LotExpired { on: expiry }, &[]);
        }
    }

    fn same_day(&mut self) {
        let on = self.proposed.on;
        let that_day = || self.before.iter().filter(|dose| dose.given_on() == on);
        let same_lot = that_day().any(|dose| dose.product == self.proposed.product && dose.lot == self.proposed.lot);
        if let Some(dose) = that_day().next_back() {
            let advice = Advice::DoseToday { number: dose.number, same_lot };
            self.say(advice, &[]);
        }
    }
}
