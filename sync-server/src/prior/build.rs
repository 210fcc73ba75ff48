//! From the national record to files and a signed manifest.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use shared_model::certificate::Signed;
use shared_model::ids::{PriorId, from_hex};
use shared_model::prior::{self, About, Kind, PriorAnswer, PriorKey, Reach, SegmentWord, Split};

use super::due::{Due, due};
use super::spill::Spill;
use crate::auth::keyed_hash;
use crate::disk::{alone_in, private_directory};
use crate::edge::{NoDice, draw};
use crate::keys::Campaign;
use crate::named_file::{NamedFile, path_of, sweep_begun};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{PriorRow, PriorStanding};

/// How often it is looked whether the night has come.
const LOOK_EVERY: Duration = Duration::from_secs(600);

const KEY_DOMAIN: &[u8] = b"so-tiem/prior/server-key/1\0";

/// What can be done about a filter that was not written. The filters of before are in force.
#[derive(Debug, thiserror::Error)]
pub enum PriorError {
    /// Wait for it: its filter will be as new.
    #[error("another process is writing a filter here")]
    Busy,
    #[error("the filter's directory can't be used, or is full")]
    Files(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
    #[error("the citizens do not make a filter")]
    Filter(#[from] prior::BuildError),
}

/// Who asks for a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The server itself, once a night.
    AtNight,
    /// Somebody who wants told what has come in since the last one.
    Now,
    /// Somebody who wants a base with a new key, whatever there is: a laptop was stolen, or a dose withdrawn.
    BaseNow,
}

/// Writes the filter that is due, if one is. Needs disk for the filter twice over and ten bytes a citizen, and 60 MB
/// of memory for the largest segment.
pub async fn build_if_due(office: &Office, when: When) -> Result<Option<PriorRow>, PriorError> {
    // A hub does not have the nation's record.
    let Some(campaign) = office.keys.nation() else { return Ok(None) };
    private_directory(&office.prior)?;
    let _alone = alone_in(&office.prior)?.ok_or(PriorError::Busy)?;
    let standing = office.store.prior_standing().await?;
    let there = standing.current.iter().flat_map(|filter| &filter.files);
    let files_are_there = there.into_iter().all(|file| path_of(&office.prior, *file).is_file());
    let due = match when {
        When::AtNight => due(&standing, files_are_there, Some(office.now())),
        When::Now => due(&standing, files_are_there, None),
        When::BaseNow => Some(Due::Base),
    };
    let Some(due) = due else { return Ok(None) };
    sweep(office).await?;
    let filter = build(office, campaign, &standing, due).await?;
    for old in office.store.add_prior(filter.clone()).await?.into_inner() {
        // A file nobody knows of costs only its space; the next build sweeps it up.
        let _ = fs::remove_file(path_of(&office.prior, old));
    }
    Ok(Some(filter))
}

/// Removes files of filters that never came to be.
async fn sweep(office: &Office) -> Result<(), PriorError> {
    sweep_begun(&office.prior)?;
    for file in fs::read_dir(&office.prior)? {
        let name = file?.file_name();
        let Some(sha256) = name.to_str().and_then(|name| from_hex::<32>(name).ok()) else { continue };
        if !office.store.has_prior_file(sha256).await? {
            fs::remove_file(path_of(&office.prior, sha256))?;
        }
    }
    Ok(())
}

async fn build(
    office: &Office,
    campaign: &Campaign,
    standing: &PriorStanding,
    due: Due,
) -> Result<PriorRow, PriorError> {
    let base = standing.current.first().filter(|_| due == Due::Delta);
    let after = base.and(standing.current.last()).map(|last| last.to_lseq);
    let salt = match base {
        Some(base) => base.salt,
        None => draw(office.edge.as_ref())?,
    };
    let key = key_of(office, salt);
    let built_at = office.now();
    let spill = Spill::begin(office.prior.join("marks"), key.clone())?;
    let (mut spill, to_lseq) = office.store.prior_citizens(after, spill).await?;
    let reach = match (base, after) {
        (Some(base), Some(after_lseq)) => Reach::Delta { on: base.id, after_lseq, to_lseq },
        _ => Reach::Base { to_lseq },
    };
    let number = u32::try_from(standing.number_last.saturating_add(1)).map_err(|_| StoreError::BadRow)?;
    let about = About { number, built_ms: built_at.0, reach };
    let split = spill.close()?;
    let spill = Arc::new(spill);
    let mut words = Vec::with_capacity(usize::from(split.segments()));
    for number in 0..split.segments() {
        let (spill, directory) = (Arc::clone(&spill), office.prior.clone());
        let written =
            tokio::task::spawn_blocking(move || write_segment(&spill, about.reach.kind(), split, number, &directory));
        words.push(written.await.map_err(io::Error::other)??);
    }
    let manifest = prior::manifest_of(&key, about, words)?;
    let signed = Signed::make(&manifest, &campaign.key);
    Ok(PriorRow {
        id: PriorId::of(&signed),
        number,
        base: manifest.base,
        built_at,
        after_lseq: manifest.after_lseq,
        to_lseq,
        citizens: manifest.citizens,
        bytes: manifest.bytes(),
        salt,
        files: manifest.segments.iter().map(|segment| segment.sha256).collect(),
        manifest: signed,
    })
}

fn write_segment(
    spill: &Spill,
    kind: Kind,
    split: Split,
    number: u16,
    directory: &Path,
) -> Result<SegmentWord, PriorError> {
    let built = prior::build_segment(kind, split, number, spill.segment(number)?)?;
    let mut file = NamedFile::begin(directory)?;
    file.write_all(&built.bytes)?;
    file.finish(directory)?;
    Ok(built.word)
}

/// The key of a base and its deltas, made from what the database holds and what it does not.
fn key_of(office: &Office, salt: [u8; 16]) -> PriorKey {
    PriorKey::new(keyed_hash(&office.keys.secret, KEY_DOMAIN, &[&salt]))
}

/// The filters in force here with their key: the nation's own, or at a hub those it hands on.
pub(crate) async fn in_force(office: &Office) -> Result<Option<PriorAnswer>, StoreError> {
    if let Some(hub) = office.keys.hub() {
        return Ok(hub.prior.answer().map(|held| PriorAnswer::clone(&held)));
    }
    let filters = office.store.prior_standing().await?.current;
    let Some(key) = filters.first().map(|base| key_of(office, base.salt)) else { return Ok(None) };
    Ok(Some(PriorAnswer::new(&key, filters.into_iter().map(|filter| filter.manifest).collect())))
}

/// Runs for as long as the server does.
pub async fn follow(office: Arc<Office>) {
    loop {
        match build_if_due(&office, When::AtNight).await {
            Ok(None) | Err(PriorError::Busy) => {}
            Ok(Some(filter)) => tracing::info!(
                number = filter.number,
                base = filter.base.is_none(),
                citizens = filter.citizens,
                bytes = filter.bytes,
                "a filter of prior doses was written"
            ),
            Err(wrong) => tracing::error!(error = %wrong, "no filter of prior doses was written"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
