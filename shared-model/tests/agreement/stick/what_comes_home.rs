//! What lies beside a word that counts moves a cursor, and never over what is not there.

use std::mem;

use shared_model::certificate::Signed;
use shared_model::sync::bundle::{FeedStretch, Homecoming, Outward, Returned, Verdict};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{FeedEntry, Page};

use super::{a_return_word, desk, stretch};
use crate::country::{campaign, campaign_public};

/// Three stretches of one feed, two entries each, and where it ends.
fn stretches() -> (Vec<FeedStretch>, Cursor) {
    let (mut from, desk) = (stretch().from, desk());
    let mut stretches = Vec::new();
    for two in desk.log.chunks(2) {
        let after = two.iter().fold(from.clone(), |at, entry| at.after(entry.statement));
        let entries = two.iter().map(|entry| FeedEntry { envelope: entry.envelope.clone().into() }).collect();
        let sum = Signed::make(&FeedSum::from(after.clone()), &campaign());
        let page = Page { entries, authors: Vec::new(), devices: Vec::new(), sum, more: false };
        stretches.push(FeedStretch { from: mem::replace(&mut from, after), page });
    }
    (stretches, from)
}

fn beside_a_word(end: &Cursor) -> Homecoming {
    let word = Returned { feeds: vec![end.clone().into()], ..a_return_word() };
    let outward = Outward { bundle: word.answers, answered: None, overtaken: false };
    let mut coming = Homecoming::default();
    assert_eq!(coming.judge(&word, Some(&outward)), Verdict::Answer);
    coming
}

#[test]
fn a_feed_is_followed_to_where_the_word_says_it_goes() {
    let (stretches, end) = stretches();
    let (mut coming, mut held) = (beside_a_word(&end), None);
    for stretch in &stretches {
        held = Some(coming.place(stretch, held.as_ref(), campaign_public()).unwrap().cursor);
    }
    assert_eq!(held.as_ref(), Some(&end));
    assert!(coming.is_read(held.as_slice()));
    assert_eq!((coming.entries, coming.pages_left), (6, 0));
}

#[test]
fn a_cursor_stops_before_a_stretch_that_is_lost() {
    let (stretches, end) = stretches();
    let mut coming = beside_a_word(&end);
    let first = coming.place(&stretches[0], None, campaign_public()).unwrap().cursor;
    let third = coming.place(&stretches[2], Some(&first), campaign_public()).unwrap();
    assert_eq!((&third.cursor, third.envelopes.len()), (&first, 2), "kept, and not counted as read");
    assert!(!coming.is_read(&[third.cursor]));
    assert_eq!((coming.entries, coming.pages_left), (4, 1));
}

#[test]
fn nothing_is_placed_beside_a_word_that_does_not_count() {
    let (stretches, _) = stretches();
    let mut coming = Homecoming::default();
    assert_eq!(coming.judge(&a_return_word(), None), Verdict::NotOurs);
    assert!(stretches.iter().all(|one| coming.place(one, Some(&one.from), campaign_public()).is_none()));
}
