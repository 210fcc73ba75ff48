//! Whether the server lives, and whether it is of use.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::office::Office;

/// A record this far behind the log is no basis for a decision.
const BEHIND_MAX: u64 = 100_000;

#[derive(Serialize)]
struct Health {
    live: bool,
    ready: bool,
    store: bool,
    projector_behind: u64,
}

pub(crate) async fn healthz(State(office): State<Arc<Office>>) -> Response {
    let progress = office.store.progress().await;
    let behind = progress.as_ref().map_or(0, |progress| progress.behind);
    let health = Health {
        live: true,
        ready: progress.is_ok() && behind <= BEHIND_MAX,
        store: progress.is_ok(),
        projector_behind: behind,
    };
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health)).into_response()
}

pub(crate) async fn metrics(State(office): State<Arc<Office>>) -> Response {
    if let Ok(progress) = office.store.progress().await {
        office.metrics.projector_behind.set(i64::try_from(progress.behind).unwrap_or(i64::MAX));
    }
    match office.metrics.as_text() {
        Some(text) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
            .into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
