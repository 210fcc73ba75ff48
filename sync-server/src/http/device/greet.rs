//! A nonce to sign the next requests with.

use std::sync::Arc;

use shared_model::sync::message::{Greet, Greeted, PROTOCOL, refusal};

use crate::auth::{device, nonce};
use crate::http::access::Passer;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;

pub(in crate::http) async fn greet(
    office: Arc<Office>,
    Passer { folds, .. }: Passer,
    Message(greet): Message<Greet>,
) -> Result<Said<Greeted>, Refused> {
    if greet.protocol > PROTOCOL {
        return Err(Refused::of(refusal::FUTURE_PROTOCOL));
    }
    device::known(&office, greet.device).await?;
    let hub = office.keys.hub().map(|hub| hub.membership().certificate);
    let nonce = nonce::make(&office.keys.secret, greet.device, office.now());
    Ok(Said { folds, message: Greeted { nonce, protocol: PROTOCOL, hub } })
}
