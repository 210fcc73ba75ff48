//! Signing in and out, and who one is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::view::{MeView, SignIn};
use super::{Failed, json, parted, to_look};
use crate::auth::staff;
use crate::office::Office;
use crate::store::rows::StaffRow;

fn me_view(office: &Office, staff: &StaffRow) -> MeView {
    MeView {
        name: staff.name.clone(),
        role: staff.role.code().to_owned(),
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
        campaign: office.campaign_name.clone(),
        now_ms: office.now().0,
    }
}

pub(super) async fn sign_in(State(office): State<Arc<Office>>, request: Request) -> Result<Response, Failed> {
    let (parts, request) = parted(request);
    if !staff::is_own_origin(&parts) {
        return Err(Failed::FOREIGN_ORIGIN);
    }
    let SignIn { name, password } = json(request).await?;
    let (staff, token) = staff::sign_in(&office, &name, &password).await?;
    let cookie = staff::set_cookie(&office, &token).ok_or(Failed::BUSY)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(me_view(&office, &staff))).into_response())
}

pub(super) async fn sign_out(State(office): State<Arc<Office>>, request: Request) -> Result<Response, Failed> {
    let (parts, _) = parted(request);
    if !staff::is_own_origin(&parts) {
        return Err(Failed::FOREIGN_ORIGIN);
    }
    let session = to_look(&office, &parts).await?;
    office.store.end_session(session.token_hash).await?;
    let cookie = staff::set_cookie(&office, "").ok_or(Failed::BUSY)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

pub(super) async fn me(State(office): State<Arc<Office>>, request: Request) -> Result<Json<MeView>, Failed> {
    let (parts, _) = parted(request);
    let session = to_look(&office, &parts).await?;
    Ok(Json(me_view(&office, &session.staff)))
}
