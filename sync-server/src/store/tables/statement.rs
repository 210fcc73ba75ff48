//! ⑩ Which believed statements there are, and whose records they enter.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use shared_model::envelope::{Envelope, Said};
use shared_model::ids::{CitizenId, DeviceId, Position, StatementId};
use shared_model::record::people::cards_joined;
use shared_model::statement::{Statement, Subject};
use shared_model::time::Moment;

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{Kept, Testimony};
use crate::store::value::{Insert, Row, Value, values};

/// The columns of an entry that make a [`Kept`].
const COLUMNS: &str = "e.lseq, e.device, e.epoch, e.seq, e.received_at, e.header, e.body";

/// `None` for an entry whose body was erased since.
fn read_kept(row: &mut Row) -> Result<Option<Kept>, StoreError> {
    let position = Position { device: DeviceId(row.get(1)?), epoch: row.get(2)?, seq: row.get(3)? };
    let envelope = Envelope { header: row.get(5)?, body: row.get(6)? };
    let (lseq, received_at) = (row.get(0)?, Moment(row.get(4)?));
    Ok(envelope.open().ok().map(|said| Kept { lseq, position, received_at, envelope, said }))
}

/// As [`read_kept`], with the card it was asked for by.
fn read_kept_of(row: &mut Row) -> Result<(CitizenId, Option<Kept>), StoreError> {
    Ok((CitizenId(row.get(7)?), read_kept(row)?))
}

/// Entries after `lseq`, believed or not.
pub(in crate::store) async fn entries_after(conn: &Conn<'_>, lseq: i64, max: usize) -> Result<Vec<Raw>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, CASE WHEN e.quarantine IS NULL THEN 1 ELSE 0 END, e.branch
         FROM entry e WHERE e.lseq > ?1 ORDER BY e.lseq LIMIT ?2"
    );
    let read = |row: &mut Row| {
        let position = Position { device: DeviceId(row.get(1)?), epoch: row.get(2)?, seq: row.get(3)? };
        Ok(Raw {
            lseq: row.get(0)?,
            position,
            received_at: Moment(row.get(4)?),
            envelope: Envelope { header: row.get(5)?, body: row.get(6)? },
            believed: row.get(7)?,
            on_a_branch: row.get::<i64>(8)? != 0,
        })
    };
    conn.all(&sql, values![lseq, max], read).await
}

/// An entry as it lies in the log.
pub(in crate::store) struct Raw {
    pub(in crate::store) lseq: i64,
    position: Position,
    received_at: Moment,
    envelope: Envelope,
    believed: bool,
    on_a_branch: bool,
}

impl Raw {
    pub(in crate::store) fn open(self) -> Arrived {
        let Self { lseq, position, received_at, envelope, believed, on_a_branch } = self;
        let said = if believed { envelope.open().ok() } else { None };
        let kept = said.map(|said| Kept { lseq, position, received_at, envelope, said });
        Arrived { device: position.device, on_a_branch, kept }
    }
}

/// An entry the projector has not seen.
pub(in crate::store) struct Arrived {
    pub(in crate::store) device: DeviceId,
    pub(in crate::store) on_a_branch: bool,
    pub(in crate::store) kept: Option<Kept>,
}

const STATEMENTS: Insert = Insert {
    table: "statement",
    columns: &[
        ("statement", "bytea"),
        ("lseq", "int8"),
        ("kind", "int4"),
        ("subject_tag", "int2"),
        ("subject", "bytea"),
        ("device", "bytea"),
        ("received_at", "int8"),
    ],
    conflict: "",
};

const SAID: Insert = Insert {
    table: "said",
    columns: &[("citizen", "bytea"), ("lseq", "int8"), ("statement", "bytea")],
    conflict: "ON CONFLICT DO NOTHING",
};

/// As [`SAID`], for statements that nobody met before: what cannot be there is not looked for.
const SAID_FIRST: Insert = Insert { conflict: "", ..SAID };

const WITHDRAWALS: Insert = Insert {
    table: "withdrawal",
    columns: &[("target", "bytea"), ("statement", "bytea")],
    conflict: "ON CONFLICT DO NOTHING",
};

const LINKS: Insert = Insert {
    table: "link",
    columns: &[("card", "bytea"), ("other", "bytea"), ("statement", "bytea")],
    conflict: "ON CONFLICT DO NOTHING",
};

/// Cards of which nothing was ever said before, with the numbers of all that enters their records.
pub(in crate::store) type Newcomers = BTreeMap<CitizenId, BTreeSet<i64>>;

/// Statements that were entered in the indexes.
pub(in crate::store) struct Indexed {
    /// In the order they were received, each with the cards whose records it touches.
    pub(in crate::store) fresh: Vec<(Kept, BTreeSet<CitizenId>)>,
    pub(in crate::store) newcomers: Newcomers,
}

/// Enters statements in the indexes, in the order they were received. Left out are those known already: aliases,
/// drawn into the record once.
pub(in crate::store) async fn index(conn: &Conn<'_>, arrived: Vec<Kept>) -> Result<Indexed, StoreError> {
    let fresh = fresh_among(conn, arrived).await?;
    let rows = fresh.iter().map(|kept| {
        let Said { id, header, .. } = &kept.said;
        values![
            id.0,
            kept.lseq,
            header.kind,
            header.subject.tag(),
            header.subject.bytes().as_slice(),
            header.device.0,
            kept.received_at.0
        ]
    });
    let statements = conn.insert(&STATEMENTS, rows.collect());
    let mut links = BTreeSet::new();
    for kept in &fresh {
        for (one, other) in cards_joined(&kept.said) {
            links.extend([(one, other, kept.said.id), (other, one, kept.said.id)]);
        }
    }
    let rows = links.into_iter().map(|(card, other, id)| values![card.0, other.0, id.0]);
    try_join(statements, conn.insert(&LINKS, rows.collect())).await?;
    let entered = entered_by(conn, &fresh).await?;
    let newcomers = newcomers(conn, &entered).await?;
    let arrived: BTreeSet<StatementId> = fresh.iter().map(|kept| kept.said.id).collect();
    let (first, again): (Vec<_>, Vec<_>) = entered.rows().partition(|(_, _, id)| arrived.contains(id));
    let rows = |rows: Vec<(CitizenId, i64, StatementId)>| -> Vec<Vec<Value>> {
        rows.into_iter().map(|(card, lseq, id)| values![card.0, lseq, id.0]).collect()
    };
    try_join(conn.insert(&SAID_FIRST, rows(first)), conn.insert(&SAID, rows(again))).await?;
    let mut cards = entered.cards;
    let fresh = fresh.into_iter().map(|kept| {
        let cards = cards.remove(&kept.said.id).unwrap_or_default();
        (kept, cards)
    });
    Ok(Indexed { fresh: fresh.collect(), newcomers })
}

/// To be asked before what entered is written down.
async fn newcomers(conn: &Conn<'_>, entered: &Entered) -> Result<Newcomers, StoreError> {
    let mut newcomers = Newcomers::new();
    for (card, lseq, _) in entered.rows() {
        newcomers.entry(card).or_default().insert(lseq);
    }
    let sql = "SELECT DISTINCT citizen FROM said WHERE citizen IN rarray(?1)";
    let params = vec![Value::blobs(newcomers.keys().map(|card| card.0))];
    for known in conn.all(sql, params, |row| Ok(CitizenId(row.get(0)?))).await? {
        newcomers.remove(&known);
    }
    Ok(newcomers)
}

async fn fresh_among(conn: &Conn<'_>, arrived: Vec<Kept>) -> Result<Vec<Kept>, StoreError> {
    let sql = "SELECT statement FROM statement WHERE statement IN rarray(?1)";
    let params = vec![Value::blobs(arrived.iter().map(|kept| kept.said.id.0))];
    let known = conn.all(sql, params, |row| Ok(StatementId(row.get(0)?))).await?;
    let mut known: BTreeSet<StatementId> = known.into_iter().collect();
    Ok(arrived.into_iter().filter(|kept| known.insert(kept.said.id)).collect())
}

/// Which cards' records the statements enter. A withdrawal enters every record that what it withdraws is in, and
/// whichever of the two came first, and so does what withdraws the withdrawal.
async fn entered_by(conn: &Conn<'_>, fresh: &[Kept]) -> Result<Entered, StoreError> {
    let mut entered = Entered::default();
    let mut targets = BTreeMap::new();
    for kept in fresh {
        let said = &kept.said;
        let mut cards: BTreeSet<CitizenId> = said.header.subject.citizen().into_iter().collect();
        cards.extend(said.body.statement.other_citizens());
        entered.cards.insert(said.id, cards);
        entered.lseq.insert(said.id, kept.lseq);
        if let Statement::Withdrawn(withdrawn) = &said.body.statement {
            targets.insert(said.id, withdrawn.target);
        }
    }
    let rows = targets.iter().map(|(id, target)| values![target.0, id.0]);
    conn.insert(&WITHDRAWALS, rows.collect()).await?;
    // What is withdrawn lay here before.
    let of_targets = cards_of(conn, targets.values().copied().collect()).await?;
    for (id, target) in &targets {
        if let Some(cards) = of_targets.get(target) {
            entered.cards.entry(*id).or_default().extend(cards);
        }
    }
    entered.follow(conn).await?;
    Ok(entered)
}

/// Records that statements enter, fresh ones and withdrawals of them.
#[derive(Default)]
struct Entered {
    cards: BTreeMap<StatementId, BTreeSet<CitizenId>>,
    lseq: BTreeMap<StatementId, i64>,
}

impl Entered {
    /// Each card with each statement in its record, and the number of that.
    fn rows(&self) -> impl Iterator<Item = (CitizenId, i64, StatementId)> {
        self.cards.iter().flat_map(|(id, cards)| {
            let lseq = self.lseq.get(id).copied().unwrap_or_default();
            cards.iter().map(move |card| (*card, lseq, *id))
        })
    }

    /// Withdrawals follow what they withdraw, until none enters a record it was not in.
    async fn follow(&mut self, conn: &Conn<'_>) -> Result<(), StoreError> {
        let mut moved: BTreeSet<StatementId> = self.cards.keys().copied().collect();
        while !moved.is_empty() {
            let sql =
                "SELECT w.target, w.statement, s.lseq FROM withdrawal w JOIN statement s ON s.statement = w.statement
                       WHERE w.target IN rarray(?1)";
            let params = vec![Value::blobs(moved.iter().map(|id| id.0))];
            let found = conn
                .all(sql, params, |row| Ok((StatementId(row.get(0)?), StatementId(row.get(1)?), row.get::<i64>(2)?)));
            let found = found.await?;
            moved.clear();
            for (target, withdrawal, lseq) in found {
                let cards = self.cards.get(&target).cloned().unwrap_or_default();
                let own = self.cards.entry(withdrawal).or_default();
                let before = own.len();
                own.extend(cards);
                if own.len() > before {
                    moved.insert(withdrawal);
                }
                self.lseq.insert(withdrawal, lseq);
            }
        }
        Ok(())
    }
}

/// The cards whose records statements are in; none for one that is not here.
async fn cards_of(
    conn: &Conn<'_>,
    statements: BTreeSet<StatementId>,
) -> Result<BTreeMap<StatementId, BTreeSet<CitizenId>>, StoreError> {
    let mut cards: BTreeMap<StatementId, BTreeSet<CitizenId>> = BTreeMap::new();
    if statements.is_empty() {
        return Ok(cards);
    }
    let sql = "SELECT s.statement, d.citizen FROM statement s JOIN said d ON d.lseq = s.lseq
               WHERE s.statement IN rarray(?1)";
    let params = vec![Value::blobs(statements.iter().map(|id| id.0))];
    let found = conn.all(sql, params, |row| Ok((StatementId(row.get(0)?), CitizenId(row.get(1)?)))).await?;
    for (statement, card) in found {
        cards.entry(statement).or_default().insert(card);
    }
    Ok(cards)
}

/// Nobody holds more cards; a crowd joined by mistake or malice is looked at card by card.
pub(in crate::store) const LINKED_CARDS_MAX: usize = 64;

/// The cards that were ever said to belong to whoever holds this one.
async fn ever_linked(conn: &Conn<'_>, card: CitizenId) -> Result<BTreeSet<CitizenId>, StoreError> {
    let mut cards = BTreeSet::from([card]);
    let mut frontier = vec![card];
    while !frontier.is_empty() {
        let sql = "SELECT DISTINCT other FROM link WHERE card IN rarray(?1)";
        let params = vec![Value::blobs(frontier.iter().map(|card| card.0))];
        let others = conn.all(sql, params, |row| Ok(CitizenId(row.get(0)?))).await?;
        frontier = others.into_iter().filter(|other| cards.insert(*other)).collect();
        if cards.len() > LINKED_CARDS_MAX {
            tracing::warn!(%card, "too many cards are linked; this one is drawn alone");
            return Ok(BTreeSet::from([card]));
        }
    }
    Ok(cards)
}

/// Everything said about whoever may hold these cards: one testimony for cards that were ever linked. Entries that are
/// at hand are not read again, and newcomers not looked up.
pub(in crate::store) async fn testimonies(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
    at_hand: BTreeMap<i64, Kept>,
    newcomers: &Newcomers,
) -> Result<Vec<Testimony>, StoreError> {
    let sql = "SELECT DISTINCT card FROM link WHERE card IN rarray(?1)";
    let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
    let linked: BTreeSet<CitizenId> =
        conn.all(sql, params, |row| Ok(CitizenId(row.get(0)?))).await?.into_iter().collect();
    let mut groups = Vec::with_capacity(cards.len());
    let mut done = BTreeSet::new();
    for card in cards {
        if done.contains(card) {
            continue;
        }
        let group = if linked.contains(card) { ever_linked(conn, *card).await? } else { BTreeSet::from([*card]) };
        done.extend(group.iter().copied());
        groups.push(group);
    }
    let mut of_card = said_of(conn, &done, at_hand, newcomers).await?;
    let testimonies = groups.into_iter().map(|cards| {
        let kept = cards.iter().filter_map(|card| of_card.remove(card)).flatten();
        Testimony { kept: kept.map(|kept| (kept.said.id, kept)).collect(), cards }
    });
    Ok(testimonies.collect())
}

async fn said_of(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
    mut kept: BTreeMap<i64, Kept>,
    newcomers: &Newcomers,
) -> Result<BTreeMap<CitizenId, Vec<Kept>>, StoreError> {
    let (known, unknown): (Vec<CitizenId>, Vec<CitizenId>) =
        cards.iter().partition(|card| newcomers.contains_key(card));
    let of_newcomers = known.iter().filter_map(|card| Some((*card, newcomers.get(card)?)));
    let mut said: Vec<(CitizenId, i64)> =
        of_newcomers.flat_map(|(card, numbers)| numbers.iter().map(move |lseq| (card, *lseq))).collect();
    if !unknown.is_empty() {
        let sql = "SELECT citizen, lseq FROM said WHERE citizen IN rarray(?1)";
        let params = vec![Value::blobs(unknown.iter().map(|card| card.0))];
        said.extend(conn.all(sql, params, |row| Ok((CitizenId(row.get(0)?), row.get(1)?))).await?);
    }
    let wanted: BTreeSet<i64> = said.iter().map(|(_, lseq)| *lseq).filter(|lseq| !kept.contains_key(lseq)).collect();
    if !wanted.is_empty() {
        let sql = format!("SELECT {COLUMNS} FROM entry e WHERE e.lseq IN rarray(?1)");
        let found = conn.all(&sql, vec![Value::ints(wanted)], read_kept).await?;
        kept.extend(found.into_iter().flatten().map(|kept| (kept.lseq, kept)));
    }
    // A statement about two people is needed twice.
    let mut uses: BTreeMap<i64, u32> = BTreeMap::new();
    said.iter().for_each(|(_, lseq)| *uses.entry(*lseq).or_default() += 1);
    let mut of_card: BTreeMap<CitizenId, Vec<Kept>> = BTreeMap::new();
    for (card, lseq) in said {
        let is_last = uses.get_mut(&lseq).is_none_or(|left| {
            *left -= 1;
            *left == 0
        });
        let kept = if is_last { kept.remove(&lseq) } else { kept.get(&lseq).cloned() };
        of_card.entry(card).or_default().extend(kept);
    }
    Ok(of_card)
}

fn by_card(found: Vec<(CitizenId, Option<Kept>)>) -> BTreeMap<CitizenId, Vec<Kept>> {
    let mut by_card: BTreeMap<CitizenId, Vec<Kept>> = BTreeMap::new();
    for (card, kept) in found {
        by_card.entry(card).or_default().extend(kept);
    }
    by_card
}

pub(in crate::store) async fn testimony(conn: &Conn<'_>, card: CitizenId) -> Result<Testimony, StoreError> {
    testimonies(conn, &BTreeSet::from([card]), BTreeMap::new(), &Newcomers::new())
        .await?
        .pop()
        .ok_or(StoreError::BadRow)
}

/// Everything about these citizens, in the order it was received.
pub(in crate::store) async fn of_citizens(conn: &Conn<'_>, citizens: &[CitizenId]) -> Result<Vec<Kept>, StoreError> {
    let cards = citizens.iter().copied().collect();
    let testimonies = testimonies(conn, &cards, BTreeMap::new(), &Newcomers::new()).await?;
    let kept = testimonies.into_iter().flat_map(|testimony| testimony.kept.into_values());
    let in_order: BTreeMap<i64, Kept> = kept.map(|kept| (kept.lseq, kept)).collect();
    Ok(in_order.into_values().collect())
}

/// The doses said of cards that nothing but doses and registrations were said of.
pub(in crate::store) async fn doses_of(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
) -> Result<BTreeMap<CitizenId, Vec<Kept>>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, d.citizen FROM dose d JOIN entry e ON e.lseq = d.lseq WHERE d.citizen IN rarray(?1)"
    );
    let found = conn.all(&sql, vec![Value::blobs(cards.iter().map(|card| card.0))], read_kept_of).await?;
    Ok(by_card(found))
}

pub(in crate::store) async fn by_ids(conn: &Conn<'_>, ids: &[StatementId]) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM statement s JOIN entry e ON e.lseq = s.lseq WHERE s.statement IN rarray(?1)
         ORDER BY s.lseq"
    );
    let found = conn.all(&sql, vec![Value::blobs(ids.iter().map(|id| id.0))], read_kept).await?;
    Ok(found.into_iter().flatten().collect())
}

/// What was said about a device: settlements of its forks, and their withdrawals.
pub(in crate::store) async fn about_device(conn: &Conn<'_>, device: DeviceId) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM statement s JOIN entry e ON e.lseq = s.lseq
         WHERE s.subject = ?1 AND s.subject_tag <> 1 AND s.subject_tag = ?2 ORDER BY s.lseq"
    );
    let tag = Subject::Device(device).tag();
    Ok(conn.all(&sql, values![device.0, tag], read_kept).await?.into_iter().flatten().collect())
}

/// When this server first held statements.
pub(in crate::store) async fn received_at(
    conn: &Conn<'_>,
    ids: &[StatementId],
) -> Result<BTreeMap<StatementId, Moment>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT statement, received_at FROM statement WHERE statement IN rarray(?1)";
    let params = vec![Value::blobs(ids.iter().map(|id| id.0))];
    let found = conn.all(sql, params, |row| Ok((StatementId(row.get(0)?), Moment(row.get(1)?)))).await?;
    Ok(found.into_iter().collect())
}

/// What a rebuild begins with.
pub(in crate::store) async fn forget(conn: &Conn<'_>) -> Result<(), StoreError> {
    for table in ["statement", "said", "withdrawal", "link"] {
        conn.write(&format!("DELETE FROM {table}"), Vec::new()).await?;
    }
    Ok(())
}
