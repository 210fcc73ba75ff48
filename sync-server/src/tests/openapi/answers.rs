//! Holds what was heard against the document.

use std::sync::OnceLock;

use axum::http::{Method, header};
use serde_json::Value;
use shared_model::sync::message::Refusal;

use super::schema;
use crate::tests::nation::Heard;

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(super::document)
}

/// Fails the test that heard it, when the document does not say so.
pub(crate) fn fits(method: &Method, path: &str, heard: &Heard) {
    let text = |name| heard.headers.get(name).map(|value| value.to_str().unwrap());
    let folded = text(header::CONTENT_ENCODING) == Some("zstd");
    let body = if folded { zstd::decode_all(&heard.body[..]).unwrap() } else { heard.body.clone() };
    let media = text(header::CONTENT_TYPE);
    if let Some(wrong) = wrong(method, path, heard.status.as_u16(), media, text(header::CACHE_CONTROL), &body) {
        panic!("{method} {path} answered {}: {wrong}", heard.status);
    }
    if let Some(answer) = answer_of(method, path, heard.status.as_u16()) {
        let promised = answer["headers"].as_object().into_iter().flatten();
        for (name, promise) in promised.filter(|(_, promise)| promise["required"] == true) {
            assert!(heard.headers.contains_key(name), "{method} {path}: no {name}, {promise}");
        }
    }
}

/// What the document does not say of this answer. Roads that are in no document are nobody's business here.
pub(crate) fn wrong(
    method: &Method,
    path: &str,
    status: u16,
    media: Option<&str>,
    cache: Option<&str>,
    body: &[u8],
) -> Option<String> {
    if status == 405 || operation(method, path).is_none() {
        return None;
    }
    let Some(answer) = answer_of(method, path, status) else { return Some("the status is not documented".to_owned()) };
    // What is named by its bytes is the same for ever, to whoever asked for it.
    let for_ever = path.starts_with("/device/segment/") && matches!(status, 200 | 206 | 304);
    if cache != Some(if for_ever { "private, max-age=31536000, immutable" } else { "no-store" }) {
        return Some(format!("may be kept: {cache:?}"));
    }
    if method == Method::HEAD {
        return None;
    }
    let Some(content) = answer["content"].as_object() else {
        return (!body.is_empty()).then(|| "a body where none is documented".to_owned());
    };
    let Some(told) = media.and_then(|media| content.get(media)) else { return Some(format!("of type {media:?}")) };
    match media {
        Some("application/json") => match serde_json::from_slice(body) {
            Ok(value) => schema::mismatch(&told["schema"], document(), &value),
            Err(wrong) => Some(format!("not JSON: {wrong}")),
        },
        Some("application/cbor") if status >= 400 => match minicbor::decode::<Refusal>(body) {
            Ok(refusal) => {
                let known =
                    answer["x-codes"].as_array().is_some_and(|codes| codes.contains(&refusal.code.as_str().into()));
                (!known).then(|| format!("the code {} is not documented", refusal.code))
            }
            Err(wrong) => Some(format!("not a refusal: {wrong}")),
        },
        _ => None,
    }
}

fn answer_of(method: &Method, path: &str, status: u16) -> Option<&'static Value> {
    operation(method, path)?["responses"].get(status.to_string())
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let method = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let paths = document()["paths"].as_object()?;
    // An exact path comes before one with a hole in it, as in the router.
    let (_, item) = paths.iter().find(|(template, _)| *template == path).or_else(|| {
        paths.iter().find(|(template, _)| {
            let (asked, known): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
            asked.len() == known.len()
                && asked
                    .iter()
                    .zip(&known)
                    .all(|(asked, known)| asked == known || (known.starts_with('{') && !asked.is_empty()))
        })
    })?;
    item.get(method)
}
