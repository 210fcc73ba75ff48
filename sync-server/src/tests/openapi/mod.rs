//! The interface document says what the server does: the same paths, the same statuses, the same shapes.
//! Every answer that any test of this crate hears is held against it by [`answers::fits`].

pub(crate) mod answers;
mod schema;

use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;

use super::nation::Nation;
use crate::http::openapi::{drawn, verb};
use crate::http::table;

fn document() -> Value {
    serde_json::from_str(&drawn()).unwrap()
}

#[test]
fn the_committed_document_is_the_drawn_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, drawn()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    // Compared as values: how keys are ordered is serde_json's affair.
    let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
    assert!(committed == document(), "openapi.json is stale: UPDATE=1 and this test write it anew");
}

#[test]
fn the_document_has_the_tables_endpoints_and_no_others() {
    let mut table: Vec<_> = table::endpoints()
        .iter()
        .map(|endpoint| (endpoint.path.to_owned(), verb(endpoint.method).to_owned()))
        .collect();
    let mut written: Vec<_> = document()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())))
        .collect();
    table.sort();
    written.sort();
    assert_eq!(table, written);
    assert!(table::endpoints().iter().all(|endpoint| !endpoint.summary.is_empty()));
}

/// A route made elsewhere would have no rule.
#[test]
fn routes_are_made_from_the_table_alone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let router = std::fs::read_to_string(source.join("router.rs")).unwrap();
    // Three that find nothing, the table's, and the way from / to the console's page.
    assert_eq!(router.matches(".route(").count(), 5);
    assert_eq!(router.matches("table::endpoints()").count(), 1);
    for file in ["http", "auth", "lib.rs"].map(|name| source.join(name)) {
        for (path, text) in texts(&file) {
            assert!(!text.contains(".route(") && !text.contains("Router::new"), "{}", path.display());
        }
    }
}

fn texts(path: &Path) -> Vec<(std::path::PathBuf, String)> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).unwrap();
        return entries.flat_map(|entry| texts(&entry.unwrap().path())).collect();
    }
    vec![(path.to_owned(), std::fs::read_to_string(path).unwrap())]
}

#[tokio::test]
async fn what_is_documented_is_routed_and_every_other_method_is_not() {
    let nation = Nation::found().await;
    let endpoints = table::endpoints();
    for endpoint in &endpoints {
        let path = endpoint.path.replace("{id}", "00").replace("{sha256}", "00");
        let declared: Vec<_> =
            endpoints.iter().filter(|other| other.path == endpoint.path).map(|other| verb(other.method)).collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let as_written = if method == "HEAD" { "get" } else { &method.to_lowercase() };
            let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
            let heard = nation.send(request).await;
            if declared.contains(&as_written) {
                assert_ne!(heard.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            } else {
                assert_eq!(heard.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                let allowed = heard.headers[header::ALLOW].to_str().unwrap().to_lowercase();
                assert!(declared.iter().all(|method| allowed.contains(method)), "{path}: {allowed}");
            }
        }
    }
}

#[tokio::test]
async fn the_document_is_told_to_anybody_as_it_is_committed() {
    let nation = Nation::found().await;
    let heard = nation.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!((heard.status, String::from_utf8(heard.body).unwrap()), (StatusCode::OK, drawn()));
}

#[test]
fn every_shape_is_known_to_its_last_field() {
    fn look(value: &Value, defs: &Value, at: &str) {
        match value {
            Value::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Value::as_str) {
                    let name = name.rsplit('/').next().unwrap();
                    assert!(defs[name].is_object(), "{at}: {name} is not declared");
                }
                for (name, value) in object {
                    assert!(name != "schema" || value.is_object(), "{at}/{name} is not a shape");
                    look(value, defs, &format!("{at}/{name}"));
                }
            }
            Value::Array(list) => list.iter().for_each(|value| look(value, defs, at)),
            _ => {}
        }
    }
    let document = document();
    let defs = &document["components"]["schemas"];
    look(&document, defs, "");
    assert!(defs.as_object().unwrap().values().all(Value::is_object));
}

/// The checker itself must find what is wrong, or the other tests prove nothing.
#[test]
fn an_answer_that_is_not_in_the_document_is_found() {
    let fits = |status: u16, media: &str, body: &str| {
        answers::wrong(&Method::GET, "/console/api/cases", status, Some(media), Some("no-store"), body.as_bytes())
    };
    let good = r#"{"cases":[],"open":0,"sent_back":0,"settled":0,"next":null}"#;
    assert_eq!(fits(200, "application/json", good), None);
    for (status, media, body) in [
        (418, "application/json", good),
        (200, "text/plain", good),
        (200, "application/json", r#"{"cases":[],"open":0,"sent_back":0,"settled":0}"#),
        (200, "application/json", r#"{"cases":[],"open":"0","sent_back":0,"settled":0,"next":null}"#),
        (200, "application/json", r#"{"cases":[{}],"open":0,"sent_back":0,"settled":0,"next":null}"#),
        (200, "application/json", r#"{"cases":[],"open":0,"sent_back":0,"settled":0,"next":null,"more":1}"#),
        (401, "application/json", r#"{"code":"wrong_password"}"#),
    ] {
        assert!(fits(status, media, body).is_some(), "{status} {media} {body}");
    }
}
