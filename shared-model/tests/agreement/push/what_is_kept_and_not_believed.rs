use std::cell::Cell;

use shared_model::certificate::{AuthorCertificate, Signed};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::envelope::{Authority, Envelope, Seal, SigningKeys};
use shared_model::ids::StatementId;
use shared_model::settlement::Answer;
use shared_model::statement::{Statement, Subject};
use shared_model::sync::Quarantine::{
    self, BeyondLimits, BodyMismatch, FutureVersion, Malformed, NotAllowed, Revoked, UnknownAuthor, WrongAuthor,
};
use shared_model::sync::message::Push;
use shared_model::sync::{AuthorStanding, verify_push};
use shared_model::time::MS_PER_DAY;

use super::{a_day_of_three, place};
use crate::country::desk::{Desk, Person};
use crate::country::people::{dose, edit, link, name, settle, tomorrow};
use crate::country::{campaign, campaign_public, card, device, foreign_campaign, morning, session};

/// What is made of each entry of a push, by a node that holds nothing of the log yet.
fn made_of(desk: &Desk, push: &Push, standing: impl Fn(&Person) -> Option<AuthorStanding>) -> Vec<Option<Quarantine>> {
    let people: Vec<Person> = (1..=9).map(Person::of_the_team).chain([Person::of_the_nation(9)]).collect();
    let authors = |author| people.iter().rfind(|person| person.id == author).and_then(&standing);
    let run =
        verify_push(push, &desk.certificate(), desk.head_at(0), |seq| desk.chain_at(seq).filter(|_| seq == 0), authors);
    run.unwrap().fresh.into_iter().map(|entry| entry.said.err()).collect()
}

fn trusted(desk: &Desk) -> impl Fn(&Person) -> Option<AuthorStanding> {
    let device = desk.device;
    move |person| Some(person.standing(device))
}

#[test]
fn whoever_took_turns_is_believed_under_their_own_seal() {
    let (desk, people) = a_day_of_three();
    let run = place(&desk, &people, &desk.push(1, 6), 0).unwrap();
    let authors: Vec<_> = run.fresh.iter().map(|entry| entry.said.as_ref().unwrap().header.author).collect();
    let expected: Vec<_> = people.iter().flat_map(|person| [person.id; 2]).collect();
    assert_eq!(authors, expected);
}

#[test]
fn a_revoked_author_is_kept_and_the_others_are_believed() {
    let (desk, people) = a_day_of_three();
    let revoked =
        |person: &Person| Some(AuthorStanding { revoked: person.id == people[1].id, ..person.standing(desk.device) });
    let expected = [None, None, Some(Revoked), Some(Revoked), None, None];
    assert_eq!(made_of(&desk, &desk.push(1, 6), revoked), expected);
}

#[test]
fn an_author_nobody_vouches_for_here_is_not_believed() {
    let (desk, _) = a_day_of_three();
    let push = desk.push(1, 2);
    assert_eq!(made_of(&desk, &push, |_| None), [Some(UnknownAuthor); 2]);
    let elsewhere = |person: &Person| Some(person.standing(device(2)));
    assert_eq!(made_of(&desk, &push, elsewhere), [Some(UnknownAuthor); 2]);
    let other_key = |person: &Person| {
        let mut standing = person.standing(desk.device);
        standing.certificate.key = Person::of_the_team(7).certificate(desk.device).key;
        Some(standing)
    };
    assert_eq!(made_of(&desk, &push, other_key), [Some(UnknownAuthor); 2]);
}

#[test]
fn a_certificate_of_another_campaign_is_none() {
    let (desk, _) = a_day_of_three();
    let signed_by = |key: ed25519_dalek::SigningKey| {
        move |person: &Person| {
            let signed = Signed::make(&person.certificate(device(1)), &key);
            let certificate: AuthorCertificate = signed.open(campaign_public()).ok()?;
            Some(AuthorStanding { certificate, revoked: false })
        }
    };
    assert_eq!(made_of(&desk, &desk.push(1, 2), signed_by(foreign_campaign())), [Some(UnknownAuthor); 2]);
    assert_eq!(made_of(&desk, &desk.push(1, 2), signed_by(campaign())), [None; 2]);
}

#[test]
fn a_seal_over_another_persons_words_is_not_believed() {
    let (desk, people) = a_day_of_three();
    let mut push = desk.push(1, 4);
    // The second person's seal alone, over the first one's entries too.
    push.seals.remove(0);
    assert_eq!(made_of(&desk, &push, trusted(&desk)), [Some(WrongAuthor), Some(WrongAuthor), None, None]);
    // In the first one's name, by the second one's key.
    let keys = SigningKeys { device: &desk.key, author: &people[1].key };
    let mut push = desk.push(1, 2);
    push.seals[0] = Seal::make(desk.device, 1, 2, desk.chain_at(2).unwrap(), people[0].id, &keys);
    assert_eq!(made_of(&desk, &push, trusted(&desk)), [Some(UnknownAuthor); 2]);
}

#[test]
fn words_first_said_on_another_device_are_not_believed_here() {
    let (mut desk, mut other) = (Desk::new(1), Desk::new(2));
    other.person = desk.person.clone();
    let foreign = other.composes(Subject::Citizen(card(0)), tomorrow("nơi khác"), Vec::new(), Vec::new());
    desk.append(foreign);
    assert_eq!(made_of(&desk, &desk.push(1, 1), trusted(&desk)), [Some(WrongAuthor)]);
}

#[test]
fn bytes_that_are_no_envelope_are_kept_and_say_why() {
    let mut desk = Desk::new(1);
    let good = desk.composes(Subject::Citizen(card(0)), edit(vec![name("An")]), Vec::new(), Vec::new());
    let mut later = good.clone();
    later.header[1] = 2;
    let with_body = |body: &[u8]| Envelope { header: good.header.clone(), body: Some(body.to_vec()) };
    let wrongs = [
        (Envelope { header: vec![0xff], ..good.clone() }, Malformed),
        (Envelope { header: Vec::new(), body: None }, Malformed),
        (Envelope { body: None, ..good.clone() }, Malformed),
        (later, FutureVersion),
        (with_body(b"another body"), BodyMismatch),
        (with_body(&[0; 5_000]), BeyondLimits),
        (Envelope { header: vec![0; 600], ..good }, BeyondLimits),
    ];
    for (envelope, _) in &wrongs {
        desk.append(envelope.clone());
    }
    desk.seal();
    let push = desk.push(1, desk.head.seq);
    let expected: Vec<_> = wrongs.iter().map(|(_, quarantine)| Some(*quarantine)).collect();
    assert_eq!(made_of(&desk, &push, trusted(&desk)), expected);
}

#[test]
fn who_may_say_what() {
    let an = Subject::Citizen(card(0));
    let (one, two) = (StatementId([1; 32]), StatementId([2; 32]));
    let conflict = Conflict::new(ConflictKind::SameDoseTwice, [one, two], [card(0)], None);
    let choice = |id| settle(&conflict, Answer::WithdrawDose(id));
    let given = || dose("pfizer", "FK9412", 1, morning());
    let (team, nation) = (Authority::Team, Authority::National);
    for (subject, statement, authority, refused) in [
        (an, given(), team, None),
        (an, given(), nation, Some(NotAllowed)),
        (Subject::Device(device(1)), given(), team, Some(NotAllowed)),
        (Subject::Session(session()), edit(vec![name("An")]), team, Some(NotAllowed)),
        (an, choice(one), team, Some(NotAllowed)),
        (an, choice(one), Authority::District, Some(NotAllowed)),
        (an, choice(one), nation, None),
        (an, choice(StatementId([3; 32])), nation, Some(NotAllowed)),
        (an, link(card(1)), team, None),
        (an, link(card(0)), team, Some(NotAllowed)),
        (Subject::Device(device(1)), tomorrow("máy"), team, None),
    ] {
        let mut desk = Desk::new(9);
        desk.person.authority = authority;
        desk.says(subject, statement.clone());
        let standing = |_: &Person| Some(desk.person.standing(desk.device));
        assert_eq!(made_of(&desk, &desk.push(1, 1), standing), [refused], "{authority:?} {statement:?}");
    }
}

#[test]
fn a_certificates_end_makes_no_given_dose_unbelievable() {
    let mut desk = Desk::new(9);
    desk.says(Subject::Citizen(card(0)), tomorrow("hôm nay"));
    let push = desk.push(1, 1);
    let (from, to) = (morning().plus_ms(-3 * MS_PER_DAY).0, morning().plus_ms(-2 * MS_PER_DAY).0);
    let expired = |person: &Person| {
        let mut standing = person.standing(device(9));
        (standing.certificate.not_before_ms, standing.certificate.not_after_ms) = (from, to);
        standing.certificate.authority = Authority::Team;
        Some(standing)
    };
    assert_eq!(made_of(&desk, &push, expired), [None]);
}

#[test]
fn nobody_speaks_above_their_certificate() {
    let mut desk = Desk::new(9);
    desk.says(Subject::Citizen(card(0)), tomorrow("hôm nay"));
    desk.person.authority = Authority::District;
    desk.says(Subject::Citizen(card(0)), tomorrow("quận"));
    let of_a_team = |person: &Person| {
        let mut standing = person.standing(device(9));
        standing.certificate.authority = Authority::Team;
        Some(standing)
    };
    assert_eq!(made_of(&desk, &desk.push(1, 2), of_a_team), [None, Some(NotAllowed)]);
}

#[test]
fn a_kind_of_tomorrow_is_believed_and_kept_as_it_came() {
    let mut desk = Desk::new(1);
    let said = desk.says(Subject::Citizen(card(0)), tomorrow("việc mai"));
    assert!(matches!(said.body.statement, Statement::Unknown { kind: 900, .. }));
    assert_eq!(made_of(&desk, &desk.push(1, 1), trusted(&desk)), [None]);
}

/// A run is sealed so that two signatures vouch for many entries; asking for each would cost a core.
#[test]
fn one_seal_is_judged_once_however_many_entries_it_covers() {
    let mut desk = Desk::new(1);
    for n in 0..200 {
        desk.says(Subject::Citizen(card(0)), tomorrow(&n.to_string()));
    }
    let asked = Cell::new(0);
    let authors = |_| {
        asked.set(asked.get() + 1);
        Some(desk.person.standing(desk.device))
    };
    let push = desk.push(1, 200);
    let run = verify_push(&push, &desk.certificate(), desk.head_at(0), |_| desk.chain_at(0), authors).unwrap();
    assert!(run.fresh.iter().all(|entry| entry.said.is_ok()));
    assert_eq!(asked.get(), 1);
}
