//! Who may do what: every role at every endpoint with objects of its own and of others, as [`table`] says it.
//! What is denied leaves the store as it was.

mod cast;
mod country;
mod cross_site;
mod forms;
mod quiet;
mod store;
mod table;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use shared_model::sync::message::Refusal;

use super::nation::Heard;
use crate::http::endpoint::Endpoint;
use crate::http::openapi::verb;
use cast::Cast;
use country::Country;
use table::{Row, expected};

/// `METHOD path` of an endpoint, as the table writes it.
fn named(endpoint: &Endpoint) -> String {
    format!("{} {}", verb(endpoint.method).to_uppercase(), endpoint.path)
}

#[test]
fn every_endpoint_has_its_cells() {
    let rows = table::rows();
    let endpoints: Vec<_> = crate::http::table::endpoints().iter().map(named).collect();
    for endpoint in &endpoints {
        let objects: Vec<_> =
            rows.iter().filter(|row| row.endpoint == *endpoint).map(|row| row.object.as_str()).collect();
        assert!(!objects.is_empty(), "{endpoint} has no row in roles/table.rs");
        if endpoint.contains('{') {
            assert!(objects.contains(&"unknown"), "{endpoint}: an object that nobody has is told how?");
            assert!(objects.len() > 1, "{endpoint} has no row for an object that is there");
        }
    }
    for row in &rows {
        assert!(endpoints.contains(&row.endpoint), "{} is no endpoint", row.endpoint);
        assert_eq!(row.cells.len(), Cast::ALL.len(), "{} {}", row.endpoint, row.object);
    }
}

#[tokio::test]
async fn every_role_at_every_endpoint_hears_what_the_table_says() {
    let country = Country::found().await;
    let mut wrong = Vec::new();
    let mut heard_at: BTreeMap<(String, Cast, String), (StatusCode, Vec<u8>)> = BTreeMap::new();
    let (rows, mut cells) = (table::rows(), 0);
    for row in &rows {
        let mut copy = country.copy().await;
        for (cast, cell) in Cast::ALL.into_iter().zip(&row.cells) {
            let before = store::fingerprint(copy.directory.path());
            let request = country.ask(&copy, row, cast);
            let heard = copy.send(request).await;
            let changed = store::changed(&before, &store::fingerprint(copy.directory.path()));
            cells += 1;
            let told = (heard.status.as_u16(), code_of(&heard));
            if told != expected(cell) {
                wrong.push(format!(
                    "{} ({}) by {cast:?}: {cell} is in the table, {told:?} was heard",
                    row.endpoint, row.object
                ));
            }
            if let Some(complaint) = store_complaint(row, cast, heard.status, &changed) {
                wrong.push(format!("{} ({}) by {cast:?}: {complaint}", row.endpoint, row.object));
            }
            if !changed.is_empty() || row.is_slowed() {
                copy = country.copy().await;
            }
            heard_at.insert((row.endpoint.clone(), cast, row.object.clone()), (heard.status, heard.body));
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    println!("{cells} cells: {} rows, {} roles", rows.len(), Cast::ALL.len());
    unknown_is_told_like_forbidden(&heard_at);
}

fn code_of(heard: &Heard) -> String {
    if heard.status.is_success() {
        return String::new();
    }
    let cbor = || minicbor::decode::<Refusal>(&heard.body).ok().map(|refusal| refusal.code);
    let json = || {
        let value: serde_json::Value = serde_json::from_slice(&heard.body).ok()?;
        Some(value["code"].as_str()?.to_owned())
    };
    cbor().or_else(json).unwrap_or_default()
}

/// Denied: nothing is written, but for a session that has run out and is forgotten. Answered: what the row names.
fn store_complaint(row: &Row, cast: Cast, status: StatusCode, changed: &[String]) -> Option<String> {
    let denied = matches!(status.as_u16(), 401 | 403);
    let allowed: &[String] = if denied { &[] } else { &row.writes };
    let strange: Vec<_> = changed
        .iter()
        .filter(|table| !allowed.contains(table) && !allowed.contains(&"*".to_owned()))
        .filter(|table| !(cast == Cast::Expired && *table == "staff_session"))
        .collect();
    if !strange.is_empty() {
        return Some(format!("wrote {strange:?}"));
    }
    let missing = row.writes.iter().find(|table| *table != "*" && !changed.contains(table));
    missing.filter(|_| status.is_success()).map(|table| format!("did not write {table}"))
}

/// Whoever may not have an object can't learn whether there is one.
fn unknown_is_told_like_forbidden(heard: &BTreeMap<(String, Cast, String), (StatusCode, Vec<u8>)>) {
    for ((endpoint, cast, object), known) in heard {
        let unknown = heard.get(&(endpoint.clone(), *cast, "unknown".to_owned()));
        let (Some(unknown), "theirs" | "known" | "wrong") = (unknown, object.as_str()) else { continue };
        if !known.0.is_success() && known.0 != StatusCode::CONFLICT {
            assert_eq!(known, unknown, "{endpoint} tells {cast:?} whether the object is there");
        }
    }
}
