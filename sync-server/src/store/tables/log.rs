//! ⑨ Logs: what came, where it lies, and how far it is held. Also the logs with two ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shared_model::envelope::{Header, LogHead};
use shared_model::ids::{Chain, DeviceId, Epoch, Seq, StatementId};
use shared_model::sync::message::EarlierEnd;
use shared_model::time::{Date, Moment};

use super::{arrival, branch};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{AppendRun, Contact, ContactNoted, KeptEntry, LogStanding};
use crate::store::value::{Insert, Row, Value, values};

const COLUMNS: &str = "device, epoch, durable_to, chain, claimed_head, closed";

fn read_log(row: &mut Row) -> Result<(DeviceId, LogStanding), StoreError> {
    let standing = LogStanding {
        epoch: row.get(1)?,
        head: LogHead { seq: row.get(2)?, chain: Chain(row.get(3)?) },
        claimed_head: row.get(4)?,
        closed: row.get(5)?,
        epoch_max: 0,
    };
    Ok((DeviceId(row.get(0)?), standing))
}

/// Logs by device, oldest first; each knows the newest.
fn by_device(logs: Vec<(DeviceId, LogStanding)>) -> BTreeMap<DeviceId, Vec<LogStanding>> {
    let mut found: BTreeMap<DeviceId, Vec<LogStanding>> = BTreeMap::new();
    for (device, log) in logs {
        found.entry(device).or_default().push(log);
    }
    for logs in found.values_mut() {
        logs.sort_by_key(|log| log.epoch);
        let epoch_max = logs.last().map_or(0, |log| log.epoch);
        logs.iter_mut().for_each(|log| log.epoch_max = epoch_max);
    }
    found
}

pub(in crate::store) async fn all(conn: &Conn<'_>) -> Result<BTreeMap<DeviceId, Vec<LogStanding>>, StoreError> {
    Ok(by_device(conn.all(&format!("SELECT {COLUMNS} FROM log"), Vec::new(), read_log).await?))
}

pub(in crate::store) async fn of_devices(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<BTreeMap<DeviceId, Vec<LogStanding>>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM log WHERE device IN rarray(?1)");
    Ok(by_device(conn.all(&sql, vec![Value::blobs(devices.iter().map(|id| id.0))], read_log).await?))
}

/// The log as it is here; the empty one for an epoch nothing came from yet.
pub(in crate::store) async fn standing(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Epoch,
) -> Result<LogStanding, StoreError> {
    Ok(standing_among(&of_devices(conn, &BTreeSet::from([device])).await?, device, epoch))
}

pub(in crate::store) fn standing_among(
    logs: &BTreeMap<DeviceId, Vec<LogStanding>>,
    device: DeviceId,
    epoch: Epoch,
) -> LogStanding {
    let logs = logs.get(&device).map(Vec::as_slice).unwrap_or_default();
    let epoch_max = logs.last().map_or(0, |log| log.epoch);
    let empty = LogStanding { epoch_max, ..LogStanding::empty(device, epoch) };
    logs.iter().find(|log| log.epoch == epoch).copied().unwrap_or(empty)
}

pub(in crate::store) async fn chains(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Epoch,
    from: Seq,
    to: Seq,
) -> Result<BTreeMap<Seq, Chain>, StoreError> {
    let sql = "SELECT seq, chain FROM entry WHERE device = ?1 AND epoch = ?2 AND seq BETWEEN ?3 AND ?4 AND branch = 0";
    let params = values![device.0, epoch, from, to];
    let found = conn.all(sql, params, |row| Ok((row.get(0)?, Chain(row.get(1)?)))).await?;
    let mut chains: BTreeMap<Seq, Chain> = found.into_iter().collect();
    if from == 0 {
        chains.insert(0, LogHead::empty(device, epoch).chain);
    }
    Ok(chains)
}

/// What became of a run inside the transaction.
pub(in crate::store) enum Ran {
    Kept { held: LogHead, last_lseq: i64, fresh_epoch: Option<Epoch> },
    Moved,
}

/// Appends runs of many logs at once: entries, seals and heads are a statement each, however many logs there are.
pub(in crate::store) async fn append(conn: &Conn<'_>, runs: &[Arc<AppendRun>]) -> Result<Vec<Ran>, StoreError> {
    let devices: BTreeSet<DeviceId> = runs.iter().map(|run| run.device).collect();
    let mut logs = of_devices(conn, &devices).await?;
    let twice = held_already(conn, runs).await?;
    let mut lseq = last_lseq(conn).await?;
    let mut append = Append { met: twice, entries: Vec::new(), seals: BTreeMap::new(), arrived: BTreeMap::new() };
    let mut placed = Vec::with_capacity(runs.len());
    for run in runs {
        let before = standing_among(&logs, run.device, run.epoch);
        if before.head != run.known {
            placed.push(None);
            continue;
        }
        lseq = append.run(run, lseq);
        let head = match run.entries.last() {
            Some(last) if run.forked_at.is_none() => LogHead { seq: last.seq, chain: last.chain },
            _ => before.head,
        };
        let closed = before.closed || run.forked_at.is_some();
        let after = LogStanding { head, closed, claimed_head: before.claimed_head.max(head.seq), ..before };
        let known = logs.entry(run.device).or_default();
        known.retain(|log| log.epoch != run.epoch);
        known.push(after);
        known.sort_by_key(|log| log.epoch);
        placed.push(Some((after, lseq)));
    }
    conn.insert(&ENTRIES, append.entries).await?;
    arrival::count(conn, &append.arrived).await?;
    conn.insert(&SEALS, append.seals.into_values().collect()).await?;
    let heads = runs.iter().zip(&placed).filter_map(|(run, placed)| {
        let (after, _) = placed.as_ref()?;
        Some(((run.device, run.epoch), *after))
    });
    put_logs(conn, heads.collect()).await?;
    let mut ran = Vec::with_capacity(runs.len());
    for (run, placed) in runs.iter().zip(placed) {
        ran.push(match placed {
            None => Ran::Moved,
            Some((after, last_lseq)) => kept(conn, run, &after, last_lseq).await?,
        });
    }
    Ok(ran)
}

/// What the owner of an appended run is told; where it forked, that is noted first.
async fn kept(conn: &Conn<'_>, run: &AppendRun, after: &LogStanding, last_lseq: i64) -> Result<Ran, StoreError> {
    if let (Some(at), Some(first_fresh)) = (run.forked_at, run.entries.first()) {
        note_fork(conn, run, at, first_fresh).await?;
    }
    let fresh_epoch = if after.closed { Some(give_epoch(conn, run.device).await?) } else { None };
    let held = match run.forked_at {
        None => after.head,
        Some(at) => branch_end(conn, run, at).await?,
    };
    Ok(Ran::Kept { held, last_lseq, fresh_epoch })
}

async fn last_lseq(conn: &Conn<'_>) -> Result<i64, StoreError> {
    let found = conn.one("SELECT max(lseq) FROM entry", Vec::new(), |row| row.get::<Option<i64>>(0)).await?;
    Ok(found.flatten().unwrap_or(0))
}

type Place = (DeviceId, Epoch, Seq, Chain);

/// The rows of a batch of runs, as they come together.
struct Append {
    /// Entries that are here, or that an earlier run of the batch brings.
    met: BTreeSet<Place>,
    entries: Vec<Vec<Value>>,
    seals: BTreeMap<Vec<u8>, Vec<Value>>,
    arrived: BTreeMap<(DeviceId, Date), u64>,
}

const ENTRIES: Insert = Insert {
    table: "entry",
    columns: &[
        ("lseq", "int8"),
        ("device", "bytea"),
        ("epoch", "int8"),
        ("seq", "int8"),
        ("branch", "int2"),
        ("chain", "bytea"),
        ("statement", "bytea"),
        ("header", "bytea"),
        ("body", "bytea"),
        ("quarantine", "text"),
        ("received_at", "int8"),
    ],
    conflict: "ON CONFLICT (device, epoch, seq, chain) DO NOTHING",
};

const SEALS: Insert = Insert {
    table: "seal",
    columns: &[
        ("device", "bytea"),
        ("epoch", "int8"),
        ("to_seq", "int8"),
        ("chain", "bytea"),
        ("author", "bytea"),
        ("by_device", "bytea"),
        ("by_author", "bytea"),
    ],
    conflict: "ON CONFLICT DO NOTHING",
};

impl Append {
    /// The same entry twice is one entry; two entries at one position are both kept. Tells the last number drawn.
    fn run(&mut self, run: &AppendRun, mut lseq: i64) -> i64 {
        let branch = u8::from(run.forked_at.is_some());
        for entry in &run.entries {
            if !self.met.insert((run.device, run.epoch, entry.seq, entry.chain)) {
                continue;
            }
            lseq += 1;
            *self.arrived.entry((run.device, run.received_at.campaign_date())).or_default() += 1;
            self.entries.push(values![
                lseq,
                run.device.0,
                run.epoch,
                entry.seq,
                branch,
                entry.chain.0,
                entry.statement.0,
                entry.envelope.header.as_slice(),
                entry.envelope.body.as_deref(),
                entry.quarantine.map(|quarantine| quarantine.code()),
                run.received_at.0
            ]);
        }
        for seal in &run.seals {
            let to: [&[u8]; 5] =
                [&seal.device.0, &seal.epoch.to_be_bytes(), &seal.to_seq.to_be_bytes(), &seal.chain.0, &seal.author.0];
            self.seals.entry(to.concat()).or_insert_with(|| {
                values![
                    seal.device.0,
                    seal.epoch,
                    seal.to_seq,
                    seal.chain.0,
                    seal.author.0,
                    seal.by_device.0,
                    seal.by_author.0
                ]
            });
        }
        lseq
    }
}

/// Entries of a branch may be here already; those of the log itself are beyond its head, so they are not.
async fn held_already(conn: &Conn<'_>, runs: &[Arc<AppendRun>]) -> Result<BTreeSet<Place>, StoreError> {
    let mut held = BTreeSet::new();
    for run in runs.iter().filter(|run| run.forked_at.is_some()) {
        let (from, to) = (run.entries.first().map_or(0, |entry| entry.seq), run.entries.last().map_or(0, |e| e.seq));
        let sql = "SELECT seq, chain FROM entry WHERE device = ?1 AND epoch = ?2 AND seq BETWEEN ?3 AND ?4";
        let found = conn.all(sql, values![run.device.0, run.epoch, from, to], |row| {
            Ok((run.device, run.epoch, row.get(0)?, Chain(row.get(1)?)))
        });
        held.extend(found.await?);
    }
    Ok(held)
}

/// The end of a run that goes on a branch held here from its beginning; otherwise how far both logs are the same.
async fn branch_end(conn: &Conn<'_>, run: &AppendRun, forked_at: Seq) -> Result<LogHead, StoreError> {
    let goes_on = run.entries.first().is_some_and(|first| first.seq == forked_at.saturating_add(1));
    let end = run.entries.last().map(|last| LogHead { seq: last.seq, chain: last.chain }).filter(|_| goes_on);
    match end {
        Some(end) if branch::reaches(conn, run.device, run.epoch, end).await? => Ok(end),
        _ => common_with(conn, run, forked_at).await,
    }
}

/// How far the log here and the log that was pushed are the same. A device whose branch is the second one
/// must not take the first one's length for its own.
async fn common_with(conn: &Conn<'_>, run: &AppendRun, forked_at: Seq) -> Result<LogHead, StoreError> {
    let empty = LogHead::empty(run.device, run.epoch);
    // Otherwise it left the log somewhere before what was pushed.
    let left_here = run.entries.first().is_some_and(|first| first.seq == forked_at);
    let seq = if left_here { forked_at.saturating_sub(1) } else { 0 };
    let chain = chains(conn, run.device, run.epoch, seq, seq).await?.get(&seq).copied();
    Ok(chain.map_or(empty, |chain| LogHead { seq, chain }))
}

/// The two statements that stand at one position, where both are here.
async fn note_fork(conn: &Conn<'_>, run: &AppendRun, at: Seq, fresh: &KeptEntry) -> Result<(), StoreError> {
    // The branch may have left the log before the first entry that was pushed of it.
    let position = at.max(1).min(run.known.seq);
    let place = || values![run.device.0, run.epoch, position];
    let sql = "SELECT statement FROM entry WHERE device = ?1 AND epoch = ?2 AND seq = ?3 AND branch = 0";
    let first = conn.one(sql, place(), |row| Ok(StatementId(row.get(0)?))).await?;
    let known = "SELECT 1 FROM fork WHERE device = ?1 AND epoch = ?2 AND seq <= ?3";
    if let (Some(first), false) = (first, conn.exists(known, place()).await?) {
        let sql = "INSERT INTO fork (device, epoch, seq, first, second, found_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO NOTHING";
        let ends = values![run.device.0, run.epoch, position, first.0, fresh.statement.0, run.received_at.0];
        conn.write(sql, ends).await?;
    }
    Ok(())
}

/// A log whose owner names another chain than the one held here, at a position held here. What was
/// said there instead is not known yet; the entry held is what the case is about.
async fn note_second_end(
    conn: &Conn<'_>,
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
    conn.write(sql, values![device.0, epoch, position, at.0]).await?;
    // Nothing new lies in the log, so the projector is told whom to look at.
    let sql = "INSERT INTO stale_device (device) VALUES (?1) ON CONFLICT DO NOTHING";
    conn.write(sql, values![device.0]).await.map(drop)
}

const LOGS: Insert = Insert {
    table: "log",
    columns: &[
        ("device", "bytea"),
        ("epoch", "int8"),
        ("durable_to", "int8"),
        ("chain", "bytea"),
        ("claimed_head", "int8"),
        ("closed", "int2"),
    ],
    conflict: "ON CONFLICT (device, epoch) DO UPDATE SET durable_to = excluded.durable_to, chain = excluded.chain,
                   claimed_head = excluded.claimed_head, closed = excluded.closed",
};

async fn put_logs(conn: &Conn<'_>, logs: BTreeMap<(DeviceId, Epoch), LogStanding>) -> Result<(), StoreError> {
    let rows = logs.into_iter().map(|((device, epoch), log)| {
        values![device.0, epoch, log.head.seq, log.head.chain.0, log.claimed_head, log.closed]
    });
    conn.insert(&LOGS, rows.collect()).await
}

/// A number never given before, remembered before it is told.
pub(in crate::store) async fn give_epoch(conn: &Conn<'_>, device: DeviceId) -> Result<Epoch, StoreError> {
    let epoch = standing(conn, device, 0).await?.epoch_max.saturating_add(1);
    let head = LogHead::empty(device, epoch);
    let log = LogStanding { epoch, head, claimed_head: 0, closed: false, epoch_max: epoch };
    put_logs(conn, BTreeMap::from([((device, epoch), log)])).await?;
    Ok(epoch)
}

/// Remembers a hello. A log that claims less than is held here, another chain, or an unknown number, is closed.
pub(in crate::store) async fn note_contact(conn: &Conn<'_>, contact: &Contact) -> Result<ContactNoted, StoreError> {
    let Contact { device, epoch, at, wall, .. } = *contact;
    // A number no log reaches; kept within what a column holds.
    let claimed = LogHead { seq: contact.claimed.seq.min(u64::from(u32::MAX)), ..contact.claimed };
    let sql = "UPDATE device SET last_contact = ?2, clock_offset_ms = ?3 WHERE device = ?1";
    conn.write(sql, values![device.0, at.0, at.ms_since(wall)]).await?;
    let logs = of_devices(conn, &BTreeSet::from([device])).await?;
    let mut log = standing_among(&logs, device, epoch);
    let differs = claimed.seq <= log.head.seq
        && chains(conn, device, epoch, claimed.seq, claimed.seq).await?.get(&claimed.seq) != Some(&claimed.chain);
    // A number that was never given here: this server was put back to an older copy. What it lost of the numbers
    // before it can't tell, so the device says everything again.
    // A hub never gives the first number, and gives no receipt that anything leans on.
    let never_given = !contact.at_hub && !logs.values().flatten().any(|log| log.epoch == epoch);
    let lost = !contact.at_hub && lost_what_it_leans_on(conn, contact).await?;
    log.closed |= differs || claimed.seq < log.head.seq || never_given || lost;
    // A closed log's device may be one of two that share it: what it claims is not what the log lacks.
    log.claimed_head = if log.closed { log.head.seq } else { claimed.seq };
    put_logs(conn, BTreeMap::from([((device, epoch), log)])).await?;
    if differs {
        note_second_end(conn, device, epoch, claimed.seq, at).await?;
    }
    let fresh_epoch = if log.closed { Some(give_epoch(conn, device).await?) } else { None };
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
async fn lost_what_it_leans_on(conn: &Conn<'_>, contact: &Contact) -> Result<bool, StoreError> {
    match contact.leans_on {
        Some(end) => Ok(!holds(conn, contact.device, end).await?),
        None => Ok(false),
    }
}

pub(in crate::store) async fn holds(
    conn: &Conn<'_>,
    device: DeviceId,
    EarlierEnd { epoch, head }: EarlierEnd,
) -> Result<bool, StoreError> {
    let held = "SELECT 1 FROM entry WHERE device = ?1 AND epoch = ?2 AND seq = ?3 AND chain = ?4";
    let seq = head.seq.min(u64::from(u32::MAX));
    conn.exists(held, values![device.0, epoch, seq, head.chain.0]).await
}

/// A fork as it was found.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ForkRow {
    pub(in crate::store) first: StatementId,
    pub(in crate::store) second: StatementId,
}

pub(in crate::store) async fn forks(conn: &Conn<'_>, device: DeviceId) -> Result<Vec<ForkRow>, StoreError> {
    let sql = "SELECT first, second FROM fork WHERE device = ?1 ORDER BY epoch, second";
    conn.all(sql, values![device.0], |row| {
        Ok(ForkRow { first: StatementId(row.get(0)?), second: StatementId(row.get(1)?) })
    })
    .await
}

/// Every device whose log was ever found with two ends, or that is known at all.
pub(in crate::store) async fn devices_ever(conn: &Conn<'_>) -> Result<BTreeSet<DeviceId>, StoreError> {
    let sql = "SELECT device FROM fork UNION SELECT device FROM device";
    Ok(conn.all(sql, Vec::new(), |row| Ok(DeviceId(row.get(0)?))).await?.into_iter().collect())
}

/// The stamp of the last thing a device said here.
pub(in crate::store) async fn last_hlc(conn: &Conn<'_>, device: DeviceId) -> Result<u64, StoreError> {
    let sql = "SELECT header FROM entry WHERE device = ?1 ORDER BY epoch DESC, seq DESC LIMIT 1";
    let header: Option<Vec<u8>> = conn.one(sql, values![device.0], |row| row.get(0)).await?;
    Ok(header.and_then(|header| Header::from_cbor(&header).ok()).map_or(0, |header| header.hlc.0))
}
