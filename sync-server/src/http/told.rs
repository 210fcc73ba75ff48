//! What an endpoint answers with when it answers.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use ts_rs::TS;

use super::openapi::draft::Draft;
use super::wire;

pub(crate) trait Told: Send {
    fn response(self) -> Response;
    fn describe(draft: &mut Draft<'_>);
}

impl<T: Serialize + TS + Send + 'static> Told for Json<T> {
    fn response(self) -> Response {
        self.into_response()
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_json::<T>(200);
    }
}

/// It is done, and there is nothing to say.
pub(crate) struct Done;

impl Told for Done {
    fn response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_nothing(204, "Done.");
    }
}

/// An answer that gives a cookie, or takes it away.
pub(crate) struct WithCookie<T> {
    pub cookie: HeaderValue,
    pub told: T,
}

impl<T: Told> Told for WithCookie<T> {
    fn response(self) -> Response {
        let mut response = self.told.response();
        response.headers_mut().insert(header::SET_COOKIE, self.cookie);
        response
    }

    fn describe(draft: &mut Draft<'_>) {
        T::describe(draft);
        draft.sets_cookie();
    }
}

/// Well or not, told in the same words.
pub(crate) struct Standing<T> {
    pub is_well: bool,
    pub told: T,
}

impl<T: Serialize + TS + Send + 'static> Told for Standing<T> {
    fn response(self) -> Response {
        let status = if self.is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, Json(self.told)).into_response()
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_json::<T>(200);
        draft.tells_json::<T>(503);
    }
}

/// Figures for whoever watches.
pub(crate) struct Figures(pub String);

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Told for Figures {
    fn response(self) -> Response {
        ([(header::CONTENT_TYPE, OPEN_METRICS)], self.0).into_response()
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_text(200, OPEN_METRICS);
    }
}

/// A document that is JSON already.
pub(crate) struct Document(pub &'static str);

impl Told for Document {
    fn response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_any_json(200);
    }
}

/// A message to a device, folded if it reads that.
pub(crate) struct Said<T> {
    pub folds: bool,
    pub message: T,
}

impl<T: minicbor::Encode<()> + Send> Told for Said<T> {
    fn response(self) -> Response {
        wire::answer(self.folds, &self.message)
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_message::<T>(200);
    }
}

/// A file, a part of it, or that nothing of it is new.
pub(crate) struct File(pub Response);

impl Told for File {
    fn response(mut self) -> Response {
        self.0.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        self.0
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.tells_bytes(200, "The whole file.");
        draft.tells_bytes(206, "The bytes that were asked for.");
        draft.tells_nothing(304, "It is as old as the asker's.");
        draft.tells_nothing(412, "It is younger than the asker wants.");
        draft.tells_nothing(416, "The file has no such bytes.");
    }
}
