//! ⑨ Kept raw, durably, before anything is made of it. What comes back here is worth a signature.

use std::sync::Arc;

use shared_model::envelope::LogHead;
use shared_model::ids::Epoch;
use shared_model::sync::message::{Notice, Push};
use shared_model::sync::series::{PushRefused, SealedRun};

use super::verify::verify;
use crate::office::Office;
use crate::store::rows::{AppendRun, Appended, DeviceRow, KeptEntry};
use crate::store::{Durable, StoreError, held};

/// How often a range is judged again because its log moved meanwhile.
const ATTEMPTS: u32 = 5;

#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The range can't be placed; how far the log is held.
    #[error("{refused}")]
    Refused { refused: PushRefused, held: LogHead },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A range that is on disk.
#[derive(Debug)]
pub struct KeptPush {
    pub held: Durable<LogHead>,
    pub fresh_epoch: Option<Epoch>,
    /// What of it is not believed.
    pub quarantined: Vec<Notice>,
    /// Where the projector must be for all of it to be in the record; nothing when it was here before.
    pub last_lseq: Option<i64>,
}

/// Judges a range and appends it. The same range again is acknowledged again.
pub async fn keep(office: &Office, device: &DeviceRow, push: Push) -> Result<KeptPush, KeepError> {
    let push = Arc::new(push);
    for _ in 0..ATTEMPTS {
        let log = office.store.log(device.device, push.epoch).await?;
        let run = verify(office, device, &push, log.get()).await?;
        if run.fresh.is_empty() && !log.get().closed {
            let quarantined = office.store.notices(device.device, Some(push.epoch), push.entries.len()).await?;
            let quarantined = quarantined.into_iter().filter(|notice| notice.seq >= push.from).collect();
            return Ok(KeptPush { held: held(&log), fresh_epoch: None, quarantined, last_lseq: None });
        }
        let quarantined = doubts(&push, &run);
        let (fresh, forked) = (run.fresh.len() as u64, run.forked_at.is_some());
        let append = AppendRun {
            device: device.device,
            epoch: push.epoch,
            known: log.get().head,
            entries: run.fresh.into_iter().map(kept_entry).collect(),
            seals: run.seals,
            forked_at: run.forked_at,
            received_at: office.now(),
        };
        match office.store.append(append).await? {
            Appended::Kept { held, last_lseq, fresh_epoch } => {
                office.metrics.entries_kept.inc_by(fresh);
                office.metrics.entries_quarantined.inc_by(quarantined.len() as u64);
                if forked {
                    office.metrics.forks.inc();
                    tracing::warn!(device = %device.device, epoch = push.epoch, "a log with two ends");
                }
                office.arrived.notify_one();
                office.to_forward.notify_one();
                return Ok(KeptPush { held, fresh_epoch, quarantined, last_lseq: Some(last_lseq) });
            }
            Appended::Moved => {}
        }
    }
    Err(StoreError::Busy.into())
}

fn kept_entry(entry: shared_model::sync::VerifiedEntry) -> KeptEntry {
    KeptEntry {
        seq: entry.position.seq,
        chain: entry.chain,
        statement: entry.statement,
        envelope: entry.envelope,
        quarantine: entry.said.err(),
    }
}

fn doubts(push: &Push, run: &SealedRun) -> Vec<Notice> {
    run.fresh
        .iter()
        .filter_map(|entry| {
            let doubt = entry.said.as_ref().err()?;
            Some(Notice { epoch: push.epoch, seq: entry.position.seq, code: doubt.code().to_owned() })
        })
        .collect()
}
