//! Who I am and how far my log goes; back comes how far it is held, the time, the feeds, the rules.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::limits;
use shared_model::sync::message::{Hello, HelloAnswer, refusal};
use shared_model::time::Moment;

use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;
use crate::store::rows::{Contact, ContactNoted, DeviceRow};
use crate::store::{Durable, StoreError};

#[derive(Debug, thiserror::Error)]
enum HelloError {
    #[error("it speaks for another device")]
    WrongDevice,
    #[error("no log has this number")]
    NoSuchEpoch,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HelloError> for Refused {
    fn from(wrong: HelloError) -> Self {
        match wrong {
            HelloError::WrongDevice => Self::of(refusal::UNKNOWN_DEVICE),
            HelloError::NoSuchEpoch => Self::of(refusal::MALFORMED),
            HelloError::Store(wrong) => wrong.into(),
        }
    }
}

pub(in crate::http) async fn hello(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(hello): Message<Hello>,
) -> Result<Said<Signed>, Refused> {
    let message = greet_back(&office, &device, &hello).await?;
    Ok(Said { folds, message })
}

async fn greet_back(office: &Office, device: &DeviceRow, hello: &Hello) -> Result<Signed, HelloError> {
    if hello.device != device.device {
        return Err(HelloError::WrongDevice);
    }
    if hello.epoch == 0 {
        return Err(HelloError::NoSuchEpoch);
    }
    let now = office.now();
    let contact = Contact {
        device: device.device,
        epoch: hello.epoch,
        claimed: hello.head,
        leans_on: hello.leans_on,
        at: now,
        wall: Moment(hello.wall_ms),
    };
    let contact: Durable<ContactNoted> = office.store.note_contact(contact).await?;
    let ContactNoted { held, fresh_epoch } = contact.into_inner();
    if let Some(epoch) = fresh_epoch {
        tracing::warn!(device = %device.device, closed = hello.epoch, fresh = epoch, "a log goes on in a fresh epoch");
    }
    let rules = office.signed_rules.iter().filter(|(id, _)| !hello.rules.contains(id));
    let answer = HelloAnswer {
        device: device.device,
        nonce: hello.nonce,
        now_ms: now.0,
        held,
        // This server is the nation: what it holds, the nation holds.
        national_to: held.seq,
        fresh_epoch,
        feeds: office.store.feed_heads(feeds_of(device)).await?,
        rules: rules.map(|(_, signed)| signed.clone()).collect(),
        quarantined: office.store.notices(device.device, None, limits::PUSH_ENTRIES_MAX).await?,
        is_nation: true,
    };
    Ok(Signed::make(&answer, &office.keys.campaign))
}

/// The feeds a device follows: its own area's.
pub(crate) fn feeds_of(device: &DeviceRow) -> Vec<String> {
    if device.area.is_empty() { Vec::new() } else { vec![device.area.clone()] }
}
