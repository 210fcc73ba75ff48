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

/// How many entries the next step takes. A step that failed would fail again with the same entries: the next takes half
/// of them, so that what can't be done at once is done piece by piece.
struct Stride(usize);

impl Stride {
    fn went(&mut self, well: bool) {
        self.0 = if well { self.0.saturating_mul(2).min(STEP_ENTRIES_MAX) } else { (self.0 / 2).max(1) };
    }
}

/// Runs for as long as the server does.
pub async fn follow(office: Arc<Office>) {
    let mut stride = Stride(STEP_ENTRIES_MAX);
    loop {
        let wait = match office.store.progress().await {
            Ok(Progress { behind: 0, .. }) => Some(IDLE),
            Ok(_) => {
                let stepped = office.store.project(stride.0).await;
                stride.went(stepped.is_ok());
                stepped.err().map(|wrong| {
                    tracing::error!(error = %wrong, "the projector stands still");
                    PAUSE
                })
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_cut_down_to_one_entry_and_grows_again() {
        let mut stride = Stride(STEP_ENTRIES_MAX);
        for _ in 0..20 {
            stride.went(false);
        }
        assert_eq!(stride.0, 1);
        for _ in 0..20 {
            stride.went(true);
        }
        assert_eq!(stride.0, STEP_ENTRIES_MAX);
    }
}
