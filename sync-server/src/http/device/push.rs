//! ⑧ A contiguous, sealed range of a device's own log. The receipt is signed after it is on disk.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use shared_model::certificate::Signed;
use shared_model::ids::Epoch;
use shared_model::sync::message::{Push, Receipt, refusal};
use shared_model::sync::series::PushRefused;

use crate::auth::device;
use crate::http::wire::{self, Refused};
use crate::intake::keep::{self, KeepError, KeptPush};
use crate::office::Office;
use crate::store::rows::DeviceRow;

/// Shed load comes back after this, spread out by the device itself.
const BUSY_RETRY_S: u32 = 10;

impl From<KeepError> for Refused {
    fn from(wrong: KeepError) -> Self {
        match wrong {
            KeepError::Refused { refused, held } => {
                let code = match refused {
                    PushRefused::Empty => refusal::MALFORMED,
                    PushRefused::TooMany => refusal::TOO_LARGE,
                    PushRefused::WrongDevice => refusal::UNKNOWN_DEVICE,
                    PushRefused::Hole => refusal::HOLE,
                    PushRefused::Unsealed | PushRefused::BadSeal => refusal::BAD_SEAL,
                };
                Self::of(code).holding(held)
            }
            KeepError::Store(wrong) => wrong.into(),
        }
    }
}

pub(super) async fn push(State(office): State<Arc<Office>>, request: Request) -> Response {
    answer(&office, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(office: &Office, request: Request) -> Result<Response, Refused> {
    let _place = office.pushes.try_acquire().map_err(|_| Refused::busy(BUSY_RETRY_S))?;
    let caller = device::admit(office, request).await?;
    let push: Push = wire::read(&caller.body)?;
    if push.device != caller.device.device {
        return Err(Refused::of(refusal::UNKNOWN_DEVICE));
    }
    let epoch = push.epoch;
    let kept = keep::keep(office, &caller.device, push).await?;
    Ok(wire::answer(caller.folds, &receipt(office, &caller.device, epoch, kept)))
}

/// Takes a durable head: nothing else can be receipted.
fn receipt(office: &Office, device: &DeviceRow, epoch: Epoch, kept: KeptPush) -> Signed {
    let held = kept.held.into_inner();
    let receipt = Receipt {
        device: device.device,
        epoch,
        held,
        national_to: held.seq,
        quarantined: kept.quarantined,
        now_ms: office.now().0,
        fresh_epoch: kept.fresh_epoch,
    };
    Signed::make(&receipt, &office.keys.campaign)
}
