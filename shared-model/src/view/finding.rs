//! Findings as codes and parameters; the catalogue has the sentence.

use std::collections::BTreeMap;

use super::citizen::FindingView;
use crate::rules::{Advice, Bundle, Finding};

pub fn finding_view(finding: &Finding, rules: &Bundle) -> FindingView {
    let sources =
        finding.sources.iter().map(|id| rules.source(id).map_or_else(|| id.to_string(), |source| source.title.clone()));
    FindingView {
        code: finding.code().to_owned(),
        severity: finding.severity().code().to_owned(),
        params: params(&finding.advice).into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        sources: sources.collect(),
    }
}

fn params(advice: &Advice) -> BTreeMap<&'static str, String> {
    let of = |pairs: &[(&'static str, String)]| pairs.iter().cloned().collect();
    match advice {
        Advice::TooSoon { days_early, earliest } => {
            of(&[("days_early", days_early.to_string()), ("earliest", earliest.to_string())])
        }
        Advice::OnIndicationOnly { kind, earliest } => of(&[
            ("kind", kind.code().to_owned()),
            ("earliest", earliest.map(|date| date.to_string()).unwrap_or_default()),
        ]),
        Advice::TooYoung { age_years_min, age } => {
            of(&[("age_years_min", age_years_min.to_string()), ("age", age.years.to_string())])
        }
        Advice::TooOld { age_years_max, age } => {
            of(&[("age_years_max", age_years_max.to_string()), ("age", age.years.to_string())])
        }
        Advice::BirthUnknown { age_years_min } => of(&[("age_years_min", age_years_min.to_string())]),
        Advice::AlreadyComplete { doses } => of(&[("doses", doses.to_string())]),
        Advice::NotInSeries { number, expected } | Advice::NumberSkipped { number, expected } => {
            of(&[("number", number.to_string()), ("expected", expected.to_string())])
        }
        Advice::NumberAlreadyGiven { number, on } => of(&[("number", number.to_string()), ("on", on.to_string())]),
        Advice::MixNotAllowed { first, then } | Advice::MixAllowedWithConsent { first, then } => {
            of(&[("first", first.to_string()), ("then", then.to_string())])
        }
        Advice::LotExpired { on } => of(&[("on", on.to_string())]),
        Advice::UnknownProduct { product } | Advice::PreviousUnknown { product } => {
            of(&[("product", product.to_string())])
        }
        Advice::ComponentOrder { lot } => of(&[("lot", lot.to_string())]),
        Advice::NotAuthorisedYet { from } => of(&[("from", from.to_string())]),
        Advice::RulesUnconfirmed { product, field } => {
            of(&[("product", product.to_string()), ("field", field.code().to_owned())])
        }
        Advice::DoseToday { number, same_lot } => {
            of(&[("number", number.to_string()), ("same_lot", same_lot.to_string())])
        }
        Advice::ClockBeforeRules { valid_from } => of(&[("valid_from", valid_from.to_string())]),
    }
}
