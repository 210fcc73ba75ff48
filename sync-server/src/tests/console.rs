//! The console's door: who gets in, for how long, and from where.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use shared_model::limits;

use super::laptop::{Laptop, citizen};
use super::nation::{Console, Nation, PASSWORD, try_sign_in};
use crate::store::rows::Role;

#[tokio::test]
async fn a_session_begins_with_a_password_and_ends() {
    let nation = Nation::found().await;
    let admin = nation.admin().await;
    let (_, me) = admin.get("me").await;
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("admin"), Some("admin")));
    nation.edge.pass(limits::STAFF_IDLE_MS - 1_000);
    assert_eq!(admin.get("me").await.0, StatusCode::OK);
    nation.edge.pass(limits::STAFF_IDLE_MS + 1_000);
    let (status, failed) = admin.get("me").await;
    assert_eq!((status, failed["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("signed_out")));

    let admin = Console::sign_in(&nation, "admin").await;
    for _ in 0..25 {
        nation.edge.pass(limits::STAFF_IDLE_MS - 1_000);
        if admin.get("me").await.0 != StatusCode::OK {
            break;
        }
    }
    assert_eq!(admin.get("me").await.0, StatusCode::UNAUTHORIZED, "a session does not last for ever");

    let admin = Console::sign_in(&nation, "admin").await;
    assert_eq!(admin.post("sign-out", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(admin.get("overview").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_are_told_alike_and_slowed() {
    let nation = Nation::found().await;
    nation.admin().await;
    let wrong = try_sign_in(&nation, "admin", "sai").await;
    let unknown = try_sign_in(&nation, "nobody", "sai").await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    for _ in 0..5 {
        try_sign_in(&nation, "admin", "sai").await;
    }
    let slowed = try_sign_in(&nation, "admin", PASSWORD).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.headers.contains_key(header::RETRY_AFTER));
    nation.edge.pass(60_000);
    assert_eq!(try_sign_in(&nation, "admin", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_site_cannot_act_in_an_admins_name() {
    let nation = Nation::found().await;
    let admin = nation.admin().await;
    for origin in [Some("https://evil.example"), None] {
        let mut request = Request::post("/console/api/enrolment-codes")
            .header(header::COOKIE, &admin.cookie)
            .header(header::HOST, "nation.example");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let body = json!({ "site": "a", "area": "b" }).to_string();
        let heard = nation.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(heard.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_browser_that_names_the_host_in_the_address_is_let_in() {
    let nation = Nation::found().await;
    nation.admin().await;
    // HTTP/2 has no host header.
    let body = json!({ "name": "admin", "password": PASSWORD }).to_string();
    let ask = |origin| {
        let request = Request::post("https://nation.example/console/api/sign-in").header(header::ORIGIN, origin);
        nation.send(request.body(Body::from(body.clone())).unwrap())
    };
    assert_eq!(ask("https://nation.example").await.status, StatusCode::OK);
    assert_eq!(ask("https://evil.example").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_touch() {
    let nation = Nation::found().await;
    nation.server.add_staff("viewer", Role::Viewer, PASSWORD).await.unwrap();
    let viewer = Console::sign_in(&nation, "viewer").await;
    assert_eq!(viewer.get("devices").await.0, StatusCode::OK);
    let (status, failed) = viewer.post("enrolment-codes", &json!({ "site": "a", "area": "b" })).await;
    assert_eq!((status, failed["code"].as_str()), (StatusCode::FORBIDDEN, Some("not_allowed")));
}

#[tokio::test]
async fn a_code_made_at_the_console_lets_a_laptop_in() {
    let nation = Nation::found().await;
    let admin = nation.admin().await;
    let (_, made) = admin.post("enrolment-codes", &json!({ "site": "hem-42", "area": "26734" })).await;
    let code = made["code"].as_str().unwrap();
    assert_eq!(code.len(), 9);
    assert!(Laptop::new(1).enrol(&nation, code).await.is_ok());
    let (_, devices) = admin.get("devices").await;
    let names: Vec<_> = devices.as_array().unwrap().iter().map(|line| line["people"][0].clone()).collect();
    assert!(names.contains(&json!("Lê Thị Tiêm")), "{devices}");
    assert_eq!(admin.post("enrolment-codes", &json!({ "site": "", "area": "26734" })).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn strangers_hear_nothing_and_browsers_are_told_what_they_may_not_do() {
    let nation = Nation::found().await;
    for path in ["me", "overview", "cases", "devices", "quarantine"] {
        let request = Request::get(format!("/console/api/{path}")).body(Body::empty()).unwrap();
        let heard = nation.send(request).await;
        assert_eq!(heard.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(heard.headers["x-content-type-options"], "nosniff");
        assert_eq!(heard.headers["x-frame-options"], "DENY");
        assert!(heard.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    }
    let admin = nation.admin().await;
    assert_eq!(admin.get(&format!("citizens/{}", citizen(1))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("citizens/zz").await.0, StatusCode::NOT_FOUND);
    let (status, failed) = admin.get("nothing/at/all").await;
    assert_eq!((status, failed["code"].as_str()), (StatusCode::NOT_FOUND, Some("not_found")));
    assert_eq!(admin.get("cases?after=zz").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(admin.get("cases?kind=zz").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn health_and_figures_are_there_for_the_watchman() {
    let nation = Nation::found().await;
    let heard = nation.send(Request::get("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(heard.status, StatusCode::OK);
    let health: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
    assert_eq!((&health["ready"], &health["projector_behind"]), (&json!(true), &json!(0)));
    let stranger = Laptop::new(9);
    stranger.nonce(&nation).await.unwrap_err();
    let heard = nation.send(Request::get("/metrics").body(Body::empty()).unwrap()).await;
    let text = String::from_utf8(heard.body).unwrap();
    assert!(text.contains("so_tiem_refusals_total{code=\"unknown_device\"} 1"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn keys_and_records_are_for_the_server_alone() {
    use std::os::unix::fs::PermissionsExt;
    let nation = Nation::in_file().await;
    let mode = |path: &str| std::fs::metadata(nation.directory.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("keys"), mode("keys/campaign.key"), mode("national.db")), (0o700, 0o600, 0o600));
}
