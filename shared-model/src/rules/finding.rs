//! What is worth saying about a dose before it is given.

use super::age::{Age, AgeBound};
use super::product::{ExtraKind, SourceId};
use crate::dose::{LotNumber, ProductCode};
use crate::time::Date;

/// How loud a finding speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Ask before going on.
    Caution,
    /// Don't, unless two people answer for it.
    Stop,
}

impl Severity {
    pub fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Caution => "caution",
            Self::Stop => "stop",
        }
    }
}

/// Advice and the texts it rests on, sorted. Advice that needs no rule has no source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub advice: Advice,
    pub sources: Vec<SourceId>,
}

/// A value of a bundle that findings may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleField {
    Doses,
    Interval,
    AgeMin,
    AgeMax,
    ComponentsDiffer,
    AuthorisedFrom,
    Mixing,
    ExtraDose,
}

impl RuleField {
    pub fn code(self) -> &'static str {
        match self {
            Self::Doses => "doses",
            Self::Interval => "interval",
            Self::AgeMin => "age_years_min",
            Self::AgeMax => "age_years_max",
            Self::ComponentsDiffer => "components_differ",
            Self::AuthorisedFrom => "authorised_from",
            Self::Mixing => "mixing",
            Self::ExtraDose => "extra_dose",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advice {
    /// Given before the shortest wait is over.
    TooSoon {
        days_early: u32,
        earliest: Date,
    },
    /// The wait is over for an additional dose, which needs a doctor's reason; for others it is not.
    OnIndicationOnly {
        kind: ExtraKind,
        earliest: Option<Date>,
    },
    TooYoung {
        age_years_min: u16,
        age: Age,
    },
    TooOld {
        age_years_max: u16,
        age: Age,
    },
    BirthUnknown {
        age_years_min: u16,
    },
    /// The series has its doses, and no rule of that day allows another.
    AlreadyComplete {
        doses: u8,
    },
    /// Not a number that this series can have next.
    NotInSeries {
        number: u8,
        expected: u8,
    },
    /// Doses before this one are not in the record.
    NumberSkipped {
        number: u8,
        expected: u8,
    },
    NumberAlreadyGiven {
        number: u8,
        on: Date,
    },
    MixNotAllowed {
        first: ProductCode,
        then: ProductCode,
    },
    MixAllowedWithConsent {
        first: ProductCode,
        then: ProductCode,
    },
    LotExpired {
        on: Date,
    },
    UnknownProduct {
        product: ProductCode,
    },
    /// An earlier dose is of a product without rules, so waits and mixes can't be judged.
    PreviousUnknown {
        product: ProductCode,
    },
    /// The same lot for two doses whose substances differ: one of them is the wrong component.
    ComponentOrder {
        lot: LotNumber,
    },
    NotAuthorisedYet {
        from: Date,
    },
    /// A value this judgement rests on is a default that no text confirms.
    RulesUnconfirmed {
        product: ProductCode,
        field: RuleField,
    },
    /// A dose on the same day; of the same lot it may be this very injection, entered before.
    DoseToday {
        number: u8,
        same_lot: bool,
    },
    /// The laptop's day is before the first day of its rules.
    ClockBeforeRules {
        valid_from: Date,
    },
}

impl Advice {
    /// Every code there is, for those who keep words for them.
    pub const CODES: [&'static str; 19] = [
        "already_complete",
        "birth_unknown",
        "clock_before_rules",
        "component_order",
        "dose_today",
        "lot_expired",
        "mix_allowed_with_consent",
        "mix_not_allowed",
        "not_authorised_yet",
        "not_in_series",
        "number_already_given",
        "number_skipped",
        "on_indication_only",
        "previous_unknown",
        "rules_unconfirmed",
        "too_old",
        "too_soon",
        "too_young",
        "unknown_product",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Self::TooSoon { .. } => "too_soon",
            Self::OnIndicationOnly { .. } => "on_indication_only",
            Self::TooYoung { .. } => "too_young",
            Self::TooOld { .. } => "too_old",
            Self::BirthUnknown { .. } => "birth_unknown",
            Self::AlreadyComplete { .. } => "already_complete",
            Self::NotInSeries { .. } => "not_in_series",
            Self::NumberSkipped { .. } => "number_skipped",
            Self::NumberAlreadyGiven { .. } => "number_already_given",
            Self::MixNotAllowed { .. } => "mix_not_allowed",
            Self::MixAllowedWithConsent { .. } => "mix_allowed_with_consent",
            Self::LotExpired { .. } => "lot_expired",
            Self::UnknownProduct { .. } => "unknown_product",
            Self::PreviousUnknown { .. } => "previous_unknown",
            Self::ComponentOrder { .. } => "component_order",
            Self::NotAuthorisedYet { .. } => "not_authorised_yet",
            Self::RulesUnconfirmed { .. } => "rules_unconfirmed",
            Self::DoseToday { .. } => "dose_today",
            Self::ClockBeforeRules { .. } => "clock_before_rules",
        }
    }

    /// An age that is only possible asks for the papers; one that is certain stops the hand.
    pub fn severity(&self) -> Severity {
        match self {
            Self::TooYoung { age, .. } if age.bound == AgeBound::Youngest => Severity::Caution,
            Self::TooOld { age, .. } if age.bound == AgeBound::Oldest => Severity::Caution,
            Self::TooSoon { .. }
            | Self::TooYoung { .. }
            | Self::TooOld { .. }
            | Self::AlreadyComplete { .. }
            | Self::NotInSeries { .. }
            | Self::NumberAlreadyGiven { .. }
            | Self::MixNotAllowed { .. }
            | Self::LotExpired { .. }
            | Self::UnknownProduct { .. }
            | Self::ComponentOrder { .. }
            | Self::NotAuthorisedYet { .. }
            | Self::DoseToday { .. } => Severity::Stop,
            Self::OnIndicationOnly { .. }
            | Self::BirthUnknown { .. }
            | Self::NumberSkipped { .. }
            | Self::MixAllowedWithConsent { .. }
            | Self::PreviousUnknown { .. }
            | Self::ClockBeforeRules { .. } => Severity::Caution,
            Self::RulesUnconfirmed { .. } => Severity::Info,
        }
    }
}

impl Finding {
    pub fn code(&self) -> &'static str {
        self.advice.code()
    }

    pub fn severity(&self) -> Severity {
        self.advice.severity()
    }
}
