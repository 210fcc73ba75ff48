//! What was kept and not believed, newest first.

use std::sync::Arc;

use axum::Json;

use super::view::QuarantineLine;
use crate::auth::staff::Session;
use crate::http::asked::Nothing;
use crate::http::fault::Failed;
use crate::office::Office;

/// More than anyone reads; the count is in the overview.
const LINES_MAX: usize = 500;

pub(in crate::http) async fn list(
    office: Arc<Office>,
    _: Session,
    _: Nothing,
) -> Result<Json<Vec<QuarantineLine>>, Failed> {
    let rows = office.store.quarantine(LINES_MAX).await?;
    let line = |row: crate::store::rows::QuarantineRow| QuarantineLine {
        id: row.lseq,
        device: row.position.device.to_string(),
        device_name: row.device_name,
        position: row.position.to_string(),
        code: row.code,
        received_at_ms: row.received_at.0,
        bytes: row.bytes,
    };
    Ok(Json(rows.into_iter().map(line).collect()))
}
