//! What a bundle is made of: products, waits, mixes and the texts they were read from.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::dose::{ProductCode, Route};
use crate::limits;
use crate::text;
use crate::time::Date;

/// The short name of a text that rules were read from, such as `decision-3588`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct SourceId(#[n(0)] String);
text::decode_only_what_parses!(SourceId);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a source has lower-case letters, digits and - in its id")]
pub struct NotASourceId;

impl SourceId {
    pub fn parse(id: &str) -> Result<Self, NotASourceId> {
        let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if plain && !id.is_empty() && id.len() <= limits::CODE_CHARS_MAX {
            Ok(Self(id.to_owned()))
        } else {
            Err(NotASourceId)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A decision, dispatch or report that rules were read from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Source {
    #[n(0)]
    pub id: SourceId,
    #[n(1)]
    pub title: String,
    /// The day of the text itself; unknown for some pages.
    #[n(2)]
    pub date: Option<Date>,
    /// Where it can be read again.
    #[n(3)]
    pub found_at: String,
}

/// A value with the texts it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sourced<T> {
    #[n(0)]
    pub value: T,
    #[n(1)]
    pub sources: Vec<SourceId>,
    /// No text that could be opened says so: a default for the campaign to confirm.
    #[n(2)]
    pub unconfirmed: bool,
}

/// A vaccine as authorised in the country.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Product {
    #[n(0)]
    pub code: ProductCode,
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub manufacturer: String,
    /// The product's code on certificates, from the value set of the EU certificate.
    #[n(3)]
    pub eu_code: Option<Sourced<String>>,
    /// Doses of the basic series.
    #[n(4)]
    pub doses: Sourced<u8>,
    /// One after each dose of the series but the last, in that order.
    #[n(5)]
    pub intervals: Vec<Interval>,
    /// Completed years; [`AgeChange`]s replace both ends from their day on.
    #[n(6)]
    pub age_years_min: Sourced<u16>,
    /// The last age at which it may be given.
    #[n(7)]
    pub age_years_max: Option<Sourced<u16>>,
    #[n(8)]
    pub doses_per_vial: Option<Sourced<u16>>,
    /// The doses of the series are different substances, in vials of different lots.
    /// Left out where nothing says so.
    #[n(9)]
    pub components_differ: Option<Sourced<bool>>,
    #[n(10)]
    pub route: Sourced<Route>,
    #[n(11)]
    pub authorised_from: Sourced<Date>,
}

/// The wait after one dose of a product's series. It belongs to the dose before, so it holds
/// for a second dose of another product too.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Interval {
    #[n(0)]
    pub after_dose: u8,
    #[n(1)]
    pub days_min: Sourced<u16>,
    #[n(2)]
    pub days_recommended_from: Sourced<u16>,
    #[n(3)]
    pub days_recommended_to: Sourced<u16>,
}

/// Another interval from some day on, for the whole country or for some of its units.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct IntervalChange {
    #[n(0)]
    pub product: ProductCode,
    #[n(1)]
    pub after_dose: u8,
    /// Codes of the units it holds in, with all below them; empty for the whole country.
    #[n(2)]
    pub units: Vec<String>,
    #[n(3)]
    pub from: Date,
    #[n(4)]
    pub days_min: u16,
    #[n(5)]
    pub days_recommended_from: u16,
    #[n(6)]
    pub days_recommended_to: u16,
    #[n(7)]
    pub sources: Vec<SourceId>,
    #[n(8)]
    pub unconfirmed: bool,
}

/// Other age limits from some day on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AgeChange {
    #[n(0)]
    pub product: ProductCode,
    #[n(1)]
    pub from: Date,
    #[n(2)]
    pub age_years_min: u16,
    #[n(3)]
    pub age_years_max: Option<u16>,
    #[n(4)]
    pub sources: Vec<SourceId>,
    #[n(5)]
    pub unconfirmed: bool,
}

/// Products that may complete a series begun with another. What no rule allows is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MixRule {
    #[n(0)]
    pub first: ProductCode,
    #[n(1)]
    pub then: Vec<ProductCode>,
    #[n(2)]
    pub from: Date,
    /// The first day it no longer holds.
    #[n(3)]
    pub until: Option<Date>,
    /// The person must agree to it.
    #[n(4)]
    pub consent: bool,
    #[n(5)]
    pub sources: Vec<SourceId>,
    #[n(6)]
    pub unconfirmed: bool,
}

/// A dose beyond the basic series.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExtraDose {
    #[n(0)]
    pub kind: ExtraKind,
    /// 1 for the first dose after the series, 2 for the one after that.
    #[n(1)]
    pub place: u8,
    /// Products whose series it follows; empty for all.
    #[n(2)]
    pub after: Vec<ProductCode>,
    /// Only where a doctor finds a reason that the register does not hold, such as weak immunity.
    #[n(3)]
    pub on_indication: bool,
    #[n(4)]
    pub wait: Wait,
    #[n(5)]
    pub from: Date,
    /// The first day it no longer holds.
    #[n(6)]
    pub until: Option<Date>,
    #[n(7)]
    pub age_years_min: u16,
    /// What may be given besides the products the person had before.
    #[n(8)]
    pub products: Vec<ProductCode>,
    #[n(9)]
    pub sources: Vec<SourceId>,
    #[n(10)]
    pub unconfirmed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ExtraKind {
    /// Completes a series that protects some people too little.
    #[n(0)]
    Additional,
    /// Refreshes a complete series.
    #[n(1)]
    Booster,
}

impl ExtraKind {
    pub const KNOWN: [Self; 2] = [Self::Additional, Self::Booster];

    pub fn code(self) -> &'static str {
        match self {
            Self::Additional => "additional",
            Self::Booster => "booster",
        }
    }
}

/// How long to wait, in the measure the rule is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Wait {
    #[n(0)]
    Days(#[n(0)] u16),
    /// Calendar months: three months after 30 November end on the last of February.
    #[n(1)]
    Months(#[n(0)] u16),
}

/// One of the groups that are vaccinated in order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PriorityGroup {
    #[n(0)]
    pub number: u8,
    #[n(1)]
    pub title_vi: String,
    #[n(2)]
    pub title_en: String,
    #[n(3)]
    pub sources: Vec<SourceId>,
}
