//! The live picture, and how fresh it is.

use std::sync::Arc;

use axum::Json;

use super::view::OverviewView;
use crate::auth::staff::{Session, today_began};
use crate::http::asked::Nothing;
use crate::http::fault::Failed;
use crate::office::Office;

pub(in crate::http) async fn overview(
    office: Arc<Office>,
    _: Session,
    _: Nothing,
) -> Result<Json<OverviewView>, Failed> {
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
