//! Everything about one person. Every look is written down.

use std::sync::Arc;

use axum::Json;
use shared_model::ids::CitizenId;
use shared_model::view::CitizenView;

use crate::auth::staff::Session;
use crate::http::asked::Named;
use crate::http::fault::Failed;
use crate::national::record;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(in crate::http) async fn show(
    office: Arc<Office>,
    session: Session,
    Named(citizen): Named<CitizenId>,
) -> Result<Json<CitizenView>, Failed> {
    let line = AuditLine {
        at: office.now(),
        who: session.staff.name,
        deed: "read_citizen",
        what: citizen.as_bytes().to_vec(),
    };
    office.store.audit(line).await?;
    record::citizen(&office, citizen).await?.map(Json).ok_or(Failed::NOT_FOUND)
}
