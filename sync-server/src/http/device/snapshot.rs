//! A whole feed as one immutable file, named by its hash, that can be fetched in pieces over days.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::ids::to_hex;
use shared_model::limits;
use shared_model::sync::message::{FeedEntry, Snapshot, SnapshotAsk, SnapshotChunk, refusal};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::hello::feeds_told;
use crate::auth::device::Caller;
use crate::disk::{private_directory, private_file, sync_directory};
use crate::http::asked::{Message, Piece};
use crate::http::told::{File as Handed, Said};
use crate::http::wire::Refused;
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

fn path_of(directory: &Path, sha256: [u8; 32]) -> PathBuf {
    directory.join(to_hex(&sha256))
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
    path: PathBuf,
    encoder: zstd::Encoder<'static, Hashed>,
    unfolded: usize,
}

impl Building {
    fn begin(path: &Path) -> io::Result<Self> {
        let file = Hashed { file: BufWriter::new(private_file(path)?), hasher: Sha256::new(), bytes: 0 };
        Ok(Self { path: path.to_owned(), encoder: zstd::Encoder::new(file, ZSTD_LEVEL)?, unfolded: 0 })
    }

    fn add(&mut self, chunk: &SnapshotChunk) -> io::Result<()> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(chunk, &mut bytes);
        self.unfolded += bytes.len();
        self.encoder.write_all(&bytes)
    }

    fn finish(self, directory: &Path) -> io::Result<([u8; 32], u64)> {
        let hashed = self.encoder.finish()?;
        let file = hashed.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let sha256: [u8; 32] = hashed.hasher.finalize().into();
        fs::rename(&self.path, path_of(directory, sha256))?;
        sync_directory(directory)?;
        Ok((sha256, hashed.bytes))
    }
}

/// A file that hashes what is written to it.
struct Hashed {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
