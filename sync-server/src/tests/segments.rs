//! Files cut from a feed: what is in them, who gets them, and what becomes of lost and damaged ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use roads::segment::check;
use shared_model::ids::{StatementId, to_hex};
use shared_model::sync::feed::{Cursor, check_page};
use shared_model::sync::message::{Page, Pull};
use shared_model::sync::segment::{Segment, Segments, SegmentsAsk, Stretch};

use super::laptop::{Laptop, citizen};
use super::nation::{Heard, Nation};
use crate::segments::{cut, cut_every, sweep};

const FEED: &str = "26734";

/// An area with 25 entries, and a laptop that read none of them.
async fn area() -> (Nation, Laptop, Cursor) {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, FEED).await;
    says_more(&nation, &mut alley, 25).await;
    let tower = Laptop::enrolled(&nation, 2, FEED).await;
    let epoch = tower.hello(&nation).await.unwrap().feeds[0].epoch;
    (nation, tower, Cursor::start(FEED.to_owned(), epoch))
}

async fn says_more(nation: &Nation, laptop: &mut Laptop, doses: u8) {
    let before = laptop.log.len() as u64;
    for n in 1..=doses {
        laptop.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    laptop.push(nation, before + 1).await.unwrap();
    nation.server.catch_up().await.unwrap();
}

async fn files(nation: &Nation, laptop: &Laptop, cursor: &Cursor, damaged: Option<[u8; 32]>) -> Vec<Segment> {
    let ask = SegmentsAsk { cursor: cursor.clone(), damaged: damaged.map(Into::into) };
    let told: Segments = laptop.ask_word(nation, "/device/segments", &ask).await.unwrap();
    assert_eq!((told.feed.as_str(), told.epoch), (FEED, cursor.epoch));
    told.segments
}

async fn fetch(nation: &Nation, laptop: &Laptop, sha256: [u8; 32], range: Option<&str>) -> Heard {
    let path = format!("/device/segment/{}", to_hex(&sha256));
    let nonce = laptop.nonce(nation).await.unwrap();
    let mut request = Request::get(&path).header(header::AUTHORIZATION, laptop.authorization(&path, &nonce, &[]));
    if let Some(range) = range {
        request = request.header(header::RANGE, range);
    }
    nation.send(request.body(Body::empty()).unwrap()).await
}

fn path(nation: &Nation, sha256: [u8; 32]) -> PathBuf {
    nation.server.office.segments.join(to_hex(&sha256))
}

/// Takes every file behind a cursor, and what no file has yet as pages.
async fn read_all(nation: &Nation, laptop: &Laptop, mut at: Cursor) -> (usize, Vec<StatementId>) {
    let (mut taken, mut read) = (0, Vec::new());
    for segment in files(nation, laptop, &at.clone(), None).await {
        let file = fetch(nation, laptop, segment.sha256, None).await.body;
        for chunk in check(&Stretch { at: at.clone(), segment }, &file, laptop.campaign).unwrap() {
            read.extend(chunk.page.envelopes.iter().map(|(id, _)| *id));
            at = chunk.page.cursor;
        }
        taken += 1;
    }
    let pull = Pull { cursor: at.clone(), entries_max: 500 };
    let page: Page = laptop.ask(nation, "/device/pull", &pull).await.unwrap();
    let checked = check_page(&at, &page, laptop.campaign).unwrap();
    read.extend(checked.envelopes.iter().map(|(id, _)| *id));
    (taken, read)
}

#[tokio::test]
async fn files_and_tail_are_the_feed() {
    let (nation, mut tower, start) = area().await;
    assert_eq!(files(&nation, &tower, &start, None).await, []);
    cut_every(&nation.server.office, FEED, 10).await.unwrap();
    let (taken, read) = read_all(&nation, &tower, start.clone()).await;
    tower.sync(&nation).await;
    assert_eq!((taken, read), (2, tower.feed.clone()));
    // In the middle of one, the next is told.
    let behind = files(&nation, &tower, &Cursor { seq: 7, ..start }, None).await;
    assert_eq!(behind.iter().map(|file| (file.first, file.last)).collect::<Vec<_>>(), [(11, 20)]);
}

#[tokio::test]
async fn a_file_is_told_for_ever_and_in_pieces() {
    let (nation, tower, start) = area().await;
    cut_every(&nation.server.office, FEED, 10).await.unwrap();
    let file = &files(&nation, &tower, &start, None).await[0];
    let whole = fetch(&nation, &tower, file.sha256, None).await;
    assert_eq!((whole.status, whole.body.len() as u64), (StatusCode::OK, file.bytes));
    assert_eq!(whole.headers[header::CACHE_CONTROL], "private, max-age=31536000, immutable");
    let rest = fetch(&nation, &tower, file.sha256, Some("bytes=100-")).await;
    assert_eq!((rest.status, &rest.body[..]), (StatusCode::PARTIAL_CONTENT, &whole.body[100..]));
}

#[tokio::test]
async fn a_file_is_cut_once_whoever_asks_and_stays_while_the_feed_goes_on() {
    let nation = Arc::new(Nation::found().await);
    let mut alley = Laptop::enrolled(&nation, 1, FEED).await;
    for _ in 0..5 {
        says_more(&nation, &mut alley, 200).await;
    }
    let epoch = alley.hello(&nation).await.unwrap().feeds[0].epoch;
    let start = Cursor::start(FEED.to_owned(), epoch);
    let mut asking = Vec::new();
    for n in 2..8 {
        let (nation, start) = (Arc::clone(&nation), start.clone());
        let laptop = Laptop::enrolled(&nation, n, FEED).await;
        asking.push(tokio::spawn(async move { files(&nation, &laptop, &start, None).await }));
    }
    let mut told = BTreeSet::new();
    for asked in asking {
        told.insert(asked.await.unwrap().iter().map(|file| (file.last, file.sha256)).collect::<Vec<_>>());
    }
    assert_eq!(told.len(), 1);
    let first = told.pop_first().unwrap();
    assert_eq!(first.iter().map(|(last, _)| *last).collect::<Vec<_>>(), [1_000]);
    let made = |nation: &Nation| fs::metadata(path(nation, first[0].1)).unwrap().modified().unwrap();
    let before = made(&nation);
    for _ in 0..5 {
        says_more(&nation, &mut alley, 200).await;
    }
    // What the server does by itself once in a while.
    cut(&nation.server.office, FEED).await.unwrap();
    let now = files(&nation, &alley, &start, None).await;
    assert_eq!((now.len(), now[0].sha256, made(&nation)), (2, first[0].1, before));
    assert_eq!(read_all(&nation, &alley, start).await.1.len(), 2_000);
}

#[tokio::test]
async fn a_lost_file_is_cut_again_to_the_same_bytes() {
    let (nation, tower, start) = area().await;
    cut_every(&nation.server.office, FEED, 10).await.unwrap();
    let before = files(&nation, &tower, &start, None).await;
    let path = path(&nation, before[1].sha256);
    let bytes = fs::read(&path).unwrap();
    for harm in [None, Some(&bytes[..50])] {
        fs::remove_file(&path).unwrap();
        if let Some(left) = harm {
            fs::write(&path, left).unwrap();
        } else {
            // So it is on a server whose neighbour cut it.
            let fetched = fetch(&nation, &tower, before[1].sha256, None).await;
            assert_eq!((fetched.status, &fetched.body), (StatusCode::OK, &bytes));
        }
        assert_eq!(files(&nation, &tower, &start, None).await, before);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_file_that_rotted_on_the_disk_is_cut_again_when_somebody_names_it() {
    let (nation, tower, start) = area().await;
    cut_every(&nation.server.office, FEED, 10).await.unwrap();
    let file = files(&nation, &tower, &start, None).await.remove(0);
    let path = path(&nation, file.sha256);
    let bytes = fs::read(&path).unwrap();
    let mut rotten = bytes.clone();
    rotten[40] ^= 1;
    fs::write(&path, &rotten).unwrap();
    let stretch = Stretch { at: start.clone(), segment: file.clone() };
    assert_eq!(check(&stretch, &fetch(&nation, &tower, file.sha256, None).await.body, tower.campaign), None);
    // A whole one that is called damaged stays as it is, and so does one that nobody has.
    files(&nation, &tower, &start, Some([7; 32])).await;
    assert_eq!(fs::read(&path).unwrap(), rotten);
    assert_eq!(files(&nation, &tower, &start, Some(file.sha256)).await[0], file);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn files_of_an_old_epoch_are_nobodys() {
    let (nation, tower, start) = area().await;
    let office = &nation.server.office;
    cut_every(office, FEED, 10).await.unwrap();
    let old = files(&nation, &tower, &start, None).await;
    office.store.renew_feeds(77).await.unwrap();
    assert_eq!(fetch(&nation, &tower, old[0].sha256, None).await.status, StatusCode::NOT_FOUND);
    let ask = SegmentsAsk { cursor: start, damaged: Some(old[0].sha256.into()) };
    let (status, refusal) = tower.ask_word::<Segments>(&nation, "/device/segments", &ask).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (409, "feed_changed"));
    let start = Cursor::start(FEED.to_owned(), 77);
    assert_eq!(files(&nation, &tower, &start, None).await, []);
    sweep(office).await.unwrap();
    assert!(!path(&nation, old[0].sha256).exists());
    cut_every(office, FEED, 10).await.unwrap();
    assert_eq!(read_all(&nation, &tower, start).await.1.len(), 25);
    sweep(office).await.unwrap();
    assert!(path(&nation, old[1].sha256).exists(), "the same entries make the same file");
}

#[tokio::test]
async fn files_are_for_those_who_live_there() {
    let (nation, tower, start) = area().await;
    cut_every(&nation.server.office, FEED, 10).await.unwrap();
    let file = files(&nation, &tower, &start, None).await.remove(0);
    let stranger = Laptop::enrolled(&nation, 9, "70000").await;
    let ask = SegmentsAsk { cursor: start, damaged: None };
    let (status, refusal) = stranger.ask_word::<Segments>(&nation, "/device/segments", &ask).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (403, "feed_not_yours"));
    assert_eq!(fetch(&nation, &stranger, file.sha256, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn where_no_file_can_be_written_there_is_none_and_pages_are_read() {
    let (nation, mut tower, start) = area().await;
    let office = &nation.server.office;
    cut_every(office, FEED, 10).await.unwrap();
    fs::remove_dir_all(&office.segments).unwrap();
    fs::write(&office.segments, b"in the way").unwrap();
    let (taken, read) = read_all(&nation, &tower, start).await;
    tower.sync(&nation).await;
    assert_eq!((taken, read), (0, tower.feed));
}
