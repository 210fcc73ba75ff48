//! A stretch of a laptop's log as a hub got it: the same road in as the laptop's own push, and a receipt for the laptop.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::sync::message::{Push, refusal};

use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::device::push::receipt;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::intake::keep;
use crate::office::Office;

pub(in crate::http) async fn push(
    office: Arc<Office>,
    Caller { folds, .. }: Caller,
    Message(push): Message<Push>,
) -> Result<Said<Signed>, Refused> {
    if office.keys.nation().is_none() {
        return Err(Refused::of(refusal::NOT_AT_A_HUB));
    }
    // One that was taken back is known still: what it said is kept, and not believed.
    let speaker = office.store.device(push.device).await?;
    let speaker = speaker.filter(|device| !device.is_console && !device.is_hub());
    let speaker = speaker.ok_or(Refused::of(refusal::UNKNOWN_DEVICE))?;
    let (epoch, nonce) = (push.epoch, push.nonce);
    let kept = keep::keep(&office, &speaker, push).await?;
    Ok(Said { folds, message: receipt(&office, &speaker, epoch, nonce, kept).await? })
}
