//! The dated rules of the campaign: what is due, what is worth saying, what cannot both be right.
//!
//! Advice is a value. A finding stops the hand, never the record: a dose that was given is
//! written down whatever the rules say of it. Absent on purpose: the clock, the screening form,
//! and every sentence; codes and typed values go out, screens find words.
//!
//! A [`Bundle`] is data with a source for every value; [`Rulebook`] says which one is in force.

mod age;
mod bundle;
mod check;
mod clash;
mod finding;
mod interval;
mod json;
mod judge;
mod product;
mod rulebook;
mod schedule;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use age::{Age, AgeBound, PersonFacts};
pub use bundle::{Bundle, BundleError, covid_2021};
pub use check::Wrong;
pub use clash::{ClashReason, clash};
pub use finding::{Advice, Finding, RuleField, Severity};
pub use judge::{ProposedDose, findings};
pub use product::{
    AgeChange, ExtraDose, ExtraKind, Interval, IntervalChange, MixRule, NotASourceId, PriorityGroup, Product, Source,
    SourceId, Sourced, Wait,
};
pub use rulebook::Rulebook;
pub use schedule::{Due, ExtraDue, WhyUnclear, due};
