use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, PublicKey, sign};
use shared_model::statement::Subject;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{
    EarlierEnd, Enrol, Enrolled, FeedEntry, Fetch, Fetched, FetchedWord, Greet, Greeted, Hello, HelloAnswer, Notice,
    PROTOCOL, Page, Pull, Receipt, Refusal, Snapshot, SnapshotAsk, SnapshotChunk, refusal,
};
use shared_model::sync::request;
use shared_model::sync::segment::{Segment, Segments, SegmentsAsk};

use super::Sheet;
use crate::country::desk::Desk;
use crate::country::people::{dose, edit, name};
use crate::country::{campaign, campaign_key, campaign_public, card, cbor, morning, rules_id};

fn desk() -> Desk {
    let (mut desk, an) = (Desk::new(1), Subject::Citizen(card(0)));
    desk.says(an, edit(vec![name("Nguyễn Thị Minh Khai")]));
    desk.says(an, dose("pfizer", "FK9412", 1, morning()));
    desk.seal();
    desk
}

fn cursor() -> Cursor {
    desk().log.iter().fold(Cursor::start("79-773-26740".to_owned(), 3), |at, entry| at.after(entry.statement))
}

fn entries() -> Vec<FeedEntry> {
    desk().log.into_iter().map(|entry| FeedEntry { envelope: entry.envelope.into() }).collect()
}

fn certificates() -> (Signed, Signed) {
    let desk = desk();
    (Signed::make(&desk.person.certificate(desk.device), &campaign()), Signed::make(&desk.certificate(), &campaign()))
}

fn notice() -> Notice {
    Notice { epoch: 1, seq: 2, code: "not_allowed".to_owned() }
}

#[test]
fn joining_a_campaign_never_changes() {
    let (desk, (author, device)) = (desk(), certificates());
    let enrol = Enrol {
        code: "7KQ2-9M4X".to_owned(),
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
        device: device.clone(),
        author: author.clone(),
        epoch: 1,
        rules: Vec::new(),
        now_ms: morning().0,
        stick_recipients: None,
    };
    let mut sheet = Sheet::default();
    sheet.line("Enrol", cbor(&enrol)).line("Enrolled", cbor(&enrolled));
    sheet.line("signed author certificate", cbor(&author)).line("signed device certificate", cbor(&device));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn hello_and_its_answer_never_change() {
    let desk = desk();
    let mut hello = Hello {
        device: desk.device,
        epoch: 1,
        head: desk.head,
        cursors: vec![cursor()],
        wall_ms: morning().0,
        nonce: [0x4e; 16],
        app_version: "0.1.0".to_owned(),
        rules: vec![rules_id()],
        leans_on: None,
    };
    let mut answer = HelloAnswer {
        device: desk.device,
        nonce: [0x4e; 16],
        now_ms: morning().0,
        held: desk.head_at(1),
        national_to: 1,
        fresh_epoch: None,
        feeds: vec![FeedSum::from(cursor())],
        rules: Vec::new(),
        quarantined: vec![notice()],
        is_nation: true,
        national: None,
        ended_hubs: None,
    };
    let mut sheet = Sheet::default();
    sheet.line("Greet", cbor(&Greet { device: desk.device, protocol: PROTOCOL }));
    sheet.line("Greeted", cbor(&Greeted { nonce: vec![0x6e; 24], protocol: PROTOCOL, hub: None }));
    sheet.line("Hello", cbor(&hello)).line("HelloAnswer", cbor(&answer));
    hello.leans_on = Some(EarlierEnd { epoch: 1, head: desk.head });
    sheet.line("Hello, leaning on an earlier epoch", cbor(&hello));
    answer.fresh_epoch = Some(2);
    sheet.line("HelloAnswer, signed, with a fresh epoch", cbor(&Signed::make(&answer, &campaign())));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn push_and_receipt_never_change() {
    let desk = desk();
    let mut receipt = Receipt {
        device: desk.device,
        epoch: 1,
        held: desk.head,
        national_to: 1,
        quarantined: vec![notice()],
        now_ms: morning().0,
        fresh_epoch: None,
        nonce: [0x7e; 16],
        national: None,
    };
    let mut sheet = Sheet::default();
    sheet.line("Push", cbor(&desk.push(1, 2))).line("Receipt", cbor(&receipt));
    receipt.fresh_epoch = Some(2);
    sheet.line("Receipt, signed, with a fresh epoch", cbor(&Signed::make(&receipt, &campaign())));
    sheet.line(
        "Refusal",
        cbor(&Refusal {
            code: refusal::HOLE.to_owned(),
            held: Some(desk.head_at(1)),
            retry_after_s: Some(10),
            nonce: Some(vec![0x6e; 24]),
        }),
    );
    sheet.line(
        "Refusal, bare",
        cbor(&Refusal { code: refusal::BUSY.to_owned(), held: None, retry_after_s: None, nonce: None }),
    );
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn feeds_and_snapshots_never_change() {
    let (author, device) = certificates();
    let sum = FeedSum::from(cursor());
    let page = Page {
        entries: entries(),
        authors: vec![author.clone()],
        devices: vec![device.clone()],
        sum: Signed::make(&sum, &campaign()),
        more: false,
    };
    let snapshot = Snapshot { feed: sum.feed.clone(), sha256: [0x5a; 32], bytes: 123_456, sum: sum.clone() };
    let mut sheet = Sheet::default();
    sheet.line("Cursor, at the start", cbor(&Cursor::start("79-773-26740".to_owned(), 3)));
    sheet.line("Cursor, after two", cbor(&cursor())).line("FeedSum", cbor(&sum));
    sheet.line("Pull", cbor(&Pull { cursor: cursor(), entries_max: 500 }));
    sheet.line("Page", cbor(&page));
    sheet.line("SnapshotAsk", cbor(&SnapshotAsk { feed: sum.feed }));
    sheet.line("Snapshot", cbor(&snapshot));
    sheet.line("Snapshot, signed", cbor(&Signed::make(&snapshot, &campaign())));
    let chunk = SnapshotChunk { entries: entries(), authors: vec![author], devices: vec![device] };
    sheet.line("SnapshotChunk", cbor(&chunk));
    let damaged = Some([0x5a; 32].into());
    sheet.line("SegmentsAsk", cbor(&SegmentsAsk { cursor: cursor(), damaged }));
    let (first, before, last, sum) = (1, [0x11; 32], 2, cursor().sum);
    let segment = Segment { first, before, last, sum, sha256: [0x5a; 32], bytes: 123_456 };
    let segments = Segments { feed: cursor().feed, epoch: 3, segments: vec![segment] };
    sheet.line("Segments", cbor(&segments)).line("Segments, signed", cbor(&Signed::make(&segments, &campaign())));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn fetching_a_visitor_never_changes() {
    let (author, device) = certificates();
    let statements = desk().log.iter().map(|entry| entry.statement).collect();
    let word = FetchedWord { citizens: vec![card(0)], statements };
    let erased =
        desk().log.into_iter().map(|entry| FeedEntry { envelope: Envelope { body: None, ..entry.envelope }.into() });
    let mut sheet = Sheet::default();
    sheet.line("Fetch", cbor(&Fetch { citizens: vec![card(0), card(1)] }));
    sheet.line("FetchedWord", cbor(&word));
    sheet.line(
        "Fetched",
        cbor(&Fetched {
            entries: erased.collect(),
            authors: vec![author],
            devices: vec![device],
            word: Signed::make(&word, &campaign()),
        }),
    );
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn what_a_device_signs_of_a_request_never_changes() {
    let content = request::signed_content("/device/push", &[0x6e; 24], &[0x5a; 32]);
    let mut sheet = Sheet::default();
    sheet.line("content", &content).line("signature", sign(&desk().key, request::DOMAIN, &content).0);
    insta::assert_snapshot!(sheet.text);
}
