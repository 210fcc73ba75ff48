//! ⑫ One case, side by side.

use std::sync::Arc;

use axum::Json;
use shared_model::ids::CaseId;
use shared_model::view::CaseView;

use crate::auth::staff::Session;
use crate::http::asked::Named;
use crate::http::fault::Failed;
use crate::national::case;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(in crate::http) async fn show(
    office: Arc<Office>,
    session: Session,
    Named(id): Named<CaseId>,
) -> Result<Json<CaseView>, Failed> {
    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    let what = id.as_bytes().to_vec();
    office.store.audit(AuditLine { at: office.now(), who: session.staff.name, deed: "read_case", what }).await?;
    Ok(Json(case::view(&office, &row).await?))
}
