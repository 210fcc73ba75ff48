//! ⑧ A contiguous, sealed range of a device's own log. The receipt is signed after it is on disk.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::ids::Epoch;
use shared_model::sync::message::{Push, Receipt, refusal};
use shared_model::sync::series::PushRefused;

use super::hello::national_word;
use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::intake::keep::{self, KeepError, KeptPush};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::DeviceRow;

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

pub(in crate::http) async fn push(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(push): Message<Push>,
) -> Result<Said<Signed>, Refused> {
    if push.device != device.device || device.is_hub() {
        return Err(Refused::of(refusal::UNKNOWN_DEVICE));
    }
    let (epoch, nonce) = (push.epoch, push.nonce);
    let kept = keep::keep(&office, &device, push).await?;
    Ok(Said { folds, message: receipt(&office, &device, epoch, nonce, kept).await? })
}

/// Takes a durable head: nothing else can be receipted.
pub(in crate::http) async fn receipt(
    office: &Office,
    device: &DeviceRow,
    epoch: Epoch,
    nonce: [u8; 16],
    kept: KeptPush,
) -> Result<Signed, StoreError> {
    let held = kept.held.into_inner();
    let receipt = Receipt {
        device: device.device,
        epoch,
        held,
        national_to: if office.keys.nation().is_some() { held.seq } else { 0 },
        quarantined: kept.quarantined,
        now_ms: office.now().0,
        fresh_epoch: kept.fresh_epoch,
        nonce,
        national: national_word(office, device, epoch).await?,
    };
    Ok(Signed::make(&receipt, office.keys.voice()))
}
