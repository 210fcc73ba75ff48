//! Whether the server lives, and whether it is of use.

use std::sync::Arc;

use serde::Serialize;
use ts_rs::TS;

use super::asked::Nothing;
use super::fault::Failed;
use super::told::{Figures, Standing};
use crate::office::Office;

/// A record this far behind the log is no basis for a decision.
const BEHIND_MAX: u64 = 100_000;

#[derive(Serialize, TS)]
pub(crate) struct Health {
    live: bool,
    ready: bool,
    store: bool,
    #[ts(type = "number")]
    projector_behind: u64,
}

pub(super) async fn healthz(office: Arc<Office>, (): (), _: Nothing) -> Result<Standing<Health>, Failed> {
    let progress = office.store.progress().await;
    let behind = progress.as_ref().map_or(0, |progress| progress.behind);
    let health = Health {
        live: true,
        ready: progress.is_ok() && behind <= BEHIND_MAX,
        store: progress.is_ok(),
        projector_behind: behind,
    };
    Ok(Standing { is_well: health.ready, told: health })
}

pub(super) async fn metrics(office: Arc<Office>, (): (), _: Nothing) -> Result<Figures, Failed> {
    if let Ok(progress) = office.store.progress().await {
        office.metrics.projector_behind.set(i64::try_from(progress.behind).unwrap_or(i64::MAX));
    }
    office.metrics.as_text().map(Figures).ok_or(Failed::BUSY)
}
