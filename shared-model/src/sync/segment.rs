//! A feed as immutable files: whole stretches of it, each named by the hash of its bytes, listed under a signature.
//!
//! A stretch is cut once and never changes, so whoever told it once can hand it to everybody. What lies behind the
//! last of them, the tail, is read page by page.

use std::collections::VecDeque;

use minicbor::{Decode, Encode};

use super::feed::{CheckedPage, Cursor, FeedSum, are_genuine, follow};
use super::message::SnapshotChunk;
use crate::certificate::{CampaignWord, Signed};
use crate::envelope::PublicKey;
use crate::ids::Seq;
use crate::limits;

/// Asks for the files behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SegmentsAsk {
    #[n(0)]
    pub cursor: Cursor,
    /// A file that came otherwise than it was announced: whoever holds it looks at it again.
    #[n(1)]
    pub damaged: Option<minicbor::bytes::ByteArray<32>>,
}

/// One file: which stretch of the feed it is, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Segment {
    #[n(0)]
    pub first: Seq,
    /// The feed's sum before its first entry.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub before: [u8; 32],
    #[n(2)]
    pub last: Seq,
    /// The feed's sum after its last entry.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sum: [u8; 32],
    /// Of the file as it lies and travels: chunks under zstd.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    #[n(5)]
    pub bytes: u64,
}

/// Files of one feed, one behind the other; it travels signed by whoever numbers the feed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Segments {
    #[n(0)]
    pub feed: String,
    #[n(1)]
    pub epoch: u64,
    #[n(2)]
    pub segments: Vec<Segment>,
}

impl CampaignWord for Segments {
    const DOMAIN: &'static [u8] = b"so-tiem/segments/1\0";
}

impl Segments {
    /// The files, where they are of this feed and lie one behind the other within all bounds.
    pub(super) fn of_feed(self, cursor: &Cursor) -> Option<VecDeque<Segment>> {
        let is_fit = |one: &Segment| {
            let entries = one.last.checked_sub(one.first).map_or(0, |more| more.saturating_add(1));
            (1..=limits::SEGMENT_ENTRIES_MAX).contains(&entries)
                && one.first > 0
                && (1..=limits::SEGMENT_FILE_BYTES_MAX as u64).contains(&one.bytes)
        };
        let follows = |pair: &[Segment]| match pair {
            [one, next] => one.last.checked_add(1) == Some(next.first) && one.sum == next.before,
            _ => true,
        };
        let fits = (&self.feed, self.epoch) == (&cursor.feed, cursor.epoch)
            && self.segments.len() <= limits::SEGMENTS_TOLD_MAX
            && self.segments.iter().all(is_fit)
            && self.segments.windows(2).all(follows);
        fits.then(|| self.segments.into())
    }
}

/// A file to be taken, and the cursor it begins at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub at: Cursor,
    pub segment: Segment,
}

impl Stretch {
    /// Where its feed stands after it.
    pub fn end(&self) -> FeedSum {
        let Cursor { feed, epoch, .. } = self.at.clone();
        FeedSum { feed, epoch, seq: self.segment.last, sum: self.segment.sum }
    }
}

/// A chunk of a file that is believed, to be kept like a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedChunk {
    pub page: CheckedPage,
    pub authors: Vec<Signed>,
    pub devices: Vec<Signed>,
}

/// Checks an unfolded file as pages are checked: entry by entry from the cursor to the sum that was signed, bodies under
/// their headers, and certificates of this campaign. `None` when it is not that stretch of that feed.
pub fn check_segment(stretch: &Stretch, unfolded: &[u8], campaign: PublicKey) -> Option<Vec<CheckedChunk>> {
    let mut cursor = stretch.at.clone();
    let mut checked = Vec::new();
    let mut decoder = minicbor::Decoder::new(unfolded);
    while decoder.position() < unfolded.len() {
        let SnapshotChunk { entries, authors, devices } = decoder.decode().ok()?;
        let (envelopes, after) = follow(cursor, &entries);
        let is_whole = envelopes.iter().all(|(_, envelope)| envelope.is_whole());
        if after.seq > stretch.segment.last || !is_whole || !are_genuine(&authors, &devices, campaign) {
            return None;
        }
        cursor = after.clone();
        checked.push(CheckedChunk { page: CheckedPage { envelopes, cursor: after }, authors, devices });
    }
    cursor.is_at(&stretch.end()).then_some(checked)
}
