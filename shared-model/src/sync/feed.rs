//! A feed: the statements about the people of one area, numbered by one writer, behind a cursor with a running sum.

use minicbor::{Decode, Encode};

use super::message::{FeedEntry, Page};
use crate::certificate::{AuthorCertificate, DeviceCertificate, NotGenuine, Signed};
use crate::envelope::{Envelope, PublicKey};
use crate::hash;
use crate::ids::{DeviceId, Seq, StatementId};
use crate::limits;
use crate::planted::{Bug, is_alive};

/// How far a device has read a feed. Opaque to it but for the sum it checks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Cursor {
    #[n(0)]
    pub feed: String,
    /// Changes when the feed is made anew, after a restore or a re-partition.
    #[n(1)]
    pub epoch: u64,
    #[n(2)]
    pub seq: Seq,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sum: [u8; 32],
}

/// The state of a feed after an entry, as the server signs it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedSum {
    #[n(0)]
    pub feed: String,
    #[n(1)]
    pub epoch: u64,
    #[n(2)]
    pub seq: Seq,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sum: [u8; 32],
}

impl Cursor {
    pub fn start(feed: String, epoch: u64) -> Self {
        let sum = hash::sha256(hash::FEED, &[feed.as_bytes(), &epoch.to_be_bytes()]);
        Self { feed, epoch, seq: 0, sum }
    }

    /// The cursor after one more entry.
    #[must_use]
    pub fn after(&self, statement: StatementId) -> Self {
        // A stranger may claim to stand at the last number there is.
        let seq = self.seq.saturating_add(1);
        let sum = hash::sha256(hash::FEED, &[&self.sum, &seq.to_be_bytes(), statement.as_bytes()]);
        Self { feed: self.feed.clone(), epoch: self.epoch, seq, sum }
    }

    pub fn is_at(&self, sum: &FeedSum) -> bool {
        (&self.feed, self.epoch, self.seq, &self.sum) == (&sum.feed, sum.epoch, sum.seq, &sum.sum)
    }
}

/// The log under which a hub keeps a feed of the nation's: a feed is a log that the nation writes, and its sum a chain.
/// `reading` counts up when the feed must be read again from its start.
pub fn log_of(name: &str, epoch: u64, reading: u32) -> DeviceId {
    let parts = [name.as_bytes(), &[0], &epoch.to_be_bytes(), &reading.to_be_bytes()];
    let hash = hash::sha256(hash::FEED_LOG, &parts);
    let mut id = [0; DeviceId::BYTES];
    id.copy_from_slice(&hash[..DeviceId::BYTES]);
    DeviceId(id)
}

impl From<Cursor> for FeedSum {
    fn from(cursor: Cursor) -> Self {
        let Cursor { feed, epoch, seq, sum } = cursor;
        Self { feed, epoch, seq, sum }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageRefused {
    #[error("more entries than a page may carry")]
    TooMany,
    #[error("the page is not signed by the campaign")]
    NotGenuine(#[from] NotGenuine),
    #[error("the page does not follow the cursor, or an entry is missing or changed")]
    WrongSum,
}

/// A page believed as a whole: entries and the cursor to keep in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPage {
    pub envelopes: Vec<(StatementId, Envelope)>,
    pub cursor: Cursor,
}

/// Checks that a page of the nation's continues the feed behind `cursor`, entry by entry, under the campaign's signature.
pub fn check_page(cursor: &Cursor, page: &Page, campaign: PublicKey) -> Result<CheckedPage, PageRefused> {
    check_page_of(cursor, page, campaign, campaign)
}

/// As [`check_page`], for a feed whose sums stand under another key: a hub's. Certificates are the campaign's always.
pub fn check_page_of(
    cursor: &Cursor,
    page: &Page,
    campaign: PublicKey,
    key: PublicKey,
) -> Result<CheckedPage, PageRefused> {
    let certificates = page.authors.len().max(page.devices.len());
    if page.entries.len() > limits::PULL_ENTRIES_MAX || certificates > limits::CERTIFICATES_MAX {
        return Err(PageRefused::TooMany);
    }
    let sum: FeedSum = page.sum.open(key)?;
    if !are_genuine(&page.authors, &page.devices, campaign) {
        return Err(PageRefused::NotGenuine(NotGenuine::Signature));
    }
    let (mut envelopes, cursor) = follow(cursor.clone(), &page.entries);
    // The sum runs over headers: whoever puts another body behind one would have it kept and never believed.
    let whole = envelopes.iter().all(|(_, envelope)| envelope.is_whole());
    if is_alive(Bug::CursorOffByOne) && envelopes.len() > 2 {
        envelopes.pop();
    }
    if whole && (cursor.is_at(&sum) || is_alive(Bug::PageSumUnchecked)) {
        Ok(CheckedPage { envelopes, cursor })
    } else {
        Err(PageRefused::WrongSum)
    }
}

/// A certificate of a later version is stepped over by whoever reads it; one that nobody signed spoils what it came in.
pub fn are_genuine(authors: &[Signed], devices: &[Signed], campaign: PublicKey) -> bool {
    authors.iter().all(|signed| signed.is_genuine::<AuthorCertificate>(campaign))
        && devices.iter().all(|signed| signed.is_genuine::<DeviceCertificate>(campaign))
}

/// Walks entries from a cursor.
pub fn follow(mut cursor: Cursor, entries: &[FeedEntry]) -> (Vec<(StatementId, Envelope)>, Cursor) {
    let mut envelopes = Vec::with_capacity(entries.len());
    for entry in entries {
        let envelope = Envelope::from(entry.envelope.clone());
        let statement = envelope.statement_id();
        cursor = cursor.after(statement);
        envelopes.push((statement, envelope));
    }
    (envelopes, cursor)
}
