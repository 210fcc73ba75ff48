//! Filters of prior doses: which are in force, with the key they are asked with, and their files. A hub hands on what
//! it got from the nation.

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
use crate::hub::prior::files_of;
use crate::named_file::path_of;
use crate::office::Office;
use crate::prior::in_force;
use crate::store::StoreError;

/// The manifests in force and their key. Not found before the first is written, or where its files are lost.
pub(in crate::http) async fn announce(
    office: Arc<Office>,
    Caller { folds, .. }: Caller,
    Message(PriorAsk {}): Message<PriorAsk>,
) -> Result<Said<PriorAnswer>, Refused> {
    let message = in_force(&office).await?.ok_or(Refused::of(refusal::NOT_FOUND))?;
    Ok(Said { folds, message })
}

/// A segment, whole or in ranges.
pub(in crate::http) async fn file(
    office: Arc<Office>,
    _: Caller,
    Piece { sha256, request }: Piece,
) -> Result<File, Refused> {
    let path = path_of(&office.prior, sha256);
    if !is_in_force(&office, sha256).await? || !path.is_file() {
        return Err(Refused::of(refusal::NOT_FOUND));
    }
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => Ok(File(response.map(Body::new))),
        Err(never) => match never {},
    }
}

/// Whether this is a file of filters that are handed out: at a hub those of the nation's that it holds whole.
async fn is_in_force(office: &Office, sha256: [u8; 32]) -> Result<bool, StoreError> {
    let Some(hub) = office.keys.hub() else { return office.store.has_prior_file(sha256).await };
    let files = hub.prior.answer().and_then(|held| files_of(&held, hub.campaign()));
    Ok(files.is_some_and(|files| files.iter().any(|file| file.sha256 == sha256)))
}
