//! ⑧ Feeds: numbered here, inside the writer's transaction, one after the other, so that no reader ever skips one.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, Header};
use shared_model::ids::{AuthorId, CitizenId, DeviceId, Seq, StatementId};
use shared_model::limits;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::time::{MS_PER_DAY, Moment};

use super::device;
use super::sql::{all, from_cbor, meta, one, write};
use crate::store::StoreError;
use crate::store::rows::{FeedPage, SnapshotRow};

/// A page stops growing here: two seconds at 1 Mbit/s even when nothing compresses.
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// The number of a feed inside this database.
pub(super) type FeedKey = i64;

fn epoch(conn: &Connection) -> Result<u64, StoreError> {
    let epoch = meta::number(conn, "feed_epoch")?.unwrap_or(1);
    u64::try_from(epoch).map_err(|_| StoreError::BadRow)
}

/// The feed of an area, begun if it is new.
pub(super) fn key_of(conn: &Connection, name: &str) -> Result<FeedKey, StoreError> {
    let find = "SELECT feed FROM feed WHERE name = ?1";
    if let Some(key) = one(conn, find, [name], |row| Ok(row.get(0)?))? {
        return Ok(key);
    }
    let start = Cursor::start(name.to_owned(), epoch(conn)?);
    let sql = "INSERT INTO feed (name, epoch, seq, sum) VALUES (?1, ?2, 0, ?3)";
    write(conn, sql, params![name, start.epoch, start.sum])?;
    Ok(conn.last_insert_rowid())
}

pub(super) fn head(conn: &Connection, name: &str) -> Result<FeedSum, StoreError> {
    let sql = "SELECT epoch, seq, sum FROM feed WHERE name = ?1";
    let found = one(conn, sql, [name], |row| {
        Ok(FeedSum { feed: name.to_owned(), epoch: row.get(0)?, seq: row.get(1)?, sum: row.get(2)? })
    })?;
    match found {
        Some(sum) => Ok(sum),
        None => Ok(Cursor::start(name.to_owned(), epoch(conn)?).into()),
    }
}

/// The feeds a card's story goes to so far.
pub(super) fn feeds_of(conn: &Connection, card: CitizenId) -> Result<BTreeSet<FeedKey>, StoreError> {
    let found = all(conn, "SELECT feed FROM citizen_feed WHERE card = ?1", [card.0], |row| Ok(row.get(0)?))?;
    Ok(found.into_iter().collect())
}

pub(super) fn add_feed_of(conn: &Connection, card: CitizenId, feed: FeedKey) -> Result<(), StoreError> {
    let sql = "INSERT INTO citizen_feed (card, feed) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    write(conn, sql, params![card.0, feed]).map(drop)
}

/// Entries to be appended: by feed, in the order they were received.
pub(super) type Additions = BTreeMap<FeedKey, BTreeMap<i64, StatementId>>;

/// Appends what is not in its feed yet.
pub(super) fn append(conn: &Connection, additions: &Additions) -> Result<(), StoreError> {
    for (feed, entries) in additions {
        let sql = "SELECT name, epoch, seq, sum FROM feed WHERE feed = ?1";
        let found = one(conn, sql, [feed], |row| {
            Ok(Cursor { feed: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, sum: row.get(3)? })
        })?;
        let mut cursor = found.ok_or(StoreError::BadRow)?;
        for (lseq, statement) in entries {
            let known = "SELECT 1 FROM feed_entry WHERE lseq = ?1 AND feed = ?2";
            if one(conn, known, params![lseq, feed], |_| Ok(()))?.is_some() {
                continue;
            }
            cursor = cursor.after(*statement);
            let sql = "INSERT INTO feed_entry (feed, seq, lseq, sum) VALUES (?1, ?2, ?3, ?4)";
            write(conn, sql, params![feed, cursor.seq, lseq, cursor.sum])?;
        }
        write(conn, "UPDATE feed SET seq = ?2, sum = ?3 WHERE feed = ?1", params![feed, cursor.seq, cursor.sum])?;
    }
    Ok(())
}

/// A stretch of a feed with the certificates of those met in it.
pub(super) fn page(conn: &Connection, name: &str, after: Seq, max: usize) -> Result<FeedPage, StoreError> {
    let head = head(conn, name)?;
    let mut page =
        FeedPage { envelopes: Vec::new(), authors: Vec::new(), devices: Vec::new(), sum: head.clone(), more: false };
    if after >= head.seq {
        return Ok(page);
    }
    let sql = "SELECT f.seq, f.sum, e.header, e.body FROM feed_entry f JOIN entry e ON e.lseq = f.lseq
               WHERE f.feed = (SELECT feed FROM feed WHERE name = ?1) AND f.seq > ?2 ORDER BY f.seq LIMIT ?3";
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = all(conn, sql, params![name, after, max], |row| {
        let envelope = Envelope { header: row.get(2)?, body: row.get(3)? };
        Ok((row.get::<_, Seq>(0)?, row.get::<_, [u8; 32]>(1)?, envelope))
    })?;
    let mut met = Met::default();
    let mut bytes = 0;
    for (seq, sum, envelope) in rows {
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
    (page.authors, page.devices) = met.certificates(conn)?;
    Ok(page)
}

/// Authors and devices met in a stretch of envelopes.
#[derive(Default)]
pub(super) struct Met {
    authors: BTreeSet<(AuthorId, DeviceId)>,
    devices: BTreeSet<DeviceId>,
}

impl Met {
    pub(super) fn note(&mut self, envelope: &Envelope) {
        if let Ok(header) = Header::from_cbor(&envelope.header) {
            self.authors.insert((header.author, header.device));
            self.devices.insert(header.device);
        }
    }

    fn is_full(&self) -> bool {
        self.authors.len() + self.devices.len() + 2 > limits::CERTIFICATES_MAX
    }

    pub(super) fn certificates(&self, conn: &Connection) -> Result<(Vec<Signed>, Vec<Signed>), StoreError> {
        let wanted: Vec<_> = self.authors.iter().copied().collect();
        let authors = device::authors(conn, &wanted)?.into_iter().map(|author| author.certificate).collect();
        let mut devices = Vec::with_capacity(self.devices.len());
        for id in &self.devices {
            let sql = "SELECT certificate FROM device WHERE device = ?1";
            let found: Option<Vec<u8>> = one(conn, sql, [id.0], |row| Ok(row.get(0)?))?;
            devices.extend(found.map(|bytes| from_cbor(&bytes)).transpose()?);
        }
        Ok((authors, devices))
    }
}

const SNAPSHOT: &str = "SELECT f.name, s.epoch, s.seq, s.sum, s.sha256, s.bytes, s.made_at
                        FROM snapshot s JOIN feed f ON f.feed = s.feed";

fn read_snapshot(row: &rusqlite::Row<'_>) -> Result<SnapshotRow, StoreError> {
    Ok(SnapshotRow {
        sum: FeedSum { feed: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, sum: row.get(3)? },
        sha256: row.get(4)?,
        bytes: row.get(5)?,
        made_at: Moment(row.get(6)?),
    })
}

pub(super) fn snapshot(conn: &Connection, name: &str) -> Result<Option<SnapshotRow>, StoreError> {
    one(
        conn,
        &format!("{SNAPSHOT} WHERE f.name = ?1 ORDER BY s.seq DESC, s.made_at DESC LIMIT 1"),
        [name],
        read_snapshot,
    )
}

pub(super) fn snapshot_file(conn: &Connection, sha256: [u8; 32]) -> Result<Option<SnapshotRow>, StoreError> {
    one(conn, &format!("{SNAPSHOT} WHERE s.sha256 = ?1"), [sha256], read_snapshot)
}

/// Long enough for the slowest line to finish the file it began.
const OLD_SNAPSHOT_MS: i64 = 3 * MS_PER_DAY;

/// Adds a file, and forgets those of its feed that are old.
pub(super) fn add_snapshot(conn: &Connection, snapshot: &SnapshotRow) -> Result<Vec<[u8; 32]>, StoreError> {
    let feed = key_of(conn, &snapshot.sum.feed)?;
    let sql = "INSERT INTO snapshot (feed, epoch, seq, sum, sha256, bytes, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (sha256) DO NOTHING";
    let SnapshotRow { sum, sha256, bytes, made_at } = snapshot;
    write(conn, sql, params![feed, sum.epoch, sum.seq, sum.sum, sha256, bytes, made_at.0])?;
    let old = "SELECT sha256 FROM snapshot WHERE feed = ?1 AND made_at < ?2";
    let gone = all(conn, old, params![feed, made_at.plus_ms(-OLD_SNAPSHOT_MS).0], |row| Ok(row.get(0)?))?;
    for sha256 in &gone {
        write(conn, "DELETE FROM snapshot WHERE sha256 = ?1", [sha256])?;
    }
    Ok(gone)
}
