//! A nonce to sign the next requests with.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use shared_model::sync::message::{Greet, Greeted, PROTOCOL, refusal};

use crate::auth::{device, nonce};
use crate::http::wire::{self, Refused};
use crate::office::Office;

pub(super) async fn greet(State(office): State<Arc<Office>>, request: Request) -> Response {
    answer(&office, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(office: &Office, request: Request) -> Result<Response, Refused> {
    let (parts, raw) = wire::take_body(request).await?;
    let greet: Greet = wire::read(&wire::unfold(&parts.headers, &raw)?)?;
    if greet.protocol > PROTOCOL {
        return Err(Refused::of(refusal::FUTURE_PROTOCOL));
    }
    device::known(office, greet.device).await?;
    let nonce = nonce::make(&office.keys.secret, greet.device, office.now());
    Ok(wire::answer(wire::reads_folded(&parts.headers), &Greeted { nonce, protocol: PROTOCOL }))
}
