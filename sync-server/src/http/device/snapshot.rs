//! A whole feed as one immutable file, named by its hash, that can be fetched in pieces over days.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use shared_model::certificate::Signed;
use shared_model::limits;
use shared_model::sync::message::{FeedEntry, Snapshot, SnapshotAsk, SnapshotChunk, refusal};
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
use crate::store::StoreError;
use crate::store::rows::{DeviceRow, SnapshotRow};

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
    Store(#[from] StoreError),
}

impl From<SnapshotError> for Refused {
    fn from(wrong: SnapshotError) -> Self {
        match wrong {
            SnapshotError::NotYours => Self::of(refusal::FEED_NOT_YOURS),
            SnapshotError::NotFound => Self::of(refusal::NOT_FOUND),
            SnapshotError::Files(wrong) => {
                tracing::warn!(error = %wrong, "no snapshot");
                Self::of(refusal::STORE_FULL)
            }
            SnapshotError::Store(wrong) => wrong.into(),
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
    build(office, feed, head.seq).await
}

/// Writes the feed up to `to` or a little further under another name, syncs it, and names it by its hash.
async fn build(office: &Office, feed: String, to: u64) -> Result<SnapshotRow, SnapshotError> {
    private_directory(&office.snapshots)?;
    let mut file = Building::begin(&office.snapshots.join("building.partial"))?;
    let mut met: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut after = 0;
    let sum = loop {
        let page = office.store.feed_page(feed.clone(), after, limits::PULL_ENTRIES_MAX).await?;
        let mut unmet = |certificates: Vec<Signed>| -> Vec<Signed> {
            certificates.into_iter().filter(|signed| met.insert(signed.content.clone())).collect()
        };
        let chunk = SnapshotChunk {
            authors: unmet(page.authors),
            devices: unmet(page.devices),
            entries: page.envelopes.into_iter().map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
        };
        let written = tokio::task::spawn_blocking(move || file.add(&chunk).map(|()| file));
        file = written.await.map_err(io::Error::other)??;
        if file.unfolded > limits::SNAPSHOT_BYTES_MAX {
            // Too large to be taken as one: laptops read the feed page by page.
            return Err(SnapshotError::NotFound);
        }
        after = page.sum.seq;
        if !page.more || after >= to {
            break page.sum;
        }
    };
    let directory = office.snapshots.clone();
    let done = tokio::task::spawn_blocking(move || file.finish(&directory));
    let (sha256, bytes) = done.await.map_err(io::Error::other)??;
    let row = SnapshotRow { sum, sha256, bytes, made_at: office.now() };
    for old in office.store.add_snapshot(row.clone()).await?.into_inner() {
        // A file nobody knows of costs only its space; the next build tries no more.
        let _ = fs::remove_file(path_of(&office.snapshots, old));
    }
    Ok(row)
}

struct Building {
    encoder: zstd::Encoder<'static, NamedFile>,
    unfolded: usize,
}

impl Building {
    fn begin(path: &Path) -> io::Result<Self> {
        Ok(Self { encoder: zstd::Encoder::new(NamedFile::begin(path)?, ZSTD_LEVEL)?, unfolded: 0 })
    }

    fn add(&mut self, chunk: &SnapshotChunk) -> io::Result<()> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(chunk, &mut bytes);
        self.unfolded += bytes.len();
        self.encoder.write_all(&bytes)
    }

    fn finish(self, directory: &Path) -> io::Result<([u8; 32], u64)> {
        self.encoder.finish()?.finish(directory)
    }
}
