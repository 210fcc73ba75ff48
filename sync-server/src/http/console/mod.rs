//! ⑫ ⑬ What the admins' screens ask. JSON, a cookie, and an origin that must be our own.

mod cases;
mod citizens;
mod codes;
mod devices;
mod overview;
mod quarantine;
mod session;
pub mod view;

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;

use crate::auth::staff::{self, Session, StaffError};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::Role;
use view::RouteFailure;

/// No form of the console is larger.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(crate) fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/console/api/sign-in", post(session::sign_in))
        .route("/console/api/sign-out", post(session::sign_out))
        .route("/console/api/me", get(session::me))
        .route("/console/api/overview", get(overview::overview))
        .route("/console/api/cases", get(cases::list))
        .route("/console/api/cases/{id}", get(cases::show))
        .route("/console/api/cases/{id}/settle", post(cases::settle))
        .route("/console/api/cases/{id}/undo", post(cases::undo))
        .route("/console/api/devices", get(devices::list))
        .route("/console/api/devices/{id}/revoke", post(devices::revoke))
        .route("/console/api/enrolment-codes", post(codes::add))
        .route("/console/api/quarantine", get(quarantine::list))
        .route("/console/api/citizens/{id}", get(citizens::show))
        .route("/console/api/{*nothing}", any(async || Failed::NOT_FOUND))
}

/// A request that was not answered: a status and a code that a screen acts on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed {
    status: StatusCode,
    code: &'static str,
    retry_after_s: Option<u32>,
}

impl Failed {
    const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after_s: None }
    }

    const MALFORMED: Self = Self::new(StatusCode::BAD_REQUEST, "malformed");
    const SIGNED_OUT: Self = Self::new(StatusCode::UNAUTHORIZED, "signed_out");
    const NOT_ALLOWED: Self = Self::new(StatusCode::FORBIDDEN, "not_allowed");
    const FOREIGN_ORIGIN: Self = Self::new(StatusCode::FORBIDDEN, "foreign_origin");
    const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found");
    const BUSY: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy");
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(RouteFailure { code: self.code.to_owned() })).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Failed {
    fn from(wrong: StoreError) -> Self {
        tracing::warn!(error = %wrong, "the store did not do its deed");
        match wrong {
            StoreError::Full(_) => Self::new(StatusCode::INSUFFICIENT_STORAGE, "store_full"),
            StoreError::Unavailable(_)
            | StoreError::Damaged(_)
            | StoreError::Busy
            | StoreError::Closed
            | StoreError::BadRow => Self::BUSY,
        }
    }
}

impl From<StaffError> for Failed {
    fn from(wrong: StaffError) -> Self {
        match wrong {
            StaffError::SignedOut => Self::SIGNED_OUT,
            StaffError::Wrong | StaffError::Name(_) | StaffError::PasswordTooShort => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong_password")
            }
            StaffError::Wait(seconds) => {
                Self { retry_after_s: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "wait") }
            }
            StaffError::Busy | StaffError::NoDice(_) | StaffError::Keys(_) => Self::BUSY,
            StaffError::Store(wrong) => wrong.into(),
        }
    }
}

/// Someone who may look.
async fn to_look(office: &Office, parts: &Parts) -> Result<Session, Failed> {
    Ok(staff::signed_in(office, &parts.headers).await?)
}

/// Someone who may act, on a request from our own pages.
async fn to_act(office: &Office, parts: &Parts) -> Result<Session, Failed> {
    if !staff::is_own_origin(parts) {
        return Err(Failed::FOREIGN_ORIGIN);
    }
    let session = to_look(office, parts).await?;
    match session.staff.role {
        Role::Admin => Ok(session),
        Role::Viewer => Err(Failed::NOT_ALLOWED),
    }
}

async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Failed> {
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| Failed::MALFORMED)?;
    serde_json::from_slice(&bytes).map_err(|_| Failed::MALFORMED)
}

/// Splits a request so that its head can be looked at before its body is read.
fn parted(request: Request) -> (Parts, Request) {
    let (parts, body) = request.into_parts();
    (parts, Request::new(body))
}
