//! Visitors from elsewhere, asked for by id. Every look is written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::ids::CitizenId;
use shared_model::limits;
use shared_model::sync::message::{FeedEntry, Fetch, Fetched, FetchedWord, refusal};

use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AuditLine, DeviceRow, Kept};

/// Half of what a laptop unfolds.
const ANSWER_BYTES_MAX: usize = limits::UNFOLDED_BYTES_MAX / 2;

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("nobody, or more people than one question may name")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FetchError> for Refused {
    fn from(wrong: FetchError) -> Self {
        match wrong {
            FetchError::TooMany => Self::of(refusal::TOO_LARGE),
            FetchError::Store(wrong) => wrong.into(),
        }
    }
}

pub(in crate::http) async fn fetch(
    office: Arc<Office>,
    Caller { device, folds }: Caller,
    Message(asked): Message<Fetch>,
) -> Result<Said<Fetched>, Refused> {
    let message = look_up(&office, &device, asked).await?;
    Ok(Said { folds, message })
}

async fn look_up(office: &Office, device: &DeviceRow, asked: Fetch) -> Result<Fetched, FetchError> {
    let Fetch { citizens } = asked;
    if citizens.is_empty() || citizens.len() > limits::FETCH_CITIZENS_MAX {
        return Err(FetchError::TooMany);
    }
    let what = citizens.iter().flat_map(|citizen| citizen.0).collect();
    let line = AuditLine { at: office.now(), who: device.device.to_string(), deed: "fetch", what };
    // Written down before it is answered, or not answered.
    office.store.audit(line).await?;
    let (citizens, kept) = within_one_answer(office, citizens).await?;
    let (authors, devices) = certificates(office, &kept).await?;
    let word = FetchedWord { citizens, statements: kept.iter().map(|kept| kept.said.id).collect() };
    Ok(Fetched {
        entries: kept.into_iter().map(|kept| FeedEntry { envelope: kept.envelope.into() }).collect(),
        authors,
        devices,
        word: Signed::make(&word, office.keys.voice()),
    })
}

/// The people whose stories fit into one answer; the others are asked for again.
async fn within_one_answer(
    office: &Office,
    citizens: Vec<CitizenId>,
) -> Result<(Vec<CitizenId>, Vec<Kept>), StoreError> {
    let (mut answered, mut kept, mut bytes) = (Vec::new(), BTreeMap::new(), 0);
    for citizen in citizens {
        let story = office.store.statements_of(vec![citizen]).await?;
        bytes += story
            .iter()
            .map(|kept| kept.envelope.header.len() + kept.envelope.body.as_ref().map_or(0, Vec::len))
            .sum::<usize>();
        if bytes > ANSWER_BYTES_MAX && !answered.is_empty() {
            break;
        }
        answered.push(citizen);
        kept.extend(story.into_iter().map(|kept| (kept.lseq, kept)));
    }
    Ok((answered, kept.into_values().collect()))
}

async fn certificates(office: &Office, kept: &[Kept]) -> Result<(Vec<Signed>, Vec<Signed>), StoreError> {
    let mut met: Vec<_> = kept.iter().map(|kept| (kept.said.header.author, kept.said.header.device)).collect();
    met.sort_unstable();
    met.dedup();
    let mut devices: Vec<_> = met.iter().map(|(_, device)| *device).collect();
    devices.sort_unstable();
    devices.dedup();
    let authors = office.store.authors(met).await?.into_iter().map(|author| author.certificate).collect();
    let mut signed = Vec::with_capacity(devices.len());
    for device in devices {
        signed.extend(office.store.device(device).await?.map(|device| device.certificate));
    }
    Ok((authors, signed))
}
