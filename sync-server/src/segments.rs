//! Files cut from feeds: immutable, named by the hash of their bytes, beside the database. Each entry is read from the
//! database once for all laptops; what is lost or damaged is cut again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::ids::{Seq, from_hex, to_hex};
use shared_model::limits;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{FeedEntry, SnapshotChunk};
use shared_model::sync::segment::Segment;

use crate::disk::{alone_in, private_directory};
use crate::named_file::{NamedFile, path_of, sweep_begun};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{FeedPage, SegmentRow};

/// How often it is looked whether feeds went on far enough.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Nobody waits for more of them: a second or two.
const CUT_AT_ONCE_MAX: usize = 64;
const ZSTD_LEVEL: i32 = 9;

/// What can be done about a file that was not cut: laptops read pages meanwhile.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    #[error("the directory of feeds' files can't be used, or is full")]
    Files(#[from] io::Error),
    #[error("the feed was made anew meanwhile")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cuts what feeds went on by, for as long as the server runs.
pub(crate) async fn follow(office: Arc<Office>) {
    if let Err(wrong) = sweep(&office).await {
        tracing::warn!(error = %wrong, "files of feeds that nobody asks for were left");
    }
    loop {
        if let Err(wrong) = cut_all(&office).await {
            tracing::warn!(error = %wrong, "no files were cut from feeds");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn cut_all(office: &Office) -> Result<(), CutError> {
    for feed in office.store.feeds_to_cut(limits::SEGMENT_ENTRIES).await? {
        cut(office, &feed).await?;
    }
    Ok(())
}

/// Cuts off whole stretches at the end of a feed, some at a time, and none while another process does.
pub(crate) async fn cut(office: &Office, feed: &str) -> Result<(), CutError> {
    cut_every(office, feed, limits::SEGMENT_ENTRIES).await
}

/// As [`cut`], after so many entries each.
pub(crate) async fn cut_every(office: &Office, feed: &str, entries: u64) -> Result<(), CutError> {
    if office.is_sealed {
        return Ok(());
    }
    let _alone = office.cutting.lock().await;
    let head = head(office, feed).await?;
    let cut = office.store.last_segment(feed.to_owned()).await?.map(|row| end_of(&row));
    let mut at = cut.unwrap_or_else(|| Cursor::start(feed.to_owned(), head.epoch).into());
    if at.seq + entries > head.seq {
        return Ok(());
    }
    private_directory(&office.segments)?;
    let Some(_alone_here) = alone_in(&office.segments)? else { return Ok(()) };
    for _ in 0..CUT_AT_ONCE_MAX {
        let last = at.seq + entries;
        if last > head.seq {
            break;
        }
        let row = write(office, &at, last).await?;
        at = end_of(&row);
        office.store.put_segment(row).await?;
    }
    Ok(())
}

async fn head(office: &Office, feed: &str) -> Result<FeedSum, CutError> {
    office.store.feed_heads(vec![feed.to_owned()]).await?.pop().ok_or(CutError::Changed)
}

fn end_of(row: &SegmentRow) -> FeedSum {
    FeedSum { feed: row.feed.clone(), epoch: row.epoch, seq: row.segment.last, sum: row.segment.sum }
}

/// The files behind a number, one behind the other; those that were lost are cut again.
pub(crate) async fn behind(office: &Office, feed: &str, after: Seq) -> Result<Vec<SegmentRow>, CutError> {
    let rows = office.store.segments_behind(feed.to_owned(), after, limits::SEGMENTS_TOLD_MAX).await?;
    let mut whole: Vec<SegmentRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let follows = whole.last().is_none_or(|before| before.segment.last + 1 == row.segment.first);
        let row = if lies_here(office, &row.segment) { Some(row) } else { again(office, row).await? };
        let Some(row) = row.filter(|_| follows) else { break };
        whole.push(row);
    }
    Ok(whole)
}

/// All files of a feed, one behind the other, and where they end.
pub(crate) async fn all(office: &Office, feed: &str) -> Result<(Vec<SegmentRow>, FeedSum), CutError> {
    let mut at: FeedSum = Cursor::start(feed.to_owned(), head(office, feed).await?.epoch).into();
    let mut rows = Vec::new();
    loop {
        cut(office, feed).await?;
        let more = behind(office, feed, at.seq).await?;
        let Some(last) = more.last().filter(|_| more.first().is_some_and(|row| row.segment.before == at.sum)) else {
            return Ok((rows, at));
        };
        at = end_of(last);
        rows.extend(more);
    }
}

fn lies_here(office: &Office, segment: &Segment) -> bool {
    fs::metadata(path_of(&office.segments, segment.sha256)).is_ok_and(|file| file.len() == segment.bytes)
}

/// Somebody got other bytes than were announced: where they lie like that here, the file is cut again.
pub(crate) async fn look_again(office: &Office, sha256: [u8; 32], feeds: Vec<String>) -> Result<(), CutError> {
    let rows = office.store.segments_in(sha256, feeds).await?;
    let path = path_of(&office.segments, sha256);
    let hashed = tokio::task::spawn_blocking(move || hash_of(&path)).await.map_err(io::Error::other)?;
    if hashed.is_ok_and(|hash| hash == sha256) {
        return Ok(());
    }
    for row in rows {
        again(office, row).await?;
    }
    Ok(())
}

fn hash_of(path: &std::path::Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limits::SEGMENT_FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Sha256::digest(&bytes).into())
}

/// Cuts a file that is lost, to the same bytes. They differ only where somebody in it has another certificate by now,
/// or this version folds otherwise: then the stretch has another file.
async fn again(office: &Office, row: SegmentRow) -> Result<Option<SegmentRow>, CutError> {
    if office.is_sealed {
        return Ok(None);
    }
    let _alone = office.cutting.lock().await;
    private_directory(&office.segments)?;
    let Some(_alone_here) = alone_in(&office.segments)? else { return Ok(None) };
    let SegmentRow { feed, epoch, segment, .. } = &row;
    tracing::warn!(file = to_hex(&segment.sha256), "a file of a feed was lost or damaged, and is cut again");
    let before = FeedSum { feed: feed.clone(), epoch: *epoch, seq: segment.first - 1, sum: segment.before };
    let cut = write(office, &before, segment.last).await?;
    if cut != row {
        office.store.put_segment(cut.clone()).await?;
    }
    Ok(Some(cut))
}

/// Writes a stretch of a feed under its name.
async fn write(office: &Office, before: &FeedSum, last: Seq) -> Result<SegmentRow, CutError> {
    let (unfolded, end) = read(office, before, last).await?;
    let length = unfolded.len() as u64;
    let directory = office.segments.clone();
    let written = tokio::task::spawn_blocking(move || {
        let mut file = NamedFile::begin(&directory)?;
        file.write_all(&zstd::encode_all(&unfolded[..], ZSTD_LEVEL)?)?;
        file.finish(&directory)
    });
    let (sha256, bytes) = written.await.map_err(io::Error::other)??;
    let segment = Segment { first: before.seq + 1, before: before.sum, last, sum: end.sum, sha256, bytes };
    Ok(SegmentRow { feed: end.feed, epoch: end.epoch, segment, unfolded: length })
}

/// A stretch of a feed as chunks one behind the other, the same bytes whenever it is read; and the sum behind it.
async fn read(office: &Office, before: &FeedSum, last: Seq) -> Result<(Vec<u8>, FeedSum), CutError> {
    let (mut chunks, mut at) = (Chunks::default(), before.clone());
    while at.seq < last {
        let most = usize::try_from(last - at.seq).unwrap_or(usize::MAX).min(limits::PULL_ENTRIES_MAX);
        let page = office.store.feed_page(at.feed.clone(), at.seq, most).await?;
        if page.sum.epoch != before.epoch || page.envelopes.is_empty() {
            return Err(CutError::Changed);
        }
        at = page.sum.clone();
        chunks.add(page);
    }
    Ok((chunks.bytes, at))
}

/// What no file has of a feed yet, and the sum behind it.
pub(crate) async fn tail(office: &Office, before: &FeedSum) -> Result<(Vec<u8>, FeedSum), CutError> {
    let end = head(office, &before.feed).await?;
    read(office, before, end.seq.min(before.seq + limits::SEGMENT_ENTRIES)).await
}

/// Pages in the form they have in a file: certificates stand where their holder is met first.
#[derive(Default)]
struct Chunks {
    met: BTreeSet<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Chunks {
    fn add(&mut self, page: FeedPage) {
        let mut unmet = |certificates: Vec<Signed>| -> Vec<Signed> {
            certificates.into_iter().filter(|signed| self.met.insert(signed.content.clone())).collect()
        };
        let chunk = SnapshotChunk {
            authors: unmet(page.authors),
            devices: unmet(page.devices),
            entries: page.envelopes.into_iter().map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
        };
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&chunk, &mut self.bytes);
    }
}

/// Removes files of feeds that were made anew, and of stretches that were cut again otherwise.
pub(crate) async fn sweep(office: &Office) -> Result<(), CutError> {
    let _alone = office.cutting.lock().await;
    private_directory(&office.segments)?;
    let Some(_alone_here) = alone_in(&office.segments)? else { return Ok(()) };
    sweep_begun(&office.segments)?;
    for file in fs::read_dir(&office.segments)? {
        let name = file?.file_name();
        let Some(sha256) = name.to_str().and_then(|name| from_hex::<32>(name).ok()) else { continue };
        if !office.store.has_segment_file(sha256).await? {
            fs::remove_file(path_of(&office.segments, sha256))?;
        }
    }
    Ok(())
}
