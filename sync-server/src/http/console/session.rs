//! Signing in and out, and who one is.

use std::sync::Arc;

use axum::Json;

use super::view::{MeView, SignIn};
use crate::auth::staff::{self, Session};
use crate::http::access::Visitor;
use crate::http::asked::{Nothing, Sent};
use crate::http::fault::Failed;
use crate::http::told::{Done, WithCookie};
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

pub(in crate::http) async fn sign_in(
    office: Arc<Office>,
    Visitor { from }: Visitor,
    Sent(SignIn { name, password }): Sent<SignIn>,
) -> Result<WithCookie<Json<MeView>>, Failed> {
    let (staff, token) = staff::sign_in(&office, &from, &name, &password).await?;
    let cookie = staff::set_cookie(&office, &token).ok_or(Failed::BUSY)?;
    Ok(WithCookie { cookie, told: Json(me_view(&office, &staff)) })
}

pub(in crate::http) async fn sign_out(
    office: Arc<Office>,
    session: Session,
    _: Nothing,
) -> Result<WithCookie<Done>, Failed> {
    office.store.end_session(session.token_hash).await?;
    let cookie = staff::set_cookie(&office, "").ok_or(Failed::BUSY)?;
    Ok(WithCookie { cookie, told: Done })
}

pub(in crate::http) async fn me(office: Arc<Office>, session: Session, _: Nothing) -> Result<Json<MeView>, Failed> {
    Ok(Json(me_view(&office, &session.staff)))
}
