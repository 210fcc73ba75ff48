//! The return stick: how far this server holds the logs of whoever asked, and the feed of the area it works in. From a
//! hub it is what a line to that hub would have said, the nation's last receipts included.
//!
//! It is sealed to the reader the device named under its own key, and to nobody else; a device that was taken back,
//! or one that nobody here knows, gets none.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shared_model::certificate::Signed;
use shared_model::envelope::LogHead;
use shared_model::ids::{BundleId, DeviceId, Epoch};
use shared_model::limits;
use shared_model::sync::bundle::{
    Certificates, Content, FeedStretch, Issue, Manifest, ReturnAsked, Returned, ReturnedLog,
};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{FeedEntry, Page};
use stick::{Bundle, RETURN, Recipients, SealedWriter, StickError, name_by, name_of, write_file};
use tokio::sync::mpsc;

use super::place::Stood;
use super::prior;
use super::take::TakeError;
use crate::edge::draw;
use crate::http::device::feeds_told;
use crate::office::Office;
use crate::store::StoreError;

/// Entries of one page: with its certificates it is a few sectors, and all that one bad sector costs.
const PAGE_ENTRIES: usize = 100;
/// Receipts of the nation beside a hub's word, which stands in one frame.
const NATIONAL_BYTES_MAX: usize = 96 * 1024;
/// Pages read ahead of the stick.
const AHEAD: usize = 4;

/// A return stick that was written and read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub path: PathBuf,
    pub bytes: u64,
    /// Entries of feeds on it.
    pub entries: u64,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NotGiven {
    #[error("the device was taken back")]
    Revoked,
    #[error("nobody here knows the device")]
    Unknown,
    #[error("what it asks to be sealed to is no recipient")]
    NotARecipient,
    #[error("{0}")]
    Stick(#[from] StickError),
}

/// Writes the answer to one outward bundle.
pub(super) async fn give(
    office: &Office,
    asked: &ReturnAsked,
    stood: &BTreeMap<(DeviceId, Epoch), Stood>,
    folder: &Path,
) -> Result<Result<Given, NotGiven>, TakeError> {
    let Some(device) = office.store.device(asked.device).await? else { return Ok(Err(NotGiven::Unknown)) };
    if device.revoked_at.is_some() {
        return Ok(Err(NotGiven::Revoked));
    }
    let Ok(recipients) = Recipients::parse([asked.recipient.as_str()]) else {
        return Ok(Err(NotGiven::NotARecipient));
    };
    let feeds = office.store.feed_heads(feeds_told(office, &device).await?).await?;
    let word = answer(office, asked, stood, feeds.clone()).await?;
    let filters = prior::wanted(office, asked, folder).await?;
    let manifest = manifest(office)?;
    let (send, receive) = mpsc::channel(AHEAD);
    let (folder, name, campaign) = (folder.to_owned(), file_name(office, asked.bundle), office.keys.campaign_public());
    let writing = tokio::task::spawn_blocking(move || {
        write_file(&folder, &name, |out| fill(manifest, receive, SealedWriter::new(out, campaign, recipients)))
    });
    let entries = send_all(office, asked, word, &feeds, &send).await?;
    if let Some(filters) = filters {
        filters.send(&send).await;
    }
    // Whoever is not told that this was all leaves no file.
    let _ = send.send(None).await;
    drop(send);
    Ok(match writing.await.map_err(|_| StoreError::Closed)? {
        Ok(written) => Ok(Given { path: written.path, bytes: written.bytes, entries }),
        Err(wrong) => Err(wrong.into()),
    })
}

/// A hub's answer and the nation's may lie side by side.
fn file_name(office: &Office, answered: BundleId) -> String {
    match office.keys.hub() {
        Some(hub) => name_by(answered, hub.device, RETURN),
        None => name_of(answered, RETURN),
    }
}

/// Writes what comes until it is told that this was all. Whoever goes away before that leaves no file.
fn fill<W: Write>(
    manifest: Manifest,
    mut contents: mpsc::Receiver<Option<Content>>,
    mut out: SealedWriter<W>,
) -> Result<(), StickError> {
    let mut bundle = Bundle::begin(manifest, &mut out)?;
    loop {
        match contents.blocking_recv() {
            Some(Some(content)) => bundle.add(&content)?,
            Some(None) => break,
            None => return Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }
    bundle.close()?;
    out.finish().map(drop)
}

fn manifest(office: &Office) -> Result<Manifest, StoreError> {
    let bundle = BundleId(draw(office.edge.as_ref()).map_err(|_| StoreError::Closed)?);
    Ok(Manifest {
        bundle,
        campaign: office.keys.campaign_public(),
        maker: office.keys.stick_node(),
        made_ms: office.now().0,
        ranges: Vec::new(),
        feeds: Vec::new(),
        frames: None,
    })
}

/// The word that goes home: the logs that were on the stick as they stand after it, and of every other log that the
/// laptop was told is held, whether it still is. So a laptop that never sees a line learns too when this server was put
/// back to an older copy.
async fn answer(
    office: &Office,
    asked: &ReturnAsked,
    stood: &BTreeMap<(DeviceId, Epoch), Stood>,
    feeds: Vec<FeedSum>,
) -> Result<Signed, StoreError> {
    let device = asked.device;
    let mut stands: BTreeMap<Epoch, Stood> = BTreeMap::new();
    for end in &asked.known {
        let is_held = office.store.holds(device, *end).await?;
        let held = if is_held { end.head } else { LogHead::empty(device, end.epoch) };
        stands.insert(end.epoch, Stood { held, fresh_epoch: None });
    }
    stands.extend(stood.iter().filter(|((of, _), _)| *of == device).map(|((_, epoch), stood)| (*epoch, *stood)));
    // A word stands in one frame, and speaks of the newest.
    let skip = stands.len().saturating_sub(limits::STICK_ANSWERS_MAX);
    let (mut logs, mut notices_left) = (Vec::new(), limits::PUSH_ENTRIES_MAX);
    for (epoch, stood) in stands.into_iter().skip(skip) {
        let mut told = told(office, device, epoch, stood).await?;
        told.quarantined.truncate(notices_left);
        notices_left -= told.quarantined.len();
        logs.push(told);
    }
    // The newest first.
    let mut bytes_left = NATIONAL_BYTES_MAX;
    for log in logs.iter_mut().rev() {
        let bytes = log.national.as_ref().map_or(0, |word| word.content.len() + word.signature.0.len());
        match bytes_left.checked_sub(bytes) {
            Some(left) => bytes_left = left,
            None => log.national = None,
        }
    }
    let number = office.store.next_stick_issue().await?.into_inner();
    let word = Returned {
        answers: asked.bundle,
        maker: asked.device,
        issuer: office.keys.stick_node(),
        issue: Issue { at_ms: office.now().0, number },
        logs,
        feeds,
        by_nation: office.keys.nation().is_some(),
    };
    Ok(Signed::make(&word, office.keys.voice()))
}

async fn told(
    office: &Office,
    device: DeviceId,
    epoch: Epoch,
    Stood { held, fresh_epoch }: Stood,
) -> Result<ReturnedLog, StoreError> {
    let quarantined = office.store.notices(device, Some(epoch), limits::PUSH_ENTRIES_MAX).await?;
    let (national_to, national) = match office.keys.nation() {
        Some(_) => (held.seq, None),
        // What the nation holds, only its own word says.
        None => (0, office.store.national_word(device, epoch).await?.map(|word| word.word)),
    };
    Ok(ReturnedLog { device, epoch, held, national_to, quarantined, fresh_epoch, national })
}

/// Word and feeds, one content after the other; tells how many entries of feeds that were. A writer that has stopped
/// says itself why.
async fn send_all(
    office: &Office,
    asked: &ReturnAsked,
    word: Signed,
    feeds: &[FeedSum],
    send: &mpsc::Sender<Option<Content>>,
) -> Result<u64, StoreError> {
    let mut entries = 0;
    // Whoever never met this hub checks its word by what the campaign says of it.
    let introduced = office.keys.hub().map(|hub| {
        let hubs = Some(vec![hub.membership().certificate]);
        Content::Certificates(Certificates { hubs, ..Certificates::default() })
    });
    for content in introduced.into_iter().chain([Content::Returned(word)]) {
        if send.send(Some(content)).await.is_err() {
            return Ok(entries);
        }
    }
    for head in feeds {
        let mut from = cursor_for(office, asked, head).await?;
        while from.seq < head.seq {
            let Some(stretch) = stretch(office, &from).await? else { break };
            let next = stretch.1;
            entries += next.seq.saturating_sub(from.seq);
            if send.send(Some(Content::Feed(stretch.0))).await.is_err() {
                return Ok(entries);
            }
            from = next;
        }
    }
    Ok(entries)
}

/// From where the laptop has read; from the start where its cursor is not one of this feed as it is here, because the
/// feed was made anew or put back since.
async fn cursor_for(office: &Office, asked: &ReturnAsked, head: &FeedSum) -> Result<Cursor, StoreError> {
    let start = Cursor::start(head.feed.clone(), head.epoch);
    let held = cursors_at(office, asked).iter().find(|cursor| cursor.feed == head.feed && cursor.epoch == head.epoch);
    let Some(held) = held.filter(|cursor| (1..=head.seq).contains(&cursor.seq)) else { return Ok(start) };
    let here = office.store.feed_page(head.feed.clone(), held.seq - 1, 1).await?.sum;
    Ok(if held.is_at(&here) { held.clone() } else { start })
}

/// How far it read the feeds of this server: each server's have numbers of their own.
fn cursors_at<'a>(office: &Office, asked: &'a ReturnAsked) -> &'a [Cursor] {
    let Some(hub) = office.keys.hub() else { return &asked.cursors };
    let of_this = asked.at_hubs.iter().flatten().find(|one| one.hub == hub.device);
    of_this.map_or(&[], |one| one.cursors.as_slice())
}

/// The stretch behind a cursor and the cursor behind it; `None` when nothing lies there any more.
async fn stretch(office: &Office, from: &Cursor) -> Result<Option<(FeedStretch, Cursor)>, StoreError> {
    let found = office.store.feed_page(from.feed.clone(), from.seq, PAGE_ENTRIES).await?;
    if found.envelopes.is_empty() || found.sum.epoch != from.epoch {
        return Ok(None);
    }
    let FeedSum { feed, epoch, seq, sum } = found.sum.clone();
    let next = Cursor { feed, epoch, seq, sum };
    let page = Page {
        entries: found.envelopes.into_iter().map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
        authors: found.authors,
        devices: found.devices,
        sum: Signed::make(&found.sum, office.keys.voice()),
        more: found.more,
    };
    Ok(Some((FeedStretch { from: from.clone(), page }, next)))
}
