//! Which statements stand: a statement stands unless a standing withdrawal targets it.
//!
//! Targets are named by hash, so a withdrawal can only speak of what came before it and no
//! circle is possible. Nobody takes back what was said with higher authority, nor what was said of
//! somebody else: filed under another card, a withdrawal would reach some nodes and not others.

use std::collections::{BTreeMap, BTreeSet};

use crate::envelope::Said;
use crate::ids::StatementId;
use crate::planted::{Bug, is_alive};
use crate::statement::Statement;

pub struct Standing {
    taken_back: BTreeSet<StatementId>,
}

impl Standing {
    pub fn of(said: &BTreeMap<StatementId, &Said>) -> Self {
        let mut against: BTreeMap<StatementId, Vec<StatementId>> = BTreeMap::new();
        for (id, one) in said {
            let Statement::Withdrawn(withdrawn) = &one.body.statement else { continue };
            let Some(target) = said.get(&withdrawn.target) else { continue };
            let may = one.header.authority >= target.header.authority || is_alive(Bug::AnybodyTakesBack);
            if may && speaks_of(one, target) {
                against.entry(withdrawn.target).or_default().push(*id);
            }
        }
        let mut judged: BTreeMap<StatementId, bool> = BTreeMap::new();
        for target in against.keys() {
            judge(*target, &against, &mut judged);
        }
        let taken_back = judged.into_iter().filter(|(_, stands)| !stands).map(|(id, _)| id).collect();
        Self { taken_back }
    }

    pub fn stands(&self, id: StatementId) -> bool {
        !self.taken_back.contains(&id) || is_alive(Bug::WithdrawalIgnored)
    }
}

/// Whether a withdrawal is about one of those its target is about.
fn speaks_of(withdrawal: &Said, target: &Said) -> bool {
    let subject = withdrawal.header.subject;
    subject == target.header.subject
        || subject.citizen().is_some_and(|card| target.body.statement.other_citizens().contains(&card))
}

/// Depth first with a stack of its own: a chain of withdrawals may be as long as its authors are stubborn.
fn judge(
    target: StatementId,
    against: &BTreeMap<StatementId, Vec<StatementId>>,
    judged: &mut BTreeMap<StatementId, bool>,
) {
    let mut stack = vec![target];
    while let Some(&id) = stack.last() {
        let withdrawals = against.get(&id).map_or(&[] as &[_], Vec::as_slice);
        match withdrawals.iter().find(|w| !judged.contains_key(w)) {
            Some(&unjudged) => stack.push(unjudged),
            None => {
                let blind = is_alive(Bug::WithdrawalOfWithdrawalIgnored);
                let stands = !withdrawals.iter().any(|w| blind || judged.get(w) == Some(&true));
                judged.insert(id, stands);
                stack.pop();
            }
        }
    }
}
