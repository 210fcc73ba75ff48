//! ⑪ What cannot stand together. Pure: conflicts of one person, of cards that share an identifier, of a device.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::conflict::{
    ClaimedTime, Conflict, Fork, Holder, cloned_device, dose_clashes, implausible_time, shared_identifiers,
};
use shared_model::envelope::{Authority, Said};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::planted::{Bug, is_alive};
use shared_model::record::{Case, CaseState, Dose, DoseState, History, Standing};
use shared_model::rules::Rulebook;
use shared_model::statement::{Settled, Statement};
use shared_model::time::{Date, Moment};

use super::apply::Drawn;

/// Of a crowd that claims one identifier, so many are compared with each of its cards.
pub const HOLDERS_MAX: usize = 64;

/// All cases of a person: their own, and those that a clock or another card raises.
pub fn cases(
    drawn: &Drawn,
    holders: &[Vec<Holder>],
    received: &BTreeMap<StatementId, Moment>,
    rules: &Rulebook,
) -> Vec<Case> {
    let record = &drawn.merged.record;
    let born = record.birth().map(|birth| birth.date);
    let doubts = record.history.doses.iter().filter_map(|dose| doubted_time(dose, born, received, rules));
    let mut cases = drawn.merged.cases(doubts.chain(shared(drawn.cards(), holders)));
    if is_alive(Bug::FirstCaseOnly) {
        cases.truncate(1);
    }
    cases
}

/// Identifiers that other people's cards carry too.
fn shared(cards: &BTreeSet<CitizenId>, holders: &[Vec<Holder>]) -> Vec<Conflict> {
    let same_person = |one, other| cards.contains(&one) && cards.contains(&other);
    let mut conflicts = Vec::new();
    for holders in holders {
        let own = holders.iter().filter(|holder| cards.contains(&holder.card));
        let others = holders.iter().filter(|holder| !cards.contains(&holder.card)).take(HOLDERS_MAX);
        let compared: Vec<Holder> = own.chain(others).cloned().collect();
        let raised = shared_identifiers(&compared, same_person);
        conflicts.extend(raised.into_iter().filter(|c| c.citizens.iter().any(|card| cards.contains(card))));
    }
    conflicts
}

fn doubted_time(
    dose: &Dose,
    born: Option<Date>,
    received: &BTreeMap<StatementId, Moment>,
    rules: &Rulebook,
) -> Option<Conflict> {
    if matches!(dose.state, DoseState::Withdrawn | DoseState::EchoOf(_)) {
        return None;
    }
    implausible_time(&ClaimedTime {
        statement: dose.statement,
        citizen: dose.citizen,
        given_at: dose.given_at,
        evidence: dose.evidence,
        received_at: *received.get(&dose.statement)?,
        born,
        campaign_from: campaign_from(rules),
    })
}

/// The first day on which any rules held.
fn campaign_from(rules: &Rulebook) -> Option<Date> {
    rules.bundles().iter().map(|bundle| bundle.valid_from()).min()
}

/// The fast road: what a new dose raises beside the other doses of a plain card.
pub fn lone_dose(doses: Vec<Dose>, new: &Dose, born: Option<Date>, received_at: Moment, rules: &Rulebook) -> Vec<Case> {
    let received = BTreeMap::from([(new.statement, received_at)]);
    let doubt = doubted_time(new, born, &received, rules);
    let clashes = dose_clashes(&History::of(doses), rules).into_iter().filter(|c| c.involved.contains(&new.statement));
    clashes.chain(doubt).map(|conflict| Case { conflict, state: CaseState::Open, settlement: None }).collect()
}

/// The cases of a device whose log has two ends, with what was settled about them.
pub fn device_cases(forks: impl IntoIterator<Item = Fork>, about: &[Said]) -> Vec<Case> {
    let all: BTreeMap<StatementId, &Said> = about.iter().map(|said| (said.id, said)).collect();
    let standing = Standing::of(&all);
    let forks = forks.into_iter().filter(|_| !is_alive(Bug::CloneNotRaised));
    forks
        .map(|fork| {
            let conflict = cloned_device(fork);
            // Of several standing settlements the one said last is in force, as for a citizen's cases.
            let given = settlements(&all)
                .filter(|(said, settled)| settled.case == conflict.id && standing.stands(said.id))
                .max_by_key(|(said, _)| (said.header.hlc, said.id));
            let state = match given {
                None => CaseState::Open,
                Some((_, settled)) if settled.answer.closes() => CaseState::Settled,
                Some(_) => CaseState::SentBack,
            };
            Case { conflict, state, settlement: given.map(|(said, _)| said.id) }
        })
        .collect()
}

fn settlements<'a>(all: &'a BTreeMap<StatementId, &'a Said>) -> impl Iterator<Item = (&'a Said, &'a Settled)> {
    all.values().filter(|said| said.header.authority == Authority::National).filter_map(|said| {
        if let Statement::Settled(settled) = &said.body.statement { Some((*said, settled)) } else { None }
    })
}
