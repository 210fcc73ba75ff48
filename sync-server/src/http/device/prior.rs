//! Filters of prior doses: which are in force, with the key they are asked with, and their files.

use std::sync::Arc;

use axum::body::Body;
use shared_model::prior::{PriorAnswer, PriorAsk};
use shared_model::sync::message::refusal;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::auth::device::Caller;
use crate::http::asked::{Message, Piece};
use crate::http::told::{File, Said};
use crate::http::wire::Refused;
use crate::named_file::path_of;
use crate::office::Office;
use crate::prior::key_of;

/// The manifests in force and their key. Not found before the first is written, or where its files are lost.
pub(in crate::http) async fn announce(
    office: Arc<Office>,
    Caller { folds, .. }: Caller,
    Message(PriorAsk {}): Message<PriorAsk>,
) -> Result<Said<PriorAnswer>, Refused> {
    let filters = office.store.prior_standing().await?.current;
    let Some(base) = filters.first() else { return Err(Refused::of(refusal::NOT_FOUND)) };
    let key = key_of(&office, base.salt);
    let manifests = filters.into_iter().map(|filter| filter.manifest).collect();
    Ok(Said { folds, message: PriorAnswer::new(&key, manifests) })
}

/// A segment, whole or in ranges.
pub(in crate::http) async fn file(
    office: Arc<Office>,
    _: Caller,
    Piece { sha256, request }: Piece,
) -> Result<File, Refused> {
    let path = path_of(&office.prior, sha256);
    if !office.store.has_prior_file(sha256).await? || !path.is_file() {
        return Err(Refused::of(refusal::NOT_FOUND));
    }
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => Ok(File(response.map(Body::new))),
        Err(never) => match never {},
    }
}
