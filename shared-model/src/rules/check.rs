//! What a bundle must satisfy beyond its form, whichever form it came in.

use std::collections::BTreeSet;
use std::fmt;

use super::bundle::{BundleError, Content};
use super::product::{Product, SourceId, Sourced, Wait};
use crate::dose::ProductCode;
use crate::limits;
use crate::text;
use crate::time::Date;

/// Doses a series or a statement may count.
const DOSES_MAX: u8 = 20;
/// Entries of one list: a campaign has a dozen products and a few dozen texts.
const LIST_MAX: usize = 256;
/// No rule waits longer than ten years.
const DAYS_MAX: u16 = 3_653;
const MONTHS_MAX: u16 = 120;
/// The groups of Decision 3355/QĐ-BYT, which is what a citizen's register can hold.
const GROUPS_MAX: u8 = 16;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("missing")]
    Missing,
    #[error("no field of a bundle is called this")]
    UnknownField,
    #[error("of another type")]
    Type,
    #[error("not a date of the calendar")]
    Date,
    #[error("not the form of a code")]
    Code,
    #[error("none of the words allowed here")]
    Word,
    #[error("empty")]
    Empty,
    #[error("not a tidy text of at most {chars_max} characters")]
    Text { chars_max: usize },
    #[error("not from {min} to {max}")]
    Range { min: u32, max: u32 },
    #[error("more than {max} entries")]
    TooMany { max: usize },
    #[error("said twice")]
    Repeated,
    #[error("not in order")]
    Order,
    #[error("no product of this bundle")]
    UnknownProduct,
    #[error("no source of this bundle")]
    UnknownSource,
    #[error("neither a source nor marked unconfirmed")]
    NoSource,
}

pub(super) fn wrong(field: impl fmt::Display, wrong: Wrong) -> BundleError {
    BundleError::Field { field: field.to_string(), wrong }
}

struct Known<'a> {
    sources: BTreeSet<&'a SourceId>,
    products: BTreeSet<&'a ProductCode>,
}

/// The first thing that is wrong with a bundle, by the path of its field.
pub(super) fn check(content: &Content) -> Result<(), BundleError> {
    tidy("title_vi", &content.title_vi)?;
    tidy("title_en", &content.title_en)?;
    range("version", content.version, 1, u32::MAX)?;
    let known = Known { sources: sources(content)?, products: products(content)? };
    for (at, product) in content.products.iter().enumerate() {
        check_product(&format!("products[{at}]"), product, &known)?;
    }
    check_changes(content, &known)?;
    check_mixing(content, &known)?;
    check_extra_doses(content, &known)?;
    check_groups(content, &known)
}

fn sources(content: &Content) -> Result<BTreeSet<&SourceId>, BundleError> {
    not_too_many("sources", content.sources.len())?;
    let mut known = BTreeSet::new();
    for (at, source) in content.sources.iter().enumerate() {
        tidy(&format!("sources[{at}].title"), &source.title)?;
        tidy(&format!("sources[{at}].found_at"), &source.found_at)?;
        once(&format!("sources[{at}].id"), known.insert(&source.id))?;
    }
    Ok(known)
}

fn products(content: &Content) -> Result<BTreeSet<&ProductCode>, BundleError> {
    not_too_many("products", content.products.len())?;
    if content.products.is_empty() {
        return Err(wrong("products", Wrong::Empty));
    }
    let mut known = BTreeSet::new();
    for (at, product) in content.products.iter().enumerate() {
        once(&format!("products[{at}].code"), known.insert(&product.code))?;
    }
    Ok(known)
}

fn check_product(path: &str, product: &Product, known: &Known<'_>) -> Result<(), BundleError> {
    let at = |field: &str| format!("{path}.{field}");
    tidy(&at("name"), &product.name)?;
    tidy(&at("manufacturer"), &product.manufacturer)?;
    if let Some(code) = &product.eu_code {
        tidy(&at("eu_code"), &code.value)?;
        sourced(&at("eu_code"), code, known)?;
    }
    sourced(&at("doses"), &product.doses, known)?;
    range(&at("doses"), product.doses.value.into(), 1, DOSES_MAX.into())?;
    check_intervals(&at("intervals"), product, known)?;
    sourced(&at("age_years_min"), &product.age_years_min, known)?;
    if let Some(oldest) = &product.age_years_max {
        sourced(&at("age_years_max"), oldest, known)?;
    }
    ages(&at("age_years_"), product.age_years_min.value, product.age_years_max.as_ref().map(|oldest| oldest.value))?;
    if let Some(doses) = &product.doses_per_vial {
        sourced(&at("doses_per_vial"), doses, known)?;
        range(&at("doses_per_vial"), doses.value.into(), 1, 1_000)?;
    }
    if let Some(differ) = &product.components_differ {
        sourced(&at("components_differ"), differ, known)?;
    }
    sourced(&at("route"), &product.route, known)?;
    tidy(&at("route"), product.route.value.code())?;
    sourced(&at("authorised_from"), &product.authorised_from, known)
}

fn check_intervals(path: &str, product: &Product, known: &Known<'_>) -> Result<(), BundleError> {
    if product.intervals.len() + 1 != usize::from(product.doses.value) {
        return Err(wrong(
            path,
            Wrong::Range { min: u32::from(product.doses.value) - 1, max: u32::from(product.doses.value) - 1 },
        ));
    }
    for (at, interval) in product.intervals.iter().enumerate() {
        let field = |name: &str| format!("{path}[{at}].{name}");
        if usize::from(interval.after_dose) != at + 1 {
            return Err(wrong(field("after_dose"), Wrong::Order));
        }
        sourced(&field("days_min"), &interval.days_min, known)?;
        sourced(&field("days_recommended_from"), &interval.days_recommended_from, known)?;
        sourced(&field("days_recommended_to"), &interval.days_recommended_to, known)?;
        days(
            &field("days_"),
            interval.days_min.value,
            interval.days_recommended_from.value,
            interval.days_recommended_to.value,
        )?;
    }
    Ok(())
}

fn check_changes(content: &Content, known: &Known<'_>) -> Result<(), BundleError> {
    not_too_many("interval_changes", content.interval_changes.len())?;
    for (at, change) in content.interval_changes.iter().enumerate() {
        let field = |name: &str| format!("interval_changes[{at}].{name}");
        let product = content.products.iter().find(|product| product.code == change.product);
        let product = product.ok_or_else(|| wrong(field("product"), Wrong::UnknownProduct))?;
        if !product.intervals.iter().any(|interval| interval.after_dose == change.after_dose) {
            return Err(wrong(field("after_dose"), Wrong::Range { min: 1, max: u32::from(product.doses.value) - 1 }));
        }
        not_too_many(&field("units"), change.units.len())?;
        for (at, unit) in change.units.iter().enumerate() {
            let code = unit.bytes().all(|b| b.is_ascii_alphanumeric()) && !unit.is_empty();
            if !code || unit.len() > limits::CODE_CHARS_MAX {
                return Err(wrong(format!("{}[{at}]", field("units")), Wrong::Code));
            }
        }
        days(&field("days_"), change.days_min, change.days_recommended_from, change.days_recommended_to)?;
        has_source(&field("sources"), &change.sources, change.unconfirmed, known)?;
    }
    not_too_many("age_changes", content.age_changes.len())?;
    for (at, change) in content.age_changes.iter().enumerate() {
        let field = |name: &str| format!("age_changes[{at}].{name}");
        known_product(&field("product"), &change.product, known)?;
        ages(&field("age_years_"), change.age_years_min, change.age_years_max)?;
        has_source(&field("sources"), &change.sources, change.unconfirmed, known)?;
    }
    Ok(())
}

fn check_mixing(content: &Content, known: &Known<'_>) -> Result<(), BundleError> {
    not_too_many("mixing", content.mixing.len())?;
    for (at, rule) in content.mixing.iter().enumerate() {
        let field = |name: &str| format!("mixing[{at}].{name}");
        known_product(&field("first"), &rule.first, known)?;
        if rule.then.is_empty() {
            return Err(wrong(field("then"), Wrong::Empty));
        }
        known_products(&field("then"), &rule.then, known)?;
        if rule.then.contains(&rule.first) {
            return Err(wrong(field("then"), Wrong::Repeated));
        }
        window(&field("until"), rule.from, rule.until)?;
        has_source(&field("sources"), &rule.sources, rule.unconfirmed, known)?;
    }
    Ok(())
}

fn check_extra_doses(content: &Content, known: &Known<'_>) -> Result<(), BundleError> {
    not_too_many("extra_doses", content.extra_doses.len())?;
    for (at, extra) in content.extra_doses.iter().enumerate() {
        let field = |name: &str| format!("extra_doses[{at}].{name}");
        range(&field("place"), extra.place.into(), 1, DOSES_MAX.into())?;
        known_products(&field("after"), &extra.after, known)?;
        known_products(&field("products"), &extra.products, known)?;
        match extra.wait {
            Wait::Days(days) => range(&field("wait.days"), days.into(), 1, DAYS_MAX.into())?,
            Wait::Months(months) => range(&field("wait.months"), months.into(), 1, MONTHS_MAX.into())?,
        }
        window(&field("until"), extra.from, extra.until)?;
        ages(&field("age_years_"), extra.age_years_min, None)?;
        has_source(&field("sources"), &extra.sources, extra.unconfirmed, known)?;
    }
    Ok(())
}

fn check_groups(content: &Content, known: &Known<'_>) -> Result<(), BundleError> {
    not_too_many("priority_groups", content.priority_groups.len())?;
    let mut last = 0;
    for (at, group) in content.priority_groups.iter().enumerate() {
        let field = |name: &str| format!("priority_groups[{at}].{name}");
        range(&field("number"), group.number.into(), 1, GROUPS_MAX.into())?;
        if group.number <= last {
            return Err(wrong(field("number"), Wrong::Order));
        }
        last = group.number;
        tidy(&field("title_vi"), &group.title_vi)?;
        tidy(&field("title_en"), &group.title_en)?;
        has_source(&field("sources"), &group.sources, false, known)?;
    }
    Ok(())
}

fn tidy(field: &str, value: &str) -> Result<(), BundleError> {
    match text::tidy(value, limits::NOTE_CHARS_MAX) {
        Ok(tidied) if tidied == value => Ok(()),
        Ok(_) | Err(_) => Err(wrong(field, Wrong::Text { chars_max: limits::NOTE_CHARS_MAX })),
    }
}

fn range(field: &str, value: u32, min: u32, max: u32) -> Result<(), BundleError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(wrong(field, Wrong::Range { min, max })) }
}

fn days(field: &str, min: u16, recommended_from: u16, recommended_to: u16) -> Result<(), BundleError> {
    range(&format!("{field}min"), min.into(), 1, DAYS_MAX.into())?;
    range(&format!("{field}recommended_from"), recommended_from.into(), min.into(), DAYS_MAX.into())?;
    range(&format!("{field}recommended_to"), recommended_to.into(), recommended_from.into(), DAYS_MAX.into())
}

fn ages(field: &str, min: u16, max: Option<u16>) -> Result<(), BundleError> {
    range(&format!("{field}min"), min.into(), 0, limits::AGE_YEARS_MAX.into())?;
    max.map_or(Ok(()), |max| range(&format!("{field}max"), max.into(), min.into(), limits::AGE_YEARS_MAX.into()))
}

fn window(field: &str, from: Date, until: Option<Date>) -> Result<(), BundleError> {
    if until.is_none_or(|until| from < until) { Ok(()) } else { Err(wrong(field, Wrong::Order)) }
}

fn sourced<T>(field: &str, value: &Sourced<T>, known: &Known<'_>) -> Result<(), BundleError> {
    has_source(&format!("{field}.sources"), &value.sources, value.unconfirmed, known)
}

fn has_source(field: &str, sources: &[SourceId], unconfirmed: bool, known: &Known<'_>) -> Result<(), BundleError> {
    if sources.is_empty() && !unconfirmed {
        return Err(wrong(field, Wrong::NoSource));
    }
    let mut said = BTreeSet::new();
    for (at, source) in sources.iter().enumerate() {
        if !known.sources.contains(source) {
            return Err(wrong(format!("{field}[{at}]"), Wrong::UnknownSource));
        }
        once(&format!("{field}[{at}]"), said.insert(source))?;
    }
    Ok(())
}

fn known_product(field: &str, product: &ProductCode, known: &Known<'_>) -> Result<(), BundleError> {
    if known.products.contains(product) { Ok(()) } else { Err(wrong(field, Wrong::UnknownProduct)) }
}

fn known_products(field: &str, products: &[ProductCode], known: &Known<'_>) -> Result<(), BundleError> {
    let mut said = BTreeSet::new();
    for (at, product) in products.iter().enumerate() {
        known_product(&format!("{field}[{at}]"), product, known)?;
        once(&format!("{field}[{at}]"), said.insert(product))?;
    }
    Ok(())
}

fn once(field: &str, new: bool) -> Result<(), BundleError> {
    if new { Ok(()) } else { Err(wrong(field, Wrong::Repeated)) }
}

fn not_too_many(field: &str, entries: usize) -> Result<(), BundleError> {
    if entries <= LIST_MAX { Ok(()) } else { Err(wrong(field, Wrong::TooMany { max: LIST_MAX })) }
}
