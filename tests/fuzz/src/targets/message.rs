//! Everything that is one CBOR word: what is read can be written, and is then read as the same.

use minicbor::{Decode, Encode};
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, HubCertificate, Signed};
use shared_model::citizen::RegisterValue;
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::{BodySite, DoseField, DoseGiven, LotNumber};
use shared_model::envelope::{Envelope, LogHead, PublicKey, Said, Seal, WireEnvelope};
use shared_model::prior::PriorAsk;
use shared_model::settlement::Answer;
use shared_model::statement::{
    CitizenEdited, DoseAmended, Linked, Settled, Statement, Subject, WithdrawReason, Withdrawn,
};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::hub::{HubAnswer, HubEnrol, HubEnrolled, HubHello, LogEnd};
use shared_model::sync::message::{
    Enrol, Enrolled, FeedEntry, Fetch, Fetched, FetchedWord, Greet, Greeted, Hello, HelloAnswer, Introduce, Introduced,
    Notice, PROTOCOL, Page, Pull, Push, Receipt, Refusal, Snapshot, SnapshotAsk, SnapshotChunk, refusal,
};
use shared_model::sync::recipients::{StickRecipient, StickRecipients};
use shared_model::sync::segment::{Segment, Segments, SegmentsAsk};
use shared_model::time::ClockEvidence;

use crate::Target;
use crate::conversation::laptop::Laptop;
use crate::conversation::server::{Feed, Server, signed};
use crate::country::desk::{Desk, Person};
use crate::country::people::{
    a_whole_form, amend, dose, dose_of, edit, link, name, phone, scan, settle, tomorrow, withdraw,
};
use crate::country::{campaign_key, campaign_public, card, cbor, device, morning, rules_id, session};
use crate::input::Input;

pub const TARGET: Target = Target { name: "message", run, seeds };

fn stays<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(word) = minicbor::decode::<T>(bytes) else { return };
    let written = cbor(&word);
    let again: T = minicbor::decode(&written).expect("what was written here is read");
    assert_eq!(again, word);
    assert_eq!(cbor(&again), written, "one word, one form");
}

macro_rules! words {
    ($($word:ty),* $(,)?) => {
        /// By number; whoever adds one adds it at the end, so that the corpus keeps its meaning.
        const READERS: &[(&str, fn(&[u8]))] = &[$((stringify!($word), stays::<$word>)),*];
    };
}

words![
    Enrol,
    Enrolled,
    Greet,
    Greeted,
    Hello,
    HelloAnswer,
    Notice,
    Push,
    Receipt,
    Pull,
    FeedEntry,
    Page,
    Snapshot,
    SnapshotAsk,
    SnapshotChunk,
    Fetch,
    Fetched,
    FetchedWord,
    Refusal,
    Cursor,
    FeedSum,
    LogHead,
    Signed,
    WireEnvelope,
    DeviceCertificate,
    AuthorCertificate,
    Subject,
    RegisterValue,
    DoseField,
    CitizenEdited,
    DoseGiven,
    DoseAmended,
    Withdrawn,
    Linked,
    Settled,
    Seal,
    PublicKey,
    ClockEvidence,
    Answer,
    LotNumber,
    HubEnrol,
    HubEnrolled,
    LogEnd,
    HubHello,
    HubAnswer,
    HubCertificate,
    Introduce,
    Introduced,
    StickRecipients,
    PriorAsk,
    Segment,
    Segments,
    SegmentsAsk,
];

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let (_, read) = READERS[usize::from(input.u8()) % READERS.len()];
    read(input.rest());
}

/// The number of a word, and an honest one behind it.
fn seed<T: Encode<()>>(word: &T) -> Vec<u8> {
    let name = std::any::type_name::<T>().rsplit("::").next().unwrap();
    let number = READERS.iter().position(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name} has no number"));
    [&[number as u8][..], &cbor(word)].concat()
}

fn seeds() -> Vec<Vec<u8>> {
    let (desk, said) = one_of_every_kind();
    let mut seeds: Vec<Vec<u8>> = said.iter().flat_map(|one| of_statement(&one.body.statement)).collect();
    seeds.extend(a_whole_form().iter().map(seed));
    seeds.extend(on_joining(&desk));
    seeds.extend(in_a_sync());
    seeds.extend(of_a_hub(&desk));
    seeds.extend([
        seed(&Subject::Citizen(card(0))),
        seed(&Subject::Device(device(1))),
        seed(&desk.seals[0]),
        seed(&desk.head),
        seed(&WireEnvelope::from(desk.log[0].envelope.clone())),
        seed(&WireEnvelope { body: None, hash_left_out: false, header: desk.log[1].envelope.header.clone() }),
        seed(&DoseField::BodySite(BodySite::LeftArm)),
        seed(&desk.said()[0].header.evidence),
        seed(&Answer::ReallyTwo),
        seed(&LotNumber::parse("FK9412").unwrap()),
    ]);
    seeds
}

fn of_statement(statement: &Statement) -> Option<Vec<u8>> {
    Some(match statement {
        Statement::CitizenEdited(edited) => seed(edited),
        Statement::DoseGiven(given) => seed(given),
        Statement::DoseAmended(amended) => seed(amended),
        Statement::Withdrawn(withdrawn) => seed(withdrawn),
        Statement::Linked(linked) => seed(linked),
        Statement::Settled(settled) => seed(settled),
        Statement::Unknown { .. } => return None,
    })
}

fn on_joining(desk: &Desk) -> Vec<Vec<u8>> {
    let (of_device, of_author) = (signed(&desk.certificate()), signed(&desk.person.certificate(desk.device)));
    let enrol = Enrol {
        code: "7K2M-9QXD".to_owned(),
        device: desk.device,
        device_key: PublicKey::of(&desk.key),
        device_name: "Laptop 3".to_owned(),
        author: desk.person.id,
        author_key: PublicKey::of(&desk.person.key),
        author_name: "Lê Thị Hoa".to_owned(),
    };
    let enrolled = Enrolled {
        campaign_name: "Chiến dịch 2021".to_owned(),
        campaign_key: campaign_public(),
        citizen_key: *campaign_key().bytes(),
        device: of_device.clone(),
        author: of_author,
        epoch: 1,
        rules: vec![of_device.clone()],
        now_ms: morning().0,
        stick_recipients: Some(of_device.clone()),
    };
    let refused = Refusal {
        code: refusal::HOLE.to_owned(),
        held: Some(desk.head),
        retry_after_s: Some(10),
        nonce: Some(vec![0x6e; 40]),
    };
    vec![
        seed(&enrol),
        seed(&enrolled),
        seed(&desk.certificate()),
        seed(&desk.person.certificate(desk.device)),
        seed(&Greet { device: desk.device, protocol: PROTOCOL }),
        seed(&Greeted { nonce: vec![0x6e; 40], protocol: PROTOCOL, hub: None }),
        seed(&refused),
        seed(&Notice { epoch: 1, seq: 7, code: "malformed".to_owned() }),
        seed(&of_device),
    ]
}

fn of_a_hub(desk: &Desk) -> Vec<Vec<u8>> {
    let certificate = HubCertificate {
        hub: device(7),
        key: PublicKey::of(&desk.key),
        name: "Trung tâm y tế quận 5".to_owned(),
        site: "quan-5".to_owned(),
        areas: vec!["26734".to_owned(), "26737".to_owned()],
        not_before_ms: morning().0,
        not_after_ms: morning().0 + 1,
        stick: Some("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".to_owned()),
    };
    let log = LogEnd { device: desk.device, epoch: 1, head: desk.head };
    let recipient = StickRecipient {
        node: device(7),
        name: "Trung ương".to_owned(),
        recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".to_owned(),
        not_after_ms: morning().0,
    };
    let hello = HubHello {
        hub: device(7),
        logs: vec![log],
        cursors: Vec::new(),
        wall_ms: morning().0,
        nonce: [0x4e; 16],
        app_version: "0.1.0".to_owned(),
        rules: vec![rules_id()],
        last_nonce: Some([0x4d; 16].into()),
        stick: certificate.stick.clone(),
    };
    let answer = HubAnswer {
        hub: device(7),
        nonce: [0x4e; 16],
        now_ms: morning().0,
        certificate: signed(&certificate),
        receipts: vec![signed(&certificate)],
        strangers: vec![desk.device],
        feeds: Vec::new(),
        rules: Vec::new(),
        ended: vec![device(8)],
        has_twin: true,
    };
    let enrolled = HubEnrolled {
        campaign_name: "Chiến dịch 2021".to_owned(),
        campaign_key: campaign_public(),
        certificate: signed(&certificate),
        rules: Vec::new(),
        now_ms: morning().0,
    };
    let key = PublicKey::of(&desk.key);
    vec![
        seed(&HubEnrol {
            code: "7K2M-9QXD".to_owned(),
            hub: device(7),
            key,
            name: certificate.name.clone(),
            stick: certificate.stick.clone(),
        }),
        seed(&enrolled),
        seed(&log),
        seed(&hello),
        seed(&answer),
        seed(&certificate),
        seed(&Introduce { devices: vec![signed(&desk.certificate())], authors: Vec::new() }),
        seed(&Introduced { fresh: 1 }),
        seed(&StickRecipients { recipients: vec![recipient], issued_ms: morning().0 }),
        seed(&PriorAsk {}),
    ]
}

/// A laptop with something to say and a server with a feed, as the model's own tests have them.
pub fn a_laptop_and_a_server() -> (Laptop, Server) {
    let (mut desk, mut other) = (Desk::new(1), Desk::new(2));
    says_something(&mut desk);
    says_something(&mut other);
    let entries = other.log.into_iter().map(|entry| entry.envelope).collect();
    let server = Server::of(&desk, vec![Feed { name: "phường 5".to_owned(), epoch: 3, entries }]);
    (Laptop::of(desk), server)
}

fn in_a_sync() -> Vec<Vec<u8>> {
    let (laptop, mut server) = a_laptop_and_a_server();
    let me = laptop.me();
    let hello = Hello {
        device: me.device,
        epoch: me.epoch,
        head: me.head,
        cursors: vec![server.feeds[0].cursor_at(1)],
        wall_ms: morning().0,
        nonce: me.nonce,
        app_version: me.app_version,
        rules: vec![rules_id()],
        leans_on: None,
    };
    let answer = server.hears(&hello);
    let push = laptop.range(1).unwrap();
    let receipt = server.takes(&push).unwrap();
    let pull = Pull { cursor: server.feeds[0].cursor_at(0), entries_max: 500 };
    let mut page = server.gives(&pull).unwrap();
    page.devices.push(signed(&laptop.desk.certificate()));
    page.authors.push(signed(&laptop.desk.person.certificate(laptop.desk.device)));
    let sum = FeedSum::from(server.feeds[0].end());
    let chunk =
        SnapshotChunk { entries: page.entries.clone(), authors: page.authors.clone(), devices: page.devices.clone() };
    let word = FetchedWord { citizens: vec![card(0)], statements: server.feeds[0].statements() };
    let fetched = Fetched {
        entries: page.entries.clone(),
        authors: page.authors.clone(),
        devices: Vec::new(),
        word: signed(&word),
    };
    vec![
        seed(&hello),
        seed(&answer),
        seed(&push),
        seed(&receipt),
        seed(&pull.cursor),
        seed(&pull),
        seed(&page),
        seed(&page.entries[0]),
        seed(&sum),
        seed(&SnapshotAsk { feed: sum.feed.clone() }),
        seed(&Snapshot { feed: sum.feed.clone(), sha256: [0x5a; 32], bytes: 123_456, sum }),
        seed(&chunk),
        seed(&SegmentsAsk { cursor: server.feeds[0].cursor_at(1), damaged: Some([0x5a; 32].into()) }),
        seed(&server.feeds[0].segment(1, 3)),
        seed(&Segments { feed: "phường 5".to_owned(), epoch: 3, segments: vec![server.feeds[0].segment(1, 3)] }),
        seed(&Fetch { citizens: vec![card(0), card(1)] }),
        seed(&word),
        seed(&fetched),
    ]
}

/// A few words, sealed.
pub fn says_something(desk: &mut Desk) {
    for text in ["Lê Văn An", "Lê Văn Ân", "Lê Văn Anh"] {
        desk.says(Subject::Citizen(card(0)), edit(vec![name(text)]));
    }
    desk.seal();
}

/// A log with every kind of statement, and what it says.
pub fn one_of_every_kind() -> (Desk, Vec<Said>) {
    let mut desk = Desk::new(1);
    let about = Subject::Citizen(card(0));
    let text = "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm 5, Quận 4|31122021";
    let registered = desk.says(about, scan(a_whole_form(), text));
    let edited = desk.says_having_seen(about, edit(vec![phone("0987654321")]), Vec::new(), vec![registered.id]);
    let first = desk.says(about, dose("astrazeneca", "ABW12", 1, morning()));
    let mut second = dose_of("pfizer", "FK9412", 2, morning());
    second.in_spite_of = vec!["too_soon".to_owned()];
    let second = desk.says_having_seen(about, Statement::DoseGiven(second), vec![first.id], Vec::new());
    let lot = DoseField::Lot(LotNumber::parse("FK9413").unwrap());
    desk.says_having_seen(about, amend(second.id, lot), Vec::new(), vec![second.id]);
    desk.says(about, withdraw(first.id, WithdrawReason::WrongPerson));
    desk.says(about, link(card(1)));
    desk.says(Subject::Session(session()), tomorrow("một lời của ngày mai"));
    desk.changes_hands(Person::of_the_nation(3));
    let clash = Conflict::new(ConflictKind::TooSoon, [first.id, second.id], [card(0)], None);
    desk.says(about, settle(&clash, Answer::WithdrawDose(second.id)));
    let key = Some("citizen/phone".to_owned());
    let clash = Conflict::new(ConflictKind::EditedInTwoPlaces, [registered.id, edited.id], [card(0)], key);
    desk.says(about, settle(&clash, Answer::ChooseValue(edited.id)));
    desk.seal();
    let said = desk.said();
    (desk, said)
}

/// Envelopes of a feed.
pub fn entries_of(envelopes: &[Envelope]) -> Vec<FeedEntry> {
    envelopes.iter().map(|envelope| FeedEntry { envelope: envelope.clone().into() }).collect()
}
