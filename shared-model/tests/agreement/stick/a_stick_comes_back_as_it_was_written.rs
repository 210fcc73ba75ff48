use proptest::prelude::*;
use shared_model::envelope::LogHead;
use shared_model::limits;
use shared_model::sync::bundle::{
    Content, Folded, Folding, Kind, MAGIC, NotOpened, PAYLOAD_BYTES_MAX, Reader, ReturnAsked, Returned, Told, Writer,
    read,
};
use shared_model::sync::feed::check_page;
use shared_model::sync::verify_push;

use super::{a_days_stick, a_return_word, a_wish, desk, filters, frames, manifest, one_of_every_kind, whats, whole};
use crate::cases;
use crate::country::{campaign_public, device, morning};

#[test]
fn every_kind_of_content_comes_back() {
    let contents: Vec<Content> = one_of_every_kind().into_iter().chain(filters()).collect();
    let stick = read(&whole(manifest(), contents.clone()), campaign_public());
    assert_eq!(whats(&stick), []);
    let opened: Vec<Content> = stick.frames.iter().map(|frame| frame.open().unwrap()).collect();
    assert_eq!(opened[1..=contents.len()], contents);
    // What was planned at the beginning, what was written at the end.
    let (Content::Manifest(first), Content::Manifest(last)) = (&opened[0], &opened[8]) else { panic!("{opened:?}") };
    assert_eq!(*first, manifest());
    assert_eq!((last.ranges[0].to, last.feeds.clone(), last.frames), (2, manifest().feeds, Some(9)));
    let read = &stick.report.bundles[0];
    assert!(read.is_complete() && read.maker == Some(device(9)) && read.made_ms == Some(morning().0));
    assert_eq!(stick.report.told(|_| false, morning()), []);
}

#[test]
fn what_comes_back_is_believed_for_its_seals_and_signatures() {
    let stick = read(&a_days_stick().concat(), campaign_public());
    let desk = desk();
    let mut known = LogHead::empty(desk.device, 1);
    for frame in &stick.frames {
        match frame.open().unwrap() {
            Content::Push(push) => {
                let held = |seq| if seq <= known.seq { desk.chain_at(seq) } else { None };
                let standing = desk.person.standing(desk.device);
                let run = verify_push(&push, &desk.certificate(), known, held, |_| Some(standing.clone())).unwrap();
                known = run.head;
            }
            Content::Feed(stretch) => drop(check_page(&stretch.from, &stretch.page, campaign_public()).unwrap()),
            Content::Returned(signed) => assert_eq!(signed.open::<Returned>(campaign_public()), Ok(a_return_word())),
            Content::ReturnAsked(signed) => {
                assert_eq!(ReturnAsked::open(&signed, desk.certificate().key, campaign_public()), Ok(a_wish()));
            }
            Content::Manifest(_) | Content::Certificates(_) | Content::Prior(_) | Content::PriorPiece(_) => {}
        }
    }
    assert_eq!(known, desk.head);
}

#[test]
fn an_empty_bundle_is_two_manifests() {
    let stick = read(&whole(manifest(), Vec::new()), campaign_public());
    assert_eq!((stick.frames.len(), whats(&stick)), (2, vec![]));
    let Ok(Content::Manifest(last)) = stick.frames[1].open() else { panic!() };
    assert_eq!((last.ranges.len(), last.feeds.len(), last.frames), (0, 0, Some(2)));
    assert!(stick.report.bundles[0].is_complete());
}

#[test]
fn nothing_is_read_out_of_nothing() {
    for bytes in [&b""[..], b"\xfd", b"autorun.inf", &[0; 4096]] {
        let stick = read(bytes, campaign_public());
        assert!(stick.frames.is_empty() && stick.report.bundles.is_empty());
        assert_eq!(stick.report.told(|_| false, morning()), [Told::NothingFound]);
    }
}

#[test]
fn the_largest_payload_fits_and_one_byte_more_does_not() {
    let (mut writer, _) = Writer::begin(manifest()).unwrap();
    let content = Content::Push(desk().push(1, 2));
    let folded = |bytes| Folded { folding: Folding::Zstd, bytes: vec![7; bytes] };
    assert!(writer.clone().add(&content, &folded(PAYLOAD_BYTES_MAX + 1)).is_err());
    let frame = writer.add(&content, &folded(PAYLOAD_BYTES_MAX)).unwrap();
    // The sum may hold a byte or two that are escaped; these do not.
    assert_eq!(frame.len(), limits::REQUEST_BYTES_MAX);
    let stick = read(&frame, campaign_public());
    assert_eq!(stick.frames[0].payload, folded(PAYLOAD_BYTES_MAX).bytes);
    assert_eq!(stick.frames[0].open(), Err(NotOpened::Folded(Folding::Zstd)));
}

/// Bytes in which the magic and pieces of it are common.
fn full_of_magic() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(MAGIC.to_vec()),
        Just(vec![MAGIC[0]]),
        Just(vec![0]),
        (0..8_usize).prop_map(|to| MAGIC[..to].to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases::of("any content of a stick"))]

    /// The magic may stand in what people wrote: it is no beginning of a frame there.
    #[test]
    fn any_payload_comes_back_in_a_frame_of_its_own(payloads in proptest::collection::vec(full_of_magic(), 1..5)) {
        let (mut writer, mut bytes) = Writer::begin(manifest()).unwrap();
        let content = Content::Push(desk().push(1, 2));
        for payload in &payloads {
            let folded = Folded { folding: Folding::Other(9), bytes: payload.clone() };
            bytes.extend(writer.add(&content, &folded).unwrap());
        }
        bytes.extend(writer.close().unwrap());
        prop_assert_eq!(bytes.windows(8).filter(|window| **window == MAGIC).count(), payloads.len() + 2);
        let stick = read(&bytes, campaign_public());
        prop_assert_eq!(whats(&stick), vec![]);
        let read: Vec<_> = stick.frames.iter().filter(|frame| frame.kind == Kind::Push).collect();
        prop_assert_eq!(read.len(), payloads.len());
        for (frame, payload) in read.into_iter().zip(&payloads) {
            prop_assert_eq!(&frame.payload, payload);
        }
    }
}

proptest! {
    #![proptest_config(cases::of("sticks in pieces"))]

    #[test]
    fn how_the_bytes_come_changes_nothing(
        sizes in proptest::collection::vec(0..700_usize, 1..40),
        flips in proptest::collection::vec(any::<proptest::sample::Index>(), 0..4),
    ) {
        let mut bytes = frames(manifest(), one_of_every_kind()).concat();
        for flip in flips {
            let at = flip.index(bytes.len());
            bytes[at] ^= 0x10;
        }
        let mut reader = Reader::new(campaign_public());
        let (mut read_so_far, mut rest) = (Vec::new(), bytes.as_slice());
        for size in sizes.into_iter().chain([usize::MAX]) {
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            read_so_far.extend(reader.feed(piece));
            rest = behind;
        }
        let at_once = read(&bytes, campaign_public());
        prop_assert_eq!(read_so_far, at_once.frames);
        prop_assert_eq!(reader.finish(), at_once.report);
    }
}
