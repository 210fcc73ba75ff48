//! A pushed range is placed whole or refused whole; what is placed is kept, and believed only for good reasons.

mod any_cut_of_a_log_ends_as_the_log;
mod every_flipped_bit_is_noticed;
mod forks_are_found_where_they_begin;
mod ranges_that_cannot_be_placed;
mod what_is_kept_and_not_believed;

use shared_model::ids::{AuthorId, Chain, Seq};
use shared_model::statement::Subject;
use shared_model::sync::message::Push;
use shared_model::sync::{AuthorStanding, PushRefused, SealedRun, verify_push};

use crate::country::card;
use crate::country::desk::{Desk, Person};
use crate::country::people::{edit, name};

/// Three people take turns at one laptop: two entries each, and one seal at every change of hands.
fn a_day_of_three() -> (Desk, Vec<Person>) {
    let people: Vec<Person> = (1..=3).map(Person::of_the_team).collect();
    let mut desk = Desk::new(1);
    for (turn, person) in people.iter().enumerate() {
        desk.changes_hands(person.clone());
        for n in 0..2 {
            desk.says(Subject::Citizen(card(n)), edit(vec![name(&format!("Lê Văn {}", ["An", "Ba", "Cư"][turn]))]));
        }
    }
    desk.seal();
    (desk, people)
}

/// A node that holds `known` entries of this desk's log and knows these people on it.
fn place(desk: &Desk, people: &[Person], push: &Push, known: Seq) -> Result<SealedRun, PushRefused> {
    place_beside(desk, desk, people, push, known)
}

/// The same where the node's copy of the log is another desk's.
fn place_beside(
    held: &Desk,
    desk: &Desk,
    people: &[Person],
    push: &Push,
    known: Seq,
) -> Result<SealedRun, PushRefused> {
    let chain = |seq: Seq| -> Option<Chain> { if seq <= known { held.chain_at(seq) } else { None } };
    verify_push(push, &desk.certificate(), held.head_at(known), chain, |author| standing(people, desk, author))
}

fn standing(people: &[Person], desk: &Desk, author: AuthorId) -> Option<AuthorStanding> {
    people.iter().find(|person| person.id == author).map(|person| person.standing(desk.device))
}
