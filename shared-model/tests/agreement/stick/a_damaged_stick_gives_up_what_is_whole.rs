use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::sync::bundle::{MAGIC, Told, What, read};

use super::by_hand::ByHand;
use super::{a_days_stick, bundle, numbers, whats};
use crate::cases;
use crate::country::{campaign_public, morning};

#[derive(Debug, Clone)]
enum Harm {
    Flip(Index, u8),
    Cut(Index, usize),
    Overwrite(Index, Vec<u8>),
    PutIn(Index, Vec<u8>),
    EndHere(Index),
    /// A stretch of the stick once more, somewhere else.
    Repeat(Index, usize, Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let rubbish = || {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..80),
            (1..600_usize).prop_map(|bytes| vec![0; bytes]),
            (1..8_usize).prop_map(|to| MAGIC[..to].to_vec()),
            (1..8_usize).prop_map(|from| MAGIC[from..].to_vec()),
            Just(MAGIC.to_vec()),
        ]
    };
    prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        2 => (any::<Index>(), 1..900_usize).prop_map(|(at, bytes)| Harm::Cut(at, bytes)),
        2 => (any::<Index>(), rubbish()).prop_map(|(at, bytes)| Harm::Overwrite(at, bytes)),
        2 => (any::<Index>(), rubbish()).prop_map(|(at, bytes)| Harm::PutIn(at, bytes)),
        1 => any::<Index>().prop_map(Harm::EndHere),
        1 => (any::<Index>(), 1..1_500_usize, any::<Index>()).prop_map(|(at, bytes, to)| Harm::Repeat(at, bytes, to)),
    ]
}

fn do_harm(bytes: &mut Vec<u8>, harm: &Harm) {
    if bytes.is_empty() {
        return;
    }
    match harm {
        Harm::Flip(at, bit) => {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Harm::Cut(at, count) => {
            let at = at.index(bytes.len());
            drop(bytes.drain(at..(at + count).min(bytes.len())));
        }
        Harm::Overwrite(at, rubbish) => {
            let at = at.index(bytes.len());
            let to = (at + rubbish.len()).min(bytes.len());
            drop(bytes.splice(at..to, rubbish.iter().copied()));
        }
        Harm::PutIn(at, rubbish) => {
            let at = at.index(bytes.len());
            drop(bytes.splice(at..at, rubbish.iter().copied()));
        }
        Harm::EndHere(at) => bytes.truncate(at.index(bytes.len())),
        Harm::Repeat(at, count, to) => {
            let (at, to) = (at.index(bytes.len()), to.index(bytes.len()));
            let again = bytes[at..(at + count).min(bytes.len())].to_vec();
            drop(bytes.splice(to..to, again));
        }
    }
}

fn stands_in(bytes: &[u8], frame: &[u8]) -> bool {
    bytes.windows(frame.len()).any(|window| window == frame)
}

proptest! {
    #![proptest_config(cases::of("damaged sticks"))]

    /// Exactly the frames whose bytes still stand somewhere are read; all other bytes are named.
    #[test]
    fn what_is_whole_is_read_and_the_rest_is_named(harms in proptest::collection::vec(harm(), 1..5)) {
        let mut bytes = a_days_stick().concat();
        for harm in &harms {
            do_harm(&mut bytes, harm);
        }
        let stick = read(&bytes, campaign_public());
        let mut expected: Vec<u32> = Vec::new();
        for (number, frame) in a_days_stick().iter().enumerate() {
            if stands_in(&bytes, frame) {
                expected.push(number as u32);
            }
        }
        let mut found = numbers(&stick);
        found.sort_unstable();
        prop_assert_eq!(&found, &expected);
        let read_bytes: usize = found.iter().map(|number| a_days_stick()[*number as usize].len()).sum();
        let damaged: u64 = stick.report.damages.iter().map(|damage| damage.bytes).sum();
        prop_assert_eq!(read_bytes as u64 + damaged, bytes.len() as u64);
        prop_assert_eq!(stick.report.bytes, bytes.len() as u64);
        // Frames that only changed places are all there is of it.
        let is_whole = expected.len() == a_days_stick().len() && read_bytes == bytes.len();
        prop_assert_eq!(stick.report.damages.is_empty(), is_whole, "{:?}", stick.report.damages);
        if expected.len() == a_days_stick().len() {
            prop_assert!(stick.report.bundles[0].is_complete());
        }
    }
}

#[test]
fn every_flipped_bit_costs_one_frame_and_is_named() {
    let stick = a_days_stick();
    let mut bytes = stick.concat();
    let mut at = 0;
    for (number, frame) in stick.iter().enumerate() {
        for offset in 0..frame.len() {
            for bit in 0..8 {
                bytes[at + offset] ^= 1 << bit;
                let read = read(&bytes, campaign_public());
                assert_eq!(read.frames.len(), stick.len() - 1, "{number} {offset} {bit}");
                let damage = read.report.damages[0];
                assert_eq!((damage.at, damage.bytes), (at as u64, frame.len() as u64), "{number} {offset} {bit}");
                let lost = [What::Missing { from: number as u32, to: number as u32 }, What::Unfinished];
                assert_eq!(whats(&read)[1..], lost[usize::from(number + 1 == stick.len())..][..1], "{number}");
                bytes[at + offset] ^= 1 << bit;
            }
        }
        at += frame.len();
    }
}

#[test]
fn a_stick_pulled_out_early_is_read_as_far_as_it_was_written() {
    let bytes = a_days_stick().concat();
    let mut end = 0;
    for (written, frame) in a_days_stick().iter().enumerate() {
        for at in [end, end + 1, end + MAGIC.len(), end + 50, end + frame.len() - 1] {
            let stick = read(&bytes[..at], campaign_public());
            assert_eq!(stick.frames.len(), written);
            let expected = if written > 0 { What::Unfinished } else { What::NothingFound };
            assert_eq!(whats(&stick).last(), Some(&expected));
        }
        end += frame.len();
    }
}

#[test]
fn without_its_manifests_a_stick_is_read_all_the_same() {
    let stick = a_days_stick();
    let read = read(&stick[1..stick.len() - 1].concat(), campaign_public());
    assert_eq!(numbers(&read), (1..8).collect::<Vec<_>>());
    assert_eq!(whats(&read), [What::Missing { from: 0, to: 0 }, What::ManifestMissing, What::Unfinished]);
    assert_eq!(read.report.told(|_| false, morning()), [Told::Damaged]);
}

#[test]
fn runs_of_missing_frames_are_named_by_their_ends() {
    let stick = a_days_stick();
    let read = read(&[&stick[0], &stick[3], &stick[4], &stick[8]].map(Vec::as_slice).concat(), campaign_public());
    assert_eq!(whats(&read), [What::Missing { from: 1, to: 2 }, What::Missing { from: 5, to: 7 }]);
    let (bundle, found) = (bundle(1), &read.report.bundles[0]);
    assert_eq!((found.bundle, found.frames, found.frames_made), (bundle, 4, Some(9)));
}

#[test]
fn the_end_alone_tells_how_much_there_was() {
    let read = read(&a_days_stick()[8], campaign_public());
    assert_eq!(whats(&read), [What::Missing { from: 0, to: 7 }]);
}

#[test]
fn lengths_that_nothing_stands_behind_are_named() {
    let honest = ByHand::new(1, b"push".to_vec());
    for (payload_bytes, what) in [
        (u32::MAX, What::TooLarge),
        (1 << 31, What::TooLarge),
        (256 * 1024, What::TooLarge),
        (200 * 1024, What::Truncated),
        (5, What::Truncated),
        (3, What::BadSum),
        (0, What::BadSum),
    ] {
        let lies = ByHand { payload_bytes: Some(payload_bytes), ..honest.clone() }.bytes();
        let next = ByHand::new(2, b"next".to_vec()).bytes();
        let stick = read(&[lies.clone(), next].concat(), campaign_public());
        assert_eq!(numbers(&stick), [2], "{payload_bytes}");
        let damage = stick.report.damages[0];
        assert_eq!((damage.what, damage.at, damage.bytes), (what, 0, lies.len() as u64), "{payload_bytes}");
    }
}

#[test]
fn a_stick_full_of_beginnings_is_answered_in_one_list() {
    let bytes = MAGIC.repeat(100_000);
    let report = read(&bytes, campaign_public()).report;
    assert_eq!(report.damages.len(), 2);
    assert_eq!((report.damages[0].what, report.damages[0].bytes), (What::Truncated, bytes.len() as u64));
    let rubbish: Vec<u8> = (0..40_000_u32).flat_map(|n| [&MAGIC[..n as usize % 8 + 1], &[7; 90]].concat()).collect();
    let report = read(&rubbish, campaign_public()).report;
    assert!(report.damages.len() <= 2 * shared_model::limits::STICK_DAMAGES_MAX);
    assert!(report.damages_unlisted > 0 || report.damages.len() < 10);
}
