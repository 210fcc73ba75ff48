//! ⑧ What laptops ask. All requests are idempotent; a lost answer is asked for again.

mod enrol;
mod fetch;
mod greet;
mod hello;
mod pull;
mod push;
mod snapshot;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};
use shared_model::sync::message::refusal;

pub(crate) use enrol::CERTIFICATE_LIFE_MS;

use crate::http::wire::Refused;
use crate::office::Office;

pub(crate) fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/device/enrol", post(enrol::enrol))
        .route("/device/greet", post(greet::greet))
        .route("/device/hello", post(hello::hello))
        .route("/device/push", post(push::push))
        .route("/device/pull", post(pull::pull))
        .route("/device/snapshot", post(snapshot::announce))
        .route("/device/snapshot/{sha256}", get(snapshot::file))
        .route("/device/fetch", post(fetch::fetch))
        .route("/device/{*nothing}", any(async || Refused::of(refusal::NOT_FOUND)))
}
