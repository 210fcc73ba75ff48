//! ⑨ Logs: what came, where it lies, and how far it is held. Also the logs with two ends.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use shared_model::envelope::{Header, LogHead};
use shared_model::ids::{Chain, DeviceId, Epoch, Seq, StatementId};
use shared_model::sync::message::EarlierEnd;
use shared_model::time::Moment;

use super::project;
use super::sql::{all, one, write};
use crate::store::StoreError;
use crate::store::rows::{AppendRun, Contact, ContactNoted, KeptEntry, LogStanding};

/// The log as it is here; the empty one for an epoch nothing came from yet.
pub(super) fn standing(conn: &Connection, device: DeviceId, epoch: Epoch) -> Result<LogStanding, StoreError> {
    let epoch_max = one(conn, "SELECT max(epoch) FROM log WHERE device = ?1", [device.0], |row| {
        Ok(row.get::<_, Option<Epoch>>(0)?.unwrap_or(0))
    })?
    .unwrap_or(0);
    let sql = "SELECT durable_to, chain, claimed_head, closed FROM log WHERE device = ?1 AND epoch = ?2";
    let found = one(conn, sql, params![device.0, epoch], |row| {
        Ok(LogStanding {
            epoch,
            head: LogHead { seq: row.get(0)?, chain: Chain(row.get(1)?) },
            claimed_head: row.get(2)?,
            closed: row.get(3)?,
            epoch_max,
        })
    })?;
    let empty = LogHead::empty(device, epoch);
    Ok(found.unwrap_or(LogStanding { epoch, head: empty, claimed_head: 0, closed: false, epoch_max }))
}

pub(super) fn chains(
    conn: &Connection,
    device: DeviceId,
    epoch: Epoch,
    from: Seq,
    to: Seq,
) -> Result<BTreeMap<Seq, Chain>, StoreError> {
    let sql = "SELECT seq, chain FROM entry WHERE device = ?1 AND epoch = ?2 AND seq BETWEEN ?3 AND ?4 AND branch = 0";
    let mut chains: BTreeMap<Seq, Chain> =
        all(conn, sql, params![device.0, epoch, from, to], |row| Ok((row.get(0)?, Chain(row.get(1)?))))?
            .into_iter()
            .collect();
    if from == 0 {
        chains.insert(0, LogHead::empty(device, epoch).chain);
    }
    Ok(chains)
}

/// What became of a run inside the transaction.
pub(super) enum Ran {
    Kept { held: LogHead, last_lseq: i64, fresh_epoch: Option<Epoch> },
    Moved,
}

pub(super) fn append(conn: &Connection, run: &AppendRun) -> Result<Ran, StoreError> {
    let before = standing(conn, run.device, run.epoch)?;
    if before.head != run.known {
        return Ok(Ran::Moved);
    }
    keep_seals(conn, run)?;
    let branch = i64::from(run.forked_at.is_some());
    for entry in &run.entries {
        keep_entry(conn, run, entry, branch)?;
    }
    let head = match run.entries.last() {
        Some(last) if run.forked_at.is_none() => LogHead { seq: last.seq, chain: last.chain },
        _ => before.head,
    };
    if let (Some(at), Some(first_fresh)) = (run.forked_at, run.entries.first()) {
        note_fork(conn, run, at, first_fresh)?;
    }
    let closed = before.closed || run.forked_at.is_some();
    put_log(conn, run.device, LogStanding { head, closed, claimed_head: before.claimed_head.max(head.seq), ..before })?;
    let fresh_epoch = closed.then(|| give_epoch(conn, run.device)).transpose()?;
    let last_lseq = one(conn, "SELECT max(lseq) FROM entry", [], |row| Ok(row.get::<_, Option<i64>>(0)?.unwrap_or(0)))?
        .unwrap_or(0);
    let held = match run.forked_at {
        None => head,
        Some(at) => common_with(conn, run, at)?,
    };
    Ok(Ran::Kept { held, last_lseq, fresh_epoch })
}

/// How far the log here and the log that was pushed are the same. A device whose branch is the second one
/// must not take the first one's length for its own.
fn common_with(conn: &Connection, run: &AppendRun, forked_at: Seq) -> Result<LogHead, StoreError> {
    let empty = LogHead::empty(run.device, run.epoch);
    // Otherwise it left the log somewhere before what was pushed.
    let left_here = run.entries.first().is_some_and(|first| first.seq == forked_at);
    let seq = if left_here { forked_at.saturating_sub(1) } else { 0 };
    let chain = chains(conn, run.device, run.epoch, seq, seq)?.get(&seq).copied();
    Ok(chain.map_or(empty, |chain| LogHead { seq, chain }))
}

/// The same entry twice is one entry; two entries at one position are both kept.
fn keep_entry(conn: &Connection, run: &AppendRun, entry: &KeptEntry, branch: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO entry (device, epoch, seq, branch, chain, statement, header, body, quarantine, received_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
               ON CONFLICT (device, epoch, seq, chain) DO NOTHING";
    let quarantine = entry.quarantine.map(|quarantine| quarantine.code());
    write(
        conn,
        sql,
        params![
            run.device.0,
            run.epoch,
            entry.seq,
            branch,
            entry.chain.0,
            entry.statement.0,
            entry.envelope.header,
            entry.envelope.body,
            quarantine,
            run.received_at.0
        ],
    )
    .map(drop)
}

fn keep_seals(conn: &Connection, run: &AppendRun) -> Result<(), StoreError> {
    let sql = "INSERT INTO seal (device, epoch, to_seq, chain, author, by_device, by_author)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    for seal in &run.seals {
        write(
            conn,
            sql,
            params![
                seal.device.0,
                seal.epoch,
                seal.to_seq,
                seal.chain.0,
                seal.author.0,
                seal.by_device.0,
                seal.by_author.0
            ],
        )?;
    }
    Ok(())
}

/// The two statements that stand at one position, where both are here.
fn note_fork(conn: &Connection, run: &AppendRun, at: Seq, fresh: &KeptEntry) -> Result<(), StoreError> {
    // The branch may have left the log before the first entry that was pushed of it.
    let position = at.max(1).min(run.known.seq);
    let sql = "SELECT statement FROM entry WHERE device = ?1 AND epoch = ?2 AND seq = ?3 AND branch = 0";
    let first = one(conn, sql, params![run.device.0, run.epoch, position], |row| Ok(StatementId(row.get(0)?)))?;
    let known = "SELECT 1 FROM fork WHERE device = ?1 AND epoch = ?2 AND seq <= ?3";
    let noted = one(conn, known, params![run.device.0, run.epoch, position], |_| Ok(()))?.is_some();
    if let (Some(first), false) = (first, noted) {
        let sql = "INSERT INTO fork (device, epoch, seq, first, second, found_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO NOTHING";
        write(conn, sql, params![run.device.0, run.epoch, position, first.0, fresh.statement.0, run.received_at.0])?;
    }
    Ok(())
}

/// A log whose owner names another chain than the one held here, at a position held here. What was
/// said there instead is not known yet; the entry held is what the case is about.
fn note_second_end(
    conn: &Connection,
    device: DeviceId,
    epoch: Epoch,
    position: Seq,
    at: Moment,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO fork (device, epoch, seq, first, second, found_at)
               SELECT device, epoch, seq, statement, statement, ?4 FROM entry
               WHERE device = ?1 AND epoch = ?2 AND seq = ?3 AND branch = 0
                 AND NOT EXISTS (SELECT 1 FROM fork WHERE fork.device = ?1 AND fork.epoch = ?2 AND fork.seq <= ?3)
               ON CONFLICT DO NOTHING";
    write(conn, sql, params![device.0, epoch, position, at.0])?;
    project::raise_device(conn, device)
}

fn put_log(conn: &Connection, device: DeviceId, log: LogStanding) -> Result<(), StoreError> {
    let sql = "INSERT INTO log (device, epoch, durable_to, chain, claimed_head, closed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (device, epoch) DO UPDATE SET durable_to = excluded.durable_to, chain = excluded.chain,
                   claimed_head = excluded.claimed_head, closed = excluded.closed";
    write(conn, sql, params![device.0, log.epoch, log.head.seq, log.head.chain.0, log.claimed_head, log.closed])
        .map(drop)
}

/// A number never given before, remembered before it is told.
pub(super) fn give_epoch(conn: &Connection, device: DeviceId) -> Result<Epoch, StoreError> {
    let epoch = standing(conn, device, 0)?.epoch_max.saturating_add(1);
    let head = LogHead::empty(device, epoch);
    put_log(conn, device, LogStanding { epoch, head, claimed_head: 0, closed: false, epoch_max: epoch })?;
    Ok(epoch)
}

/// Remembers a hello. A log that claims less than is held here, another chain, or an unknown number, is closed.
pub(super) fn note_contact(conn: &Connection, contact: &Contact) -> Result<ContactNoted, StoreError> {
    let Contact { device, epoch, at, wall, .. } = *contact;
    // A number no log reaches; kept within what a column holds.
    let claimed = LogHead { seq: contact.claimed.seq.min(u64::from(u32::MAX)), ..contact.claimed };
    let sql = "UPDATE device SET last_contact = ?2, clock_offset_ms = ?3 WHERE device = ?1";
    write(conn, sql, params![device.0, at.0, at.ms_since(wall)])?;
    let mut log = standing(conn, device, epoch)?;
    let differs = claimed.seq <= log.head.seq
        && chains(conn, device, epoch, claimed.seq, claimed.seq)?.get(&claimed.seq) != Some(&claimed.chain);
    // A number that was never given here: this server was put back to an older copy. What it lost of the numbers
    // before it can't tell, so the device says everything again.
    let given = "SELECT 1 FROM log WHERE device = ?1 AND epoch = ?2";
    let never_given = one(conn, given, params![device.0, epoch], |_| Ok(()))?.is_none();
    let lost = lost_what_it_leans_on(conn, contact)?;
    log.closed |= differs || claimed.seq < log.head.seq || never_given || lost;
    // A closed log's device may be one of two that share it: what it claims is not what the log lacks.
    log.claimed_head = if log.closed { log.head.seq } else { claimed.seq };
    put_log(conn, device, log)?;
    if differs {
        note_second_end(conn, device, epoch, claimed.seq, at)?;
    }
    let fresh_epoch = log.closed.then(|| give_epoch(conn, device)).transpose()?;
    // Where the two logs part is unknown: the device says everything again, and what is here is recognised.
    // Of a log that was put back to an old copy, the part it still knows is held.
    let held = if differs || lost {
        LogHead::empty(device, epoch)
    } else if claimed.seq < log.head.seq {
        claimed
    } else {
        log.head
    };
    Ok(ContactNoted { held, fresh_epoch })
}

/// A receipt was given for an end that is not here: this server was put back to an older copy, and has since given
/// the device's number again.
fn lost_what_it_leans_on(conn: &Connection, contact: &Contact) -> Result<bool, StoreError> {
    let Some(EarlierEnd { epoch, head }) = contact.leans_on else { return Ok(false) };
    let held = "SELECT 1 FROM entry WHERE device = ?1 AND epoch = ?2 AND seq = ?3 AND chain = ?4";
    let seq = head.seq.min(u64::from(u32::MAX));
    Ok(one(conn, held, params![contact.device.0, epoch, seq, head.chain.0], |_| Ok(()))?.is_none())
}

/// All logs of a device, oldest first.
pub(super) fn of_device(conn: &Connection, device: DeviceId) -> Result<Vec<LogStanding>, StoreError> {
    let sql = "SELECT epoch, durable_to, chain, claimed_head, closed FROM log WHERE device = ?1 ORDER BY epoch";
    let mut logs = all(conn, sql, [device.0], |row| {
        Ok(LogStanding {
            epoch: row.get(0)?,
            head: LogHead { seq: row.get(1)?, chain: Chain(row.get(2)?) },
            claimed_head: row.get(3)?,
            closed: row.get(4)?,
            epoch_max: 0,
        })
    })?;
    let epoch_max = logs.last().map_or(0, |log| log.epoch);
    for log in &mut logs {
        log.epoch_max = epoch_max;
    }
    Ok(logs)
}

/// A fork as it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct ForkRow {
    pub(super) epoch: Epoch,
    pub(super) first: StatementId,
    pub(super) second: StatementId,
}

pub(super) fn forks(conn: &Connection, device: DeviceId) -> Result<Vec<ForkRow>, StoreError> {
    let sql = "SELECT epoch, first, second FROM fork WHERE device = ?1 ORDER BY epoch, second";
    all(conn, sql, [device.0], |row| {
        Ok(ForkRow { epoch: row.get(0)?, first: StatementId(row.get(1)?), second: StatementId(row.get(2)?) })
    })
}

/// The stamp of the last thing a device said here.
pub(super) fn last_hlc(conn: &Connection, device: DeviceId) -> Result<u64, StoreError> {
    let sql = "SELECT header FROM entry WHERE device = ?1 ORDER BY epoch DESC, seq DESC LIMIT 1";
    let header: Option<Vec<u8>> = one(conn, sql, [device.0], |row| Ok(row.get(0)?))?;
    Ok(header.and_then(|header| Header::from_cbor(&header).ok()).map_or(0, |header| header.hlc.0))
}
