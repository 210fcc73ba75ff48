//! Everything about one person. Every look is written down.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use shared_model::ids::CitizenId;
use shared_model::view::CitizenView;

use super::{Failed, parted, to_look};
use crate::national::record;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<CitizenView>, Failed> {
    let (parts, _) = parted(request);
    let session = to_look(&office, &parts).await?;
    let citizen = CitizenId::parse(&id).map_err(|_| Failed::NOT_FOUND)?;
    let line = AuditLine {
        at: office.now(),
        who: session.staff.name,
        deed: "read_citizen",
        what: citizen.as_bytes().to_vec(),
    };
    office.store.audit(line).await?;
    record::citizen(&office, citizen).await?.map(Json).ok_or(Failed::NOT_FOUND)
}
