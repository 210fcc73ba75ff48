//! Files cut from feeds: which stretch of which feed lies in which.

use std::collections::BTreeSet;

use shared_model::ids::Seq;
use shared_model::sync::segment::Segment;

use super::feed::keys_of;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::SegmentRow;
use crate::store::value::{Row, Value, values};

/// Only what was cut from the feed as it is: after a restore, or under another epoch, a file is nobody's.
const SEGMENT: &str =
    "SELECT f.name, s.epoch, s.first_seq, s.before_sum, s.last_seq, s.sum, s.sha256, s.bytes, s.unfolded
    FROM segment s JOIN feed f ON f.feed = s.feed AND f.epoch = s.epoch
    JOIN feed_entry e ON e.feed = s.feed AND e.seq = s.last_seq AND e.sum = s.sum";

fn read(row: &mut Row) -> Result<SegmentRow, StoreError> {
    Ok(SegmentRow {
        feed: row.get(0)?,
        epoch: row.get(1)?,
        segment: Segment {
            first: row.get(2)?,
            before: row.get(3)?,
            last: row.get(4)?,
            sum: row.get(5)?,
            sha256: row.get(6)?,
            bytes: row.get(7)?,
        },
        unfolded: row.get(8)?,
    })
}

pub(in crate::store) async fn behind(
    conn: &Conn<'_>,
    name: &str,
    after: Seq,
    max: usize,
) -> Result<Vec<SegmentRow>, StoreError> {
    let sql = format!("{SEGMENT} WHERE f.name = ?1 AND s.first_seq > ?2 ORDER BY s.last_seq LIMIT ?3");
    conn.all(&sql, values![name, after, max], read).await
}

pub(in crate::store) async fn last(conn: &Conn<'_>, name: &str) -> Result<Option<SegmentRow>, StoreError> {
    conn.one(&format!("{SEGMENT} WHERE f.name = ?1 ORDER BY s.last_seq DESC LIMIT 1"), values![name], read).await
}

pub(in crate::store) async fn in_file(
    conn: &Conn<'_>,
    sha256: [u8; 32],
    names: &[String],
) -> Result<Vec<SegmentRow>, StoreError> {
    let sql = format!("{SEGMENT} WHERE s.sha256 = ?1 AND f.name IN rarray(?2) ORDER BY f.name, s.last_seq");
    let params = vec![sha256.into(), Value::texts(names.iter().map(String::as_str))];
    conn.all(&sql, params, read).await
}

pub(in crate::store) async fn has_file(conn: &Conn<'_>, sha256: [u8; 32]) -> Result<bool, StoreError> {
    conn.exists("SELECT 1 FROM segment WHERE sha256 = ?1", values![sha256]).await
}

/// A stretch lies in one file, the one that was cut last.
pub(in crate::store) async fn put(conn: &Conn<'_>, row: &SegmentRow) -> Result<(), StoreError> {
    let SegmentRow { feed, epoch, segment, unfolded } = row;
    let keys = keys_of(conn, &BTreeSet::from([feed.clone()])).await?;
    let key = keys.get(feed).copied().ok_or(StoreError::BadRow)?;
    let sql = "INSERT INTO segment (feed, epoch, last_seq, first_seq, before_sum, sum, sha256, bytes, unfolded)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT (feed, epoch, last_seq) DO UPDATE SET first_seq = excluded.first_seq,
               before_sum = excluded.before_sum, sum = excluded.sum, sha256 = excluded.sha256,
               bytes = excluded.bytes, unfolded = excluded.unfolded";
    let Segment { first, before, last, sum, sha256, bytes } = segment.clone();
    conn.write(sql, values![key, *epoch, last, first, before, sum, sha256, bytes, *unfolded]).await?;
    Ok(())
}

pub(in crate::store) async fn feeds_to_cut(conn: &Conn<'_>, entries: u64) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT f.name FROM feed f WHERE f.seq - ?1 >=
               (SELECT coalesce(max(s.last_seq), 0) FROM segment s WHERE s.feed = f.feed AND s.epoch = f.epoch)
               ORDER BY f.feed";
    conn.all(sql, values![entries], |row| row.get(0)).await
}
