use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, WireEnvelope};
use shared_model::ids::Seq;
use shared_model::limits::SEGMENT_ENTRIES;
use shared_model::sync::message::{FeedEntry, SnapshotChunk, refusal};
use shared_model::sync::segment::{Segment, Segments, Stretch, check_segment};
use shared_model::sync::{Action, Event, Trouble};

use super::laptop::Laptop;
use super::server::{Feed, Server, refused, signed};
use super::{a_laptop_and_a_server, all_is_everywhere, ends_with, feed, sync_with};
use crate::country::desk::Desk;
use crate::country::{campaign_public, cbor, foreign_campaign};

/// A feed of two files and a few entries more, and who never read any of it.
fn a_long_feed() -> (Laptop, Server) {
    let (laptop, mut server) = a_laptop_and_a_server();
    server.feeds[1] = feed("phường 6", 3, usize::try_from(2 * SEGMENT_ENTRIES + 3).unwrap());
    server.page_entries = 500;
    (laptop, server)
}

/// A sync in which some actions are answered by somebody else; and what was asked of the long feed.
fn asked_of(
    laptop: &mut Laptop,
    server: &mut Server,
    mut instead: impl FnMut(&mut Server, &Action) -> Option<Event>,
) -> (shared_model::sync::Outcome, Vec<String>) {
    let mut asked = Vec::new();
    let outcome = sync_with(laptop, server, |server, action| {
        match action {
            Action::FindSegments(ask) => {
                asked.push(format!("find {}{}", ask.cursor.seq, if ask.damaged.is_some() { " damaged" } else { "" }));
            }
            Action::KeepSegment(stretch) => asked.push(format!("{}-{}", stretch.segment.first, stretch.segment.last)),
            Action::Pull(pull) if pull.cursor.feed == "phường 6" => {
                asked.push(format!("pull {} {}", pull.cursor.seq, pull.entries_max));
            }
            _ => {}
        }
        instead(server, action)
    });
    (outcome, asked)
}

#[test]
fn a_long_feed_is_taken_as_files_and_its_tail_as_pages() {
    let (mut laptop, mut server) = a_long_feed();
    let (outcome, asked) = asked_of(&mut laptop, &mut server, |_, _| None);
    // The other feed has five entries, and five more that this laptop said.
    assert_eq!((outcome.trouble, outcome.pulled), (None, 10 + 2_003));
    assert_eq!(asked, ["find 0", "1-1000", "1001-2000", "pull 2000 500"]);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn who_stands_between_two_cuts_reads_pages_up_to_the_next_one() {
    let (mut laptop, mut server) = a_long_feed();
    server.feeds[1] = feed("phường 6", 3, 3_200);
    let read = server.feeds[1].statements()[..1_150].to_vec();
    laptop.cursors.insert("phường 6".to_owned(), server.feeds[1].cursor_at(1_150));
    laptop.read.insert("phường 6".to_owned(), read);
    let (outcome, asked) = asked_of(&mut laptop, &mut server, |_, _| None);
    assert_eq!(outcome.trouble, None);
    assert_eq!(asked, ["find 1150", "pull 1150 500", "pull 1650 350", "2001-3000", "pull 3000 500"]);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn from_a_server_that_cuts_no_files_pages_are_read() {
    let (mut laptop, mut server) = a_long_feed();
    let (outcome, asked) = asked_of(&mut laptop, &mut server, |_, action| {
        matches!(action, Action::FindSegments(_)).then_some(Event::NoSegments)
    });
    assert_eq!((outcome.trouble, asked.len()), (None, 1 + 5));
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_damaged_file_is_named_and_fetched_again_and_then_done_without() {
    for damages in [1, 2, 9] {
        let (mut laptop, mut server) = a_long_feed();
        let mut met = 0;
        let (outcome, asked) = asked_of(&mut laptop, &mut server, |_, action| {
            let Action::KeepSegment(stretch) = action else { return None };
            met += 1;
            (stretch.segment.first > 1_000 && met <= damages + 1).then_some(Event::SegmentDamaged)
        });
        assert_eq!(outcome.trouble, None, "{damages}");
        let start = ["find 0", "1-1000", "1001-2000", "find 1000 damaged", "1001-2000"];
        assert_eq!(asked[..5], start);
        assert_eq!(asked.len(), if damages == 1 { 6 } else { 5 + 3 }, "{asked:?}");
        all_is_everywhere(&laptop, &server);
    }
}

#[test]
fn files_of_another_feed_or_beyond_all_measure_are_not_taken() {
    let changes: [fn(&mut Segments); 10] = [
        |all| "phường 5".clone_into(&mut all.feed),
        |all| all.epoch += 1,
        |all| all.segments[0].bytes = u64::MAX,
        |all| all.segments[0].bytes = 0,
        |all| all.segments[0].first = 0,
        |all| all.segments[0].last = u64::MAX,
        |all| all.segments[1].first += 1,
        |all| all.segments[1].before = [7; 32],
        |all| all.segments[1].last = all.segments[1].first - 1,
        |all| all.segments = vec![all.segments[0].clone(); 501],
    ];
    for change in changes {
        let (mut laptop, mut server) = a_long_feed();
        let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
            Action::FindSegments(ask) => {
                let mut segments = server.feeds[1].segments(ask.cursor.seq);
                change(&mut segments);
                Some(Event::SegmentsFound(signed(&segments)))
            }
            Action::KeepSegment(stretch) => panic!("{stretch:?}"),
            _ => None,
        });
        ends_with(&outcome, Trouble::BadAnswer);
    }
}

#[test]
fn files_cut_from_another_story_are_found_out_and_the_feed_is_read_again() {
    let (mut laptop, mut server) = a_long_feed();
    let other = feed("phường 6", 9, 1_500);
    laptop.cursors.insert("phường 6".to_owned(), other.cursor_at(1_000));
    laptop.read.insert("phường 6".to_owned(), other.statements()[..1_000].to_vec());
    // As after a restore: the feed of that name and epoch has another beginning by now.
    server.feeds[1] = feed("phường 6", 3, 3_100);
    let (outcome, asked) = asked_of(&mut laptop, &mut server, |_, _| None);
    assert_eq!(outcome.trouble, None);
    assert_eq!(asked[..5], ["find 1000", "pull 1000 500", "find 0", "1-1000", "1001-2000"]);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_feed_made_anew_meanwhile_is_left_for_the_next_sync() {
    let (mut laptop, mut server) = a_long_feed();
    let outcome = sync_with(&mut laptop, &mut server, |_, action| {
        let changed = || Event::Trouble(refused(refusal::FEED_CHANGED, None));
        matches!(action, Action::FindSegments(_)).then(changed)
    });
    ends_with(&outcome, refused(refusal::FEED_CHANGED, None));
}

fn file(feed: &Feed, after: usize, to: usize) -> Vec<u8> {
    let chunk = |entries: &[shared_model::envelope::Envelope]| SnapshotChunk {
        entries: entries.iter().map(|envelope| FeedEntry { envelope: envelope.clone().into() }).collect(),
        authors: Vec::new(),
        devices: Vec::new(),
    };
    feed.entries[after..to].chunks(3).flat_map(|entries| cbor(&chunk(entries))).collect()
}

#[test]
fn a_file_is_believed_only_where_it_leads_from_sum_to_sum() {
    let feed = feed("phường 5", 2, 12);
    let segment: Segment = feed.segment(2, 9);
    let stretch = Stretch { at: feed.cursor_at(2), segment };
    let chunks = check_segment(&stretch, &file(&feed, 2, 9), campaign_public()).unwrap();
    let (kept, ends): (Vec<usize>, Vec<Seq>) =
        chunks.iter().map(|chunk| (chunk.page.envelopes.len(), chunk.page.cursor.seq)).unzip();
    assert_eq!((kept, ends), (vec![3, 3, 1], vec![5, 8, 9]));
    let bytes = file(&feed, 2, 9);
    for wrong in
        [file(&feed, 2, 8), file(&feed, 3, 9), file(&feed, 2, 10), Vec::new(), bytes[..bytes.len() - 1].to_vec()]
    {
        assert_eq!(check_segment(&stretch, &wrong, campaign_public()), None);
    }
    let elsewhere = Stretch { at: feed.cursor_at(3), ..stretch };
    assert_eq!(check_segment(&elsewhere, &bytes, campaign_public()), None);
}

#[test]
fn bodies_and_certificates_in_a_file_are_looked_at_as_in_a_page() {
    let feed = feed("phường 5", 2, 12);
    let stretch = Stretch { at: feed.cursor_at(2), segment: feed.segment(2, 9) };
    let mut swapped = feed.entries[2..9].to_vec();
    let other = swapped[1].body.clone();
    assert_ne!(swapped[0].body, other);
    swapped[0].body = other;
    let wire = |one: &Envelope| FeedEntry {
        envelope: WireEnvelope { header: one.header.clone(), body: one.body.clone(), hash_left_out: false },
    };
    let entries = |envelopes: &[Envelope]| envelopes.iter().map(wire).collect();
    let chunk = |envelopes: &[Envelope], authors: Vec<Signed>| {
        cbor(&SnapshotChunk { entries: entries(envelopes), authors, devices: Vec::new() })
    };
    // The sums run over headers, so they are as they were.
    assert_eq!(check_segment(&stretch, &chunk(&swapped, Vec::new()), campaign_public()), None);
    let desk = Desk::new(1);
    let person = desk.person.certificate(desk.device);
    let (ours, theirs) = (signed(&person), Signed::make(&person, &foreign_campaign()));
    assert!(check_segment(&stretch, &chunk(&feed.entries[2..9], vec![ours.clone()]), campaign_public()).is_some());
    assert_eq!(check_segment(&stretch, &chunk(&feed.entries[2..9], vec![ours, theirs]), campaign_public()), None);
}
