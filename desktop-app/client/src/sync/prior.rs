//! Filters of prior doses, fetched after everything else: what goes wrong here is no trouble of the sync, and whoever has
//! something to say is not kept waiting.

use shared_model::ids::to_hex;
use shared_model::prior::{PriorAnswer, PriorAsk};
use shared_model::sync::Trouble;
use shared_model::sync::message::refusal;
use shared_model::time::MS_PER_HOUR;

use super::courier::Courier;
use super::run::{Holder, with};
use crate::laptop::Laptop;
use crate::prior::{BLOCK_BYTES, Coming, ShelfError, Wanted};
use crate::store::log;

/// Seconds of work on a bad line, and all that a cut costs.
const PART_BYTES: u64 = 64 * BLOCK_BYTES as u64;
/// A filter of a nation comes down over many syncs.
const PARTS_A_SYNC_MAX: u32 = 64;
/// Filters are written once a night.
const ASK_EVERY_MS: u64 = MS_PER_HOUR as u64;

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the road, or the server, gave up: {0:?}")]
    Road(Trouble),
    #[error("twice a segment came that is not the one the campaign signed")]
    Damaged,
    #[error("the laptop was locked")]
    Locked,
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

impl From<Trouble> for FetchError {
    fn from(trouble: Trouble) -> Self {
        Self::Road(trouble)
    }
}

impl From<crate::files::FileError> for FetchError {
    fn from(wrong: crate::files::FileError) -> Self {
        Self::Shelf(wrong.into())
    }
}

/// Asks what there is, and fetches some of what is missing. The next sync goes on where this one ends, however it ends.
pub fn fetch(holder: &Holder, courier: &mut Courier<'_>, is_nation: bool) {
    let asked = ask(holder, courier, is_nation);
    if let Err(wrong) = asked.and_then(|()| fetch_missing(holder, courier, is_nation)) {
        tracing::info!(error = %wrong, "filters of prior doses wait for the next sync");
    }
}

fn ask(holder: &Holder, courier: &mut Courier<'_>, is_nation: bool) -> Result<(), FetchError> {
    if !with(holder, |laptop| is_time_to_ask(laptop, is_nation)).ok_or(FetchError::Locked)? {
        return Ok(());
    }
    let answer: PriorAnswer = match courier.ask("/device/prior", &PriorAsk {}) {
        // Before the first dose there is none, and a server of an earlier version never has one.
        Err(Trouble::Refused { code, .. }) if code == refusal::NOT_FOUND => return Ok(()),
        answer => answer?,
    };
    settled(holder, |laptop| {
        let (shelf, store, edge) = (&mut laptop.prior, &mut laptop.store, laptop.edge.as_ref());
        if is_nation { shelf.announced(store, edge, answer) } else { shelf.brought(store, edge, answer) }
    })
}

/// Asked is counted from the question, answered or not: a server in trouble is not asked every other minute.
fn is_time_to_ask(laptop: &mut Laptop, is_nation: bool) -> bool {
    let now = laptop.edge.monotonic_ms();
    let asked = *laptop.prior.asked.of(is_nation);
    let is_time = asked.is_none_or(|asked| now.saturating_sub(asked) >= ASK_EVERY_MS);
    if is_time {
        *laptop.prior.asked.of(is_nation) = Some(now);
    }
    is_time
}

fn settled(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> Result<(), ShelfError>) -> Result<(), FetchError> {
    Ok(with(holder, deed).ok_or(FetchError::Locked)??)
}

fn fetch_missing(holder: &Holder, courier: &mut Courier<'_>, is_nation: bool) -> Result<(), FetchError> {
    settled(holder, |laptop| if laptop.prior.is_damaged() { laptop.prior.settle(&mut laptop.store) } else { Ok(()) })?;
    let (mut parts, mut damaged) = (0, false);
    while let Some(wanted) = with(holder, |laptop| laptop.prior.next_wanted()).ok_or(FetchError::Locked)? {
        let mut coming = wanted.resume()?;
        while coming.bytes() < wanted.bytes {
            if parts == PARTS_A_SYNC_MAX || with(holder, has_more_to_say).ok_or(FetchError::Locked)? {
                return Ok(());
            }
            parts += 1;
            fetch_part(holder, courier, is_nation, &wanted, &mut coming)?;
        }
        if wanted.finish(coming)? {
            settled(holder, |laptop| laptop.prior.settle(&mut laptop.store))?;
        } else if std::mem::replace(&mut damaged, true) {
            return Err(FetchError::Damaged);
        }
    }
    Ok(())
}

fn fetch_part(
    holder: &Holder,
    courier: &mut Courier<'_>,
    is_nation: bool,
    wanted: &Wanted,
    coming: &mut Coming,
) -> Result<(), FetchError> {
    let from = coming.bytes();
    let to = (from + PART_BYTES).min(wanted.bytes) - 1;
    let part = courier.fetch(&format!("/device/prior/{}", to_hex(&wanted.sha256)), from, to);
    if matches!(&part, Err(Trouble::Refused { code, .. }) if code == refusal::NOT_FOUND) {
        // Superseded meanwhile: the next sync asks what there is.
        let _ = with(holder, |laptop| *laptop.prior.asked.of(is_nation) = None);
    }
    let part = part?;
    if part.len() as u64 != to - from + 1 {
        return Err(Trouble::BadAnswer.into());
    }
    coming.add(&part).map_err(crate::files::FileError::from)?;
    Ok(())
}

/// Doses go first.
fn has_more_to_say(laptop: &mut Laptop) -> bool {
    let log = log::current(laptop.store.read()).ok().flatten();
    log.is_some_and(|log| log.head.seq > log.held_to)
}
