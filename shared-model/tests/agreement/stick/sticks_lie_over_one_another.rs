use proptest::prelude::*;
use shared_model::certificate::Signed;
use shared_model::envelope::PublicKey;
use shared_model::sync::bundle::{Content, Manifest, Told, What, read};

use super::by_hand::ByHand;
use super::{a_days_stick, a_return_word, bundle, desk, frames, manifest, numbers, one_of_every_kind, whats};
use crate::cases;
use crate::country::{campaign, campaign_public, foreign_campaign, morning};

fn of_another_bundle() -> Vec<Vec<u8>> {
    frames(Manifest { bundle: bundle(2), ..manifest() }, one_of_every_kind())
}

fn of_another_campaign() -> Vec<Vec<u8>> {
    frames(Manifest { campaign: PublicKey::of(&foreign_campaign()), ..manifest() }, one_of_every_kind())
}

#[test]
fn two_bundles_behind_one_another_are_both_read() {
    let bytes = [a_days_stick().concat(), of_another_bundle().concat()].concat();
    let stick = read(&bytes, campaign_public());
    assert_eq!(stick.frames.len(), 9 + 7);
    assert_eq!(whats(&stick), [What::OtherBundle]);
    assert_eq!(stick.report.damages[0].bundle, Some(bundle(2)));
    let bundles: Vec<_> = stick.report.bundles.iter().map(|read| (read.bundle, read.is_complete())).collect();
    assert_eq!(bundles, [(bundle(1), true), (bundle(2), true)]);
    assert_eq!(stick.report.told(|_| false, morning()), []);
    assert_eq!(stick.report.told(|id| id == bundle(2), morning()), [Told::Replayed { bundle: bundle(2) }]);
}

#[test]
fn one_stick_copied_behind_itself_is_read_once() {
    let bytes = a_days_stick().concat().repeat(2);
    let stick = read(&bytes, campaign_public());
    assert_eq!((stick.frames.len(), whats(&stick)), (9, vec![What::Duplicate]));
    assert_eq!(stick.report.damages[0].bytes * 2, bytes.len() as u64);
    assert_eq!(stick.report.told(|_| false, morning()), []);
}

#[test]
fn a_single_frame_of_another_bundle_is_read_and_named() {
    let mut stick = a_days_stick().to_vec();
    stick.insert(3, of_another_bundle()[2].clone());
    let read = read(&stick.concat(), campaign_public());
    assert_eq!(numbers(&read), [0, 1, 2, 2, 3, 4, 5, 6, 7, 8]);
    let gap = |from, to| What::Missing { from, to };
    assert_eq!(whats(&read), [What::OtherBundle, gap(0, 1), What::ManifestMissing, What::Unfinished]);
    assert!(read.report.bundles[0].is_complete() && !read.report.bundles[1].is_complete());
}

#[test]
fn frames_of_another_campaign_are_named_and_left() {
    let foreign = read(&of_another_campaign().concat(), campaign_public());
    assert!(foreign.frames.is_empty() && foreign.report.bundles.is_empty());
    assert_eq!(whats(&foreign), [What::ForeignCampaign]);
    assert_eq!(foreign.report.told(|_| false, morning()), [Told::Foreign]);
    let mixed = read(&[a_days_stick().concat(), of_another_campaign().concat()].concat(), campaign_public());
    assert_eq!((mixed.frames.len(), whats(&mixed)), (9, vec![What::ForeignCampaign]));
}

#[test]
fn two_frames_of_one_number_are_both_read() {
    let other = Content::Push(desk().push(3, 4)).to_cbor();
    let mut stick = a_days_stick().to_vec();
    stick.insert(5, ByHand::new(2, other).bytes());
    let read = read(&stick.concat(), campaign_public());
    assert_eq!(numbers(&read), [0, 1, 2, 3, 4, 2, 5, 6, 7, 8]);
    assert_eq!(whats(&read), [What::SameNumber { number: 2 }]);
}

#[test]
fn a_manifest_of_another_bundle_or_of_none_is_not_believed() {
    let foreign = Manifest { campaign: PublicKey::of(&foreign_campaign()), ..manifest() };
    let long = Manifest { frames: Some(7), ..manifest() };
    for (payload, folding) in [
        (Content::Manifest(Manifest { bundle: bundle(2), ..manifest() }).to_cbor(), 0),
        (Content::Manifest(foreign).to_cbor(), 0),
        (Content::Manifest(long).to_cbor(), 0),
        (Content::Manifest(manifest()).to_cbor(), 1),
        (Content::Returned(Signed::make(&a_return_word(), &campaign())).to_cbor(), 0),
        (Vec::new(), 0),
    ] {
        let frame = ByHand { kind: 0, folding, ..ByHand::new(0, payload) }.bytes();
        let stick = read(&frame, campaign_public());
        assert_eq!(stick.frames, []);
        assert_eq!(whats(&stick)[0], What::BadManifest);
    }
}

proptest! {
    #![proptest_config(cases::of("mixed sticks"))]

    /// Frames of two bundles and of another campaign in any order, some of them lost, some of them twice.
    #[test]
    fn every_frame_of_this_campaign_is_read_once(order in proptest::collection::vec((0..3_u8, any::<prop::sample::Index>()), 1..40)) {
        let sticks = [a_days_stick().to_vec(), of_another_bundle(), of_another_campaign()];
        let mut bytes = Vec::new();
        let mut expected = std::collections::BTreeSet::new();
        for (which, at) in &order {
            let stick = &sticks[usize::from(*which)];
            let number = at.index(stick.len());
            bytes.extend(&stick[number]);
            if *which < 2 {
                expected.insert((bundle(which + 1), number as u32));
            }
        }
        let stick = read(&bytes, campaign_public());
        let found: Vec<_> = stick.frames.iter().map(|frame| (frame.bundle, frame.number)).collect();
        prop_assert_eq!(found.len(), expected.len());
        prop_assert_eq!(found.into_iter().collect::<std::collections::BTreeSet<_>>(), expected);
        let repeats = whats(&stick).contains(&What::Duplicate);
        let mut seen = std::collections::BTreeSet::new();
        let again = order.iter().filter(|(which, _)| *which < 2).any(|(which, at)| {
            !seen.insert((*which, at.index(sticks[usize::from(*which)].len())))
        });
        prop_assert_eq!(repeats, again);
        let met = order.iter().any(|(which, _)| *which == 2);
        prop_assert_eq!(stick.report.told(|_| false, morning()).contains(&Told::Foreign), met);
        for read in &stick.report.bundles {
            prop_assert_eq!(Some(read.frames), read.frames_made.filter(|_| read.is_complete()).or(Some(read.frames)));
        }
    }
}
