//! Files cut from a feed: which there are behind a cursor, and the files themselves.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use shared_model::certificate::Signed;
use shared_model::sync::message::refusal;
use shared_model::sync::segment::{Segments, SegmentsAsk};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::hello::feeds_told;
use crate::auth::device::Caller;
use crate::http::asked::{Message, Piece};
use crate::http::told::{File, Said};
use crate::http::wire::Refused;
use crate::named_file::path_of;
use crate::office::Office;
use crate::segments::{self, CutError};
use crate::store::StoreError;
use crate::store::rows::DeviceRow;

/// What bears the name of its bytes never changes. It is about people, so only who asked may keep it.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

#[derive(Debug, thiserror::Error)]
enum SegmentsError {
    #[error("another area's feed")]
    NotYours,
    #[error("the feed was made anew")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SegmentsError> for Refused {
    fn from(wrong: SegmentsError) -> Self {
        match wrong {
            SegmentsError::NotYours => Self::of(refusal::FEED_NOT_YOURS),
            SegmentsError::Changed => Self::of(refusal::FEED_CHANGED),
            SegmentsError::Store(wrong) => wrong.into(),
        }
    }
}

/// The files behind a cursor, under the signature of whoever numbers the feed. None is an answer too: what is not cut
/// is read page by page.
pub(in crate::http) async fn announce(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(ask): Message<SegmentsAsk>,
) -> Result<Said<Signed>, Refused> {
    let message = list(&office, &device, ask).await?;
    Ok(Said { folds, message: Signed::make(&message, office.keys.voice()) })
}

async fn list(office: &Office, device: &DeviceRow, ask: SegmentsAsk) -> Result<Segments, SegmentsError> {
    let SegmentsAsk { cursor, damaged } = ask;
    if !feeds_told(office, device).await?.contains(&cursor.feed) {
        return Err(SegmentsError::NotYours);
    }
    let heads = office.store.feed_heads(vec![cursor.feed.clone()]).await?;
    if heads.iter().any(|head| head.epoch != cursor.epoch) {
        return Err(SegmentsError::Changed);
    }
    if let Some(file) = damaged {
        or_fewer(segments::look_again(office, file.into(), vec![cursor.feed.clone()]).await)?;
    }
    or_fewer(segments::cut(office, &cursor.feed).await)?;
    let after = cursor.seq.min(u64::from(u32::MAX));
    let rows = or_fewer(segments::behind(office, &cursor.feed, after).await)?.unwrap_or_default();
    if rows.iter().any(|row| row.epoch != cursor.epoch) {
        return Err(SegmentsError::Changed);
    }
    let segments = rows.into_iter().map(|row| row.segment).collect();
    Ok(Segments { feed: cursor.feed, epoch: cursor.epoch, segments })
}

/// A full disk keeps nobody from reading: there are fewer files then.
fn or_fewer<T>(cut: Result<T, CutError>) -> Result<Option<T>, SegmentsError> {
    match cut {
        Ok(done) => Ok(Some(done)),
        Err(CutError::Changed) => Err(SegmentsError::Changed),
        Err(CutError::Store(wrong)) => Err(wrong.into()),
        Err(CutError::Files(wrong)) => {
            tracing::warn!(error = %wrong, "no files were cut from a feed");
            Ok(None)
        }
    }
}

/// The file itself, whole or in ranges. That another area has a file of this name is not told.
pub(in crate::http) async fn file(
    office: Arc<Office>,
    Caller { device, .. }: Caller,
    Piece { sha256, request }: Piece,
) -> Result<File, Refused> {
    let told = feeds_told(&office, &device).await?;
    let path = path_of(&office.segments, sha256);
    if office.store.segments_in(sha256, told.clone()).await?.is_empty() {
        return Err(Refused::of(refusal::NOT_FOUND));
    }
    if !path.is_file() {
        // It was lost, or another server on this database cut it.
        or_fewer(segments::look_again(&office, sha256, told).await)?;
    }
    if !path.is_file() {
        return Err(Refused::of(refusal::NOT_FOUND));
    }
    match ServeFile::new(path).oneshot(request).await {
        Ok(mut response) => {
            if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
                response.headers_mut().insert(header::CACHE_CONTROL, CACHE);
            }
            Ok(File(response.map(Body::new)))
        }
        Err(never) => match never {},
    }
}
