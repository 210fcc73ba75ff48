//! ⑨ Whether a pushed range can be placed in its log, and what of it may be believed.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate};
use shared_model::envelope::LogHead;
use shared_model::ids::AuthorId;
use shared_model::sync::message::{EarlierEnd, Push};
use shared_model::sync::series::{AuthorStanding, PushRefused, SealedRun, verify_push};

use super::keep::KeepError;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{DeviceRow, LogStanding};

/// Asks the store for what the judgement needs, then judges off the request's thread: signatures take time.
pub async fn verify(
    office: &Office,
    device: &DeviceRow,
    push: &Arc<Push>,
    log: &LogStanding,
) -> Result<SealedRun, KeepError> {
    let refuse = |refused| KeepError::Refused { refused, held: log.head };
    if push.from == 0 || push.epoch == 0 {
        return Err(refuse(PushRefused::Empty));
    }
    let before = LogHead { seq: push.from - 1, chain: push.previous };
    // Answered before anything is looked up: numbers beyond the log are a stranger's.
    if before.seq > log.head.seq && !log.closed {
        return Err(refuse(PushRefused::Hole));
    }
    let last = push.from.saturating_add(push.entries.len() as u64);
    let chains = office.store.chains(device.device, push.epoch, before.seq, last.min(log.head.seq)).await?;
    // A branch longer than one push comes in several: each goes on where the one before it ended.
    let is_on_branch = log.closed
        && chains.get(&before.seq) != Some(&before.chain)
        && office.store.holds(device.device, EarlierEnd { epoch: push.epoch, head: before }).await?;
    if before.seq > log.head.seq && !is_on_branch {
        return Err(refuse(PushRefused::Hole));
    }
    let authors = authors(office, device, push).await?;
    let campaign = office.keys.campaign_public();
    let certificate: DeviceCertificate =
        device.certificate.open(campaign).map_err(|_| KeepError::Store(StoreError::BadRow))?;
    let push = Arc::clone(push);
    let (known, chains) =
        if is_on_branch { (before, BTreeMap::from([(before.seq, before.chain)])) } else { (log.head, chains) };
    let judged = tokio::task::spawn_blocking(move || {
        verify_push(&push, &certificate, known, |seq| chains.get(&seq).copied(), |author| authors.get(&author).cloned())
    });
    let run = judged.await.map_err(|_| KeepError::Store(StoreError::BadRow))?.map_err(refuse)?;
    Ok(if is_on_branch { SealedRun { forked_at: Some(before.seq), ..run } } else { run })
}

/// The standing of everyone whose seal is on the range, on this device.
async fn authors(
    office: &Office,
    device: &DeviceRow,
    push: &Push,
) -> Result<BTreeMap<AuthorId, AuthorStanding>, KeepError> {
    let mut wanted: Vec<_> = push.seals.iter().map(|seal| (seal.author, device.device)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let campaign = office.keys.campaign_public();
    let mut standings = BTreeMap::new();
    for row in office.store.authors(wanted).await? {
        let certificate: AuthorCertificate =
            row.certificate.open(campaign).map_err(|_| KeepError::Store(StoreError::BadRow))?;
        let revoked = row.revoked_at.is_some() || device.revoked_at.is_some();
        standings.insert(row.author, AuthorStanding { certificate, revoked });
    }
    Ok(standings)
}
