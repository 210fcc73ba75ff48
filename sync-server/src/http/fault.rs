//! The two ways of saying no: a code in JSON for browsers, a code in CBOR for devices.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::console::view::RouteFailure;
use super::wire::Refused;
use crate::auth::staff::StaffError;
use crate::national::say::SayError;
use crate::store::StoreError;

/// A status and a code, as the interface document lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    pub status: u16,
    pub code: &'static str,
}

/// In which bytes a no is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Cbor,
}

/// An error that is an answer.
pub(crate) trait No: IntoResponse + Send + 'static {
    const MEDIA: Media;

    /// The request took longer than any request may.
    fn too_slow() -> Self;

    /// What a store that does not do its deed is told as, and a request that takes too long.
    fn of_the_store() -> Vec<Fault>;
}

/// A request of a browser that was not answered: a status and a code that a screen acts on.
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

    pub const MALFORMED: Self = Self::new(StatusCode::BAD_REQUEST, "malformed");
    pub const TOO_LONG: Self = Self::new(StatusCode::BAD_REQUEST, "too_long");
    pub const NOT_OFFERED: Self = Self::new(StatusCode::BAD_REQUEST, "not_offered");
    pub const SIGNED_OUT: Self = Self::new(StatusCode::UNAUTHORIZED, "signed_out");
    pub const WRONG_PASSWORD: Self = Self::new(StatusCode::UNAUTHORIZED, "wrong_password");
    pub const NOT_ALLOWED: Self = Self::new(StatusCode::FORBIDDEN, "not_allowed");
    /// Only the nation does this; the console of a hub looks.
    pub const NOT_AT_A_HUB: Self = Self::new(StatusCode::FORBIDDEN, "not_at_a_hub");
    pub const FOREIGN_ORIGIN: Self = Self::new(StatusCode::FORBIDDEN, "foreign_origin");
    pub const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found");
    /// What became of the case meanwhile is on the screen after another look.
    pub const STALE: Self = Self::new(StatusCode::CONFLICT, "stale");
    pub const WAIT: Self = Self::new(StatusCode::TOO_MANY_REQUESTS, "wait");
    pub const BUSY: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy");
    const STORE_FULL: Self = Self::new(StatusCode::INSUFFICIENT_STORAGE, "store_full");

    pub const fn fault(self) -> Fault {
        Fault { status: self.status.as_u16(), code: self.code }
    }
}

impl No for Failed {
    const MEDIA: Media = Media::Json;

    fn too_slow() -> Self {
        Self::BUSY
    }

    fn of_the_store() -> Vec<Fault> {
        vec![Self::BUSY.fault(), Self::STORE_FULL.fault()]
    }
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
            StoreError::Full(_) => Self::STORE_FULL,
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
            StaffError::Wrong | StaffError::Name(_) | StaffError::PasswordTooShort => Self::WRONG_PASSWORD,
            StaffError::NotAtAHub => Self::NOT_AT_A_HUB,
            StaffError::Wait(seconds) => Self { retry_after_s: Some(seconds), ..Self::WAIT },
            StaffError::Busy | StaffError::NoDice(_) | StaffError::Keys(_) => Self::BUSY,
            StaffError::Store(wrong) => wrong.into(),
        }
    }
}

impl From<SayError> for Failed {
    fn from(wrong: SayError) -> Self {
        match wrong {
            SayError::BeyondLimits => Self::TOO_LONG,
            SayError::NotBelieved => Self::NOT_ALLOWED,
            SayError::NotAtAHub => Self::NOT_AT_A_HUB,
            SayError::NotKept | SayError::NoDice(_) | SayError::Keys(_) => Self::BUSY,
            SayError::Store(wrong) => wrong.into(),
        }
    }
}

impl No for Refused {
    const MEDIA: Media = Media::Cbor;

    fn too_slow() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::busy(super::wire::RETRY_AFTER_S) }
    }

    fn of_the_store() -> Vec<Fault> {
        use shared_model::sync::message::refusal;
        vec![Fault { status: 503, code: refusal::BUSY }, Refused::fault(refusal::STORE_FULL)]
    }
}
