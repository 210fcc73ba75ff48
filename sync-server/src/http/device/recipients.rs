//! Who may read sticks. A laptop asks now and then, so that it can seal one on a day without a line.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::sync::message::refusal;
use shared_model::sync::recipients::AskRecipients;

use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;

pub(in crate::http) async fn recipients(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(AskRecipients {}): Message<AskRecipients>,
) -> Result<Said<Signed>, Refused> {
    let message = office.stick_recipients(&device.area).await?.ok_or(Refused::of(refusal::NOT_AT_A_HUB))?;
    Ok(Said { folds, message })
}
