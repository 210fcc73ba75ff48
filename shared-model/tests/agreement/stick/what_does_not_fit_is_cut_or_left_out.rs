use shared_model::envelope::{LogHead, WireEnvelope};
use shared_model::ids::{Chain, Seq};
use shared_model::limits;
use shared_model::sync::bundle::{
    Certificates, Content, Folded, Folding, LogRange, Manifest, NotWritten, Refused, Writer, read, write,
};
use shared_model::sync::message::Push;

use super::{certificates, desk, manifest, raw, stretch, whats};
use crate::country::campaign_public;

fn chain(seq: Seq) -> Chain {
    Chain([u8::try_from(seq % 251).unwrap(); 32])
}

/// A range with as much in it as there may be, sealed every `run` entries.
fn heavy(entries: u64, run: usize, byte: u8) -> Push {
    let envelope = WireEnvelope { header: vec![1; 200], body: Some(vec![byte; 4096]), hash_left_out: true };
    let seals = (1..=entries).filter(|seq| seq.is_multiple_of(run as u64) || *seq == entries);
    let seals = seals.map(|seq| desk().a_seal(LogHead { seq, chain: chain(seq) })).collect();
    let entries = vec![envelope; usize::try_from(entries).unwrap()];
    Push { from: 1, previous: chain(0), entries, seals, ..desk().push(1, 1) }
}

fn pushes(bytes: &[u8]) -> Vec<Push> {
    let stick = read(bytes, campaign_public());
    assert_eq!(whats(&stick), []);
    let push = |content| if let Content::Push(push) = content { Some(push) } else { None };
    stick.frames.iter().filter_map(|frame| push(frame.open().unwrap())).collect()
}

#[test]
fn a_range_too_large_for_a_frame_is_cut_at_its_seals() {
    for (push, byte) in [(heavy(400, 20, 7), 7), (heavy(400, 20, 0xfd), 0xfd)] {
        let frames: Vec<Vec<u8>> = write(manifest(), [Content::Push(push.clone())], raw).map(Result::unwrap).collect();
        assert!(frames.iter().all(|frame| frame.len() <= limits::REQUEST_BYTES_MAX), "{byte}");
        let pushes = pushes(&frames.concat());
        assert!(pushes.len() > 6, "{byte}");
        let mut next = LogHead { seq: 1, chain: chain(0) };
        for part in &pushes {
            assert_eq!((part.from, part.previous), (next.seq, next.chain));
            let last = part.seals.last().unwrap();
            assert_eq!(last.to_seq, part.from + part.entries.len() as u64 - 1);
            next = LogHead { seq: last.to_seq + 1, chain: last.chain };
        }
        assert_eq!(next.seq, 401);
        assert_eq!(pushes.iter().map(|part| part.seals.len()).sum::<usize>(), push.seals.len());
        // The manifest names one range.
        let stick = read(&frames.concat(), campaign_public());
        let Ok(Content::Manifest(last)) = stick.frames.last().unwrap().open() else { panic!() };
        let Push { device, epoch, .. } = push;
        assert_eq!(last.ranges, [LogRange { device, epoch, from: 1, to: 400, previous: chain(0) }]);
    }
}

#[test]
fn a_range_that_folds_small_enough_is_not_cut() {
    let fold = |bytes: Vec<u8>| Folded { folding: Folding::Zstd, bytes: bytes[..bytes.len() / 100].to_vec() };
    assert_eq!(write(manifest(), [Content::Push(heavy(400, 20, 7))], fold).count(), 3);
}

#[test]
fn what_can_not_be_cut_is_left_out_and_the_rest_is_written() {
    let far = Push { from: u64::MAX, ..desk().push(1, 2) };
    let empty = Push { entries: Vec::new(), ..desk().push(1, 2) };
    let mut many = certificates();
    many.authors = vec![many.authors[0].clone(); limits::CERTIFICATES_MAX + 1];
    let contents = [
        Content::Push(desk().push(1, 2)),
        Content::Push(heavy(100, 100, 7)),
        Content::Push(far),
        Content::Push(empty),
        Content::Certificates(many),
        Content::Manifest(manifest()),
        Content::Push(desk().push(3, 4)),
    ];
    let written: Vec<Result<Vec<u8>, Refused>> = write(manifest(), contents, raw).collect();
    let refused: Vec<_> = written.iter().filter_map(|frame| frame.as_ref().err().copied()).collect();
    let expected = [
        (1, NotWritten::TooLarge),
        (2, NotWritten::NotARange),
        (3, NotWritten::NotARange),
        (4, NotWritten::TooLarge),
        (5, NotWritten::Manifest),
    ];
    assert_eq!(refused, expected.map(|(content, source)| Refused { content: Some(content), source }));
    let frames: Vec<u8> = written.into_iter().filter_map(Result::ok).flatten().collect();
    assert_eq!(pushes(&frames), [desk().push(1, 2), desk().push(3, 4)]);
}

#[test]
fn a_manifest_with_all_the_ranges_there_may_be_stands_in_one_frame() {
    let range = |n: u64| LogRange {
        device: shared_model::ids::DeviceId([0xfd; 16]),
        epoch: u32::MAX,
        from: u64::MAX - n,
        to: u64::MAX,
        previous: Chain([0xaa; 32]),
    };
    let ranges: Vec<_> = (0..limits::STICK_RANGES_MAX as u64).map(range).collect();
    let mut feed = manifest().feeds[0].clone();
    feed.feed = "7".repeat(limits::STICK_FEED_NAME_BYTES_MAX);
    let feeds = vec![feed; limits::STICK_FEEDS_MAX];
    let largest = Manifest { ranges, feeds, ..manifest() };
    let (_, frame) = Writer::begin(largest.clone()).unwrap();
    assert_eq!(whats(&read(&frame, campaign_public())).len(), 1, "unfinished, and nothing else");
    let ranges = [largest.ranges.clone(), vec![range(0)]].concat();
    let refused = write(Manifest { ranges, ..largest }, [], raw).next().unwrap().unwrap_err();
    assert_eq!(refused, Refused { content: None, source: NotWritten::TooManyRanges });
}

#[test]
fn ranges_without_end_are_too_many() {
    let (mut writer, _) = Writer::begin(manifest()).unwrap();
    let small = Folded::raw(Vec::new());
    for epoch in 0..u32::try_from(limits::STICK_RANGES_MAX).unwrap() {
        writer.add(&Content::Push(Push { epoch, ..desk().push(1, 2) }), &small).unwrap();
    }
    let next = Content::Push(Push { epoch: u32::MAX, ..desk().push(1, 2) });
    assert_eq!(writer.add(&next, &small), Err(NotWritten::TooManyRanges));
    // What names no range still has a place.
    writer.add(&Content::Certificates(Certificates::default()), &small).unwrap();
    writer.add(&Content::Feed(stretch()), &small).unwrap();
    assert!(writer.close().unwrap().len() < limits::REQUEST_BYTES_MAX);
}
