//! The laptop's commands over HTTP on loopback, for driving the unchanged screens in a browser.
//! Serves the built screens from `--screens` and answers `POST /__ipc/<command>` as the window would.

#![allow(clippy::print_stdout, reason = "whoever started it reads the address there")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use field_client::Desk;
use field_client::desk::view::Failure;
use serde_json::Value;

struct Bridge {
    desk: Arc<Desk>,
    screens: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if field_scan::run_if_worker() {
        return Ok(());
    }
    let listen: SocketAddr = std::env::var("SO_TIEM_BRIDGE").unwrap_or_else(|_| "127.0.0.1:0".to_owned()).parse()?;
    let screens = PathBuf::from(std::env::var("SO_TIEM_SCREENS")?);
    let desk = Arc::new(world::bench::desk_from_environment());
    let app = Router::new()
        .route("/__ipc/{command}", post(ask))
        .fallback(file)
        .with_state(Arc::new(Bridge { desk, screens }));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn ask(State(bridge): State<Arc<Bridge>>, Path(command): Path<String>, Json(args): Json<Value>) -> Response {
    let desk = Arc::clone(&bridge.desk);
    match tokio::task::spawn_blocking(move || desk.dispatch(&command, args)).await {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(failure)) => (StatusCode::UNPROCESSABLE_ENTITY, Json(failure)).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Json(Failure::code("other"))).into_response(),
    }
}

/// The window's own content policy, so that what it forbids fails here too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";

async fn file(State(bridge): State<Arc<Bridge>>, uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    if name.split('/').any(|part| part == "..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match tokio::fs::read(bridge.screens.join(name)).await {
        Ok(bytes) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
            headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(POLICY));
            (headers, bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
