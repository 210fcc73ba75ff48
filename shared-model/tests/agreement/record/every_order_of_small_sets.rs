//! Few statements that race each other, in every order there is, cut into groups and repeated.

use std::collections::BTreeSet;
use std::io::Write;

use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::{DoseField, LotNumber};
use shared_model::envelope::Said;
use shared_model::merge::Merged;
use shared_model::record::answers;
use shared_model::statement::{Statement, Subject, WithdrawReason};
use shared_model::time::MS_PER_HOUR;

use super::merged;
use crate::country::desk::{Desk, Person};
use crate::country::people::{amend, dose, edit, link, name, phone, settle, withdraw};
use crate::country::{card, morning};

/// Three laptops and the nation's desk.
struct Desks {
    a: Desk,
    b: Desk,
    c: Desk,
    nation: Desk,
}

fn desks() -> Desks {
    let mut nation = Desk::new(9);
    nation.person = Person::of_the_nation(9);
    Desks { a: Desk::new(1), b: Desk::new(2), c: Desk::new(3), nation }
}

fn of(n: u8) -> Subject {
    Subject::Citizen(card(n))
}

fn says(desk: &mut Desk, about: u8, statement: Statement, saw: &[&Said]) -> Said {
    let saw: Vec<_> = saw.iter().map(|one| one.id).collect();
    match statement {
        given @ Statement::DoseGiven(_) => desk.says_having_seen(of(about), given, saw, Vec::new()),
        other => desk.says_having_seen(of(about), other, Vec::new(), saw),
    }
}

fn lot(text: &str) -> DoseField {
    DoseField::Lot(LotNumber::parse(text).unwrap())
}

fn mistake(target: &Said) -> Statement {
    withdraw(target.id, WithdrawReason::Mistake)
}

/// The nation gives the first conflict of a kind its answer with that number.
fn answered(desk: &mut Desk, said: &[&Said], kind: ConflictKind, answer: usize) -> Said {
    let raised = merged(card(0), said.iter().copied()).conflicts;
    let conflict = raised.into_iter().find(|conflict| conflict.kind == kind).expect("a conflict");
    let statement = settle(&conflict, answers(&conflict)[answer].clone());
    says(desk, 0, statement, &[])
}

/// Sets of statements that race each other, each with what it is about.
fn catalogue() -> Vec<(&'static str, Vec<Said>)> {
    vec![
        ("one card registered by three", registered_by_three()),
        ("edits that saw one another, and not", edits_that_saw()),
        ("a choice, undone, and made otherwise", a_choice_undone()),
        ("one injection written down twice", written_twice()),
        ("a dose withdrawn, brought back, and amended", withdrawn_and_amended()),
        ("amendments of one lot", amendments()),
        ("cards linked and parted while edits fly", linked_and_parted()),
        ("two links make three cards one person", three_cards()),
        ("a case settled by two admins", settled_by_two()),
        ("a person known to be two", known_to_be_two()),
        ("withdrawals of withdrawals", withdrawals()),
        ("a team takes back what the nation said", above_itself()),
    ]
}

fn registered_by_three() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let one = says(&mut a, 0, edit(vec![name("Nguyễn Văn An"), phone("0912345678")]), &[]);
    let two = says(&mut b, 0, edit(vec![name("Nguyễn Văn Ân")]), &[]);
    let three = says(&mut c, 0, edit(vec![name("Nguyễn Văn An"), phone("0987654321")]), &[]);
    let seen = says(&mut b, 0, edit(vec![phone("0912345678")]), &[&one, &three]);
    let given = says(&mut c, 0, dose("pfizer", "FK9412", 1, morning()), &[]);
    vec![one, two, three, seen, given]
}

fn edits_that_saw() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let first = says(&mut a, 0, edit(vec![name("Lê An")]), &[]);
    let left = says(&mut b, 0, edit(vec![name("Lê Ân")]), &[&first]);
    let right = says(&mut c, 0, edit(vec![name("Lê Anh")]), &[&first]);
    let both = says(&mut a, 0, edit(vec![name("Lê Ánh")]), &[&left, &right]);
    let late = says(&mut c, 0, edit(vec![name("Lê Ảnh")]), &[&right]);
    let back = says(&mut b, 0, mistake(&left), &[]);
    vec![first, left, right, both, late, back]
}

fn a_choice_undone() -> Vec<Said> {
    let Desks { mut a, mut b, mut nation, .. } = desks();
    let one = says(&mut a, 0, edit(vec![phone("0912345678")]), &[]);
    let two = says(&mut b, 0, edit(vec![phone("0987654321")]), &[]);
    let chosen = answered(&mut nation, &[&one, &two], ConflictKind::EditedInTwoPlaces, 0);
    let undone = says(&mut nation, 0, withdraw(chosen.id, WithdrawReason::SettlementUndone), &[]);
    let other = answered(&mut nation, &[&one, &two], ConflictKind::EditedInTwoPlaces, 1);
    let later = says(&mut a, 0, edit(vec![phone("0911111111")]), &[&one, &chosen]);
    vec![one, two, chosen, undone, other, later]
}

fn written_twice() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, mut nation } = desks();
    let one = says(&mut a, 0, dose("pfizer", "FK9412", 1, morning()), &[]);
    let two = says(&mut b, 0, dose("pfizer", "FK9412", 1, morning().plus_ms(MS_PER_HOUR)), &[]);
    let knew = says(&mut c, 0, dose("pfizer", "FK9412", 2, morning().plus_ms(2 * MS_PER_HOUR)), &[&one]);
    let same = answered(&mut nation, &[&one, &two], ConflictKind::SameDoseTwice, 0);
    let undone = says(&mut nation, 0, withdraw(same.id, WithdrawReason::SettlementUndone), &[]);
    let back = says(&mut b, 0, withdraw(two.id, WithdrawReason::EnteredTwice), &[]);
    vec![one, two, knew, same, undone, back]
}

fn withdrawn_and_amended() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let given = says(&mut a, 0, dose("astrazeneca", "ABW12", 1, morning()), &[]);
    let undone = says(&mut a, 0, withdraw(given.id, WithdrawReason::Undone), &[]);
    let back = says(&mut a, 0, mistake(&undone), &[]);
    let amended = says(&mut b, 0, amend(given.id, lot("ABW13")), &[]);
    let otherwise = says(&mut c, 0, amend(given.id, lot("ABW14")), &[]);
    let second = says(&mut c, 0, dose("astrazeneca", "ABW12", 1, morning()), &[]);
    vec![given, undone, back, amended, otherwise, second]
}

fn amendments() -> Vec<Said> {
    let Desks { mut a, mut b, mut nation, .. } = desks();
    let given = says(&mut a, 0, dose("astrazeneca", "ABW12", 1, morning()), &[]);
    let one = says(&mut a, 0, amend(given.id, lot("ABW13")), &[]);
    let two = says(&mut b, 0, amend(given.id, lot("ABW14")), &[]);
    let chosen = answered(&mut nation, &[&given, &one, &two], ConflictKind::EditedInTwoPlaces, 0);
    let later = says(&mut b, 0, amend(given.id, lot("ABW15")), &[&one, &two]);
    let number = says(&mut b, 0, amend(given.id, DoseField::Number(2)), &[]);
    vec![given, one, two, chosen, later, number]
}

fn linked_and_parted() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let here = says(&mut a, 0, edit(vec![name("Lê An"), phone("0912345678")]), &[]);
    let there = says(&mut b, 1, edit(vec![name("Lê An"), phone("0987654321")]), &[]);
    let linked = says(&mut a, 0, link(card(1)), &[]);
    let after = says(&mut c, 0, edit(vec![phone("0911111111")]), &[&here, &there]);
    let parted = says(&mut a, 0, withdraw(linked.id, WithdrawReason::LinkUndone), &[]);
    let given = says(&mut b, 1, dose("pfizer", "FK9412", 1, morning()), &[]);
    vec![here, there, linked, after, parted, given]
}

fn three_cards() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let one = says(&mut a, 0, link(card(1)), &[]);
    let two = says(&mut b, 2, link(card(1)), &[]);
    let names = [says(&mut a, 0, edit(vec![name("Lê An")]), &[]), says(&mut c, 2, edit(vec![name("Lê Ân")]), &[])];
    let parted = says(&mut b, 1, withdraw(two.id, WithdrawReason::LinkUndone), &[]);
    let given = says(&mut c, 2, dose("pfizer", "FK9412", 1, morning()), &[]);
    [vec![one, two, parted, given], names.to_vec()].concat()
}

fn settled_by_two() -> Vec<Said> {
    let Desks { mut a, mut b, mut nation, .. } = desks();
    let mut second = Desk::new(8);
    second.person = Person::of_the_nation(8);
    let one = says(&mut a, 0, dose("pfizer", "FK9412", 2, morning()), &[]);
    let two = says(&mut b, 0, dose("pfizer", "AB1", 2, morning()), &[]);
    let both = answered(&mut nation, &[&one, &two], ConflictKind::TooManyDoses, 2);
    let one_only = answered(&mut second, &[&one, &two], ConflictKind::TooManyDoses, 3);
    let back = answered(&mut nation, &[&one, &two], ConflictKind::TooManyDoses, 5);
    let undone = says(&mut second, 0, withdraw(one_only.id, WithdrawReason::SettlementUndone), &[]);
    vec![one, two, both, one_only, back, undone]
}

fn known_to_be_two() -> Vec<Said> {
    let Desks { mut a, mut b, mut nation, .. } = desks();
    let one = says(&mut a, 0, edit(vec![name("Lê An")]), &[]);
    let two = says(&mut b, 1, edit(vec![name("Lê An")]), &[]);
    let case = Conflict::new(ConflictKind::TwoCardsOnePerson, [one.id, two.id], [card(0), card(1)], None);
    let same = says(&mut nation, 0, settle(&case, answers(&case)[0].clone()), &[]);
    let apart = says(&mut nation, 0, settle(&case, answers(&case)[1].clone()), &[]);
    let linked = says(&mut a, 1, link(card(0)), &[]);
    let undone = says(&mut nation, 0, withdraw(apart.id, WithdrawReason::SettlementUndone), &[]);
    vec![one, two, same, apart, linked, undone]
}

fn withdrawals() -> Vec<Said> {
    let Desks { mut a, mut b, mut c, .. } = desks();
    let given = says(&mut a, 0, dose("pfizer", "FK9412", 1, morning()), &[]);
    let one = says(&mut a, 0, mistake(&given), &[]);
    let two = says(&mut b, 0, mistake(&given), &[]);
    let not_one = says(&mut c, 0, mistake(&one), &[]);
    let not_two = says(&mut c, 0, mistake(&two), &[]);
    let again = says(&mut a, 0, mistake(&not_two), &[]);
    vec![given, one, two, not_one, not_two, again]
}

fn above_itself() -> Vec<Said> {
    let Desks { mut a, mut b, mut nation, .. } = desks();
    let corrected = says(&mut nation, 0, edit(vec![name("Lê An")]), &[]);
    let other = says(&mut a, 0, edit(vec![name("Lê Ân")]), &[]);
    let chosen = answered(&mut nation, &[&corrected, &other], ConflictKind::EditedInTwoPlaces, 0);
    let team = says(&mut b, 0, mistake(&chosen), &[]);
    let team_too = says(&mut b, 0, mistake(&corrected), &[]);
    let by_itself = says(&mut nation, 0, mistake(&chosen), &[]);
    vec![corrected, other, chosen, team, team_too, by_itself]
}

/// Every order of the first so many numbers.
pub fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for number in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, number);
                    longer
                })
            })
            .collect();
    }
    orders
}

fn drawn(said: &[&Said]) -> Vec<Merged> {
    let about: BTreeSet<_> = said.iter().filter_map(|one| one.header.subject.citizen()).collect();
    about.into_iter().map(|card| merged(card, said.iter().copied())).collect()
}

/// What a person reads in a record: no hash of anything.
fn said_of(merged: &Merged) -> impl PartialEq + use<'_> {
    let record = &merged.record;
    (&record.cards, &record.fields, &record.history, &record.settlements, &record.waiting, &merged.conflicts)
}

/// Whole sets in every order; parts of them too, as a laptop that has not heard the rest would hold them.
#[test]
fn every_order_grouping_and_repetition_of_what_races_is_one_record() {
    let mut looked_at = 0_u64;
    for (about, set) in catalogue() {
        assert!((4..=6).contains(&set.len()), "{about}");
        for part in (1_usize..1 << set.len()).filter(|part| part.count_ones() as usize >= set.len() - 1) {
            let part: Vec<&Said> = (0..set.len()).filter(|at| part >> at & 1 == 1).map(|at| &set[at]).collect();
            let first = drawn(&part);
            for (n, order) in orders(part.len()).into_iter().enumerate() {
                let mut said: Vec<&Said> = order.iter().map(|at| part[*at]).collect();
                // A group that arrived before leaves nothing behind; some of it comes again.
                let cut = n % said.len();
                let before = drawn(&said[..cut]);
                let again: Vec<&Said> = said[cut / 2..=cut].to_vec();
                said.extend(again);
                assert_eq!(drawn(&said), first, "{about}, in the order {order:?}");
                said.truncate(cut);
                said.reverse();
                assert_eq!(drawn(&said), before, "{about}, {cut} of the order {order:?}");
                looked_at += 1;
            }
        }
    }
    // Past the harness, which would swallow it.
    writeln!(std::io::stdout(), "{looked_at} orders of small sets").unwrap();
}

/// Sets in which nothing is at stake would prove nothing.
#[test]
fn nearly_every_statement_of_the_catalogue_is_seen_in_its_record() {
    let mut roots = BTreeSet::new();
    for (about, set) in catalogue() {
        let all: Vec<&Said> = set.iter().collect();
        let whole = drawn(&all);
        roots.extend(whole.iter().map(|merged| merged.record.root));
        let matters = |left_out: usize| {
            let rest: Vec<&Said> = (0..set.len()).filter(|at| *at != left_out).map(|at| &set[at]).collect();
            let told = drawn(&rest);
            told.iter().zip(&whole).any(|(a, b)| said_of(a) != said_of(b))
        };
        // Some are there to be outdone by the others.
        assert!((0..set.len()).filter(|at| matters(*at)).count() >= 2, "{about}");
    }
    assert!(roots.len() >= catalogue().len());
    assert_eq!(orders(6).into_iter().collect::<BTreeSet<_>>().len(), 720);
}
