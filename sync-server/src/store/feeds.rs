//! ⑧ What the store is asked about feeds, and about the files made of them.

use shared_model::ids::Seq;
use shared_model::sync::feed::FeedSum;

use super::rows::{FeedPage, SegmentRow, SnapshotRow};
use super::tables::{feed, segment};
use super::{Durable, Store, StoreError, deed};

impl Store {
    pub async fn feed_heads(&self, feeds: Vec<String>) -> Result<Vec<FeedSum>, StoreError> {
        self.read(deed!(conn => feed::heads(conn, &feeds))).await
    }

    pub async fn feed_page(&self, name: String, after: Seq, entries_max: usize) -> Result<FeedPage, StoreError> {
        self.read(deed!(conn => feed::page(conn, &name, after, entries_max))).await
    }

    pub async fn snapshot(&self, name: String) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(deed!(conn => feed::snapshot(conn, &name))).await
    }

    pub async fn snapshot_file(&self, sha256: [u8; 32]) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(deed!(conn => feed::snapshot_file(conn, sha256))).await
    }

    /// Tells which older files nobody will ask for any more.
    pub async fn add_snapshot(&self, row: SnapshotRow) -> Result<Durable<Vec<[u8; 32]>>, StoreError> {
        self.alone(deed!(conn => feed::add_snapshot(conn, &row))).await
    }

    /// Files of a feed as it is now, that begin behind a number: one behind the other.
    pub async fn segments_behind(&self, name: String, after: Seq, max: usize) -> Result<Vec<SegmentRow>, StoreError> {
        self.read(deed!(conn => segment::behind(conn, &name, after, max))).await
    }

    pub async fn last_segment(&self, name: String) -> Result<Option<SegmentRow>, StoreError> {
        self.read(deed!(conn => segment::last(conn, &name))).await
    }

    /// Stretches of these feeds as they are now that lie in this file.
    pub async fn segments_in(&self, sha256: [u8; 32], names: Vec<String>) -> Result<Vec<SegmentRow>, StoreError> {
        self.read(deed!(conn => segment::in_file(conn, sha256, &names))).await
    }

    pub async fn has_segment_file(&self, sha256: [u8; 32]) -> Result<bool, StoreError> {
        self.read(deed!(conn => segment::has_file(conn, sha256))).await
    }

    pub async fn put_segment(&self, row: SegmentRow) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => segment::put(conn, &row))).await
    }

    /// Feeds that went on by so many entries since they were last cut.
    pub async fn feeds_to_cut(&self, entries: u64) -> Result<Vec<String>, StoreError> {
        self.read(deed!(conn => segment::feeds_to_cut(conn, entries))).await
    }
}
