//! The table of endpoints as a router, and what is said to browsers on every road.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::get;
use shared_model::sync::message::refusal;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::trace::TraceLayer;
use tracing::Span;

use crate::http::endpoint::{Endpoint, nothing_here};
use crate::http::fault::Failed;
use crate::http::table;
use crate::http::wire::{Refused, RefusedAs};
use crate::office::Office;

const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) fn router(office: Arc<Office>, console_dir: Option<&Path>) -> Router {
    let mut router = Router::new()
        .route(table::CONSOLE, nothing_here(|| Failed::NOT_FOUND))
        .route(table::DEVICE, nothing_here(|| Refused::of(refusal::NOT_FOUND)))
        .route(table::HUB, nothing_here(|| Refused::of(refusal::NOT_FOUND)));
    for Endpoint { path, route, .. } in table::endpoints() {
        router = router.route(path, route);
    }
    if let Some(directory) = console_dir {
        // The console is one page; its paths are its own affair.
        let pages = ServeDir::new(directory).fallback(ServeFile::new(directory.join("index.html")));
        router = router.nest_service("/console", pages).route("/", get(async || Redirect::temporary("/console/")));
    }
    router
        .layer(middleware::from_fn_with_state(Arc::clone(&office), look_after))
        .layer(TraceLayer::new_for_http().make_span_with(road))
        .with_state(office)
}

/// What a log may know of a request: its method and the pattern of its path. Ids, queries and addresses stay out.
fn road(request: &Request) -> Span {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), path)
}

/// Counts refusals, and tells browsers what they may not do with what they get.
async fn look_after(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(RefusedAs(code)) = response.extensions().get() {
        office.metrics.refused(code);
    }
    let mut say = |name: HeaderName, value: &'static str| {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::X_FRAME_OPTIONS, "DENY");
    say(header::REFERRER_POLICY, "no-referrer");
    say(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if office.over_tls {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
