//! A one-time code to let a laptop in. It is shown once and kept nowhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use shared_model::limits;

use super::view::{CodeView, NewCode};
use super::{Failed, json, parted, to_act};
use crate::auth::code;
use crate::office::Office;
use crate::store::rows::AuditLine;

pub(super) async fn add(State(office): State<Arc<Office>>, request: Request) -> Result<Json<CodeView>, Failed> {
    let (parts, request) = parted(request);
    let session = to_act(&office, &parts).await?;
    let NewCode { site, area } = json(request).await?;
    let fits = |code: &str| {
        !code.is_empty()
            && code.len() <= limits::CODE_CHARS_MAX
            && !code.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    if !fits(&site) || !fits(&area) {
        return Err(Failed::MALFORMED);
    }
    let now = office.now();
    let code = code::draw(office.edge.as_ref()).map_err(|_| Failed::BUSY)?;
    let what = format!("{site} {area}").into_bytes();
    let row = code::row(&office.keys.secret, &code, site, area, now);
    let expires_at_ms = row.expires_at.0;
    office.store.audit(AuditLine { at: now, who: session.staff.name, deed: "enrolment_code", what }).await?;
    office.store.add_code(row).await?;
    Ok(Json(CodeView { code, expires_at_ms }))
}
