//! Mirrors `store/sqlite/feed.rs`: numbered by one writer, each statement once, behind a running sum.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::Signed;
use shared_model::envelope::Header;
use shared_model::ids::{DeviceId, StatementId};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{FeedEntry, Page};

use super::Nation;
use crate::country::Campaign;
use crate::plant::Plant;

/// A feed; entry n lies at n − 1, with the feed's sum after it.
#[derive(Clone)]
pub struct Feed {
    pub end: Cursor,
    pub entries: Vec<(usize, StatementId, [u8; 32])>,
    known: BTreeSet<usize>,
}

/// By feed, in the order they were received.
pub(super) type Additions = BTreeMap<String, BTreeMap<usize, StatementId>>;

impl Nation {
    pub(super) fn feed_head(&self, name: &str) -> Cursor {
        let start = || Cursor::start(name.to_owned(), self.feed_epoch);
        self.feeds.get(name).map_or_else(start, |feed| feed.end.clone())
    }

    pub(super) fn append_to_feeds(&mut self, additions: &Additions) {
        for (name, entries) in additions {
            let end = self.feed_head(name);
            let start = || Feed { end, entries: Vec::new(), known: BTreeSet::new() };
            let feed = self.feeds.entry(name.clone()).or_insert_with(start);
            for (place, statement) in entries {
                if !feed.known.insert(*place) && self.plant != Some(Plant::FeedRepeats) {
                    continue;
                }
                feed.end = feed.end.after(*statement);
                feed.entries.push((*place, *statement, feed.end.sum));
            }
        }
    }

    /// Nothing where the feed was made anew.
    pub(super) fn page(
        &self,
        cursor: &Cursor,
        entries_max: usize,
        campaign: &Campaign,
        certificates: bool,
    ) -> Option<Page> {
        let head = self.feed_head(&cursor.feed);
        if head.epoch != cursor.epoch {
            return None;
        }
        let all = self.feeds.get(&cursor.feed).map_or(&[][..], |feed| feed.entries.as_slice());
        let from = usize::try_from(cursor.seq).unwrap_or(usize::MAX).min(all.len());
        let to = all.len().min(from + entries_max);
        let stretch = all.get(from..to).unwrap_or_default();
        let mut sum: FeedSum = head.into();
        if let Some((_, _, after)) = stretch.last() {
            (sum.seq, sum.sum) = (to as u64, *after);
        }
        let mut page = Page {
            entries: Vec::with_capacity(stretch.len()),
            authors: Vec::new(),
            devices: Vec::new(),
            sum: Signed::make(&sum, self.voice(campaign)),
            more: to < all.len(),
        };
        let mut met = BTreeSet::new();
        for entry in stretch.iter().filter_map(|(place, ..)| self.entries.get(*place)) {
            page.entries.push(FeedEntry { envelope: entry.envelope.as_ref().clone().into() });
            met.extend(Header::from_cbor(&entry.envelope.header).map(|header| header.device));
        }
        if certificates {
            self.certify(&met, &mut page);
        }
        Some(page)
    }

    fn certify(&self, met: &BTreeSet<DeviceId>, page: &mut Page) {
        for enrolled in met.iter().filter_map(|device| self.devices.get(device)) {
            page.authors.push(enrolled.signed.0.clone());
            page.devices.push(enrolled.signed.1.clone());
        }
    }
}
