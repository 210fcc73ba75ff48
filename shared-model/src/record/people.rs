//! Who is one person: the connected sets of linked cards. Nothing is copied by a link, nothing destroyed by undoing it.

use std::collections::{BTreeMap, BTreeSet};

use crate::envelope::Said;
use crate::ids::{CitizenId, StatementId};
use crate::planted::{Bug, is_alive};
use crate::settlement::Answer;
use crate::statement::Statement;

/// The pair of cards a statement would join, whether or not it stands.
pub fn cards_joined(said: &Said) -> Vec<(CitizenId, CitizenId)> {
    match &said.body.statement {
        Statement::Linked(linked) => said.header.subject.citizen().map(|one| (one, linked.other)).into_iter().collect(),
        Statement::Settled(settled) if settled.answer == Answer::SamePerson => {
            settled.citizens.windows(2).map(|pair| (pair[0], pair[1])).collect()
        }
        Statement::Settled(_)
        | Statement::CitizenEdited(_)
        | Statement::DoseGiven(_)
        | Statement::DoseAmended(_)
        | Statement::Withdrawn(_)
        | Statement::Unknown { .. } => Vec::new(),
    }
}

/// The cards of the person who holds `card`, given the joins that stand.
pub fn cards_of(card: CitizenId, joins: &BTreeSet<(CitizenId, CitizenId)>) -> BTreeSet<CitizenId> {
    let mut neighbours: BTreeMap<CitizenId, Vec<CitizenId>> = BTreeMap::new();
    for (a, b) in joins {
        neighbours.entry(*a).or_default().push(*b);
        if !is_alive(Bug::LinkOneWay) {
            neighbours.entry(*b).or_default().push(*a);
        }
    }
    let mut found = BTreeSet::from([card]);
    let mut frontier = vec![card];
    while let Some(card) = frontier.pop() {
        for next in neighbours.get(&card).into_iter().flatten() {
            if found.insert(*next) {
                frontier.push(*next);
            }
        }
    }
    found
}

/// The joins among these statements that nobody has taken back.
pub fn standing_joins(
    said: &BTreeMap<StatementId, &Said>,
    counts: impl Fn(StatementId) -> bool,
) -> BTreeSet<(CitizenId, CitizenId)> {
    said.iter()
        .filter(|(id, _)| counts(**id) || is_alive(Bug::UnlinkIgnored))
        .flat_map(|(_, one)| cards_joined(one))
        .collect()
}
