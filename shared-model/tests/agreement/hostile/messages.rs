use shared_model::certificate::Signed;
use shared_model::envelope::{LogHead, PublicKey};
use shared_model::statement::Subject;
use shared_model::sync::feed::{Cursor, FeedSum, check_page};
use shared_model::sync::message::{
    Enrol, Enrolled, FeedEntry, Fetch, Fetched, FetchedWord, Greet, Greeted, Hello, HelloAnswer, Notice, PROTOCOL,
    Page, Pull, Push, Receipt, Refusal, Snapshot, SnapshotAsk, SnapshotChunk, refusal,
};
use shared_model::sync::segment::{Segment, Segments, SegmentsAsk};
use shared_model::sync::{Quarantine, verify_push};

use super::Door;
use super::envelopes::word;
use crate::country::desk::Desk;
use crate::country::people::{dose, edit, name};
use crate::country::{campaign, campaign_key, campaign_public, card, cbor, device, morning, rules_id};

pub fn doors() -> Vec<Door> {
    [on_joining(), on_greeting(), on_pushing(), on_reading()].into_iter().flatten().collect()
}

/// Two entries under one seal.
fn desk() -> Desk {
    let (mut desk, an) = (Desk::new(1), Subject::Citizen(card(0)));
    desk.says(an, edit(vec![name("Nguyễn Thị Minh Khai")]));
    desk.says(an, dose("pfizer", "FK9412", 1, morning()));
    desk.seal();
    desk
}

fn start() -> Cursor {
    Cursor::start("79-773-26740".to_owned(), 3)
}

fn cursor() -> Cursor {
    desk().log.iter().fold(start(), |at, entry| at.after(entry.statement))
}

fn entries() -> Vec<FeedEntry> {
    desk().log.into_iter().map(|entry| FeedEntry { envelope: entry.envelope.into() }).collect()
}

fn of_author() -> Signed {
    Signed::make(&desk().person.certificate(device(1)), &campaign())
}

fn of_device() -> Signed {
    Signed::make(&desk().certificate(), &campaign())
}

fn notice() -> Notice {
    Notice { epoch: 1, seq: 2, code: Quarantine::NotAllowed.code().to_owned() }
}

fn on_joining() -> Vec<Door> {
    let desk = desk();
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
        device: of_device(),
        author: of_author(),
        epoch: 1,
        rules: vec![of_device()],
        now_ms: morning().0,
        stick_recipients: Some(of_device()),
    };
    vec![
        word("Enrol", [enrol]),
        word("Enrolled", [enrolled]),
        word("DeviceCertificate", [desk.certificate()]),
        word("AuthorCertificate", [desk.person.certificate(desk.device)]),
    ]
}

fn on_greeting() -> Vec<Door> {
    let hello = Hello {
        device: device(1),
        epoch: 1,
        head: desk().head,
        cursors: vec![cursor()],
        wall_ms: morning().0,
        nonce: [0x4e; 16],
        app_version: "0.1.0".to_owned(),
        rules: vec![rules_id()],
        leans_on: None,
    };
    let answer = HelloAnswer {
        device: device(1),
        nonce: [0x4e; 16],
        now_ms: morning().0,
        held: desk().head,
        national_to: 1,
        fresh_epoch: Some(2),
        feeds: vec![FeedSum::from(cursor())],
        rules: vec![of_device()],
        quarantined: vec![notice()],
        is_nation: true,
        national: None,
        ended_hubs: None,
    };
    vec![
        word("Greet", [Greet { device: device(1), protocol: PROTOCOL }]),
        word("Greeted", [Greeted { nonce: vec![0x6e; 24], protocol: PROTOCOL, hub: None }]),
        word("Hello", [hello]),
        word("HelloAnswer", [answer]),
    ]
}

fn on_pushing() -> Vec<Door> {
    let desk = desk();
    let receipt = Receipt {
        device: desk.device,
        epoch: 1,
        held: desk.head,
        national_to: 1,
        quarantined: vec![notice()],
        now_ms: morning().0,
        fresh_epoch: Some(2),
        nonce: [0x7e; 16],
        national: None,
    };
    let code = refusal::HOLE.to_owned();
    let refused = Refusal { code, held: Some(desk.head), retry_after_s: Some(10), nonce: Some(vec![0x6e; 24]) };
    let (push, known) = (cbor(&desk.push(1, 2)), LogHead { seq: u64::MAX - 1, chain: desk.head.chain });
    let placed = Door::new("Push", [push], move |bytes| {
        let Ok(push) = minicbor::decode::<Push>(bytes) else { return false };
        let (certificate, person) = (desk.certificate(), &desk.person);
        // A node that holds as much as it can count, and one that holds nothing.
        [known, desk.head_at(0)].into_iter().all(|known| {
            let held = |seq| (seq == 0).then(|| desk.head_at(0).chain);
            verify_push(&push, &certificate, known, held, |_| Some(person.standing(desk.device))).is_ok()
        })
    });
    vec![placed, word("Receipt", [receipt]), word("Notice", [notice()]), word("Refusal", [refused])]
}

fn on_reading() -> Vec<Door> {
    let sum = FeedSum::from(cursor());
    let page = Page {
        entries: entries(),
        authors: vec![of_author()],
        devices: vec![of_device()],
        sum: Signed::make(&sum, &campaign()),
        more: false,
    };
    let read = Door::new("Page", [cbor(&page)], |bytes| {
        let Ok(page) = minicbor::decode::<Page>(bytes) else { return false };
        let last = Cursor { seq: u64::MAX, ..start() };
        check_page(&last, &page, campaign_public()).is_err() && check_page(&start(), &page, campaign_public()).is_ok()
    });
    let feed = sum.feed.clone();
    let word_of = FetchedWord { citizens: vec![card(0)], statements: desk().log.iter().map(|e| e.statement).collect() };
    let fetched = Fetched {
        entries: entries(),
        authors: vec![of_author()],
        devices: vec![of_device()],
        word: Signed::make(&word_of, &campaign()),
    };
    let (first, before, last) = (1, start().sum, 2);
    let segment = Segment { first, before, last, sum: cursor().sum, sha256: [0x5a; 32], bytes: 123_456 };
    let chunk = SnapshotChunk { entries: entries(), authors: vec![of_author()], devices: vec![of_device()] };
    vec![
        read,
        word("Pull", [Pull { cursor: cursor(), entries_max: 500 }]),
        word("Cursor", [cursor()]),
        word("FeedSum", [sum.clone()]),
        word("SegmentsAsk", [SegmentsAsk { cursor: cursor(), damaged: Some([0x5a; 32].into()) }]),
        word("Segments", [Segments { feed: feed.clone(), epoch: 3, segments: vec![segment.clone(), segment] }]),
        word("SnapshotAsk", [SnapshotAsk { feed: feed.clone() }]),
        word("Snapshot", [Snapshot { feed, sha256: [0x5a; 32], bytes: 123_456, sum }]),
        word("SnapshotChunk", [chunk]),
        word("Fetch", [Fetch { citizens: vec![card(0), card(1)] }]),
        word("FetchedWord", [word_of]),
        word("Fetched", [fetched]),
    ]
}
