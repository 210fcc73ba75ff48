//! Every road in, and what is said to browsers on each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::http::wire::RefusedAs;
use crate::http::{console, device, health};
use crate::office::Office;

/// A bad line takes long; nothing takes this long.
const REQUEST_MAX: Duration = Duration::from_secs(120);

const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) fn router(office: Arc<Office>, console_dir: Option<&Path>) -> Router {
    let mut router = Router::new()
        .merge(device::routes())
        .merge(console::routes())
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics));
    if let Some(directory) = console_dir {
        // The console is one page; its paths are its own affair.
        let pages = ServeDir::new(directory).fallback(ServeFile::new(directory.join("index.html")));
        router = router.nest_service("/console", pages).route("/", get(async || Redirect::temporary("/console/")));
    }
    router
        .layer(middleware::from_fn_with_state(Arc::clone(&office), look_after))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_MAX))
        .layer(TraceLayer::new_for_http())
        .with_state(office)
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
    if office.over_tls {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
