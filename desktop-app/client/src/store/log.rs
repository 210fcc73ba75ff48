//! This laptop's own log: numbers without holes, a chain, seals, and how far others hold it.

use rusqlite::{Connection, OptionalExtension, Row};
use shared_model::envelope::{Envelope, LogHead, Seal};
use shared_model::ids::{AuthorId, Chain, DeviceId, Epoch, Seq, StatementId};
use shared_model::sync::message::EarlierEnd;

use super::{StoreError, bytes, int, uint};

/// An epoch of the log, its head, and the heads known to be held elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochState {
    pub epoch: Epoch,
    pub head: LogHead,
    pub held_to: Seq,
    pub national_to: Seq,
}

/// Copies of this laptop's statements, counted once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopyCounts {
    pub here_only: u32,
    pub at_hub: u32,
    pub at_nation: u32,
}

fn state(row: &Row<'_>) -> rusqlite::Result<(u32, i64, Vec<u8>, i64, i64)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

/// The epoch being written: the newest one.
pub fn current(conn: &Connection) -> Result<Option<EpochState>, StoreError> {
    Ok(epochs(conn)?.pop())
}

/// Every epoch of this log, oldest first. There is one more for each time a log was closed.
pub fn epochs(conn: &Connection) -> Result<Vec<EpochState>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT epoch, head, chain, held_to, national_to FROM log_epoch ORDER BY epoch")?;
    let mut rows = statement.query([])?;
    let mut epochs = Vec::new();
    while let Some(row) = rows.next()? {
        let (epoch, head, chain, held_to, national_to) = state(row)?;
        let head = LogHead { seq: uint(head), chain: Chain(bytes(&chain, "log_epoch")?) };
        epochs.push(EpochState { epoch, head, held_to: uint(held_to), national_to: uint(national_to) });
    }
    Ok(epochs)
}

/// What stands at a position of the log.
pub fn entry(conn: &Connection, epoch: Epoch, seq: Seq) -> Result<Option<(StatementId, Chain)>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = conn
        .prepare_cached("SELECT statement, chain FROM log WHERE epoch = ?1 AND seq = ?2")?
        .query_row((epoch, int(seq)), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(statement, chain)| Ok((StatementId(bytes(&statement, "log")?), Chain(bytes(&chain, "log")?)))).transpose()
}

pub fn begin_epoch(conn: &Connection, device: DeviceId, epoch: Epoch) -> Result<(), StoreError> {
    let head = LogHead::empty(device, epoch);
    conn.execute(
        "INSERT INTO log_epoch (epoch, head, chain, held_to, national_to) VALUES (?1, 0, ?2, 0, 0)",
        (epoch, head.chain.as_bytes()),
    )?;
    Ok(())
}

/// Draws the next number and writes the entry, in the caller's transaction.
pub fn append(conn: &Connection, device: DeviceId, statement: StatementId) -> Result<LogHead, StoreError> {
    let now = current(conn)?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
    let head = now.head.append(device, now.epoch, statement);
    conn.prepare_cached("INSERT INTO log (epoch, seq, statement, chain) VALUES (?1, ?2, ?3, ?4)")?.execute((
        now.epoch,
        int(head.seq),
        statement.as_bytes(),
        head.chain.as_bytes(),
    ))?;
    conn.prepare_cached("UPDATE log_epoch SET head = ?2, chain = ?3 WHERE epoch = ?1")?.execute((
        now.epoch,
        int(head.seq),
        head.chain.as_bytes(),
    ))?;
    Ok(head)
}

pub fn chain_at(conn: &Connection, device: DeviceId, epoch: Epoch, seq: Seq) -> Result<Option<Chain>, StoreError> {
    if seq == 0 {
        return Ok(Some(LogHead::empty(device, epoch).chain));
    }
    let chain: Option<Vec<u8>> = conn
        .prepare_cached("SELECT chain FROM log WHERE epoch = ?1 AND seq = ?2")?
        .query_row((epoch, int(seq)), |row| row.get(0))
        .optional()?;
    chain.map(|chain| Ok(Chain(bytes(&chain, "log")?))).transpose()
}

/// An entry of the log with its envelope and its author.
pub struct LoggedEnvelope {
    pub seq: Seq,
    pub chain: Chain,
    pub author: AuthorId,
    pub envelope: Envelope,
}

/// Entries from `from` on, at most `entries_max` of them and `bytes_max` of envelopes, one at least.
pub fn read(
    conn: &Connection,
    epoch: Epoch,
    from: Seq,
    entries_max: usize,
    bytes_max: usize,
) -> Result<Vec<LoggedEnvelope>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT log.seq, log.chain, envelope.author, envelope.header, envelope.body
         FROM log JOIN envelope USING (statement) WHERE log.epoch = ?1 AND log.seq >= ?2 ORDER BY log.seq",
    )?;
    let mut rows = statement.query((epoch, int(from)))?;
    let (mut entries, mut total) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let envelope = Envelope { header: row.get(3)?, body: row.get(4)? };
        total += envelope.header.len() + envelope.body.as_ref().map_or(0, Vec::len);
        if !entries.is_empty() && (total > bytes_max || entries.len() >= entries_max) {
            break;
        }
        entries.push(LoggedEnvelope {
            seq: uint(row.get(0)?),
            chain: Chain(bytes(row.get_ref(1)?.as_blob().unwrap_or_default(), "log")?),
            author: AuthorId(bytes(row.get_ref(2)?.as_blob().unwrap_or_default(), "envelope")?),
            envelope,
        });
    }
    Ok(entries)
}

/// Entries from `from` on, and the bytes of their envelopes.
pub fn size(conn: &Connection, epoch: Epoch, from: Seq) -> Result<(u64, u64), StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*), coalesce(sum(length(header) + coalesce(length(body), 0)), 0)
         FROM log JOIN envelope USING (statement) WHERE log.epoch = ?1 AND log.seq >= ?2",
    )?;
    let (entries, bytes) = statement.query_row((epoch, int(from)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((uint(entries), uint(bytes)))
}

pub fn put_seal(conn: &Connection, seal: &Seal) -> Result<(), StoreError> {
    let mut cbor = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(seal, &mut cbor);
    conn.execute(
        "INSERT INTO seal (epoch, to_seq, seal) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (seal.epoch, int(seal.to_seq), cbor),
    )?;
    Ok(())
}

pub fn sealed_to(conn: &Connection, epoch: Epoch) -> Result<Seq, StoreError> {
    Ok(uint(conn.query_row("SELECT coalesce(max(to_seq), 0) FROM seal WHERE epoch = ?1", [epoch], |row| row.get(0))?))
}

pub fn seals(conn: &Connection, epoch: Epoch, from: Seq, to: Seq) -> Result<Vec<Seal>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT seal FROM seal WHERE epoch = ?1 AND to_seq BETWEEN ?2 AND ?3 ORDER BY to_seq")?;
    let mut rows = statement.query((epoch, int(from), int(to)))?;
    let mut seals = Vec::new();
    while let Some(row) = rows.next()? {
        let seal = minicbor::decode(row.get_ref(0)?.as_blob().unwrap_or_default());
        seals.push(seal.map_err(|_| StoreError::Nonsense { table: "seal" })?);
    }
    Ok(seals)
}

/// Receipts may go back: a restored server holds less than it said, and is believed.
pub fn note_national(conn: &Connection, epoch: Epoch, national_to: Seq) -> Result<(), StoreError> {
    conn.execute("UPDATE log_epoch SET national_to = min(?2, head) WHERE epoch = ?1", (epoch, int(national_to)))?;
    furthest(conn)
}

/// How far a hub says it holds an epoch; one that was put back to an old copy says less than before.
pub fn note_held_by_hub(conn: &Connection, hub: DeviceId, epoch: Epoch, held_to: Seq) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO hub_held (hub, epoch, held_to) VALUES (?1, ?2, ?3)
         ON CONFLICT (hub, epoch) DO UPDATE SET held_to = excluded.held_to",
        (hub.as_bytes(), epoch, int(held_to)),
    )?;
    furthest(conn)
}

/// How far a hub last said it holds an epoch.
pub fn held_by_hub(conn: &Connection, hub: DeviceId, epoch: Epoch) -> Result<Seq, StoreError> {
    let sql = "SELECT held_to FROM hub_held WHERE hub = ?1 AND epoch = ?2";
    let held: Option<i64> =
        conn.prepare_cached(sql)?.query_row((hub.as_bytes(), epoch), |row| row.get(0)).optional()?;
    Ok(held.map_or(0, uint))
}

/// How far anybody but this laptop holds each epoch. A hub on this very machine is no second place.
pub fn furthest(conn: &Connection) -> Result<(), StoreError> {
    conn.execute(
        "UPDATE log_epoch SET held_to = min(head, max(national_to, coalesce(
             (SELECT max(held_to) FROM hub_held
              WHERE hub_held.epoch = log_epoch.epoch
                AND hub_held.hub <> coalesce((SELECT value FROM setting WHERE name = ?1), x'')), 0)))",
        [super::hub::OWN],
    )?;
    Ok(())
}

/// When, by its own clock, the nation last spoke of an epoch.
pub fn heard_of(conn: &Connection, epoch: Epoch, at_ms: i64) -> Result<(), StoreError> {
    conn.execute("UPDATE log_epoch SET national_ms = ?2 WHERE epoch = ?1", (epoch, at_ms))?;
    Ok(())
}

/// `None` for an epoch that is not here.
pub fn last_heard(conn: &Connection, epoch: Epoch) -> Result<Option<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT national_ms FROM log_epoch WHERE epoch = ?1")?;
    Ok(statement.query_row([epoch], |row| row.get(0)).optional()?)
}

/// When, by its own clock, the nation last spoke of anything here; `None` where it never did.
pub fn last_heard_of_any(conn: &Connection) -> Result<Option<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT max(national_ms) FROM log_epoch")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Nothing of this log is known to be held by the nation, and no word about a stick that was made before counts any
/// more.
pub fn forget_receipts(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("UPDATE log_epoch SET national_to = 0", [])?;
    furthest(conn)?;
    super::stick::overtake(conn)?;
    conn.execute(
        "UPDATE envelope SET from_nation = 0 WHERE from_nation = 1 AND statement IN (SELECT statement FROM log)",
        [],
    )?;
    Ok(())
}

/// That a feed told this laptop's own statements proves nothing where the nation was put back since: those without its
/// receipt count as being here only.
pub fn doubt_copies(conn: &Connection) -> Result<(), StoreError> {
    conn.execute(
        "UPDATE envelope SET from_nation = 0 WHERE from_nation = 1
         AND statement IN (SELECT statement FROM log)
         AND statement NOT IN (SELECT statement FROM log JOIN log_epoch USING (epoch)
                               WHERE log.seq <= log_epoch.national_to)",
        [],
    )?;
    Ok(())
}

/// What lies only in epochs that are over is said again in this one, word for word.
pub fn say_again(conn: &Connection, device: DeviceId) -> Result<(), StoreError> {
    let Some(now) = current(conn)? else { return Ok(()) };
    for statement in not_held_by_nation(conn)? {
        let here = "SELECT EXISTS (SELECT 1 FROM log WHERE epoch = ?1 AND statement = ?2)";
        if !conn.prepare_cached(here)?.query_row((now.epoch, statement.as_bytes()), |row| row.get::<_, bool>(0))? {
            append(conn, device, statement)?;
        }
    }
    Ok(())
}

/// The newest epoch that is over and that the nation gave a receipt for. A server that does not hold this end lost
/// what the epochs after it do not say again.
pub fn leans_on(conn: &Connection) -> Result<Option<EarlierEnd>, StoreError> {
    let mut over = epochs(conn)?;
    over.pop();
    let Some(last) = over.into_iter().rev().find(|one| one.national_to > 0) else { return Ok(None) };
    let seq = last.national_to;
    let (_, chain) = entry(conn, last.epoch, seq)?.ok_or(StoreError::Nonsense { table: "log" })?;
    Ok(Some(EarlierEnd { epoch: last.epoch, head: LogHead { seq, chain } }))
}

/// Statements of this log that no receipt of the nation names, in the order they were said. Having come down a feed
/// is no receipt: a server put back to an old copy is asked about receipts.
pub fn not_held_by_nation(conn: &Connection) -> Result<Vec<StatementId>, StoreError> {
    let mut statement = conn.prepare(
        "SELECT log.statement, min(log.epoch), log.seq FROM log
         WHERE NOT EXISTS (SELECT 1 FROM log AS other JOIN log_epoch ON log_epoch.epoch = other.epoch
                           WHERE other.statement = log.statement AND other.seq <= log_epoch.national_to)
         GROUP BY log.statement ORDER BY 2, 3",
    )?;
    let mut rows = statement.query([])?;
    let mut statements = Vec::new();
    while let Some(row) = rows.next()? {
        statements.push(StatementId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "log")?));
    }
    Ok(statements)
}

/// How far copies of one of this laptop's statements are known to lie: 0 here, 1 hub, 2 nation.
/// `None` for statements of other devices.
pub fn copies(conn: &Connection, statement: StatementId) -> Result<Option<u8>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT max(CASE WHEN log.seq <= log_epoch.national_to THEN 2 WHEN log.seq <= log_epoch.held_to THEN 1 ELSE 0 END)
             FROM log JOIN log_epoch USING (epoch) WHERE log.statement = ?1",
        )?
        .query_row([statement.as_bytes()], |row| row.get(0))?)
}

pub fn count_copies(conn: &Connection) -> Result<CopyCounts, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT best, count(*) FROM (
            SELECT max(CASE WHEN log.seq <= log_epoch.national_to OR envelope.from_nation THEN 2
                            WHEN log.seq <= log_epoch.held_to THEN 1 ELSE 0 END) AS best
            FROM log JOIN log_epoch USING (epoch) JOIN envelope USING (statement) GROUP BY log.statement)
         GROUP BY best",
    )?;
    let mut rows = statement.query([])?;
    let mut counts = CopyCounts::default();
    while let Some(row) = rows.next()? {
        let count = row.get(1)?;
        match row.get::<_, u8>(0)? {
            2 => counts.at_nation = count,
            1 => counts.at_hub = count,
            _ => counts.here_only = count,
        }
    }
    Ok(counts)
}
