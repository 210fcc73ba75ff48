//! One dose from the table to the nation and home again.

use shared_model::sync::conversation::Myself;
use shared_model::sync::feed::{Cursor, check_page, follow};
use shared_model::sync::message::{Fetch, Fetched, FetchedWord, Snapshot, SnapshotAsk, SnapshotChunk};
use shared_model::sync::{Action, Conversation, Event, Speaker};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};

use super::laptop::{Laptop, citizen};
use super::nation::Nation;

#[tokio::test]
async fn one_dose_reaches_the_nation_and_its_neighbour() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "26734").await;
    let khai = citizen(42);
    let registered = alley.register(nation.now(), khai, "Nguyễn Thị Minh Khai", "079190000001");
    let dose = alley.give(nation.now(), khai, 1, "FK9412");
    alley.sync(&nation).await;
    tower.sync(&nation).await;
    assert_eq!(tower.feed, [registered, dose]);
    let overview = nation.server.store().overview(nation.now()).await.unwrap();
    assert_eq!((overview.doses, overview.people, overview.behind), (1, 1, 0));
}

#[tokio::test]
async fn the_conversation_of_the_agreement_ends_complete() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    for n in 1..=30 {
        laptop.register(nation.now(), citizen(n), "Lê Văn An", &format!("0791900000{n:02}"));
        laptop.give(nation.now(), citizen(n), 1, "FK9412");
    }
    let me = Myself {
        device: laptop.device,
        campaign: laptop.campaign,
        speaker: Speaker::Nation,
        epoch: laptop.epoch,
        head: laptop.head(),
        cursors: Vec::new(),
        rules: Vec::new(),
        leans_on: None,
        app_version: "test".to_owned(),
        nonce: [3; 16],
    };
    let mut conversation = Conversation::begin(me, nation.now());
    let mut outcome = None;
    while let Some(action) = conversation.poll() {
        let event = match action {
            Action::SayHello(hello) => Event::Hello(laptop.ask(&nation, "/device/hello", &hello).await.unwrap()),
            Action::ReadLog { from } => Event::Log((from <= laptop.log.len() as u64).then(|| laptop.range(from))),
            Action::Push(push) => {
                let receipt = laptop.ask(&nation, "/device/push", &push).await.unwrap();
                nation.server.catch_up().await.unwrap();
                Event::Receipt(receipt)
            }
            Action::FindSegments(ask) => {
                Event::SegmentsFound(laptop.ask(&nation, "/device/segments", &ask).await.unwrap())
            }
            Action::Pull(pull) => Event::Page(laptop.ask(&nation, "/device/pull", &pull).await.unwrap()),
            Action::Finished(finished) => {
                outcome = Some(finished);
                break;
            }
            Action::NoteReceipt(_)
            | Action::NoteHeldByHub(_)
            | Action::NoteBrought(_)
            | Action::NoteEndedHubs(_)
            | Action::NoteRules(_)
            | Action::NoteTime { .. }
            | Action::KeepPage { .. }
            | Action::KeepSegment(_)
            | Action::StartEpoch(_) => Event::Done,
        };
        conversation.handle(event, nation.now());
    }
    let outcome = outcome.unwrap();
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!((outcome.pushed, outcome.pulled), (60, 60));
}

#[tokio::test]
async fn a_push_asked_again_is_acknowledged_again_and_kept_once() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "FK9412");
    let first = laptop.push(&nation, 1).await.unwrap();
    let second = laptop.push(&nation, 1).await.unwrap();
    assert_eq!((first.held, first.national_to), (second.held, second.national_to));
    laptop.give(nation.now(), citizen(2), 1, "FK9412");
    // The whole log again, with one more at its end.
    assert_eq!(laptop.push(&nation, 1).await.unwrap().held, laptop.head());
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 2);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let mut nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "FK9412");
    let receipt = laptop.push(&nation, 1).await.unwrap();
    nation.restart().await;
    assert_eq!(nation.server.campaign_key(), laptop.campaign);
    let hello = laptop.hello(&nation).await.unwrap();
    assert_eq!((hello.held, hello.fresh_epoch), (receipt.held, None));
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 1);
}

#[tokio::test]
async fn a_snapshot_is_the_feed_in_one_file_that_can_be_taken_in_pieces() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    for n in 1..=20 {
        alley.register(nation.now(), citizen(n), "Lê Văn An", &format!("0791900000{n:02}"));
        alley.give(nation.now(), citizen(n), 1, "FK9412");
    }
    alley.push(&nation, 1).await.unwrap();
    nation.server.catch_up().await.unwrap();

    let tower = Laptop::enrolled(&nation, 2, "26734").await;
    // Two files, and what no file has yet.
    crate::segments::cut_every(&nation.server.office, "26734", 15).await.unwrap();
    let ask = SnapshotAsk { feed: "26734".to_owned() };
    let snapshot: Snapshot = tower.ask_word(&nation, "/device/snapshot", &ask).await.unwrap();
    let again: Snapshot = tower.ask_word(&nation, "/device/snapshot", &ask).await.unwrap();
    assert_eq!(snapshot, again);
    let path = format!("/device/snapshot/{}", shared_model::ids::to_hex(&snapshot.sha256));
    let mut file = Vec::new();
    for range in ["bytes=0-99", "bytes=100-"] {
        let nonce = tower.nonce(&nation).await.unwrap();
        let request = axum::http::Request::get(&path)
            .header("authorization", tower.authorization(&path, &nonce, &[]))
            .header("range", range);
        let heard = nation.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(heard.status, axum::http::StatusCode::PARTIAL_CONTENT);
        file.extend(heard.body);
    }
    assert_eq!(file.len() as u64, snapshot.bytes);
    let bytes = zstd::decode_all(&file[..]).unwrap();
    let mut decoder = minicbor::Decoder::new(&bytes);
    let mut cursor = Cursor::start(snapshot.feed.clone(), snapshot.sum.epoch);
    let mut certificates = 0;
    while decoder.position() < bytes.len() {
        let chunk: SnapshotChunk = decoder.decode().unwrap();
        certificates += chunk.authors.len() + chunk.devices.len();
        cursor = follow(cursor, &chunk.entries).1;
    }
    assert!(cursor.is_at(&snapshot.sum));
    // Each file names those who are met in it.
    assert_eq!((cursor.seq, certificates), (40, 3 * 2));

    // What came since is read from the feed behind it.
    alley.give(nation.now(), citizen(1), 2, "FK9413");
    alley.push(&nation, 41).await.unwrap();
    nation.server.catch_up().await.unwrap();
    let pull = shared_model::sync::message::Pull { cursor: cursor.clone(), entries_max: 500 };
    let page = tower.ask(&nation, "/device/pull", &pull).await.unwrap();
    assert_eq!(check_page(&cursor, &page, tower.campaign).unwrap().envelopes.len(), 1);

    let stranger = Laptop::enrolled(&nation, 3, "70000").await;
    let (status, refusal) = stranger.ask_word::<Snapshot>(&nation, "/device/snapshot", &ask).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (403, "feed_not_yours"));
}

#[tokio::test]
async fn a_visitor_from_elsewhere_is_fetched_by_id() {
    let nation = Nation::found().await;
    let mut home = Laptop::enrolled(&nation, 1, "26734").await;
    let away = Laptop::enrolled(&nation, 2, "70000").await;
    let registered = home.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    let dose = home.give(nation.now(), citizen(1), 1, "FK9412");
    home.give(nation.now(), citizen(2), 1, "FK9412");
    home.push(&nation, 1).await.unwrap();
    nation.server.catch_up().await.unwrap();
    let fetched: Fetched = away.ask(&nation, "/device/fetch", &Fetch { citizens: vec![citizen(1)] }).await.unwrap();
    let word: FetchedWord = fetched.word.open(away.campaign).unwrap();
    assert_eq!(word.statements, [registered, dose]);
    assert_eq!((fetched.entries.len(), fetched.authors.len(), fetched.devices.len()), (2, 1, 1));
    let crowd = Fetch { citizens: (1..=21).map(citizen).collect() };
    let (status, _) = away.ask::<Fetched>(&nation, "/device/fetch", &crowd).await.unwrap_err();
    assert_eq!(status.as_u16(), 413);
}

#[tokio::test]
async fn a_code_lets_one_laptop_in_once_and_answers_it_again() {
    let nation = Nation::found().await;
    nation.server.add_code("DEMO-0001", "hem-42", "26734").await.unwrap();
    let laptop = Laptop::new(1);
    let first = laptop.enrol(&nation, "demo 0001").await.unwrap();
    let again = laptop.enrol(&nation, "DEMO-0001").await.unwrap();
    assert_eq!((first.device, first.author, first.epoch), (again.device, again.author, again.epoch));
    assert_eq!(first.rules.len(), 1);
    let thief = Laptop::new(2);
    assert_eq!(thief.enrol(&nation, "DEMO-0001").await.unwrap_err().1.code, "code_unknown");
    assert_eq!(thief.enrol(&nation, "DEMO-9999").await.unwrap_err().1.code, "code_unknown");

    nation.server.add_code("DEMO-0002", "hem-42", "26734").await.unwrap();
    nation.edge.pass(MS_PER_DAY + MS_PER_HOUR);
    assert_eq!(thief.enrol(&nation, "DEMO-0002").await.unwrap_err().1.code, "code_expired");

    for n in 0..20 {
        let _ = thief.enrol(&nation, &format!("WILD-{n:04}")).await;
    }
    let (status, refusal) = thief.enrol(&nation, "WILD-0020").await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (429, "busy"));
    assert!(refusal.retry_after_s.is_some());
}
