use shared_model::limits;
use shared_model::sync::bundle::{Content, Kind, NotOpened, Told, What, read};
use shared_model::time::MS_PER_DAY;

use super::by_hand::ByHand;
use super::{a_days_stick, bundle, desk, manifest, numbers, whats};
use crate::country::{campaign_public, morning};

#[test]
fn a_stick_that_was_taken_in_before_is_read_again() {
    let stick = read(&a_days_stick().concat(), campaign_public());
    assert_eq!(stick.frames.len(), 9);
    assert_eq!(stick.report.told(|_| true, morning()), [Told::Replayed { bundle: bundle(1) }]);
}

#[test]
fn a_stick_of_next_year_is_read_and_told() {
    let stick = read(&a_days_stick().concat(), campaign_public());
    let year = 365 * MS_PER_DAY;
    let told = stick.report.told(|_| false, morning().plus_ms(-year));
    assert_eq!(told, [Told::Ahead { bundle: bundle(1), by_ms: year }]);
    assert_eq!(stick.report.told(|_| false, morning().plus_ms(-limits::STICK_LEAD_MS_MAX)), []);
    assert_eq!(stick.report.told(|_| false, morning().plus_ms(year)), []);
}

#[test]
fn what_a_later_version_lets_us_read_is_read_and_the_rest_is_named() {
    let cbor = Content::Push(desk().push(1, 2)).to_cbor();
    let later = ByHand { version: 7, ..ByHand::new(1, cbor) };
    let not_for_us = ByHand { version: 7, needs: 3, ..ByHand::new(2, b"?".to_vec()) };
    let new_kind = ByHand { version: 7, kind: 99, ..ByHand::new(3, b"?".to_vec()) };
    let mut bytes = ByHand { version: 7, kind: 0, ..ByHand::new(0, Content::Manifest(manifest()).to_cbor()) }.bytes();
    bytes.extend([later, not_for_us, new_kind].iter().flat_map(ByHand::bytes));
    let stick = read(&bytes, campaign_public());
    assert_eq!(numbers(&stick), [0, 1, 3]);
    assert_eq!(stick.frames[1].open(), Ok(Content::Push(desk().push(1, 2))));
    assert_eq!((stick.frames[2].kind, stick.frames[2].open()), (Kind::Other(99), Err(NotOpened::LaterKind(99))));
    assert_eq!(whats(&stick), [What::LaterVersion { needs: 3 }]);
    assert_eq!(stick.report.told(|_| false, morning()), [Told::LaterVersion { needs: 3 }]);
}

#[test]
fn a_damaged_stick_is_told_as_such_beside_all_else() {
    let bytes = a_days_stick().concat();
    let stick = read(&bytes[..bytes.len() - 1], campaign_public());
    let told = stick.report.told(|_| true, morning().plus_ms(-MS_PER_DAY));
    let (bundle, by_ms) = (bundle(1), MS_PER_DAY);
    assert_eq!(told, [Told::Replayed { bundle }, Told::Ahead { bundle, by_ms }, Told::Damaged]);
}

#[test]
fn every_damage_has_a_word_of_its_own() {
    let all = [
        What::Stray,
        What::Truncated,
        What::BadSum,
        What::TooLarge,
        What::LaterVersion { needs: 2 },
        What::ForeignCampaign,
        What::OtherBundle,
        What::Duplicate,
        What::SameNumber { number: 1 },
        What::BadManifest,
        What::Missing { from: 1, to: 2 },
        What::ManifestMissing,
        What::Unfinished,
        What::NothingFound,
    ];
    let codes: std::collections::BTreeSet<_> = all.into_iter().map(What::code).collect();
    assert_eq!(codes.len(), all.len());
}
