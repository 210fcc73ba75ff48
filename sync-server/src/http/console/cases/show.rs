//! ⑫ One case, side by side.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use shared_model::ids::CaseId;
use shared_model::view::CaseView;

use crate::http::console::{Failed, parted, to_look};
use crate::national::case;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(crate) async fn show(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<CaseView>, Failed> {
    let (parts, _) = parted(request);
    let session = to_look(&office, &parts).await?;
    let id = CaseId::parse(&id).map_err(|_| Failed::NOT_FOUND)?;
    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    let what = id.as_bytes().to_vec();
    office.store.audit(AuditLine { at: office.now(), who: session.staff.name, deed: "read_case", what }).await?;
    Ok(Json(case::view(&office, &row).await?))
}
