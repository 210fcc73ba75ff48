//! What people say, as statements.

use shared_model::citizen::{
    Address, Birth, BirthPrecision, Guardian, InsuranceId, NationalId, OldNationalId, PassportId, PersonName, Phone,
    RegisterValue, Sex,
};
use shared_model::conflict::Conflict;
use shared_model::dose::{BodySite, DoseField, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::settlement::Answer;
use shared_model::statement::{CitizenEdited, DoseAmended, Linked, Settled, Statement, WithdrawReason, Withdrawn};
use shared_model::time::{Date, Moment};

use super::{cbor, session};

pub fn name(text: &str) -> RegisterValue {
    RegisterValue::Name(PersonName::parse(text).unwrap())
}

pub fn phone(text: &str) -> RegisterValue {
    RegisterValue::Phone(Phone::parse(text).unwrap())
}

pub fn national_id(text: &str) -> RegisterValue {
    RegisterValue::NationalId(NationalId::parse(text).unwrap())
}

pub fn born(text: &str) -> RegisterValue {
    RegisterValue::Birth(Birth { date: Date::parse_iso(text).unwrap(), precision: BirthPrecision::Day })
}

/// A register that a later version knows.
pub fn tomorrows_register(value: &str) -> RegisterValue {
    RegisterValue::Other(900, cbor(&value))
}

/// One value of every register there is, and one of tomorrow's.
pub fn a_whole_form() -> Vec<RegisterValue> {
    vec![
        name("Nguyễn Thị Minh Khai"),
        born("1990-05-01"),
        RegisterValue::Sex(Sex::Female),
        national_id("079190123456"),
        RegisterValue::OldNationalId(OldNationalId::parse("012345678").unwrap()),
        RegisterValue::InsuranceId(InsuranceId::parse("HS4010120878837").unwrap()),
        RegisterValue::PassportId(PassportId::parse("B1234567").unwrap()),
        phone("0912345678"),
        RegisterValue::Address(Address::parse("42 Hẻm 5, Phường 3, Quận 4").unwrap()),
        RegisterValue::Unit("26740".to_owned()),
        RegisterValue::PriorityGroup(9),
        RegisterValue::Guardian(Guardian {
            name: PersonName::parse("Trần Văn Ba").unwrap(),
            relation: "cha".to_owned(),
            phone: Some(Phone::parse("0987654321").unwrap()),
        }),
        tomorrows_register("nghề nghiệp"),
    ]
}

pub fn edit(values: Vec<RegisterValue>) -> Statement {
    Statement::CitizenEdited(CitizenEdited { values, source: Source::Typed, scan: None })
}

pub fn scan(values: Vec<RegisterValue>, text: &str) -> Statement {
    Statement::CitizenEdited(CitizenEdited { values, source: Source::Scanned, scan: Some(text.to_owned()) })
}

pub fn dose_of(product: &str, lot: &str, number: u8, given_at: Moment) -> DoseGiven {
    DoseGiven {
        product: ProductCode::parse(product).unwrap(),
        lot: LotNumber::parse(lot).unwrap(),
        number,
        given_at_ms: given_at.0,
        body_site: BodySite::LeftArm,
        route: Route::Intramuscular,
        site: "TYT-5".to_owned(),
        session: Some(session()),
        lot_expiry: Some(Date::new(2022, 3, 31).unwrap()),
        source: Source::Scanned,
        in_spite_of: Vec::new(),
    }
}

pub fn dose(product: &str, lot: &str, number: u8, given_at: Moment) -> Statement {
    Statement::DoseGiven(dose_of(product, lot, number, given_at))
}

pub fn amend(dose: StatementId, field: DoseField) -> Statement {
    Statement::DoseAmended(DoseAmended { dose, field, note: "đọc lại trên lọ".to_owned() })
}

pub fn withdraw(target: StatementId, reason: WithdrawReason) -> Statement {
    Statement::Withdrawn(Withdrawn { target, reason, note: String::new() })
}

pub fn link(other: CitizenId) -> Statement {
    Statement::Linked(Linked { other, note: String::new() })
}

pub fn settle(conflict: &Conflict, answer: Answer) -> Statement {
    Statement::Settled(Settled {
        case: conflict.id,
        kind: conflict.kind,
        involved: conflict.involved.clone(),
        citizens: conflict.citizens.clone(),
        key: conflict.key.clone(),
        answer,
        note: String::new(),
    })
}

/// A statement of a kind that a later version knows.
pub fn tomorrow(content: &str) -> Statement {
    Statement::Unknown { kind: 900, cbor: cbor(&content) }
}
