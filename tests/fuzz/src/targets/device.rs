//! What laptops ask, rightly signed: any body on any road is answered, and whatever is said is kept, drawn and shown.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use shared_model::ids::{CitizenId, to_hex};
use shared_model::sync::feed::{Cursor, check_page};
use shared_model::sync::message::{Fetch, Greet, Hello, PROTOCOL, Page, Pull, SnapshotAsk};
use shared_model::sync::segment::SegmentsAsk;

use super::message::one_of_every_kind;
use crate::Target;
use crate::country::desk::{Desk, Person};
use crate::country::{cbor, device, morning};
use crate::input::Input;
use crate::nation::{AREA, Caller, Heard, Nation};
use crate::script;

pub const TARGET: Target = Target { name: "device", run, seeds };

/// A server is thrown away before its store grows slow; whatever an input does hangs on few others.
const INPUTS_MAX: u32 = 2_000;

struct Office {
    nation: Nation,
    /// Asks anything.
    curious: Caller,
    /// Says what scripts say, in a log that nobody else touches.
    honest: Caller,
    inputs: u32,
}

static OFFICE: Mutex<Option<Office>> = Mutex::new(None);

impl Office {
    fn open() -> Self {
        let nation = Nation::found();
        let (curious, honest) = (nation.enrol(1), nation.enrol(2));
        Self { nation, curious, honest, inputs: 0 }
    }

    /// People of this input alone, so that nobody's story grows beyond a life.
    fn card(&self) -> impl Fn(u8) -> CitizenId + Copy + use<> {
        let inputs = self.inputs.to_be_bytes();
        move |n| {
            let mut id = [0xc0 ^ n; 16];
            id[12..].copy_from_slice(&inputs);
            CitizenId(id)
        }
    }
}

const ROADS: [&str; 7] = ["hello", "push", "pull", "snapshot", "fetch", "nothing", "segments"];

fn run(bytes: &[u8]) {
    let mut held = OFFICE.lock().unwrap_or_else(PoisonError::into_inner);
    // Taken out: an input that breaks something breaks nothing for the next one.
    let mut office = held.take().filter(|office| office.inputs < INPUTS_MAX).unwrap_or_else(Office::open);
    office.inputs += 1;
    let mut input = Input::of(bytes);
    match input.u8() % 6 {
        0 | 1 => story(&mut office, &mut input),
        2 => {
            let (road, folded) = (input.u8(), input.u8());
            let path = format!("/device/{}", ROADS[usize::from(road) % ROADS.len()]);
            let body = match folded % 3 {
                2 => zstd::bulk::compress(input.rest(), 1).unwrap(),
                _ => input.rest().to_vec(),
            };
            is_answered(&office.nation.ask(&office.curious, &path, body, !folded.is_multiple_of(3)));
        }
        3 => {
            let path = ["/device/enrol", "/device/greet"][usize::from(input.u8() % 2)];
            is_answered(&office.nation.send(Request::post(path).body(Body::from(input.rest().to_vec())).unwrap()));
        }
        4 => claim(&office, &mut input),
        _ => file(&office, &mut input),
    }
    *held = Some(office);
}

/// A refusal is a word too.
fn is_answered(heard: &Heard) {
    assert!(!heard.body.is_empty() || heard.status == StatusCode::OK);
}

/// A script in the log of a laptop: kept, drawn into records, and shown to admins and to laptops.
fn story(office: &mut Office, input: &mut Input<'_>) {
    let card = office.card();
    let lines = script::read(input);
    let person = office.honest.desk.person.clone();
    let mut earlier = Vec::new();
    for line in &lines {
        // Enrolled is one person of one team; others speak in that name, and are not believed.
        let line = script::Line { who: if line.who % 8 == 7 { line.who } else { 2 }, ..line.clone() };
        let envelope = with_header(&office.honest.desk, &person, &line, &earlier, card);
        earlier.push(office.honest.desk.append(envelope));
    }
    office.nation.takes(&mut office.honest);
    let about: BTreeSet<u8> = lines.iter().map(|line| line.about % script::CARDS).collect();
    for n in about {
        office.nation.get(&format!("citizens/{}", card(n)));
    }
    let cases = office.nation.json("cases?status=open");
    for case in cases["cases"].as_array().into_iter().flatten().take(3) {
        assert_eq!(office.nation.get(&format!("cases/{}", case["id"].as_str().unwrap())).status, StatusCode::OK);
    }
    assert_eq!(office.nation.get("quarantine").status, StatusCode::OK);
    reads_the_end_of_the_feed(office, lines.len() as u64);
}

/// The envelope of a line as this laptop's own person says it.
fn with_header(
    desk: &Desk,
    person: &Person,
    line: &script::Line,
    earlier: &[shared_model::ids::StatementId],
    card: impl Fn(u8) -> CitizenId + Copy,
) -> shared_model::envelope::Envelope {
    let mut envelope = line.envelope(earlier, card);
    if let Ok(mut header) = envelope.open_header() {
        header.device = desk.device;
        header.author = person.id;
        header.authority = if line.who % 8 == 7 { header.authority } else { person.authority };
        envelope.header = header.to_cbor();
    }
    envelope
}

fn reads_the_end_of_the_feed(office: &Office, entries: u64) {
    let heads = office.nation.wait(office.nation.server.store().feed_heads(vec![AREA.to_owned()])).unwrap();
    let Some(end) = heads.first() else { return };
    let cursor = Cursor { feed: AREA.to_owned(), epoch: end.epoch, seq: end.seq.saturating_sub(entries), sum: [0; 32] };
    let heard = office.nation.ask(&office.curious, "/device/pull", cbor(&Pull { cursor, entries_max: 500 }), false);
    assert_eq!(heard.status, StatusCode::OK);
    let page: Page = minicbor::decode(&heard.body).unwrap();
    if end.seq <= entries {
        let start = Cursor::start(AREA.to_owned(), end.epoch);
        check_page(&start, &page, office.nation.campaign).expect("a page of the server's own");
    }
}

/// An authorization header of any bytes.
fn claim(office: &Office, input: &mut Input<'_>) {
    let honest = office.curious.authorization("/device/fetch", b"").into_bytes();
    let mut text = if input.u8().is_multiple_of(2) { honest.clone() } else { input.sized().to_vec() };
    input.bend(&mut text);
    let bent = text != honest;
    let Ok(value) = header::HeaderValue::from_bytes(&text) else { return };
    let request = Request::post("/device/fetch").header(header::AUTHORIZATION, value);
    let heard = office.nation.send(request.body(Body::empty()).unwrap());
    assert!(heard.status != StatusCode::OK);
    // Hexadecimal digits come in two cases; nothing else may be different.
    if bent && !text.eq_ignore_ascii_case(&honest) {
        assert_eq!(heard.status, StatusCode::UNAUTHORIZED);
    }
}

/// A stretch of a file that may or may not be there.
fn file(office: &Office, input: &mut Input<'_>) {
    let name = match input.u8() % 2 {
        0 => to_hex(&input.array::<32>()),
        _ => input.sized().iter().map(|byte| format!("%{byte:02x}")).collect(),
    };
    let path = format!("/device/{}/{name}", ["segment", "snapshot"][name.len() / 2 % 2]);
    let Ok(range) = header::HeaderValue::from_bytes(input.rest()) else { return };
    let authorization = office.curious.authorization(&path, b"");
    let request = Request::get(&path).header(header::AUTHORIZATION, authorization).header(header::RANGE, range);
    is_answered(&office.nation.send(request.body(Body::empty()).unwrap()));
}

fn seeds() -> Vec<Vec<u8>> {
    let (desk, said) = one_of_every_kind();
    let hello = Hello {
        device: device(1),
        epoch: 1,
        head: Desk::new(1).head,
        cursors: vec![Cursor::start(AREA.to_owned(), 1)],
        wall_ms: morning().0,
        nonce: [5; 16],
        app_version: "0.1.0".to_owned(),
        rules: Vec::new(),
        leans_on: None,
    };
    let pull = Pull { cursor: Cursor::start(AREA.to_owned(), 1), entries_max: 9 };
    let asks = [
        cbor(&hello),
        cbor(&desk.push(1, 2)),
        cbor(&pull),
        cbor(&SnapshotAsk { feed: AREA.to_owned() }),
        cbor(&Fetch { citizens: vec![CitizenId([0xc0; 16])] }),
        Vec::new(),
        cbor(&SegmentsAsk { cursor: Cursor::start(AREA.to_owned(), 1), damaged: Some([7; 32].into()) }),
    ];
    let (first, second) = said.split_at(5);
    let mut seeds = vec![
        [&[0][..], &script::write(&script::of(&said))].concat(),
        [&[0][..], &script::write(&script::of(first))].concat(),
        [&[1][..], &script::write(&script::of(second))].concat(),
        [&[3, 1][..], &cbor(&Greet { device: device(1), protocol: PROTOCOL })].concat(),
        vec![4, 0, 1, 20, 0, b'f'],
        [&[5, 0][..], &[7; 32], b"bytes=0-99"].concat(),
    ];
    for (road, body) in (0..).zip(asks) {
        seeds.extend([0, 2].map(|folded| [&[2, road, folded][..], &body].concat()));
    }
    seeds
}
