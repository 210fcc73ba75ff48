use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::envelope::{Said, WireEnvelope};
use shared_model::sync::message::Push;

use super::{a_day_of_three, place};
use crate::cases;
use crate::country::cbor;
use crate::country::desk::{Desk, Person};

/// A changed range may be no push, be refused, or be kept in part without belief.
/// What is believed of it must be word for word what its author said at that place.
fn is_never_believed_as_something_else(desk: &Desk, people: &[Person], said: &[Said], bytes: &[u8]) {
    let Ok(push) = minicbor::decode::<Push>(bytes) else { return };
    let Ok(run) = place(desk, people, &push, 0) else { return };
    for entry in &run.fresh {
        if let Ok(believed) = &entry.said {
            let original = &said[usize::try_from(entry.position.seq - 1).unwrap()];
            assert_eq!((believed, entry.statement), (original, original.id));
            assert_eq!(entry.chain, desk.chain_at(entry.position.seq).unwrap());
        }
    }
}

/// One entry travels with its hash and two without, so that every form of the wire is struck.
fn a_small_push() -> (Desk, Vec<Person>, Push) {
    let (desk, people) = a_day_of_three();
    let mut push = desk.push(1, 3);
    let whole = desk.entry(2).envelope.clone();
    push.entries[1] = WireEnvelope { header: whole.header, body: whole.body, hash_left_out: false };
    (desk, people, push)
}

#[test]
fn a_range_as_it_was_sent_is_believed() {
    let (desk, people, push) = a_small_push();
    let run = place(&desk, &people, &push, 0);
    // The third entry is its author's first of two, and this seal is the cut's.
    assert!(run.unwrap().fresh.iter().take(2).all(|entry| entry.said.is_ok()));
}

#[test]
fn every_single_flipped_bit_is_refused_or_not_believed() {
    let (desk, people, push) = a_small_push();
    let (said, bytes) = (desk.said(), cbor(&push));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        is_never_believed_as_something_else(&desk, &people, &said, &flipped);
    }
}

proptest! {
    #![proptest_config(cases::of("changed ranges"))]

    #[test]
    fn no_changed_range_is_believed_as_something_else(
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..4),
        swap in proptest::option::of((any::<Index>(), any::<Index>())),
    ) {
        let (desk, people) = a_day_of_three();
        let mut push = desk.push(1, 6);
        if let Some((one, other)) = swap {
            push.entries.swap(one.index(6), other.index(6));
            push.seals.swap(one.index(3), other.index(3));
        }
        let mut bytes = cbor(&push);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        is_never_believed_as_something_else(&desk, &people, &desk.said(), &bytes);
    }
}
