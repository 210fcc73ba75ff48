//! Filters of prior doses at a hub: the nation's, fetched after everything else and handed on unchanged.
//!
//! What is in force here is whole, so that a laptop that meets this hub alone gets all of it. Files lie under the hashes
//! that the campaign signed; their key lies with the hub's other keys and never beside them.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use roads::courier::Courier;
use sha2::{Digest, Sha256};
use shared_model::envelope::PublicKey;
use shared_model::ids::{from_hex, to_hex};
use shared_model::prior::{PriorAnswer, PriorAsk, SegmentWord};
use shared_model::sync::Trouble;
use shared_model::sync::message::refusal;
use shared_model::time::{MS_PER_HOUR, Moment};

use crate::disk::{private_directory, private_file, sync_directory};
use crate::drawer::Drawer;
use crate::named_file::path_of;

const FILE: &str = "prior.cbor";
/// Filters are written once a night.
const ASK_EVERY_MS: i64 = MS_PER_HOUR;
/// Seconds on a bad line, and all that a cut costs.
const PART_BYTES: u64 = 256 * 1024;
/// What laptops gave meanwhile waits no longer than these take: half a minute at 1 Mbit/s.
const PARTS_A_SYNC_MAX: u32 = 16;

/// The filters in force at this hub.
pub struct Handed {
    drawer: Drawer,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    answer: Option<Arc<PriorAnswer>>,
    /// When the nation last said that nothing is missing here; nothing since the start.
    asked: Option<Moment>,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the road, or the nation, gave up: {0}")]
    Road(#[from] Trouble),
    #[error("these filters are not this campaign's, or do not go together")]
    NotGenuine,
    #[error("a file came that is not the one the campaign signed")]
    Damaged,
    #[error("the files can't be written or read")]
    Files(#[from] io::Error),
}

impl Handed {
    /// What can't be read any more is fetched again.
    pub(super) fn open(drawer: &Drawer) -> Self {
        let bytes = drawer.read(FILE).ok().flatten();
        let answer = bytes.and_then(|bytes| minicbor::decode(&bytes).ok()).map(Arc::new);
        Self { drawer: drawer.clone(), held: RwLock::new(Held { answer, asked: None }) }
    }

    pub fn answer(&self) -> Option<Arc<PriorAnswer>> {
        self.read(|held| held.answer.clone())
    }

    fn read<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        // Whoever panicked while holding it had not begun to change it.
        look(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn is_due(&self, now: Moment) -> bool {
        // A clock that was put back asks too.
        self.read(|held| held.asked).is_none_or(|asked| !(0..ASK_EVERY_MS).contains(&now.ms_since(asked)))
    }

    fn keep(&self, answer: PriorAnswer) -> io::Result<()> {
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&answer, &mut *bytes);
        self.drawer.write(FILE, &bytes)?;
        self.change(|held| held.answer = Some(Arc::new(answer)));
        Ok(())
    }
}

/// The files of these filters, where the campaign signed them and they go together.
pub fn files_of(answer: &PriorAnswer, campaign: PublicKey) -> Option<Vec<SegmentWord>> {
    let filters = answer.open(campaign)?;
    Some(filters.all().flat_map(|filter| filter.manifest().segments.clone()).collect())
}

/// Asks what there is and fetches some of what is missing; the next sync goes on where this one ends. Filters held go on
/// being handed out until newer ones are whole.
pub(super) fn fetch(handed: &Handed, folder: &Path, campaign: PublicKey, now: Moment, courier: &mut Courier<'_>) {
    if handed.is_due(now)
        && let Err(wrong) = fetch_due(handed, folder, campaign, now, courier)
    {
        tracing::info!(error = %wrong, "filters of prior doses wait for the next sync");
    }
}

fn fetch_due(
    handed: &Handed,
    folder: &Path,
    campaign: PublicKey,
    now: Moment,
    courier: &mut Courier<'_>,
) -> Result<(), FetchError> {
    let answer: PriorAnswer = match courier.ask("/device/prior", &PriorAsk {}) {
        // Before the first dose there is none.
        Err(Trouble::Refused { code, .. }) if code == refusal::NOT_FOUND => {
            handed.change(|held| held.asked = Some(now));
            return Ok(());
        }
        answer => answer?,
    };
    let files = files_of(&answer, campaign).ok_or(FetchError::NotGenuine)?;
    private_directory(folder)?;
    let mut parts = PARTS_A_SYNC_MAX;
    for file in files.iter().filter(|file| !path_of(folder, file.sha256).is_file()) {
        if !fetch_file(folder, file, courier, &mut parts)? {
            return Ok(());
        }
    }
    handed.keep(answer)?;
    handed.change(|held| held.asked = Some(now));
    sweep(folder, &files.iter().map(|file| file.sha256).collect())?;
    Ok(())
}

/// Goes on where an earlier try was cut off. Tells whether the file is whole now.
fn fetch_file(
    folder: &Path,
    wanted: &SegmentWord,
    courier: &mut Courier<'_>,
    parts: &mut u32,
) -> Result<bool, FetchError> {
    let partial = partial_of(folder, wanted.sha256);
    if !partial.exists() {
        private_file(&partial)?;
    }
    let mut file = OpenOptions::new().append(true).open(&partial)?;
    let mut held = file.metadata()?.len();
    if held > wanted.bytes {
        file.set_len(0)?;
        held = 0;
    }
    while held < wanted.bytes {
        let Some(left) = parts.checked_sub(1) else { return Ok(false) };
        *parts = left;
        let to = held.saturating_add(PART_BYTES).min(wanted.bytes);
        let part = courier.fetch(&format!("/device/prior/{}", to_hex(&wanted.sha256)), held, to - 1)?;
        if part.len() as u64 != to - held {
            return Err(Trouble::BadAnswer.into());
        }
        file.write_all(&part)?;
        held = to;
    }
    file.sync_all()?;
    // A segment is a few megabytes.
    let sha256: [u8; 32] = Sha256::digest(fs::read(&partial)?).into();
    if sha256 != wanted.sha256 {
        fs::remove_file(&partial)?;
        return Err(FetchError::Damaged);
    }
    fs::rename(&partial, path_of(folder, wanted.sha256))?;
    sync_directory(folder)?;
    Ok(true)
}

fn partial_of(folder: &Path, sha256: [u8; 32]) -> PathBuf {
    folder.join(format!("{}.part", to_hex(&sha256)))
}

/// Removes files of filters that are no longer in force.
fn sweep(folder: &Path, named: &BTreeSet<[u8; 32]>) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| from_hex::<32>(stem).ok());
        if name.is_some_and(|name| !named.contains(&name)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
