//! ⑩ Which believed statements there are, and whose records they enter.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params};
use shared_model::envelope::Envelope;
use shared_model::ids::{CitizenId, DeviceId, Position, StatementId};
use shared_model::record::people::cards_joined;
use shared_model::statement::{Statement, Subject};
use shared_model::time::Moment;

use super::sql::{all, one, write};
use crate::store::StoreError;
use crate::store::rows::{Kept, Testimony};

/// The columns of an entry that make a [`Kept`].
const COLUMNS: &str = "e.lseq, e.device, e.epoch, e.seq, e.received_at, e.header, e.body, e.statement";

/// `None` for an entry whose body was erased since.
fn read_kept(row: &Row<'_>) -> Result<Option<Kept>, StoreError> {
    let position = Position { device: DeviceId(row.get(1)?), epoch: row.get(2)?, seq: row.get(3)? };
    let envelope = Envelope { header: row.get(5)?, body: row.get(6)? };
    let (lseq, received_at) = (row.get(0)?, Moment(row.get(4)?));
    Ok(envelope.open().ok().map(|said| Kept { lseq, position, received_at, envelope, said }))
}

/// Believed entries after `lseq`, aliases included, and how far they reach.
pub(super) fn entries_after(conn: &Connection, lseq: i64, max: usize) -> Result<(Vec<Arrived>, i64), StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, e.quarantine IS NULL, e.branch FROM entry e WHERE e.lseq > ?1 ORDER BY e.lseq LIMIT ?2"
    );
    let mut reached = lseq;
    let rows = all(conn, &sql, params![lseq, i64::try_from(max).unwrap_or(i64::MAX)], |row| {
        reached = row.get(0)?;
        let (believed, branch): (bool, i64) = (row.get(8)?, row.get(9)?);
        let device = DeviceId(row.get(1)?);
        Ok(Arrived { device, on_a_branch: branch != 0, kept: if believed { read_kept(row)? } else { None } })
    })?;
    Ok((rows, reached))
}

/// An entry the projector has not seen.
pub(super) struct Arrived {
    pub(super) device: DeviceId,
    pub(super) on_a_branch: bool,
    pub(super) kept: Option<Kept>,
}

/// Enters a statement in the indexes. `None` when it is known already: an alias, drawn into the record once.
/// Otherwise the cards whose records it touches.
pub(super) fn index(conn: &Connection, kept: &Kept) -> Result<Option<BTreeSet<CitizenId>>, StoreError> {
    let said = &kept.said;
    let subject = said.header.subject;
    let sql = "INSERT INTO statement (statement, lseq, kind, subject_tag, subject, device, received_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (statement) DO NOTHING";
    let entered = write(
        conn,
        sql,
        params![
            said.id.0,
            kept.lseq,
            said.header.kind,
            subject.tag(),
            subject.bytes(),
            said.header.device.0,
            kept.received_at.0
        ],
    )?;
    if entered == 0 {
        return Ok(None);
    }
    let mut cards: BTreeSet<CitizenId> = subject.citizen().into_iter().collect();
    cards.extend(said.body.statement.other_citizens());
    if let Statement::Withdrawn(withdrawn) = &said.body.statement {
        write(
            conn,
            "INSERT INTO withdrawal (target, statement) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![withdrawn.target.0, said.id.0],
        )?;
        cards.extend(cards_of_statement(conn, withdrawn.target)?);
    }
    for (one, other) in cards_joined(said) {
        link(conn, one, other, said.id)?;
        link(conn, other, one, said.id)?;
    }
    for card in &cards {
        enter(conn, *card, kept.lseq, said.id)?;
    }
    withdrawals_follow(conn, said.id, &cards)?;
    Ok(Some(cards))
}

fn enter(conn: &Connection, card: CitizenId, lseq: i64, statement: StatementId) -> Result<(), StoreError> {
    let sql = "INSERT INTO said (citizen, lseq, statement) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    write(conn, sql, params![card.0, lseq, statement.0]).map(drop)
}

fn link(conn: &Connection, card: CitizenId, other: CitizenId, statement: StatementId) -> Result<(), StoreError> {
    let sql = "INSERT INTO link (card, other, statement) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    write(conn, sql, params![card.0, other.0, statement.0]).map(drop)
}

/// The cards whose records a statement is in; none while it is not here.
fn cards_of_statement(conn: &Connection, statement: StatementId) -> Result<Vec<CitizenId>, StoreError> {
    let sql = "SELECT citizen FROM said WHERE lseq = (SELECT lseq FROM statement WHERE statement = ?1)";
    all(conn, sql, [statement.0], |row| Ok(CitizenId(row.get(0)?)))
}

/// Withdrawals that came before what they withdraw enter the records it is in.
fn withdrawals_follow(conn: &Connection, target: StatementId, cards: &BTreeSet<CitizenId>) -> Result<(), StoreError> {
    let mut targets = vec![target];
    while let Some(target) = targets.pop() {
        let sql = "SELECT w.statement, s.lseq FROM withdrawal w JOIN statement s ON s.statement = w.statement
                   WHERE w.target = ?1";
        let found = all(conn, sql, [target.0], |row| Ok((StatementId(row.get(0)?), row.get::<_, i64>(1)?)))?;
        for (withdrawal, lseq) in found {
            for card in cards {
                enter(conn, *card, lseq, withdrawal)?;
            }
            targets.push(withdrawal);
        }
    }
    Ok(())
}

/// Nobody holds more cards; a crowd joined by mistake or malice is looked at card by card.
const LINKED_CARDS_MAX: usize = 64;

/// The cards that were ever said to belong to whoever holds this one.
pub(super) fn ever_linked(conn: &Connection, card: CitizenId) -> Result<BTreeSet<CitizenId>, StoreError> {
    let mut cards = BTreeSet::from([card]);
    let mut frontier = vec![card];
    while let Some(next) = frontier.pop() {
        let others =
            all(conn, "SELECT DISTINCT other FROM link WHERE card = ?1", [next.0], |row| Ok(CitizenId(row.get(0)?)))?;
        frontier.extend(others.into_iter().filter(|other| cards.insert(*other)));
        if cards.len() > LINKED_CARDS_MAX {
            tracing::warn!(%card, "too many cards are linked; this one is drawn alone");
            return Ok(BTreeSet::from([card]));
        }
    }
    Ok(cards)
}

/// Everything said about whoever may hold this card.
pub(super) fn testimony(conn: &Connection, card: CitizenId) -> Result<Testimony, StoreError> {
    let cards = ever_linked(conn, card)?;
    let mut kept = BTreeMap::new();
    let sql = format!("SELECT {COLUMNS} FROM said s JOIN entry e ON e.lseq = s.lseq WHERE s.citizen = ?1");
    for card in &cards {
        for one in all(conn, &sql, [card.0], read_kept)?.into_iter().flatten() {
            kept.insert(one.said.id, one);
        }
    }
    Ok(Testimony { cards, kept })
}

/// The doses said of a card, for one that nothing but doses and registrations were said of.
pub(super) fn doses_of(conn: &Connection, card: CitizenId) -> Result<Vec<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM dose d JOIN entry e ON e.lseq = d.lseq WHERE d.citizen = ?1");
    Ok(all(conn, &sql, [card.0], read_kept)?.into_iter().flatten().collect())
}

pub(super) fn by_ids(conn: &Connection, ids: &[StatementId]) -> Result<Vec<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM statement s JOIN entry e ON e.lseq = s.lseq WHERE s.statement = ?1");
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(one(conn, &sql, [id.0], read_kept)?.flatten());
    }
    Ok(found)
}

/// What was said about a device: settlements of its forks, and their withdrawals.
pub(super) fn about_device(conn: &Connection, device: DeviceId) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM statement s JOIN entry e ON e.lseq = s.lseq
         WHERE s.subject = ?1 AND s.subject_tag <> 1 AND s.subject_tag = ?2 ORDER BY s.lseq"
    );
    let tag = Subject::Device(device).tag();
    Ok(all(conn, &sql, params![device.0, tag], read_kept)?.into_iter().flatten().collect())
}

/// When this server first held a statement.
pub(super) fn received_at(conn: &Connection, id: StatementId) -> Result<Option<Moment>, StoreError> {
    one(conn, "SELECT received_at FROM statement WHERE statement = ?1", [id.0], |row| Ok(Moment(row.get(0)?)))
}

/// What a rebuild begins with.
pub(super) fn forget(conn: &Connection) -> Result<(), StoreError> {
    for table in ["statement", "said", "withdrawal", "link"] {
        write(conn, &format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}
