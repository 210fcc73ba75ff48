//! What was kept and not believed, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use super::view::QuarantineLine;
use super::{Failed, parted, to_look};
use crate::office::Office;

/// More than anyone reads; the count is in the overview.
const LINES_MAX: usize = 500;

pub(super) async fn list(
    State(office): State<Arc<Office>>,
    request: Request,
) -> Result<Json<Vec<QuarantineLine>>, Failed> {
    let (parts, _) = parted(request);
    to_look(&office, &parts).await?;
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
