//! From records to flat shapes. What only one node knows (names of authors, copies) is asked of it.

use super::case::CaseStatus;
use super::citizen::{CitizenLine, CitizenView, ConflictView, DueView, FieldView, ValueView};
use super::dose::{Copies, DoseStateView, DoseView, WhoView};
use crate::citizen::{BirthPrecision, Register, RegisterValue, Sex};
use crate::envelope::Header;
use crate::ids::{AuthorId, CitizenId, DeviceId, StatementId};
use crate::record::{Case, CaseState, Dose, DoseState, Record};
use crate::rules::{Bundle, Due, PersonFacts, due};
use crate::scanned::OwnCode;
use crate::time::{ClockEvidence, Date, Hlc};

/// What a node can say about the people and devices behind statements.
pub trait Acquaintances {
    fn author_name(&self, author: AuthorId, device: DeviceId) -> Option<String>;
    /// Name and site.
    fn device(&self, device: DeviceId) -> Option<(String, String)>;
    fn copies(&self, statement: StatementId) -> Copies;
}

pub fn who_view(
    author: AuthorId,
    device: DeviceId,
    hlc: Hlc,
    evidence: ClockEvidence,
    known: &dyn Acquaintances,
) -> WhoView {
    let (device_name, site) = known.device(device).unwrap_or_default();
    WhoView {
        author: author.to_string(),
        author_name: known.author_name(author, device).unwrap_or_default(),
        device: device.to_string(),
        device_name,
        site,
        said_at_ms: hlc.wall().0,
        corrected_at_ms: evidence.corrected(hlc.wall()).0,
        clock: evidence.quality(),
    }
}

pub fn who_of_header(header: &Header, known: &dyn Acquaintances) -> WhoView {
    who_view(header.author, header.device, header.hlc, header.evidence, known)
}

pub fn dose_view(dose: &Dose, rules: Option<&Bundle>, known: &dyn Acquaintances) -> DoseView {
    let mut who = who_view(dose.author, dose.device, dose.hlc, dose.evidence, known);
    who.site.clone_from(&dose.site);
    DoseView {
        statement: dose.statement.to_string(),
        citizen: dose.citizen.to_string(),
        product: dose.product.to_string(),
        product_name: rules
            .and_then(|rules| rules.product(&dose.product))
            .map_or_else(|| dose.product.to_string(), |product| product.name.clone()),
        lot: dose.lot.to_string(),
        lot_expiry: dose.lot_expiry.map(|date| date.to_string()),
        number: dose.number,
        given_at_ms: dose.given_at.0,
        given_on: dose.given_on().to_string(),
        body_site: dose.body_site.code().to_owned(),
        route: dose.route.code().to_owned(),
        source: dose.source.code().to_owned(),
        state: match dose.state {
            DoseState::Given => DoseStateView::Given,
            DoseState::Withdrawn => DoseStateView::Withdrawn,
            DoseState::EchoOf(_) => DoseStateView::Echo,
        },
        amended: dose.amended.iter().map(|code| (*code).to_owned()).collect(),
        in_spite_of: dose.in_spite_of.clone(),
        who,
        copies: known.copies(dose.statement),
    }
}

pub fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Other => "other",
    }
}

pub fn precision_code(precision: BirthPrecision) -> &'static str {
    match precision {
        BirthPrecision::Day => "day",
        BirthPrecision::Month => "month",
        BirthPrecision::Year => "year",
        BirthPrecision::Estimated => "estimated",
    }
}

pub fn value_view(value: &RegisterValue) -> ValueView {
    let register = value.register().code().to_owned();
    let plain = |text: &str| ValueView { register: register.clone(), text: text.to_owned(), ..ValueView::default() };
    match value {
        RegisterValue::Name(v) => plain(v.as_str()),
        RegisterValue::Birth(v) => {
            ValueView { precision: Some(precision_code(v.precision).to_owned()), ..plain(&v.date.to_string()) }
        }
        RegisterValue::Sex(v) => plain(sex_code(*v)),
        RegisterValue::NationalId(v) => plain(v.as_str()),
        RegisterValue::OldNationalId(v) => plain(v.as_str()),
        RegisterValue::InsuranceId(v) => plain(v.as_str()),
        RegisterValue::PassportId(v) => plain(v.as_str()),
        RegisterValue::Phone(v) => plain(v.as_str()),
        RegisterValue::Address(v) => plain(v.as_str()),
        RegisterValue::Unit(v) => plain(v),
        RegisterValue::PriorityGroup(v) => plain(&v.to_string()),
        RegisterValue::Guardian(v) => ValueView {
            relation: Some(v.relation.clone()),
            phone: v.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            ..plain(v.name.as_str())
        },
        RegisterValue::Other(number, _) => plain(&number.to_string()),
    }
}

/// What the rules need to know of a person.
pub fn person_facts(record: &Record) -> PersonFacts {
    let text = |register| match &record.fields.get(&register)?.shown.value {
        RegisterValue::Unit(code) => Some(code.clone()),
        _ => None,
    };
    let sex = match record.fields.get(&Register::Sex).map(|field| &field.shown.value) {
        Some(RegisterValue::Sex(sex)) => Some(*sex),
        _ => None,
    };
    PersonFacts { birth: record.birth(), sex, unit: text(Register::Unit) }
}

fn due_view(record: &Record, rules: Option<&Bundle>, today: Date) -> DueView {
    let mut view = DueView {
        state: "unclear".to_owned(),
        number: None,
        products: Vec::new(),
        earliest: None,
        recommended_from: None,
        recommended_to: None,
        days_left: None,
    };
    let Some(rules) = rules else { return view };
    let codes = |products: &[crate::dose::ProductCode]| products.iter().map(ToString::to_string).collect();
    match due(&record.history, &person_facts(record), rules, today) {
        Due::First { products, .. } => {
            view.state = "first".to_owned();
            view.number = Some(1);
            view.products = codes(&products);
        }
        Due::Next { number, products, earliest, recommended_from, recommended_to, .. } => {
            view.state = "next".to_owned();
            view.number = Some(number);
            view.products = codes(&products);
            view.earliest = Some(earliest.to_string());
            view.recommended_from = Some(recommended_from.to_string());
            view.recommended_to = Some(recommended_to.to_string());
            view.days_left = Some(earliest.days_since(today));
        }
        Due::Complete { .. } => view.state = "complete".to_owned(),
        Due::Unclear { .. } => {}
    }
    view
}

pub fn conflict_view(case: &Case, record: &Record) -> ConflictView {
    let given = record.settlement(case.conflict.id);
    ConflictView {
        case: case.conflict.id.to_string(),
        kind: case.conflict.kind.code().to_owned(),
        involved: case.conflict.involved.iter().map(ToString::to_string).collect(),
        status: case_status(case.state),
        answer: given.map(|given| given.settled.answer.code().to_owned()),
        answer_names: given.and_then(|given| given.settled.answer.names()).map(|id| id.to_string()),
        note: given.map(|given| given.settled.note.clone()),
        register: register_of_key(case.conflict.key.as_deref()),
    }
}

/// The register or dose field that a document key ends in.
pub fn register_of_key(key: Option<&str>) -> Option<String> {
    key.and_then(|key| key.rsplit('/').next()).map(ToOwned::to_owned)
}

pub fn case_status(state: CaseState) -> CaseStatus {
    match state {
        CaseState::Open => CaseStatus::Open,
        CaseState::SentBack => CaseStatus::SentBack,
        CaseState::Settled => CaseStatus::Settled,
    }
}

pub fn citizen_view(
    card: CitizenId,
    record: &Record,
    cases: &[Case],
    rules: Option<&Bundle>,
    today: Date,
    known: &dyn Acquaintances,
) -> CitizenView {
    let fields = record
        .fields
        .iter()
        .map(|(register, field)| FieldView {
            register: register.code().to_owned(),
            shown: value_view(&field.shown.value),
            others: field.others.iter().map(|vote| value_view(&vote.value)).collect(),
            source: field.shown.source.code().to_owned(),
        })
        .collect();
    CitizenView {
        id: card.to_string(),
        own_code: OwnCode::print(card),
        cards: record.cards.iter().map(ToString::to_string).collect(),
        name: record.name().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        fields,
        doses: record.history.doses.iter().map(|dose| dose_view(dose, rules, known)).collect(),
        due: due_view(record, rules, today),
        conflicts: cases.iter().map(|case| conflict_view(case, record)).collect(),
        prior: None,
        waiting: u32::try_from(record.waiting.len()).unwrap_or(u32::MAX),
        state_root: record.root.to_string(),
    }
}

pub fn citizen_line(card: CitizenId, record: &Record, has_conflict: bool) -> CitizenLine {
    let text = |register: Register| {
        record.fields.get(&register).map(|field| value_view(&field.shown.value).text).unwrap_or_default()
    };
    let tail = |text: String| {
        let skip = text.chars().count().saturating_sub(4);
        text.chars().skip(skip).collect::<String>()
    };
    let identifier = [Register::NationalId, Register::InsuranceId, Register::PassportId, Register::OldNationalId]
        .into_iter()
        .map(text)
        .find(|text| !text.is_empty());
    let birth = record.birth();
    CitizenLine {
        id: card.to_string(),
        name: text(Register::Name),
        birth: birth.map(|birth| birth.date.to_string()).unwrap_or_default(),
        birth_precision: birth.map(|birth| precision_code(birth.precision).to_owned()).unwrap_or_default(),
        sex: text(Register::Sex),
        id_tail: identifier.map(tail).unwrap_or_default(),
        phone_tail: tail(text(Register::Phone)),
        address: text(Register::Address),
        doses_given: u8::try_from(record.history.given().count()).unwrap_or(u8::MAX),
        last_given_at_ms: record.history.given().last().map(|dose| dose.given_at.0),
        has_conflict,
    }
}
