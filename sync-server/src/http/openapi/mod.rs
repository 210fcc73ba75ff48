//! What this server answers, as OpenAPI 3.1, drawn from the table of endpoints and the types that screens see.
//!
//! Told to anybody: the source is open, the document holds no data, and no rule rests on its being unknown.
//! `sync-server/openapi.json` is a copy for those who review changes; a test keeps it the same.

pub(crate) mod draft;
mod typescript;

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use super::access::Rule;
use super::asked::Nothing;
use super::endpoint::{Endpoint, Method};
use super::fault::{Failed, Media};
use super::table;
use super::told::Document;
use crate::office::Office;
use draft::{Draft, Schemas};

pub(super) async fn document(_: Arc<Office>, (): (), _: Nothing) -> Result<Document, Failed> {
    static DRAWN: OnceLock<String> = OnceLock::new();
    Ok(Document(DRAWN.get_or_init(drawn)))
}

/// The document as text, the same every time.
pub(crate) fn drawn() -> String {
    format!("{:#}\n", draw(&table::endpoints()))
}

fn draw(endpoints: &[Endpoint]) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let operation = operation(endpoint, &mut schemas);
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[verb(endpoint.method)] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sổ Tiêm: sync server",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The console's JSON and the laptops' CBOR. Bodies of /device/* are CBOR messages \
                (shared-model/src/sync/message.rs), folded with zstd where both sides like; a refusal is a map whose key 0 \
                is one of the codes in `x-codes`. Every answer may be kept by nobody.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": schemas.into_defs(), "securitySchemes": security_schemes() },
    })
}

pub(crate) fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
    }
}

fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "so-tiem",
            "description": "Given by sign-in; named `__Host-so-tiem` over TLS. HttpOnly, SameSite=Strict.",
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "authorization",
            "description": "SoTiem device=\"…\", nonce=\"…\", signature=\"…\": the device's Ed25519 signature over the path, \
                a nonce of this server and the SHA-256 of the body as sent.",
        },
    })
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut draft = Draft::new(schemas);
    (endpoint.describe)(&mut draft);
    draft.faults(endpoint.media, &endpoint.faults);
    let mut operation = draft.into_operation();
    operation["operationId"] = json!(operation_id(endpoint));
    operation["summary"] = json!(endpoint.summary);
    operation["x-who"] = json!(who(endpoint.rule));
    operation["tags"] = json!([tag(endpoint)]);
    operation["security"] = match endpoint.rule {
        Rule::Open | Rule::OwnPage | Rule::AnyDevice => json!([]),
        Rule::Staff | Rule::StaffOwnPage | Rule::Admin => json!([{ "session": [] }]),
        Rule::EnrolledDevice | Rule::EnrolledHub => json!([{ "signature": [] }]),
    };
    operation
}

fn tag(endpoint: &Endpoint) -> &'static str {
    match (endpoint.media, endpoint.path.starts_with("/console/")) {
        (Media::Cbor, _) if endpoint.path.starts_with("/hub/") => "hub",
        (Media::Cbor, _) => "device",
        (Media::Json, true) => "console",
        (Media::Json, false) => "watch",
    }
}

fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(verb(endpoint.method)).chain(words).collect::<Vec<_>>().join("_")
}

fn who(rule: Rule) -> &'static str {
    match rule {
        Rule::Open => "anybody",
        Rule::OwnPage => "anybody, from the console's own pages (Origin or Sec-Fetch-Site)",
        Rule::Staff => "anybody signed in",
        Rule::StaffOwnPage => "anybody signed in, from the console's own pages (Origin or Sec-Fetch-Site)",
        Rule::Admin => "an admin, from the console's own pages (Origin or Sec-Fetch-Site)",
        Rule::AnyDevice => "any device",
        Rule::EnrolledDevice => "a device of this campaign that nobody took back, by its signature",
        Rule::EnrolledHub => "a hub of this campaign that nobody took back, by its signature",
    }
}
