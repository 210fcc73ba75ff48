//! A one-time code to let a laptop in. It is shown once and kept nowhere.

use std::sync::Arc;

use axum::Json;

use super::view::{CodeView, NewCode};
use crate::auth::code;
use crate::auth::staff::Session;
use crate::http::asked::Sent;
use crate::http::fault::Failed;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(in crate::http) async fn add(
    office: Arc<Office>,
    admin: Session,
    Sent(NewCode { site, area }): Sent<NewCode>,
) -> Result<Json<CodeView>, Failed> {
    let now = office.now();
    let code = code::draw(office.edge.as_ref()).map_err(|_| Failed::BUSY)?;
    let what = format!("{site} {area}").into_bytes();
    let row = code::row(&office.keys.secret, &code, site, area, now);
    let expires_at_ms = row.expires_at.0;
    office.store.audit(AuditLine { at: now, who: admin.staff.name, deed: "enrolment_code", what }).await?;
    office.store.add_code(row).await?;
    Ok(Json(CodeView { code, expires_at_ms }))
}
