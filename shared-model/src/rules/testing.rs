//! People and doses for the tests of this room.

use std::sync::LazyLock;

use serde_json::Value;

use super::{Bundle, BundleError, Finding, PersonFacts, ProposedDose, covid_2021, findings};
use crate::citizen::{Birth, BirthPrecision};
use crate::dose::{BodySite, LotNumber, ProductCode, Route, Source};
use crate::envelope::Authority;
use crate::ids::{AuthorId, CitizenId, DeviceId, StatementId};
use crate::record::{Dose, DoseState, History};
use crate::time::{ClockEvidence, Date, Hlc, MS_PER_HOUR, Moment};

/// Read once: properties ask for it thousands of times.
static RULES: LazyLock<Bundle> = LazyLock::new(|| covid_2021().unwrap());

pub(super) fn rules() -> Bundle {
    RULES.clone()
}

pub(super) fn source() -> Value {
    serde_json::from_str(include_str!("../../rules/covid-2021.json")).unwrap()
}

/// The committed source with some values replaced or members added, each by its pointer.
pub(super) fn altered<const N: usize>(changes: [(&str, Value); N]) -> Result<Bundle, BundleError> {
    let mut changed = source();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.insert(key.to_owned(), value)),
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{parent} has no members"),
        }
    }
    Bundle::from_json(&changed.to_string())
}

pub(super) fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

pub(super) fn product(code: &str) -> ProductCode {
    ProductCode::parse(code).unwrap()
}

/// A dose at ten in the morning, of a lot named by its number.
pub(super) fn dose(code: &str, number: u8, on: &str) -> Dose {
    dose_at(code, number, day(on).starts_at().plus_ms(10 * MS_PER_HOUR))
}

pub(super) fn dose_at(code: &str, number: u8, given_at: Moment) -> Dose {
    let mut statement = [number; 32];
    statement[..8].copy_from_slice(&given_at.0.to_be_bytes());
    Dose {
        statement: StatementId(statement),
        citizen: CitizenId([1; 16]),
        product: product(code),
        lot: lot(&format!("LOT{number}")),
        lot_expiry: None,
        number,
        given_at,
        body_site: BodySite::LeftArm,
        route: Route::Intramuscular,
        site: "TYT-5".to_owned(),
        session: None,
        source: Source::Scanned,
        in_spite_of: Vec::new(),
        state: DoseState::Given,
        author: AuthorId([2; 16]),
        authority: Authority::Team,
        device: DeviceId([3; 16]),
        hlc: Hlc::default(),
        evidence: ClockEvidence::default(),
        seen: Vec::new(),
        amended: Vec::new(),
    }
}

pub(super) fn lot(printed: &str) -> LotNumber {
    LotNumber::parse(printed).unwrap()
}

pub(super) fn history(doses: &[(&str, u8, &str)]) -> History {
    History::of(doses.iter().map(|(code, number, on)| dose(code, *number, on)).collect())
}

/// Somebody of Hanoi.
pub(super) fn born(on: &str) -> PersonFacts {
    PersonFacts {
        birth: Some(Birth { date: day(on), precision: BirthPrecision::Day }),
        sex: None,
        unit: Some("1-1-4".to_owned()),
    }
}

/// Old enough for everything, young enough for Abdala.
pub(super) fn adult() -> PersonFacts {
    born("1980-05-01")
}

pub(super) fn proposed(code: &str, number: u8, on: &str) -> ProposedDose {
    ProposedDose { product: product(code), lot: lot("NEW"), lot_expiry: None, number, on: day(on) }
}

pub(super) fn judged(history: &History, person: &PersonFacts, proposed: &ProposedDose) -> Vec<Finding> {
    findings(history, person, proposed, &rules(), proposed.on)
}

/// The codes of what must be answered for: information left out.
pub(super) fn codes(findings: &[Finding]) -> Vec<&'static str> {
    let grave = findings.iter().filter(|found| found.severity() > super::Severity::Info);
    grave.map(Finding::code).collect()
}
