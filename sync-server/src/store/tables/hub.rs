//! Hubs: what the nation notes of them, and what a hub notes of the nation.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, LogHead, Seal, Signature};
use shared_model::ids::{AuthorId, Chain, DeviceId, Epoch, Seq};
use shared_model::limits;
use shared_model::sync::feed::{self, Cursor};
use shared_model::sync::hub::LogEnd;

use super::{branch, device, log};
use crate::hub::status::WaitingLog;
use crate::national::completeness::AtHubs;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{
    AuthorRow, DeviceRow, HubContact, HubContactNoted, LogRange, LogStanding, NationalWord, UpstreamFeed,
};
use crate::store::value::{Insert, Row, Value, from_cbor, to_cbor, values};

/// Raw bytes of envelopes in one forwarded range: folded they stay well under what a request may hold.
const RANGE_BYTES_MAX: usize = 192 * 1024;

const HUB_LOGS: Insert = Insert {
    table: "hub_log",
    columns: &[("device", "bytea"), ("epoch", "int8"), ("hub", "bytea"), ("seq", "int8"), ("at", "int8")],
    conflict: "ON CONFLICT (device, epoch, hub) DO UPDATE SET seq = excluded.seq, at = excluded.at",
};

/// At the nation: remembers a hub's hello, and tells how each log that was named stands here.
pub(in crate::store) async fn note_contact(
    conn: &Conn<'_>,
    contact: &HubContact,
) -> Result<HubContactNoted, StoreError> {
    let HubContact { hub, at, wall, .. } = *contact;
    let sql = "UPDATE device SET last_contact = ?2, clock_offset_ms = ?3 WHERE device = ?1";
    conn.write(sql, values![hub.0, at.0, at.ms_since(wall)]).await?;
    let has_twin = note_nonce(conn, contact).await?;
    let devices: BTreeSet<DeviceId> = contact.logs.iter().map(|log| log.device).collect();
    let known = device::known_among(conn, &devices).await?;
    let standings = log::of_devices(conn, &known).await?;
    let mut logs = Vec::with_capacity(contact.logs.len());
    let mut rows = BTreeMap::new();
    for named in &contact.logs {
        if !known.contains(&named.device) {
            continue;
        }
        let standing = log::standing_among(&standings, named.device, named.epoch);
        let held = held_of(conn, named, &standing).await?;
        let fresh_epoch = match standing.closed {
            // One that was given before is given again: a hub asks often.
            true if standing.epoch_max > named.epoch => Some(standing.epoch_max),
            true => Some(log::give_epoch(conn, named.device).await?),
            false => None,
        };
        rows.insert((named.device, named.epoch), values![named.device.0, named.epoch, hub.0, named.head.seq, at.0]);
        logs.push((*named, held, fresh_epoch));
    }
    conn.insert(&HUB_LOGS, rows.into_values().collect()).await?;
    let strangers = devices.difference(&known).copied().collect();
    let ended = device::ended(conn).await?;
    Ok(HubContactNoted { has_twin, logs, strangers, ended })
}

/// How far hubs hold logs, of all devices or of some. What lies at a hub that was ended comes to nobody any more.
pub(in crate::store) async fn held(
    conn: &Conn<'_>,
    devices: Option<&BTreeSet<DeviceId>>,
) -> Result<AtHubs, StoreError> {
    let of_some = if devices.is_some() { "AND h.device IN rarray(?1)" } else { "" };
    let sql = format!(
        "SELECT h.device, h.epoch, max(h.seq) FROM hub_log h JOIN device b ON b.device = h.hub
         WHERE b.revoked_at IS NULL {of_some} GROUP BY h.device, h.epoch"
    );
    let ids = devices.map(|devices| Value::blobs(devices.iter().map(|id| id.0)));
    let ends = conn.all(&sql, ids.into_iter().collect(), |row| Ok(((DeviceId(row.get(0)?), row.get(1)?), row.get(2)?)));
    Ok(ends.await?.into_iter().collect())
}

/// How far the nation holds the log that the hub has, be it on a branch; nothing where the two are different logs of one
/// number.
async fn held_of(conn: &Conn<'_>, named: &LogEnd, standing: &LogStanding) -> Result<LogHead, StoreError> {
    let end = named.head.seq.min(u64::from(u32::MAX));
    if standing.closed && branch::reaches(conn, named.device, named.epoch, named.head).await? {
        return Ok(named.head);
    }
    if standing.head.seq < end {
        return Ok(standing.head);
    }
    let here = log::chains(conn, named.device, named.epoch, end, end).await?;
    let same = here.get(&end) == Some(&named.head.chain);
    Ok(if same { named.head } else { LogHead::empty(named.device, named.epoch) })
}

/// Whether another machine speaks under this hub's name. A hub says the nonce it was answered last; an answer may
/// have been lost on the way, so what it said before counts as well.
async fn note_nonce(conn: &Conn<'_>, contact: &HubContact) -> Result<bool, StoreError> {
    let said = contact.last_nonce.unwrap_or_default();
    let sql = "SELECT acknowledged, latest FROM hub_contact WHERE hub = ?1";
    let known: Option<([u8; 16], [u8; 16])> =
        conn.one(sql, values![contact.hub.0], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let has_twin = known.is_some_and(|(acknowledged, latest)| said != acknowledged && said != latest);
    let twin_at = has_twin.then_some(contact.at.0);
    let sql = "INSERT INTO hub_contact (hub, acknowledged, latest, twin_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (hub) DO UPDATE SET acknowledged = excluded.acknowledged, latest = excluded.latest,
                   twin_at = coalesce(excluded.twin_at, hub_contact.twin_at)";
    conn.write(sql, values![contact.hub.0, said, contact.nonce, twin_at]).await?;
    Ok(has_twin)
}

/// Devices and people the campaign vouches for, taken in without a code. Tells how many devices are new.
pub(in crate::store) async fn introduce(
    conn: &Conn<'_>,
    devices: &[DeviceRow],
    authors: &[AuthorRow],
) -> Result<u32, StoreError> {
    let ids = devices.iter().map(|one| one.device).chain(authors.iter().map(|one| one.device)).collect();
    let mut known = device::known_among(conn, &ids).await?;
    let mut fresh = 0;
    for one in devices {
        if known.insert(one.device) {
            device::take_in(conn, one).await?;
            fresh += 1;
        }
    }
    for author in authors.iter().filter(|author| known.contains(&author.device)) {
        device::put_author(conn, author).await?;
    }
    Ok(fresh)
}

/// Every log of a laptop that is here.
pub(in crate::store) async fn log_ends(conn: &Conn<'_>) -> Result<Vec<LogEnd>, StoreError> {
    let sql = "SELECT l.device, l.epoch, l.durable_to, l.chain FROM log l JOIN device d ON d.device = l.device
               WHERE d.is_console = 0 AND d.hub_areas IS NULL AND l.durable_to > 0 ORDER BY l.device, l.epoch";
    conn.all(sql, Vec::new(), |row| {
        let head = LogHead { seq: row.get(2)?, chain: Chain(row.get(3)?) };
        Ok(LogEnd { device: DeviceId(row.get(0)?), epoch: row.get(1)?, head })
    })
    .await
}

/// A stretch of a log as it came, ending in a seal. From its start where the nation's last word was about a log that
/// differs from this one.
pub(in crate::store) async fn range(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Epoch,
    from: Seq,
) -> Result<Option<LogRange>, StoreError> {
    let before = log::chains(conn, device, epoch, from.saturating_sub(1), from.saturating_sub(1)).await?;
    let word = word(conn, device, epoch).await?;
    let parted = word.is_some_and(|word| {
        word.held.seq + 1 == from && before.get(&word.held.seq).is_some_and(|chain| *chain != word.held.chain)
    });
    let from = if parted { 1 } else { from };
    let previous = log::chains(conn, device, epoch, from - 1, from - 1).await?.remove(&(from - 1));
    let Some(previous) = previous else { return Ok(None) };
    let sql = "SELECT seq, header, body FROM entry WHERE device = ?1 AND epoch = ?2 AND seq >= ?3 AND branch = 0
               ORDER BY seq LIMIT ?4";
    let rows = conn.all(sql, values![device.0, epoch, from, limits::PUSH_ENTRIES_MAX], |row| {
        Ok((row.get::<Seq>(0)?, Envelope { header: row.get(1)?, body: row.get(2)? }))
    });
    let rows = rows.await?;
    let Some((last, _)) = rows.last() else { return Ok(None) };
    let seals = seals(conn, device, epoch, from, *last).await?;
    Ok(cut_at_a_seal(rows, seals).map(|(entries, seals)| LogRange { from, previous, entries, seals }))
}

/// As much as fits and ends in a seal; one sealed run at least, for that is how it came.
fn cut_at_a_seal(rows: Vec<(Seq, Envelope)>, mut seals: Vec<Seal>) -> Option<(Vec<Envelope>, Vec<Seal>)> {
    let mut bytes = 0;
    let mut fits_to = 0;
    for (seq, envelope) in &rows {
        bytes += envelope.header.len() + envelope.body.as_ref().map_or(0, Vec::len);
        if bytes > RANGE_BYTES_MAX {
            break;
        }
        fits_to = *seq;
    }
    let first = seals.first()?.to_seq;
    let to = seals.iter().map(|seal| seal.to_seq).filter(|seq| *seq <= fits_to).max().unwrap_or(first);
    seals.retain(|seal| seal.to_seq <= to);
    seals.dedup_by_key(|seal| seal.to_seq);
    Some((rows.into_iter().filter(|(seq, _)| *seq <= to).map(|(_, envelope)| envelope).collect(), seals))
}

/// The seals on this log between two numbers; those on another branch name other chains.
async fn seals(conn: &Conn<'_>, device: DeviceId, epoch: Epoch, from: Seq, to: Seq) -> Result<Vec<Seal>, StoreError> {
    let sql = "SELECT s.to_seq, s.chain, s.author, s.by_device, s.by_author FROM seal s
               JOIN entry e ON e.device = s.device AND e.epoch = s.epoch AND e.seq = s.to_seq AND e.chain = s.chain
               WHERE s.device = ?1 AND s.epoch = ?2 AND s.to_seq BETWEEN ?3 AND ?4 AND e.branch = 0
               ORDER BY s.to_seq, s.author LIMIT ?5";
    conn.all(sql, values![device.0, epoch, from, to, limits::PUSH_SEALS_MAX], |row| {
        Ok(Seal {
            device,
            epoch,
            to_seq: row.get(0)?,
            chain: Chain(row.get(1)?),
            author: AuthorId(row.get(2)?),
            by_device: Signature(row.get(3)?),
            by_author: Signature(row.get(4)?),
        })
    })
    .await
}

fn read_word(row: &mut Row) -> Result<NationalWord, StoreError> {
    Ok(NationalWord {
        device: DeviceId(row.get(0)?),
        epoch: row.get(1)?,
        given_at_ms: row.get(2)?,
        held: LogHead { seq: row.get(3)?, chain: Chain(row.get(4)?) },
        word: from_cbor(&row.get::<Vec<u8>>(5)?)?,
    })
}

/// The nation's newest receipt for a log.
pub(in crate::store) async fn word(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Epoch,
) -> Result<Option<NationalWord>, StoreError> {
    let sql =
        "SELECT device, epoch, given_at, held_to, chain, word FROM national_word WHERE device = ?1 AND epoch = ?2";
    conn.one(sql, values![device.0, epoch], read_word).await
}

pub(in crate::store) async fn words(conn: &Conn<'_>) -> Result<Vec<NationalWord>, StoreError> {
    let sql = "SELECT device, epoch, given_at, held_to, chain, word FROM national_word ORDER BY device, epoch";
    conn.all(sql, Vec::new(), read_word).await
}

/// Logs of which the nation is not known to hold all: what it said of another branch counts for nothing.
pub(in crate::store) async fn waiting(conn: &Conn<'_>) -> Result<Vec<WaitingLog>, StoreError> {
    let mut waiting = Vec::new();
    for LogEnd { device, epoch, head } in log_ends(conn).await? {
        let held = match word(conn, device, epoch).await? {
            Some(word) => {
                let here = log::chains(conn, device, epoch, word.held.seq, word.held.seq).await?;
                if here.get(&word.held.seq) == Some(&word.held.chain) { word.held.seq } else { 0 }
            }
            None => 0,
        };
        if held >= head.seq {
            continue;
        }
        let sql = "SELECT d.name, min(e.received_at) FROM entry e JOIN device d ON d.device = e.device
                   WHERE e.device = ?1 AND e.epoch = ?2 AND e.seq > ?3 AND e.branch = 0 GROUP BY d.name";
        let found = conn.one(sql, values![device.0, epoch, held], |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let (name, oldest_ms) = found.ok_or(StoreError::BadRow)?;
        waiting.push(WaitingLog { device, name, epoch, entries: head.seq - held, oldest_ms });
    }
    Ok(waiting)
}

pub(in crate::store) async fn put_word(conn: &Conn<'_>, word: &NationalWord) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO national_word (device, epoch, given_at, held_to, chain, word) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (device, epoch) DO UPDATE SET given_at = excluded.given_at, held_to = excluded.held_to,
                   chain = excluded.chain, word = excluded.word";
    let NationalWord { device, epoch, given_at_ms, held, word } = word;
    conn.write(sql, values![device.0, *epoch, *given_at_ms, held.seq, held.chain.0, to_cbor(word)]).await.map(drop)
}

/// How far each feed of the nation's was read.
pub(in crate::store) async fn upstream_feeds(conn: &Conn<'_>) -> Result<Vec<UpstreamFeed>, StoreError> {
    let sql = "SELECT name, epoch, reading, ready FROM upstream_feed ORDER BY name";
    let found = conn.all(sql, Vec::new(), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    let mut feeds = Vec::new();
    let found: Vec<(String, u64, u32, bool)> = found.await?;
    for (name, epoch, reading, is_ready) in found {
        let log = feed_log(conn, &name, epoch, reading).await?;
        let cursor = match log.head.seq {
            0 => Cursor::start(name, epoch),
            seq => Cursor { feed: name, epoch, seq, sum: log.head.chain.0 },
        };
        feeds.push(UpstreamFeed { cursor, reading, is_ready });
    }
    Ok(feeds)
}

/// The log a reading of a feed is kept in; its only epoch is the first.
async fn feed_log(conn: &Conn<'_>, name: &str, epoch: u64, reading: u32) -> Result<LogStanding, StoreError> {
    log::standing(conn, feed::log_of(name, epoch, reading), 1).await
}

/// A feed is read from the start: for the first time, after the nation made it anew, or because its sums differ.
pub(in crate::store) async fn begin_reading(conn: &Conn<'_>, name: &str, epoch: u64) -> Result<u32, StoreError> {
    let sql = "INSERT INTO upstream_feed (name, epoch, reading, ready) VALUES (?1, ?2, 0, 0)
               ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch,
                   reading = CASE WHEN upstream_feed.epoch = excluded.epoch THEN upstream_feed.reading + 1 ELSE 0 END";
    conn.write(sql, values![name, epoch]).await?;
    let sql = "SELECT reading FROM upstream_feed WHERE name = ?1";
    conn.one(sql, values![name], |row| row.get(0)).await?.ok_or(StoreError::BadRow)
}

/// What was read to its end may be told to laptops as the whole.
pub(in crate::store) async fn feeds_are_ready(conn: &Conn<'_>) -> Result<(), StoreError> {
    conn.write("UPDATE upstream_feed SET ready = 1 WHERE ready = 0", Vec::new()).await.map(drop)
}

/// Certificates of devices, and of the people on them, to be shown to whoever does not know them.
pub(in crate::store) async fn certificates(
    conn: &Conn<'_>,
    devices: &BTreeSet<DeviceId>,
) -> Result<(Vec<Signed>, Vec<Signed>), StoreError> {
    let sql = "SELECT certificate FROM author WHERE device IN rarray(?1) ORDER BY device, author";
    let params = vec![Value::blobs(devices.iter().map(|id| id.0))];
    let authors = conn.all(sql, params, |row| from_cbor(&row.get::<Vec<u8>>(0)?)).await?;
    Ok((device::certificates(conn, devices).await?, authors))
}
