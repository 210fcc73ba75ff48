//! Whatever is done to the bytes of a medium costs the segments it touches and no other.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use shared_model::envelope::PublicKey;
use shared_model::limits;
use shared_model::sync::bundle::{CampaignTag, SEGMENT_MAGIC, Sealed, Segments, SegmentsRead, What, segment};

use crate::cases;
use crate::country::{campaign_public, key};

fn read_in(bytes: &[u8], step: usize) -> (Vec<Sealed>, SegmentsRead) {
    let mut segments = Segments::new(campaign_public());
    let mut found: Vec<Sealed> = bytes.chunks(step).flat_map(|piece| segments.feed(piece)).collect();
    let (begun, read) = segments.finish();
    found.extend(begun);
    (found, read)
}

fn read(bytes: &[u8]) -> (Vec<Sealed>, SegmentsRead) {
    read_in(bytes, bytes.len().max(1))
}

fn whats(read: &SegmentsRead) -> Vec<What> {
    read.damages.iter().map(|damage| damage.what).collect()
}

/// Bytes of every value, the first of the magic among them, and the magic itself.
fn contents() -> Vec<Vec<u8>> {
    let all: Vec<u8> = (0..=255).collect();
    vec![all.repeat(3), SEGMENT_MAGIC.repeat(20), vec![0xfd; 500], vec![0; 700]]
}

fn medium() -> Vec<Vec<u8>> {
    contents().iter().map(|sealed| segment(campaign_public(), sealed).unwrap()).collect()
}

/// The head as the table has it, made without the writer.
fn by_hand(needs: u8, campaign: PublicKey, length: u32, sealed: &[u8]) -> Vec<u8> {
    let head = [&[1, needs][..], &CampaignTag::of(campaign).0, &length.to_be_bytes()].concat();
    let sum = Sha256::digest([b"so-tiem/segment/1\0", head.as_slice()].concat());
    let mut bytes = SEGMENT_MAGIC.to_vec();
    for byte in [head.as_slice(), &sum[..8], sealed].concat() {
        bytes.push(byte);
        if byte == 0xfd {
            bytes.push(0);
        }
    }
    bytes
}

#[test]
fn the_writer_writes_what_the_table_says() {
    for sealed in contents() {
        let expected = by_hand(1, campaign_public(), sealed.len() as u32, &sealed);
        assert_eq!(segment(campaign_public(), &sealed).unwrap(), expected);
    }
}

#[test]
fn segments_come_back_however_the_bytes_are_cut() {
    let bytes = medium().concat();
    for step in [1, 2, 7, 512, bytes.len()] {
        let (found, read) = read_in(&bytes, step);
        assert!(found.iter().all(|segment| segment.is_whole));
        assert_eq!(found.into_iter().map(|segment| segment.sealed).collect::<Vec<_>>(), contents());
        assert_eq!((whats(&read), read.bytes), (vec![], bytes.len() as u64));
    }
}

#[test]
fn every_flipped_byte_costs_no_other_segment() {
    let (parts, bytes) = (medium(), medium().concat());
    let mut from = 0;
    for (touched, part) in parts.iter().enumerate() {
        for at in from..from + part.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                let (found, _) = read(&bytes);
                let intact = contents().into_iter().enumerate().filter(|(n, _)| *n != touched);
                for (n, sealed) in intact {
                    let came = found.iter().any(|segment| segment.is_whole && segment.sealed == sealed);
                    assert!(came, "segment {n} is gone though byte {at} of segment {touched} was changed");
                }
            }
        }
        from += part.len();
    }
}

#[test]
fn every_cut_leaves_the_segments_before_it_and_the_beginning_of_its_own() {
    let (parts, bytes) = (medium(), medium().concat());
    for at in 0..bytes.len() {
        let (found, read) = read(&bytes[..at]);
        let mut ends = parts.iter().scan(0, |end, part| {
            *end += part.len();
            Some(*end)
        });
        let whole = ends.by_ref().take_while(|end| *end <= at).count();
        assert_eq!(found.iter().filter(|segment| segment.is_whole).count(), whole, "cut at {at}");
        if let Some(begun) = found.get(whole) {
            assert!(contents()[whole].starts_with(&begun.sealed), "cut at {at}");
        }
        let at_an_end = parts[..whole].concat().len() == at;
        assert_eq!(whats(&read).is_empty(), at_an_end && at > 0, "cut at {at}: {read:?}");
    }
}

#[test]
fn what_is_not_for_this_reader_is_named_and_left() {
    let (campaign, other) = (campaign_public(), PublicKey::of(&key(999)));
    let most = limits::SEGMENT_SEALED_BYTES_MAX as u32;
    for (bytes, what) in [
        (by_hand(1, other, 3, b"abc"), What::ForeignCampaign),
        (by_hand(9, other, 3, b"abc"), What::ForeignCampaign),
        (by_hand(2, campaign, 3, b"abc"), What::LaterVersion { needs: 2 }),
        (by_hand(1, campaign, most + 1, b"abc"), What::TooLarge),
        (by_hand(1, campaign, 9, b"abc"), What::Truncated),
        (b"\xff\xd8\xff\xe0 a photo".to_vec(), What::NothingFound),
        (Vec::new(), What::NothingFound),
    ] {
        assert_eq!(whats(&read(&bytes).1), [what]);
    }
    assert!(segment(campaign, &vec![0; limits::SEGMENT_SEALED_BYTES_MAX + 1]).is_err());
}

#[test]
fn bytes_the_medium_does_not_give_cost_the_segments_they_lay_in() {
    let parts = medium();
    let mut segments = Segments::new(campaign_public());
    let mut found = segments.feed(&parts[0]);
    found.extend(segments.feed(&parts[1][..40]));
    found.extend(segments.skip(parts[1].len() as u64 - 40));
    found.extend(segments.feed(&parts[2]));
    let (begun, read) = segments.finish();
    assert!(begun.is_none());
    assert_eq!(found.iter().map(|segment| segment.is_whole).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(whats(&read), [What::Truncated, What::Unreadable]);
    assert_eq!(read.bytes, (parts[0].len() + parts[1].len() + parts[2].len()) as u64);
}

proptest! {
    #![proptest_config(cases::of("media in pieces"))]

    #[test]
    fn any_bytes_are_answered_alike_however_they_are_cut(bytes in mixed(), step in 1_usize..200) {
        prop_assert_eq!(read(&bytes), read_in(&bytes, step));
    }
}

/// Noise with whole segments, pieces of them and first bytes of magics in it.
fn mixed() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(vec![0xfd]),
        Just(SEGMENT_MAGIC.to_vec()),
        (0..4_usize, 0..900_usize).prop_map(|(n, to)| {
            let part = medium().swap_remove(n);
            part[..to.min(part.len())].to_vec()
        }),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}
