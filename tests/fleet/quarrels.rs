//! Which quarrels there must be, written from the promises: doses that cannot both be right, and values given in
//! ignorance of each other. What is left to judgement (waits, mixing, amended doses, chosen values) is not asked here.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::citizen::{Register, RegisterValue};
use shared_model::conflict::ConflictKind;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::merge::Merged;
use shared_model::record::CaseState;
use shared_model::statement::{CitizenEdited, Settled, Statement};

use crate::fleet::Fleet;
use crate::invariants::{Checked, broken};
use crate::reference::Truth;

impl Fleet<'_> {
    pub fn quarrels_are_raised(&self, truth: &Truth, merged: &Merged) -> Checked {
        self.doses_quarrel(truth, merged)?;
        for card in &merged.record.cards {
            self.values_quarrel(truth, merged, *card)?;
        }
        Ok(())
    }

    /// Two doses of one number, given by teams that did not know of each other; and never two of which one knew.
    fn doses_quarrel(&self, truth: &Truth, merged: &Merged) -> Checked {
        let amended: BTreeSet<StatementId> = truth.amended_doses();
        let settled = truth.settled_doses();
        let mut plain = Vec::new();
        for (id, stands) in truth.doses(&merged.record.cards) {
            if let (true, Some(said)) =
                (stands && !settled.contains(&id) && !amended.contains(&id), truth.said.get(&id))
                && let Statement::DoseGiven(given) = &said.body.statement
            {
                plain.push((id, given.number, &said.body.seen));
            }
        }
        for (at, (one, number, seen)) in plain.iter().enumerate() {
            for (other, other_number, other_seen) in &plain[at + 1..] {
                let knew = seen.contains(other) || other_seen.contains(one);
                let raised = self.is_raised(&BTreeSet::from([*one, *other]), |kind| {
                    matches!(
                        kind,
                        ConflictKind::SameDoseTwice
                            | ConflictKind::TooManyDoses
                            | ConflictKind::TooSoon
                            | ConflictKind::MixedProducts
                    )
                });
                if knew && raised == Some(CaseState::Open) {
                    return broken("I4", format!("{one:?} and {other:?} quarrel, and one was given knowing the other"));
                }
                if !knew && number == other_number && raised.is_none() {
                    return broken("I4", format!("{one:?} and {other:?} are one dose too many, and nobody is asked"));
                }
            }
        }
        Ok(())
    }

    fn values_quarrel(&self, truth: &Truth, merged: &Merged, card: CitizenId) -> Checked {
        let about =
            |one: &&StatementId| truth.said.get(one).is_some_and(|said| said.header.subject.citizen() == Some(card));
        let chosen = |id: &StatementId| {
            truth.said.get(id).is_some_and(|said| {
                matches!(&said.body.statement, Statement::Settled(Settled { key: Some(_), citizens, .. }) if citizens.contains(&card))
            })
        };
        if !merged.record.waiting.is_empty() || truth.said.keys().any(chosen) {
            return Ok(());
        }
        let edits: BTreeMap<StatementId, &CitizenEdited> = truth
            .said
            .keys()
            .filter(about)
            .filter_map(|id| match &truth.said.get(id)?.body.statement {
                Statement::CitizenEdited(edited) => Some((*id, edited)),
                _ => None,
            })
            .collect();
        let mut standing: BTreeMap<Register, BTreeMap<StatementId, &RegisterValue>> = BTreeMap::new();
        for (id, edited) in edits.iter().filter(|(id, _)| truth.stands(**id)) {
            for value in &edited.values {
                standing.entry(value.register()).or_default().insert(*id, value);
            }
        }
        for (register, votes) in standing {
            let seen: BTreeSet<StatementId> = votes.keys().flat_map(|id| truth.saw(*id, card)).collect();
            let live: BTreeMap<StatementId, &RegisterValue> =
                votes.into_iter().filter(|(id, _)| !seen.contains(id)).collect();
            let shown: BTreeSet<StatementId> = merged
                .record
                .fields
                .get(&register)
                .into_iter()
                .flat_map(|field| field.standing.iter().copied())
                .filter(|id| edits.contains_key(id))
                .collect();
            if !shown.iter().eq(live.keys()) {
                return broken(
                    "I4",
                    format!("{register:?} of {card:?} should rest on {live:?} and rests on {shown:?}"),
                );
            }
            let differ = live.values().any(|value| live.values().next() != Some(value));
            let raised = self.is_raised(&shown, |kind| kind == ConflictKind::EditedInTwoPlaces);
            if differ && raised.is_none() {
                return broken("I4", format!("{register:?} of {card:?} was given in two ways, and nobody is asked"));
            }
        }
        Ok(())
    }

    /// How the case between just these statements stands, if there is one of such a kind.
    fn is_raised(&self, between: &BTreeSet<StatementId>, fits: impl Fn(ConflictKind) -> bool) -> Option<CaseState> {
        let first = between.first()?;
        let rows = self.nation.cases_between.get(first).into_iter().flatten();
        let rows = rows.filter_map(|id| self.nation.cases.get(id));
        let mut found = rows.filter(|row| fits(row.conflict.kind) && row.conflict.involved.iter().eq(between));
        found.find_map(|row| row.state)
    }
}

impl Truth {
    /// Doses of which anything was ever put right.
    pub fn amended_doses(&self) -> BTreeSet<StatementId> {
        let amended = self.said.values().filter_map(|one| match &one.body.statement {
            Statement::DoseAmended(amended) => Some(amended.dose),
            _ => None,
        });
        amended.collect()
    }

    /// Everything the author of an edit had seen of a card, and whatever was seen before that. What was said of
    /// another card replaces nothing on this one.
    pub fn saw(&self, id: StatementId, card: CitizenId) -> BTreeSet<StatementId> {
        let mut seen = BTreeSet::new();
        let mut left = vec![id];
        while let Some(one) = left.pop() {
            let of_card = self.said.get(&one).filter(|said| said.header.subject.citizen() == Some(card));
            let before = of_card.map(|said| said.body.based_on.as_slice()).unwrap_or_default();
            left.extend(before.iter().filter(|id| seen.insert(**id)));
        }
        seen
    }
}
