//! A form beyond its bounds is refused before anything is said or written.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared_model::limits;

use super::cast::Cast;
use super::country::Country;
use super::{store, table};

#[tokio::test]
async fn a_form_beyond_its_bounds_writes_nothing() {
    let country = Country::found().await;
    let copy = country.copy().await;
    let long = "Ấ".repeat(limits::NOTE_CHARS_MAX + 1);
    let changes: [(&str, &str, Value, &str); 12] = [
        ("POST /console/api/cases/{id}/settle", "note", json!(long), "too_long"),
        ("POST /console/api/cases/{id}/settle", "note", Value::Null, "malformed"),
        ("POST /console/api/cases/{id}/settle", "answer", json!("no such answer"), "not_offered"),
        ("POST /console/api/cases/{id}/settle", "names", json!("00"), "not_offered"),
        ("POST /console/api/cases/{id}/undo", "note", json!(long), "too_long"),
        ("POST /console/api/cases/{id}/undo", "settlement", json!("00"), "malformed"),
        ("POST /console/api/devices/{id}/revoke", "note", json!(long), "too_long"),
        ("POST /console/api/enrolment-codes", "site", json!(""), "malformed"),
        ("POST /console/api/enrolment-codes", "site", json!("hem\u{200b}42"), "malformed"),
        ("POST /console/api/enrolment-codes", "area", json!("26734\u{202e}"), "malformed"),
        ("POST /console/api/enrolment-codes", "area", json!("a".repeat(limits::CODE_CHARS_MAX + 1)), "malformed"),
        ("POST /console/api/sign-in", "password", json!(1), "malformed"),
    ];
    let rows = table::rows();
    for (endpoint, field, value, code) in changes {
        let row = rows.iter().find(|row| row.endpoint == endpoint && ["known", "right"].contains(&row.object.as_str()));
        let (head, body) = country.ask(&copy, row.unwrap(), Cast::Admin).into_parts();
        let mut form: Value = serde_json::from_slice(&axum::body::to_bytes(body, usize::MAX).await.unwrap()).unwrap();
        form[field] = value;
        let before = store::fingerprint(copy.directory.path());
        let heard = copy.send(axum::http::Request::from_parts(head, Body::from(form.to_string()))).await;
        let told: Value = serde_json::from_slice(&heard.body).unwrap();
        assert_eq!((heard.status, told), (StatusCode::BAD_REQUEST, json!({ "code": code })), "{endpoint} {field}");
        let changed = store::changed(&before, &store::fingerprint(copy.directory.path()));
        assert_eq!(changed, Vec::<String>::new(), "{endpoint} {field}");
    }
}
