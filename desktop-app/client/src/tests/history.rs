//! A history with everything in it that can be said: registrations, edits, doses, amendments, links, settlements, and withdrawals of most of them.

use shared_model::citizen::{Birth, BirthPrecision, NationalId, PersonName, Phone, Register, RegisterValue, Sex};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::{BodySite, DoseField, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, RulesId, StatementId};
use shared_model::record::document_key;
use shared_model::settlement::Answer;
use shared_model::statement::{
    Body, CitizenEdited, DoseAmended, Linked, Settled, Statement, Subject, WithdrawReason, Withdrawn,
};
use shared_model::time::{ClockEvidence, Date, Hlc, Moment};

pub const ONE: CitizenId = CitizenId([1; 16]);
pub const TWO: CitizenId = CitizenId([2; 16]);
pub const THREE: CitizenId = CitizenId([3; 16]);
/// A card of which nothing is known but that a settlement names it.
pub const FOUR: CitizenId = CitizenId([4; 16]);

pub type Told = (StatementId, Envelope);

#[derive(Default)]
pub struct Teller {
    pub told: Vec<Told>,
}

impl Teller {
    fn says(&mut self, card: CitizenId, statement: Statement, on: &[StatementId]) -> StatementId {
        self.says_as(Authority::Team, card, statement, on)
    }

    fn says_as(
        &mut self,
        authority: Authority,
        card: CitizenId,
        statement: Statement,
        on: &[StatementId],
    ) -> StatementId {
        let number = u8::try_from(self.told.len() + 1).unwrap();
        let is_dose = matches!(statement, Statement::DoseGiven(_));
        let header = Header {
            kind: 0,
            subject: Subject::Citizen(card),
            author: AuthorId([number; 16]),
            device: DeviceId([number % 3; 16]),
            hlc: Hlc::default().tick(Moment(morning().0 + i64::from(number) * 60_000)),
            evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(60), went_backwards: false },
            rules: RulesId([0; 16]),
            authority,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        let on = on.to_vec();
        let (seen, based_on) = if is_dose { (on, Vec::new()) } else { (Vec::new(), on) };
        let body = Body { salt: [number; 8], statement, seen, based_on };
        let envelope = Envelope::compose(header, &body).unwrap();
        let id = envelope.statement_id();
        self.told.push((id, envelope));
        id
    }

    pub fn edits(&mut self, card: CitizenId, values: Vec<RegisterValue>, on: &[StatementId]) -> StatementId {
        let edited = CitizenEdited { values, source: Source::Typed, scan: None };
        self.says(card, Statement::CitizenEdited(edited), on)
    }

    pub fn gives(&mut self, card: CitizenId, number: u8, seen: &[StatementId]) -> StatementId {
        let dose = DoseGiven {
            product: ProductCode::parse("astrazeneca").unwrap(),
            lot: LotNumber::parse(&format!("LOT{}", self.told.len())).unwrap(),
            number,
            given_at_ms: morning().0,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: "hem-42".to_owned(),
            session: None,
            lot_expiry: None,
            source: Source::Typed,
            in_spite_of: Vec::new(),
        };
        self.says(card, Statement::DoseGiven(dose), seen)
    }

    fn amends(&mut self, card: CitizenId, dose: StatementId, lot: &str) -> StatementId {
        let field = DoseField::Lot(LotNumber::parse(lot).unwrap());
        self.says(card, Statement::DoseAmended(DoseAmended { dose, field, note: String::new() }), &[dose])
    }

    pub fn withdraws(&mut self, card: CitizenId, target: StatementId) -> StatementId {
        let withdrawn = Withdrawn { target, reason: WithdrawReason::Mistake, note: String::new() };
        self.says(card, Statement::Withdrawn(withdrawn), &[])
    }

    fn undoes(&mut self, card: CitizenId, settlement: StatementId) {
        let withdrawn = Withdrawn { target: settlement, reason: WithdrawReason::SettlementUndone, note: String::new() };
        self.says_as(Authority::National, card, Statement::Withdrawn(withdrawn), &[]);
    }

    pub fn links(&mut self, card: CitizenId, other: CitizenId) -> StatementId {
        self.says(card, Statement::Linked(Linked { other, note: String::new() }), &[])
    }

    fn settles(
        &mut self,
        kind: ConflictKind,
        involved: &[StatementId],
        citizens: &[CitizenId],
        key: Option<String>,
        answer: Answer,
    ) -> StatementId {
        let Conflict { id: case, kind, involved, citizens, key } =
            Conflict::new(kind, involved.iter().copied(), citizens.iter().copied(), key);
        let card = citizens[0];
        let settled = Settled { case, kind, involved, citizens, key, answer, note: String::new() };
        self.says_as(Authority::National, card, Statement::Settled(settled), &[])
    }
}

fn morning() -> Moment {
    Date::new(2021, 9, 30).unwrap().starts_at()
}

fn person(name: &str, number: &str) -> Vec<RegisterValue> {
    vec![
        RegisterValue::Name(PersonName::parse(name).unwrap()),
        RegisterValue::Birth(Birth { date: Date::new(1990, 5, 1).unwrap(), precision: BirthPrecision::Day }),
        RegisterValue::Sex(Sex::Female),
        RegisterValue::NationalId(NationalId::parse(number).unwrap()),
    ]
}

fn phone(number: &str) -> Vec<RegisterValue> {
    vec![RegisterValue::Phone(Phone::parse(number).unwrap())]
}

/// In the end cards one and three are one person with a settled phone number; card two stands alone
/// with its dose restored; card four has only been told apart from card one.
pub fn everything() -> Vec<Told> {
    let mut teller = Teller::default();
    let one = teller.edits(ONE, person("Nguyễn Thị Minh Khai", "079190000001"), &[]);
    let two = teller.edits(TWO, person("Nguyễn Thị Minh Khai", "079190000001"), &[]);
    let three = teller.edits(THREE, person("Trần Thị Khai", "079190000003"), &[]);
    let phones = [phone("0912345678"), phone("0987654321")].map(|phone| teller.edits(ONE, phone, &[one]));
    let first = teller.gives(ONE, 1, &[]);
    let restored = teller.gives(TWO, 1, &[]);
    teller.amends(ONE, first, "AB1");
    let gone = teller.amends(ONE, first, "AB2");
    teller.withdraws(ONE, gone);
    let taken_back = teller.withdraws(TWO, restored);
    teller.withdraws(TWO, taken_back);
    let wrong_link = teller.links(ONE, TWO);
    teller.withdraws(TWO, wrong_link);
    let kind = ConflictKind::TwoCardsOnePerson;
    let same = teller.settles(kind, &[two, three], &[TWO, THREE], None, Answer::SamePerson);
    teller.undoes(THREE, same);
    teller.links(THREE, ONE);
    let again = teller.gives(THREE, 1, &[]);
    teller.settles(ConflictKind::SameDoseTwice, &[first, again], &[ONE, THREE], None, Answer::SameDose(first));
    let key = Some(document_key(Register::Phone));
    teller.settles(ConflictKind::EditedInTwoPlaces, &phones, &[ONE], key, Answer::ChooseValue(phones[1]));
    teller.settles(kind, &[one], &[ONE, FOUR], None, Answer::NotSamePerson);
    teller.told
}
