//! ⑧ A page of the feed of the device's area, behind its cursor.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::limits;
use shared_model::sync::message::{FeedEntry, Page, Pull, refusal};

use super::hello::feeds_told;
use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{DeviceRow, FeedPage};

#[derive(Debug, thiserror::Error)]
enum PullError {
    #[error("another area's feed")]
    NotYours,
    #[error("the feed was made anew")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PullError> for Refused {
    fn from(wrong: PullError) -> Self {
        match wrong {
            PullError::NotYours => Self::of(refusal::FEED_NOT_YOURS),
            PullError::Changed => Self::of(refusal::FEED_CHANGED),
            PullError::Store(wrong) => wrong.into(),
        }
    }
}

pub(in crate::http) async fn pull(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(pull): Message<Pull>,
) -> Result<Said<Page>, Refused> {
    let message = read_on(&office, &device, pull).await?;
    Ok(Said { folds, message })
}

async fn read_on(office: &Office, device: &DeviceRow, pull: Pull) -> Result<Page, PullError> {
    let Pull { cursor, entries_max } = pull;
    if !feeds_told(office, device).await?.contains(&cursor.feed) {
        return Err(PullError::NotYours);
    }
    let entries_max = usize::from(entries_max).clamp(1, limits::PULL_ENTRIES_MAX);
    // A cursor that does not fit our sums gets what lies behind its number all the same: the device
    // sees that the sum is wrong and reads the feed again from its start.
    let found = office.store.feed_page(cursor.feed, cursor.seq.min(u64::from(u32::MAX)), entries_max).await?;
    if found.sum.epoch != cursor.epoch {
        return Err(PullError::Changed);
    }
    office.metrics.entries_sent.inc_by(found.envelopes.len() as u64);
    Ok(page(office, found))
}

fn page(office: &Office, found: FeedPage) -> Page {
    Page {
        entries: found.envelopes.into_iter().map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
        authors: found.authors,
        devices: found.devices,
        sum: Signed::make(&found.sum, office.keys.voice()),
        more: found.more,
    }
}
