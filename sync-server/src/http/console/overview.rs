//! The live picture, and how fresh it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use super::view::OverviewView;
use super::{Failed, parted, to_look};
use crate::auth::staff::today_began;
use crate::office::Office;

pub(super) async fn overview(
    State(office): State<Arc<Office>>,
    request: Request,
) -> Result<Json<OverviewView>, Failed> {
    let (parts, _) = parted(request);
    to_look(&office, &parts).await?;
    let now = office.now();
    let figures = office.store.overview(today_began(now)).await?;
    Ok(Json(OverviewView {
        doses: figures.doses,
        people: figures.people,
        devices: figures.devices,
        devices_silent_today: figures.devices_silent,
        statements_missing: figures.statements_missing,
        cases_open: figures.cases_open,
        quarantined: figures.quarantined,
        projector_behind: figures.behind,
        now_ms: now.0,
    }))
}
