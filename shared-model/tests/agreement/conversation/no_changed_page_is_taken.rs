use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, WireEnvelope};
use shared_model::sync::feed::{CheckedPage, Cursor, PageRefused, check_page};
use shared_model::sync::message::Page;

use super::feed;
use super::server::Feed;
use crate::cases;
use crate::country::desk::Desk;
use crate::country::{campaign, campaign_public, cbor, foreign_campaign};

/// The second stretch of a feed, with the certificates of those met in it; one entry is there without its body.
fn a_page() -> (Feed, Cursor, Page) {
    let mut feed = feed("phường 5", 2, 6);
    feed.entries[4].body = None;
    let desk = Desk::new(2);
    let mut page = feed.page(2, 3);
    page.authors = vec![Signed::make(&desk.person.certificate(desk.device), &campaign())];
    page.devices = vec![Signed::make(&desk.certificate(), &campaign())];
    let cursor = feed.cursor_at(2);
    (feed, cursor, page)
}

/// Nothing is taken from a changed page but what the true one says.
fn is_refused_or_the_same(changed: &Page) {
    let (_, cursor, page) = a_page();
    let Ok(checked) = check_page(&cursor, changed, campaign_public()) else { return };
    let CheckedPage { envelopes, cursor: end } = check_page(&cursor, &page, campaign_public()).unwrap();
    assert_eq!((&checked.envelopes, &checked.cursor), (&envelopes, &end));
    assert!(changed.authors.iter().all(|signed| page.authors.contains(signed)), "{changed:?}");
    assert!(changed.devices.iter().all(|signed| page.devices.contains(signed)), "{changed:?}");
}

fn is_refused(change: impl Fn(&mut Page)) -> PageRefused {
    let (_, cursor, mut page) = a_page();
    change(&mut page);
    check_page(&cursor, &page, campaign_public()).unwrap_err()
}

#[test]
fn every_single_flipped_bit_of_a_page_is_refused_or_changes_nothing() {
    let bytes = cbor(&a_page().2);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(page) = minicbor::decode(&flipped) {
            is_refused_or_the_same(&page);
        }
    }
}

proptest! {
    #![proptest_config(cases::of("changed pages"))]

    #[test]
    fn no_change_of_a_page_is_taken_for_the_page(
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..3),
        moved in (0..6, any::<Index>(), any::<Index>()),
    ) {
        let (feed, _, mut page) = a_page();
        let (what, one, other) = (moved.0, moved.1.index(3), moved.2.index(6));
        match what {
            0 => drop(page.entries.remove(one)),
            1 => page.entries.insert(other.min(3), page.entries[one].clone()),
            2 => page.entries.swap(one, other % 3),
            3 => page.entries[one].envelope = feed.entries[other].clone().into(),
            4 => page.sum = feed.page(0, other).sum,
            _ => {}
        }
        let mut bytes = cbor(&page);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Ok(page) = minicbor::decode(&bytes) {
            is_refused_or_the_same(&page);
        }
    }
}

/// It would be kept behind a cursor that never comes back, and the true one would never be asked for.
#[test]
fn another_body_behind_a_true_header_is_refused() {
    let (feed, ..) = a_page();
    for at in [0, 1, 2] {
        let Envelope { header, .. } = feed.entries[at + 2].clone();
        for body in [Vec::new(), feed.entries[5].body.clone().unwrap(), vec![0; 5_000]] {
            let wire = WireEnvelope { header: header.clone(), body: Some(body), hash_left_out: false };
            assert_eq!(is_refused(|page| page.entries[at].envelope = wire.clone()), PageRefused::WrongSum);
        }
    }
}

#[test]
fn certificates_that_nobody_signed_spoil_a_page() {
    let desk = Desk::new(2);
    let forged = Signed::make(&desk.person.certificate(desk.device), &foreign_campaign());
    assert!(matches!(is_refused(|page| page.authors.push(forged.clone())), PageRefused::NotGenuine(_)));
    let (as_author, as_device) = (a_page().2.authors, a_page().2.devices);
    assert!(matches!(is_refused(|page| page.authors.clone_from(&as_device)), PageRefused::NotGenuine(_)));
    assert!(matches!(is_refused(|page| page.devices.clone_from(&as_author)), PageRefused::NotGenuine(_)));
}
