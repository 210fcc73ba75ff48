//! Bytes that laptops in the field have signed must read the same for ever. A change of any of them fails here.

use ed25519_dalek::SigningKey;
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::citizen::{Birth, BirthPrecision, CampaignKey, NationalId, PersonName, Phone, RegisterValue, Sex};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::{BodySite, DoseField, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header, LogHead, PublicKey, Seal, SigningKeys, WireEnvelope};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, RulesId, StatementId, to_hex};
use shared_model::merge::merge;
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::scanned::OwnCode;
use shared_model::settlement::Answer;
use shared_model::statement::{
    Body, CitizenEdited, DoseAmended, Linked, Settled, Statement, Subject, WithdrawReason, Withdrawn,
};
use shared_model::sync::feed::Cursor;
use shared_model::sync::message::{Hello, Notice, Pull, Push, Receipt};
use shared_model::time::{ClockEvidence, Date, Hlc};

const CARD: CitizenId = CitizenId([0x11; 16]);
const DEVICE: DeviceId = DeviceId([0x22; 16]);
const AUTHOR: AuthorId = AuthorId([0x33; 16]);

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn envelope(n: u8, statement: Statement, seen: Vec<StatementId>, based_on: Vec<StatementId>) -> Envelope {
    let authority = if matches!(statement, Statement::Settled(_)) { Authority::National } else { Authority::Team };
    let header = Header {
        kind: 0,
        subject: Subject::Citizen(CARD),
        author: AUTHOR,
        device: DEVICE,
        hlc: Hlc((1_632_963_600_000 << 16) + u64::from(n)),
        evidence: ClockEvidence { offset_ms: Some(-1_250), contact_age_s: Some(3_600), went_backwards: false },
        rules: RulesId([0x44; 16]),
        authority,
        body_bytes: 0,
        body_hash: BodyHash([0; 32]),
    };
    Envelope::compose(header, &Body { salt: [n; 8], statement, seen, based_on }).unwrap()
}

/// One envelope of each kind, each naming the ones before it where it can.
fn story() -> Vec<(&'static str, Envelope)> {
    let born = Birth { date: Date::new(1990, 5, 1).unwrap(), precision: BirthPrecision::Day };
    let registered = envelope(
        1,
        Statement::CitizenEdited(CitizenEdited {
            values: vec![
                RegisterValue::Name(PersonName::parse("Nguyễn Thị Minh Khai").unwrap()),
                RegisterValue::Birth(born),
                RegisterValue::Sex(Sex::Female),
                RegisterValue::NationalId(NationalId::parse("079190123456").unwrap()),
                RegisterValue::Other(900, vec![0x83, 1, 2, 3]),
            ],
            source: Source::Scanned,
            scan: Some("079190123456||Nguyễn Thị Minh Khai|01051990|Nữ|x|15042021".to_owned()),
        }),
        vec![],
        vec![],
    );
    let edited = envelope(
        2,
        Statement::CitizenEdited(CitizenEdited {
            values: vec![RegisterValue::Phone(Phone::parse("0912345678").unwrap())],
            source: Source::Typed,
            scan: None,
        }),
        vec![],
        vec![registered.statement_id()],
    );
    let dose = envelope(
        3,
        Statement::DoseGiven(DoseGiven {
            product: ProductCode::parse("astrazeneca").unwrap(),
            lot: LotNumber::parse("PV46664").unwrap(),
            number: 1,
            given_at_ms: 1_632_963_600_000,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: "hem-42".to_owned(),
            session: None,
            lot_expiry: Some(Date::new(2021, 12, 31).unwrap()),
            source: Source::Typed,
            in_spite_of: vec!["rules_unconfirmed".to_owned()],
        }),
        vec![],
        vec![],
    );
    let id = dose.statement_id();
    let field = DoseField::Lot(LotNumber::parse("PV46665").unwrap());
    let amended = envelope(
        4,
        Statement::DoseAmended(DoseAmended { dose: id, field, note: "đọc lại".to_owned() }),
        vec![],
        vec![id],
    );
    let withdrawn = envelope(
        5,
        Statement::Withdrawn(Withdrawn { target: id, reason: WithdrawReason::Undone, note: String::new() }),
        vec![],
        vec![],
    );
    let linked =
        envelope(6, Statement::Linked(Linked { other: CitizenId([0x55; 16]), note: String::new() }), vec![], vec![]);
    let conflict = Conflict::new(ConflictKind::TooManyDoses, [id, registered.statement_id()], [CARD], None);
    let settled = envelope(
        7,
        Statement::Settled(Settled {
            case: conflict.id,
            kind: conflict.kind,
            involved: conflict.involved,
            citizens: vec![CARD],
            key: None,
            answer: Answer::SameDose(id),
            note: "đã gọi".to_owned(),
        }),
        vec![],
        vec![],
    );
    let tomorrow = envelope(8, Statement::Unknown { kind: 999, cbor: vec![0x81, 0x18, 0x2a] }, vec![id], vec![]);
    vec![
        ("registered", registered),
        ("edited", edited),
        ("dose given", dose),
        ("dose amended", amended),
        ("withdrawn", withdrawn),
        ("linked", linked),
        ("settled", settled),
        ("a kind of tomorrow", tomorrow),
    ]
}

fn cbor(value: &impl minicbor::Encode<()>) -> String {
    to_hex(&minicbor::to_vec(value).unwrap())
}

#[test]
fn envelopes_logs_and_seals_keep_their_bytes() {
    let mut lines = Vec::new();
    let mut head = LogHead::empty(DEVICE, 1);
    lines.push(format!("log of no entries: {}", head.chain));
    for (name, envelope) in story() {
        head = head.append(DEVICE, 1, envelope.statement_id());
        lines.push(name.to_owned());
        lines.push(format!("  header    {}", to_hex(&envelope.header)));
        lines.push(format!("  body      {}", to_hex(envelope.body.as_ref().unwrap())));
        lines.push(format!("  statement {}", envelope.statement_id()));
        lines.push(format!("  chain     {} at {}", head.chain, head.seq));
        let wire = WireEnvelope::from(envelope.clone());
        assert!(wire.hash_left_out);
        lines.push(format!("  wire      {}", cbor(&wire)));
        assert_eq!(Envelope::from(wire), envelope, "what travels comes back to the byte");
    }
    let (device, author) = (key(1), key(2));
    let seal = Seal::make(DEVICE, 1, head.seq, head.chain, AUTHOR, &SigningKeys { device: &device, author: &author });
    lines.push(format!("seal {}", cbor(&seal)));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn messages_and_certificates_keep_their_bytes() {
    let head = LogHead::empty(DEVICE, 1);
    let story = story();
    let push = Push {
        device: DEVICE,
        epoch: 1,
        from: 1,
        previous: head.chain,
        entries: story.iter().take(2).map(|(_, envelope)| envelope.clone().into()).collect(),
        seals: Vec::new(),
        nonce: [7; 16],
    };
    let hello = Hello {
        device: DEVICE,
        epoch: 1,
        head,
        cursors: vec![Cursor::start("26734".to_owned(), 7)],
        wall_ms: 1_632_963_600_000,
        nonce: [9; 16],
        app_version: "0.1.0".to_owned(),
        rules: vec![RulesId([0x44; 16])],
        leans_on: None,
    };
    let receipt = Receipt {
        device: DEVICE,
        epoch: 1,
        held: head,
        national_to: 0,
        quarantined: vec![Notice { epoch: 1, seq: 3, code: "future_version".to_owned() }],
        now_ms: 1_632_963_600_000,
        fresh_epoch: Some(2),
        nonce: [7; 16],
        national: None,
    };
    let device = DeviceCertificate {
        device: DEVICE,
        key: PublicKey::of(&key(1)),
        name: "Hẻm 42".to_owned(),
        site: "hem-42".to_owned(),
        area: "26734".to_owned(),
        not_before_ms: 1,
        not_after_ms: 2,
    };
    let author = AuthorCertificate {
        author: AUTHOR,
        device: DEVICE,
        key: PublicKey::of(&key(2)),
        name: "Lê Thị Hồng".to_owned(),
        authority: Authority::Team,
        not_before_ms: 1,
        not_after_ms: 2,
    };
    let campaign = key(3);
    let lines = [
        format!("hello    {}", cbor(&hello)),
        format!("push     {}", cbor(&push)),
        format!("receipt  {}", cbor(&Signed::make(&receipt, &campaign))),
        format!("pull     {}", cbor(&Pull { cursor: Cursor::start("26734".to_owned(), 7), entries_max: 500 })),
        format!("device   {}", cbor(&Signed::make(&device, &campaign))),
        format!("author   {}", cbor(&Signed::make(&author, &campaign))),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn ids_conflicts_and_records_keep_their_names() {
    let card = NationalId::parse("079190123456").unwrap();
    let id = CitizenId::of_scanned_card(&CampaignKey::new([7; 32]), &card);
    let mut lines = vec![format!("scanned card {id}"), format!("own code     {}", OwnCode::print(CARD))];
    for kind in ConflictKind::KNOWN {
        let conflict =
            Conflict::new(kind, [StatementId([2; 32]), StatementId([1; 32])], [CARD], Some("citizen/name".into()));
        lines.push(format!("case {:22} {}", kind.code(), conflict.id));
    }
    let said: Vec<_> = story().into_iter().map(|(_, envelope)| envelope.open().unwrap()).collect();
    let rules = Rulebook::of([covid_2021().unwrap()]);
    let record = merge(CARD, &said, &rules).unwrap().record;
    for head in record.heads.get(&CARD).unwrap() {
        lines.push(format!("head {}", to_hex(head)));
    }
    lines.push(format!("root {}", record.root));
    insta::assert_snapshot!(lines.join("\n"));
}
