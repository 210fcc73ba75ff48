//! ⑩ Follows the log and keeps the record up with it.

use std::sync::Arc;
use std::time::Duration;

use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::Progress;

/// Entries one step takes: enough to be worth a commit and some dozens of questions, few enough that a push, which waits
/// for the step where there is one writer, does not wait long.
const STEP_ENTRIES_MAX: usize = 2_000;
/// Looks again even if nobody knocked: another process may have written.
const IDLE: Duration = Duration::from_secs(5);
/// After trouble with the store.
const PAUSE: Duration = Duration::from_secs(1);

/// Projects until nothing is left.
pub async fn catch_up(office: &Office) -> Result<Progress, StoreError> {
    loop {
        let progress = office.store.project(STEP_ENTRIES_MAX).await?;
        if progress.behind == 0 {
            return Ok(progress);
        }
    }
}

/// Projects until an entry is in the record.
pub async fn catch_up_to(office: &Office, lseq: i64) -> Result<(), StoreError> {
    while office.store.project(STEP_ENTRIES_MAX).await?.projected_to < lseq {}
    Ok(())
}

/// Runs for as long as the server does.
pub async fn follow(office: Arc<Office>) {
    loop {
        let wait = match office.store.progress().await {
            Ok(Progress { behind: 0, .. }) => Some(IDLE),
            Ok(_) => match office.store.project(STEP_ENTRIES_MAX).await {
                Ok(_) => None,
                Err(wrong) => {
                    tracing::error!(error = %wrong, "the projector stands still");
                    Some(PAUSE)
                }
            },
            Err(wrong) => {
                tracing::error!(error = %wrong, "the projector can't read");
                Some(PAUSE)
            }
        };
        if let Some(wait) = wait {
            // Either is a reason to look.
            let _ = tokio::time::timeout(wait, office.arrived.notified()).await;
        }
    }
}
