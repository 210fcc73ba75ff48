use shared_model::envelope::{Seal, SigningKeys};
use shared_model::limits;
use shared_model::statement::Subject;
use shared_model::sync::PushRefused::{BadSeal, Empty, Hole, TooMany, Unsealed, WrongDevice};
use shared_model::sync::message::Push;

use super::{a_day_of_three, place, place_beside};
use crate::country::desk::Desk;
use crate::country::people::tomorrow;
use crate::country::{card, device, key};

#[test]
fn a_range_that_does_not_fit_the_log_is_refused_whole() {
    let (desk, people) = a_day_of_three();
    let whole = || desk.push(1, 6);
    let changed = |change: fn(&mut Push)| {
        let mut push = whole();
        change(&mut push);
        push
    };
    for (push, refused) in [
        (changed(|push| push.entries.clear()), Empty),
        (changed(|push| push.from = 0), Empty),
        (desk.push(3, 6), Hole),
        (changed(|push| push.from = 2), Hole),
        (changed(|push| push.from = u64::MAX), Hole),
        (changed(|push| push.device = device(2)), WrongDevice),
        (changed(|push| push.epoch = 2), BadSeal),
        (changed(|push| push.previous.0[0] ^= 1), BadSeal),
        (changed(|push| push.seals.clear()), Unsealed),
        (changed(|push| drop(push.entries.pop())), BadSeal),
        (changed(|push| push.entries.swap(0, 1)), BadSeal),
        (changed(|push| drop(push.entries.remove(2))), BadSeal),
        (changed(|push| push.entries.push(push.entries[0].clone())), Unsealed),
        (changed(|push| push.seals.swap(0, 1)), BadSeal),
        (changed(|push| push.seals.push(push.seals[2])), BadSeal),
        (changed(|push| push.seals[2].to_seq = 7), BadSeal),
        (changed(|push| push.seals[1].epoch = 2), BadSeal),
        (changed(|push| push.seals[1].device = device(2)), BadSeal),
        (changed(|push| push.seals[1].chain = push.seals[0].chain), BadSeal),
    ] {
        assert_eq!(place(&desk, &people, &push, 0).map(drop), Err(refused), "{push:?}");
    }
    assert!(place(&desk, &people, &whole(), 0).is_ok());
}

#[test]
fn a_seal_that_another_device_made_is_refused() {
    let (desk, people) = a_day_of_three();
    let mut push = desk.push(1, 6);
    let keys = SigningKeys { device: &key(0xbad), author: &desk.person.key };
    push.seals[2] = Seal::make(desk.device, 1, 6, desk.head.chain, desk.person.id, &keys);
    assert_eq!(place(&desk, &people, &push, 0).map(drop), Err(BadSeal));
}

#[test]
fn a_seal_given_to_another_author_is_refused() {
    let (desk, people) = a_day_of_three();
    let mut push = desk.push(1, 6);
    let (one, other) = (push.seals[0].author, push.seals[1].author);
    (push.seals[0].author, push.seals[1].author) = (other, one);
    assert_eq!(place(&desk, &people, &push, 0).map(drop), Err(BadSeal));
}

#[test]
fn the_log_of_one_device_is_not_taken_from_another() {
    let (desk, people) = a_day_of_three();
    let other = Desk::new(2);
    assert_eq!(place_beside(&desk, &other, &people, &desk.push(1, 6), 0).map(drop), Err(WrongDevice));
}

#[test]
fn a_push_carries_so_many_entries_and_no_more() {
    let mut desk = Desk::new(1);
    for n in 0..=limits::PUSH_ENTRIES_MAX {
        desk.says(Subject::Citizen(card(0)), tomorrow(&n.to_string()));
    }
    let most = limits::PUSH_ENTRIES_MAX as u64;
    let people = [desk.person.clone()];
    assert_eq!(place(&desk, &people, &desk.push(1, most + 1), 0).map(drop), Err(TooMany));
    assert_eq!(place(&desk, &people, &desk.push(1, most), 0).unwrap().fresh.len() as u64, most);
    let mut push = desk.push(1, most);
    push.seals = vec![push.seals[0]; limits::PUSH_SEALS_MAX + 1];
    assert_eq!(place(&desk, &people, &push, 0).map(drop), Err(TooMany));
}
