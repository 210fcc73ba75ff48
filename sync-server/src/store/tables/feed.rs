//! ⑧ Feeds: numbered here, inside the projector's transaction, one after the other, so that no reader ever skips one.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, Header};
use shared_model::ids::{AuthorId, CitizenId, DeviceId, Seq, StatementId};
use shared_model::limits;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::time::{MS_PER_DAY, Moment};

use super::{device, meta};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{FeedPage, SnapshotRow};
use crate::store::value::{Insert, Row, Value, values};

/// A page stops growing here: two seconds at 1 Mbit/s even when nothing compresses.
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// The number of a feed inside this database.
pub(in crate::store) type FeedKey = i64;

async fn epoch(conn: &Conn<'_>) -> Result<u64, StoreError> {
    let epoch = meta::number(conn, meta::FEED_EPOCH).await?.unwrap_or(1);
    u64::try_from(epoch).map_err(|_| StoreError::BadRow)
}

const FEEDS: Insert = Insert {
    table: "feed",
    columns: &[("feed", "int8"), ("name", "text"), ("epoch", "int8"), ("seq", "int8"), ("sum", "bytea")],
    conflict: "ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, sum = excluded.sum",
};

fn feed_row(key: FeedKey, at: &Cursor) -> Vec<Value> {
    values![key, &at.feed, at.epoch, at.seq, at.sum]
}

/// The feeds of areas; those that are new are begun.
pub(in crate::store) async fn keys_of(
    conn: &Conn<'_>,
    areas: &BTreeSet<String>,
) -> Result<BTreeMap<String, FeedKey>, StoreError> {
    if areas.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT name, feed FROM feed WHERE name IN rarray(?1)";
    let params = vec![Value::texts(areas.iter().map(String::as_str))];
    let mut keys: BTreeMap<String, FeedKey> =
        conn.all(sql, params, |row| Ok((row.get(0)?, row.get(1)?))).await?.into_iter().collect();
    let new: Vec<&String> = areas.iter().filter(|area| !keys.contains_key(*area)).collect();
    if new.is_empty() {
        return Ok(keys);
    }
    let (epoch, sql) = (epoch(conn).await?, "SELECT max(feed) FROM feed");
    let mut last: FeedKey = conn.one(sql, Vec::new(), |row| row.get::<Option<i64>>(0)).await?.flatten().unwrap_or(0);
    let mut rows = Vec::with_capacity(new.len());
    for area in new {
        last += 1;
        rows.push(feed_row(last, &Cursor::start(area.clone(), epoch)));
        keys.insert(area.clone(), last);
    }
    conn.insert(&FEEDS, rows).await?;
    Ok(keys)
}

pub(in crate::store) async fn heads(conn: &Conn<'_>, names: &[String]) -> Result<Vec<FeedSum>, StoreError> {
    let sql = "SELECT name, epoch, seq, sum FROM feed WHERE name IN rarray(?1)";
    let found = conn.all(sql, vec![Value::texts(names.iter().map(String::as_str))], |row| {
        Ok(FeedSum { feed: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, sum: row.get(3)? })
    });
    let found = found.await?;
    let epoch = epoch(conn).await?;
    let head = |name: &String| found.iter().find(|sum| sum.feed == *name).cloned();
    Ok(names.iter().map(|name| head(name).unwrap_or_else(|| Cursor::start(name.clone(), epoch).into())).collect())
}

async fn head(conn: &Conn<'_>, name: &str) -> Result<FeedSum, StoreError> {
    heads(conn, &[name.to_owned()]).await?.pop().ok_or(StoreError::BadRow)
}

/// The feeds each card's story goes to so far.
pub(in crate::store) async fn feeds_of(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
) -> Result<BTreeMap<CitizenId, BTreeSet<FeedKey>>, StoreError> {
    if cards.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT card, feed FROM citizen_feed WHERE card IN rarray(?1)";
    let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
    let mut feeds: BTreeMap<CitizenId, BTreeSet<FeedKey>> = BTreeMap::new();
    for (card, feed) in conn.all(sql, params, |row| Ok((CitizenId(row.get(0)?), row.get(1)?))).await? {
        feeds.entry(card).or_default().insert(feed);
    }
    Ok(feeds)
}

const CITIZEN_FEEDS: Insert = Insert {
    table: "citizen_feed",
    columns: &[("card", "bytea"), ("feed", "int8")],
    conflict: "ON CONFLICT DO NOTHING",
};

pub(in crate::store) async fn add_feeds_of(
    conn: &Conn<'_>,
    all: &BTreeSet<(CitizenId, FeedKey)>,
) -> Result<(), StoreError> {
    conn.insert(&CITIZEN_FEEDS, all.iter().map(|(card, feed)| values![card.0, *feed]).collect()).await
}

/// Entries to be appended: by feed, in the order they were received.
pub(in crate::store) type Additions = BTreeMap<FeedKey, BTreeMap<i64, StatementId>>;

const ENTRIES: Insert = Insert {
    table: "feed_entry",
    columns: &[("feed", "int8"), ("seq", "int8"), ("lseq", "int8"), ("sum", "bytea")],
    conflict: "",
};

/// Appends what is not in its feed yet. No entry after `projected_to` is in any.
pub(in crate::store) async fn append(
    conn: &Conn<'_>,
    additions: &Additions,
    projected_to: i64,
) -> Result<(), StoreError> {
    if additions.is_empty() {
        return Ok(());
    }
    let sql = "SELECT feed, name, epoch, seq, sum FROM feed WHERE feed IN rarray(?1)";
    let cursors = conn.all(sql, vec![Value::ints(additions.keys().copied())], |row| {
        let cursor = Cursor { feed: row.get(1)?, epoch: row.get(2)?, seq: row.get(3)?, sum: row.get(4)? };
        Ok((row.get::<FeedKey>(0)?, cursor))
    });
    let mut cursors: BTreeMap<FeedKey, Cursor> = cursors.await?.into_iter().collect();
    let old = |entries: &BTreeMap<i64, StatementId>| entries.range(..=projected_to).map(|(lseq, _)| *lseq).collect();
    let numbers: BTreeSet<i64> = additions.values().flat_map(|entries| -> Vec<i64> { old(entries) }).collect();
    let mut known: BTreeSet<(FeedKey, i64)> = BTreeSet::new();
    if !numbers.is_empty() {
        let sql = "SELECT feed, lseq FROM feed_entry WHERE lseq IN rarray(?1)";
        let found = conn.all(sql, vec![Value::ints(numbers)], |row| Ok((row.get(0)?, row.get(1)?)));
        known.extend(found.await?);
    }
    let mut rows = Vec::new();
    for (feed, entries) in additions {
        let cursor = cursors.get_mut(feed).ok_or(StoreError::BadRow)?;
        for (lseq, statement) in entries.iter().filter(|(lseq, _)| !known.contains(&(*feed, **lseq))) {
            *cursor = cursor.after(*statement);
            rows.push(values![*feed, cursor.seq, *lseq, cursor.sum]);
        }
    }
    conn.insert(&ENTRIES, rows).await?;
    conn.insert(&FEEDS, cursors.iter().map(|(feed, cursor)| feed_row(*feed, cursor)).collect()).await
}

/// Every feed under another epoch, with the same entries in the same order.
pub(in crate::store) async fn renew(conn: &Conn<'_>, epoch: u64) -> Result<(), StoreError> {
    let number = i64::try_from(epoch).map_err(|_| StoreError::BadRow)?;
    meta::put_number(conn, meta::FEED_EPOCH, number).await?;
    conn.write("DELETE FROM snapshot", Vec::new()).await?;
    conn.write("DELETE FROM segment", Vec::new()).await?;
    let feeds = conn.all("SELECT feed, name FROM feed ORDER BY feed", Vec::new(), |row| Ok((row.get(0)?, row.get(1)?)));
    for (feed, name) in feeds.await? {
        let feed: FeedKey = feed;
        let mut cursor = Cursor::start(name, epoch);
        let sql = "SELECT e.lseq, e.statement FROM feed_entry f JOIN entry e ON e.lseq = f.lseq
                   WHERE f.feed = ?1 ORDER BY f.seq";
        let entries = conn.all(sql, values![feed], |row| Ok((row.get(0)?, StatementId(row.get(1)?)))).await?;
        let mut rows = Vec::with_capacity(entries.len());
        for (lseq, statement) in entries {
            let lseq: i64 = lseq;
            cursor = cursor.after(statement);
            rows.push(values![feed, cursor.seq, lseq, cursor.sum]);
        }
        conn.write("DELETE FROM feed_entry WHERE feed = ?1", values![feed]).await?;
        conn.insert(&ENTRIES, rows).await?;
        conn.insert(&FEEDS, vec![feed_row(feed, &cursor)]).await?;
    }
    Ok(())
}

/// A stretch of a feed with the certificates of those met in it.
pub(in crate::store) async fn page(
    conn: &Conn<'_>,
    name: &str,
    after: Seq,
    max: usize,
) -> Result<FeedPage, StoreError> {
    let head = head(conn, name).await?;
    let mut page =
        FeedPage { envelopes: Vec::new(), authors: Vec::new(), devices: Vec::new(), sum: head.clone(), more: false };
    if after >= head.seq {
        return Ok(page);
    }
    let sql = "SELECT f.seq, f.sum, e.header, e.body FROM feed_entry f JOIN entry e ON e.lseq = f.lseq
               WHERE f.feed = (SELECT feed FROM feed WHERE name = ?1) AND f.seq > ?2 ORDER BY f.seq LIMIT ?3";
    let rows = conn.all(sql, values![name, after, max], |row| {
        let envelope = Envelope { header: row.get(2)?, body: row.get(3)? };
        Ok((row.get::<Seq>(0)?, row.get::<[u8; 32]>(1)?, envelope))
    });
    let mut met = Met::default();
    let mut bytes = 0;
    for (seq, sum, envelope) in rows.await? {
        bytes += envelope.header.len() + envelope.body.as_ref().map_or(0, Vec::len);
        let full = !page.envelopes.is_empty() && (bytes > PAGE_BYTES_MAX || met.is_full());
        if full {
            break;
        }
        met.note(&envelope);
        page.sum = FeedSum { seq, sum, ..page.sum };
        page.envelopes.push(envelope);
    }
    page.more = page.sum.seq < head.seq;
    (page.authors, page.devices) = met.certificates(conn).await?;
    Ok(page)
}

/// Authors and devices met in a stretch of envelopes.
#[derive(Default)]
struct Met {
    authors: BTreeSet<(AuthorId, DeviceId)>,
    devices: BTreeSet<DeviceId>,
}

impl Met {
    fn note(&mut self, envelope: &Envelope) {
        if let Ok(header) = Header::from_cbor(&envelope.header) {
            self.authors.insert((header.author, header.device));
            self.devices.insert(header.device);
        }
    }

    fn is_full(&self) -> bool {
        self.authors.len() + self.devices.len() + 2 > limits::CERTIFICATES_MAX
    }

    async fn certificates(&self, conn: &Conn<'_>) -> Result<(Vec<Signed>, Vec<Signed>), StoreError> {
        let wanted: Vec<_> = self.authors.iter().copied().collect();
        let authors = device::authors(conn, &wanted).await?.into_iter().map(|author| author.certificate).collect();
        Ok((authors, device::certificates(conn, &self.devices).await?))
    }
}

const SNAPSHOT: &str = "SELECT f.name, s.epoch, s.seq, s.sum, s.sha256, s.bytes, s.made_at
                        FROM snapshot s JOIN feed f ON f.feed = s.feed";

fn read_snapshot(row: &mut Row) -> Result<SnapshotRow, StoreError> {
    Ok(SnapshotRow {
        sum: FeedSum { feed: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, sum: row.get(3)? },
        sha256: row.get(4)?,
        bytes: row.get(5)?,
        made_at: Moment(row.get(6)?),
    })
}

pub(in crate::store) async fn snapshot(conn: &Conn<'_>, name: &str) -> Result<Option<SnapshotRow>, StoreError> {
    let sql = format!("{SNAPSHOT} WHERE f.name = ?1 ORDER BY s.seq DESC, s.made_at DESC LIMIT 1");
    conn.one(&sql, values![name], read_snapshot).await
}

pub(in crate::store) async fn snapshot_file(
    conn: &Conn<'_>,
    sha256: [u8; 32],
) -> Result<Option<SnapshotRow>, StoreError> {
    conn.one(&format!("{SNAPSHOT} WHERE s.sha256 = ?1"), values![sha256], read_snapshot).await
}

/// Long enough for the slowest line to finish the file it began.
const OLD_SNAPSHOT_MS: i64 = 3 * MS_PER_DAY;

/// Adds a file, and forgets those of its feed that are old.
pub(in crate::store) async fn add_snapshot(
    conn: &Conn<'_>,
    snapshot: &SnapshotRow,
) -> Result<Vec<[u8; 32]>, StoreError> {
    let SnapshotRow { sum, sha256, bytes, made_at } = snapshot;
    let keys = keys_of(conn, &BTreeSet::from([sum.feed.clone()])).await?;
    let feed = keys.get(&sum.feed).copied().ok_or(StoreError::BadRow)?;
    let sql = "INSERT INTO snapshot (feed, epoch, seq, sum, sha256, bytes, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (sha256) DO NOTHING";
    conn.write(sql, values![feed, sum.epoch, sum.seq, sum.sum, *sha256, *bytes, made_at.0]).await?;
    let old = "SELECT sha256 FROM snapshot WHERE feed = ?1 AND made_at < ?2";
    let gone: Vec<[u8; 32]> =
        conn.all(old, values![feed, made_at.plus_ms(-OLD_SNAPSHOT_MS).0], |row| row.get(0)).await?;
    let params = vec![Value::blobs(gone.iter().copied())];
    conn.write("DELETE FROM snapshot WHERE sha256 IN rarray(?1)", params).await?;
    Ok(gone)
}
