//! Who I am and how far my log goes; back comes how far it is held, the time, the feeds, the rules.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::ids::Epoch;
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
    if hello.device != device.device || device.is_hub() {
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
        at_hub: office.keys.hub().is_some(),
        wall: Moment(hello.wall_ms),
    };
    let contact: Durable<ContactNoted> = office.store.note_contact(contact).await?;
    let ContactNoted { held, fresh_epoch } = contact.into_inner();
    if let Some(epoch) = fresh_epoch {
        tracing::warn!(device = %device.device, closed = hello.epoch, fresh = epoch, "a log goes on in a fresh epoch");
    }
    let is_nation = office.keys.nation().is_some();
    let rules = office.signed_rules().into_iter().filter(|(id, _)| !hello.rules.contains(id));
    let national = national_word(office, device, hello.epoch).await?;
    let ended_hubs = if is_nation { Some(office.store.ended_hubs().await?) } else { None };
    let answer = HelloAnswer {
        device: device.device,
        nonce: hello.nonce,
        now_ms: now.0,
        held,
        national_to: if is_nation { held.seq } else { 0 },
        fresh_epoch,
        feeds: office.store.feed_heads(feeds_told(office, device).await?).await?,
        rules: rules.map(|(_, signed)| signed).collect(),
        quarantined: office.store.notices(device.device, None, limits::PUSH_ENTRIES_MAX).await?,
        is_nation,
        national,
        ended_hubs: ended_hubs.filter(|ended| !ended.is_empty()),
    };
    Ok(Signed::make(&answer, office.keys.voice()))
}

/// What the nation last said of a log, where this is a hub.
pub(super) async fn national_word(
    office: &Office,
    device: &DeviceRow,
    epoch: Epoch,
) -> Result<Option<Signed>, StoreError> {
    if office.keys.nation().is_some() {
        return Ok(None);
    }
    Ok(office.store.national_word(device.device, epoch).await?.map(|word| word.word))
}

/// The feeds a device follows: a laptop its own area's, a hub those of its areas.
pub(crate) fn feeds_of(device: &DeviceRow) -> Vec<String> {
    match &device.hub_areas {
        Some(areas) => areas.clone(),
        None if device.area.is_empty() => Vec::new(),
        None => vec![device.area.clone()],
    }
}

/// Those of them that this server tells: a hub only what it has read to the end, of its own areas.
pub(crate) async fn feeds_told(office: &Office, device: &DeviceRow) -> Result<Vec<String>, StoreError> {
    let mut feeds = feeds_of(device);
    if let Some(hub) = office.keys.hub() {
        let areas = hub.areas();
        let read = office.store.upstream_feeds().await?;
        let is_whole = |feed: &String| read.iter().any(|one| one.is_ready && one.cursor.feed == *feed);
        feeds.retain(|feed| areas.contains(feed) && is_whole(feed));
    }
    Ok(feeds)
}
