//! Draws the derived rows of every card that new statements concern.

use std::collections::BTreeSet;

use rusqlite::Connection;
use shared_model::citizen::{Register, RegisterValue};
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::merge::{Merged, merge};
use shared_model::record::{CaseState, Record, people};
use shared_model::rules::Rulebook;
use shared_model::statement::Statement;
use shared_model::view;

use crate::laptop::{MergedError, SayError, said_of_holder};
use crate::store::{StoreError, citizen, dose, envelope};

/// Applies statements that have just been kept, in the caller's transaction. One that was known here before draws
/// nothing again, unless it enters a card that it had not entered.
pub fn apply(conn: &Connection, believed: &[Said], rules: &Rulebook) -> Result<(), SayError> {
    let mut touched = BTreeSet::new();
    for said in believed {
        touched.extend(note_concerns(conn, said)?);
    }
    Ok(redraw(conn, touched, rules)?)
}

/// Which cards a statement enters, noted in the tables that later look-ups start from. Tells which of them something
/// entered that was not in their records yet.
fn note_concerns(conn: &Connection, said: &Said) -> Result<BTreeSet<CitizenId>, StoreError> {
    let mut cards: Vec<CitizenId> = said.header.subject.citizen().into_iter().collect();
    cards.extend(said.body.statement.other_citizens());
    if let Statement::Withdrawn(withdrawn) = &said.body.statement {
        envelope::withdraw(conn, withdrawn.target, said.id)?;
        cards.extend(envelope::concerned_by(conn, withdrawn.target)?);
    }
    let mut entered = BTreeSet::new();
    for card in &cards {
        if envelope::concern(conn, *card, said.id)? {
            entered.insert(*card);
        }
    }
    entered.extend(withdrawals_follow(conn, said.id, &cards)?);
    for (one, other) in people::cards_joined(said) {
        citizen::join(conn, one, other)?;
    }
    Ok(entered)
}

/// What was taken back before it came here is taken back on every card it enters.
fn withdrawals_follow(
    conn: &Connection,
    target: StatementId,
    cards: &[CitizenId],
) -> Result<BTreeSet<CitizenId>, StoreError> {
    let mut entered = BTreeSet::new();
    let mut targets = vec![target];
    let mut followed = BTreeSet::from([target]);
    while let Some(target) = targets.pop() {
        for withdrawal in envelope::withdrawals_of(conn, target)? {
            if followed.insert(withdrawal) {
                for card in cards {
                    if envelope::concern(conn, *card, withdrawal)? {
                        entered.insert(*card);
                    }
                }
                targets.push(withdrawal);
            }
        }
    }
    Ok(entered)
}

/// Everything derived, from envelopes alone.
pub fn redraw_everything(conn: &Connection, rules: &Rulebook) -> Result<(), StoreError> {
    citizen::empty_derived(conn)?;
    for said in envelope::all_said(conn)? {
        note_concerns(conn, &said)?;
    }
    // Only then: a statement that an earlier version did not understand may enter cards that nothing else does.
    let cards = envelope::all_citizens(conn)?;
    redraw(conn, cards.into_iter().collect(), rules).map_err(|error| match error {
        MergedError::Store(error) => error,
        MergedError::Record(_) => StoreError::Nonsense { table: "envelope" },
    })
}

/// Draws the touched cards and every card linked with them.
fn redraw(conn: &Connection, touched: BTreeSet<CitizenId>, rules: &Rulebook) -> Result<(), MergedError> {
    let mut cards = BTreeSet::new();
    for card in touched {
        cards.extend(citizen::ever_joined(conn, card)?);
    }
    for card in cards {
        let said = said_of_holder(conn, card)?;
        let merged = merge(card, &said, rules)?;
        if said.iter().filter_map(envelope::told_by).any(|told| merged.record.cards.contains(&told)) {
            draw_card(conn, card, &merged)?;
        } else {
            // A settlement of somebody else's names this card, and that is all: nobody here knows its holder.
            citizen::erase(conn, card)?;
        }
    }
    Ok(())
}

fn draw_card(conn: &Connection, card: CitizenId, merged: &Merged) -> Result<(), StoreError> {
    let record = &merged.record;
    let has_conflict = merged.cases([]).iter().any(|case| case.state != CaseState::Settled);
    let line = view::citizen_line(card, record, has_conflict);
    let json = serde_json::to_string(&line).map_err(|_| StoreError::Nonsense { table: "citizen" })?;
    citizen::put_line(conn, card, &json, record.root.as_bytes())?;
    let key = record.name().map(shared_model::citizen::PersonName::search_key).unwrap_or_default();
    citizen::put_words(conn, card, &key.split(' ').filter(|word| !word.is_empty()).collect())?;
    citizen::put_identifiers(conn, card, &identifiers(record))?;
    let doses: Vec<_> = record.history.doses.iter().filter(|dose| dose.citizen == card).collect();
    dose::put(conn, card, &doses)
}

/// Identifiers and phone numbers that stand, disputed ones included: a search must find either.
fn identifiers(record: &Record) -> Vec<(Register, String, StatementId)> {
    let mut found = Vec::new();
    for field in record.fields.values() {
        for vote in std::iter::once(&field.shown).chain(&field.others) {
            let term = match &vote.value {
                RegisterValue::Phone(phone) => Some((Register::Phone, phone.as_str())),
                value => value.identifier(),
            };
            found.extend(term.map(|(register, value)| (register, value.to_owned(), vote.statement)));
        }
    }
    found
}
