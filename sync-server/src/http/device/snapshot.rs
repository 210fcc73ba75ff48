//! A whole feed as one immutable file, named by its hash, that can be fetched in pieces over days: for laptops of
//! earlier versions, which know no files of a stretch. Nothing is read or folded for it but the feed's tail.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use shared_model::certificate::Signed;
use shared_model::limits;
use shared_model::sync::message::{Snapshot, SnapshotAsk, refusal};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::hello::feeds_told;
use crate::auth::device::Caller;
use crate::disk::private_directory;
use crate::http::asked::{Message, Piece};
use crate::http::told::{File as Handed, Said};
use crate::http::wire::Refused;
use crate::named_file::{NamedFile, path_of};
use crate::office::Office;
use crate::segments::{self, CutError};
use crate::store::StoreError;
use crate::store::rows::{DeviceRow, SegmentRow, SnapshotRow};

const ZSTD_LEVEL: i32 = 9;
/// A file is handed out until its feed has grown by a fifth.
const BEHIND_FIFTHS_MAX: u64 = 1;

#[derive(Debug, thiserror::Error)]
enum SnapshotError {
    #[error("another area's feed")]
    NotYours,
    #[error("nothing to take")]
    NotFound,
    #[error("the file can't be written or read")]
    Files(#[from] io::Error),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SnapshotError> for Refused {
    fn from(wrong: SnapshotError) -> Self {
        match wrong {
            SnapshotError::NotYours => Self::of(refusal::FEED_NOT_YOURS),
            SnapshotError::NotFound => Self::of(refusal::NOT_FOUND),
            SnapshotError::Files(wrong) | SnapshotError::Cut(CutError::Files(wrong)) => {
                tracing::warn!(error = %wrong, "no snapshot");
                Self::of(refusal::STORE_FULL)
            }
            // It is a feed that has no file yet.
            SnapshotError::Cut(CutError::Changed) => Self::of(refusal::NOT_FOUND),
            SnapshotError::Store(wrong) | SnapshotError::Cut(CutError::Store(wrong)) => wrong.into(),
        }
    }
}

/// Where the file lies, under the campaign's signature. Builds it when there is none that is fresh enough.
pub(in crate::http) async fn announce(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(ask): Message<SnapshotAsk>,
) -> Result<Said<Signed>, Refused> {
    let row = fresh_enough(&office, &device, ask.feed).await?;
    let snapshot = Snapshot { feed: row.sum.feed.clone(), sha256: row.sha256, bytes: row.bytes, sum: row.sum };
    Ok(Said { folds, message: Signed::make(&snapshot, office.keys.voice()) })
}

/// The file itself, whole or in ranges. That another area has a file of this name is not told.
pub(in crate::http) async fn file(
    office: Arc<Office>,
    Caller { device, .. }: Caller,
    Piece { sha256, request }: Piece,
) -> Result<Handed, Refused> {
    let row = office.store.snapshot_file(sha256).await?;
    let path = path_of(&office.snapshots, sha256);
    let told = feeds_told(&office, &device).await?;
    if !row.is_some_and(|row| told.contains(&row.sum.feed)) || !path.is_file() {
        return Err(Refused::of(refusal::NOT_FOUND));
    }
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => Ok(Handed(response.map(Body::new))),
        Err(never) => match never {},
    }
}

async fn fresh_enough(office: &Office, device: &DeviceRow, feed: String) -> Result<SnapshotRow, SnapshotError> {
    if !feeds_told(office, device).await?.contains(&feed) {
        return Err(SnapshotError::NotYours);
    }
    if office.is_sealed {
        return Err(SnapshotError::NotFound);
    }
    let _alone = office.snapshot.lock().await;
    let head = office.store.feed_heads(vec![feed.clone()]).await?.pop().ok_or(SnapshotError::NotFound)?;
    if head.seq == 0 {
        return Err(SnapshotError::NotFound);
    }
    if let Some(row) = office.store.snapshot(feed.clone()).await?
        && row.sum.epoch == head.epoch
        && (head.seq - row.sum.seq.min(head.seq)) * 5 <= head.seq * BEHIND_FIFTHS_MAX
        && path_of(&office.snapshots, row.sha256).is_file()
    {
        return Ok(row);
    }
    build(office, &feed).await
}

/// The files cut from the feed, one behind the other, and what follows them: zstd unfolds it as one.
async fn build(office: &Office, feed: &str) -> Result<SnapshotRow, SnapshotError> {
    let (rows, end) = segments::all(office, feed).await?;
    let (tail, sum) = segments::tail(office, &end).await?;
    let unfolded = rows.iter().map(|row| row.unfolded).sum::<u64>() + tail.len() as u64;
    if unfolded > limits::SNAPSHOT_BYTES_MAX as u64 {
        // Too large to be taken as one: laptops read the feed page by page.
        return Err(SnapshotError::NotFound);
    }
    private_directory(&office.snapshots)?;
    let (segments, directory) = (office.segments.clone(), office.snapshots.clone());
    let joined = tokio::task::spawn_blocking(move || join(&segments, &rows, &tail, &directory));
    let (sha256, bytes) = joined.await.map_err(io::Error::other)??;
    let row = SnapshotRow { sum, sha256, bytes, made_at: office.now() };
    for old in office.store.add_snapshot(row.clone()).await?.into_inner() {
        // A file nobody knows of costs only its space; the next build tries no more.
        let _ = fs::remove_file(path_of(&office.snapshots, old));
    }
    Ok(row)
}

fn join(segments: &Path, rows: &[SegmentRow], tail: &[u8], directory: &Path) -> io::Result<([u8; 32], u64)> {
    let mut joined = NamedFile::begin(directory)?;
    for row in rows {
        io::copy(&mut File::open(path_of(segments, row.segment.sha256))?, &mut joined)?;
    }
    joined.write_all(&zstd::encode_all(tail, ZSTD_LEVEL)?)?;
    joined.finish(directory)
}
