//! What must not be learned: from an address, from a log, from how long or how an answer is told.

use std::cell::RefCell;
use std::io;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;

use super::cast::Cast;
use super::country::{CARD_NUMBER, Country};
use super::table;
use crate::http::openapi::drawn;
use crate::store::rows::Role;
use crate::tests::laptop::citizen;
use crate::tests::nation::{Nation, PASSWORD, try_sign_in};

/// ASVS 14.2.1. A number of a card is looked up offline, by the laptop; no address has a place for one.
#[test]
fn no_address_has_a_place_for_a_number_or_a_name() {
    let document: Value = serde_json::from_str(&drawn()).unwrap();
    let mut places: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .flat_map(|operation| operation["parameters"].as_array().unwrap())
        .filter(|parameter| parameter["in"] != "header")
        .map(|parameter| {
            let schema = &parameter["schema"];
            // Ids of 16 or 32 random or hashed bytes, choices from a list, a place in it.
            let closed = [&schema["pattern"], &schema["enum"], &schema["$ref"]].iter().any(|rule| !rule.is_null());
            assert!(closed, "{parameter} takes whatever is written there");
            format!("{} {}", parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
        })
        .collect();
    places.sort();
    places.dedup();
    assert_eq!(
        places,
        [
            "path id",
            "path sha256",
            "query after",
            "query after_device",
            "query after_unit",
            "query day",
            "query kind",
            "query status",
            "query unit",
        ]
    );
}

thread_local! {
    /// What was logged on this thread since somebody began to listen.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes for whoever listens on the thread that speaks.
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.as_mut().map(|heard| heard.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Even at the most talkative level, which an operator may turn on to find a fault.
#[tokio::test]
async fn logs_know_no_person_no_secret_and_no_address() {
    let country = Country::found().await;
    // For the whole process: with a subscriber of one thread, a place in the code that another test's thread reaches
    // first is never heard again.
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(|| Log).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    HEARD.set(Some(Vec::new()));
    let copy = country.copy().await;
    for row in table::rows() {
        for cast in [Cast::Admin, Cast::Own] {
            copy.send(country.ask(&copy, &row, cast)).await;
        }
    }
    let mistaken = format!("/console/api/cases?after={CARD_NUMBER}");
    copy.send(Request::get(mistaken).body(Body::empty()).unwrap()).await;
    copy.server.catch_up().await.unwrap();
    let text = String::from_utf8(HEARD.take().unwrap()).unwrap();
    assert!(text.contains("/console/api/citizens/{id}"), "the roads themselves are told: {text}");
    let token = country.cookies.admin.split_once('=').unwrap().1;
    let khai = citizen(42).to_string();
    for (what, secret) in [
        ("a card's number", CARD_NUMBER),
        ("a name", "Minh Khai"),
        ("an id of a person", khai.as_str()),
        ("a password", PASSWORD),
        ("a token", token),
        ("an enrolment code", "FRESH-0001"),
        ("an enrolment code", "CODE-0001"),
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

/// The same work is done, so the same time is taken; no clock is asked, for a busy machine would lie.
#[tokio::test]
async fn an_unknown_name_costs_what_a_wrong_password_costs() {
    let nation = Nation::found().await;
    nation.admin().await;
    nation.server.add_staff("viewer", Role::Viewer, PASSWORD).await.unwrap();
    let hashed = || nation.server.office.metrics.passwords_hashed.get();
    let mut told = Vec::new();
    let long = "x".repeat(2_000);
    for (name, password, work) in [
        ("admin", "sai mật khẩu", 1),
        ("viewer", "sai mật khẩu", 1),
        ("nobody", "sai mật khẩu", 1),
        ("", "sai mật khẩu", 1),
        ("nobody", "", 1),
        ("admin", "", 1),
        // Beyond any password's length: nothing is hashed for anybody.
        ("admin", long.as_str(), 0),
        ("nobody", long.as_str(), 0),
    ] {
        let before = hashed();
        let heard = try_sign_in(&nation, name, password).await;
        assert_eq!(hashed() - before, work, "{name:?}");
        assert_eq!(heard.status, StatusCode::UNAUTHORIZED);
        told.push((heard.body, heard.headers));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
    // Guessing at a name that nobody has is slowed like guessing at one that somebody has.
    for name in ["admin", "nobody"] {
        for _ in 0..6 {
            try_sign_in(&nation, name, "sai mật khẩu").await;
        }
        assert_eq!(try_sign_in(&nation, name, "sai mật khẩu").await.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
}

/// Found by schemathesis, which guessed until the admin beside it could not get in.
#[tokio::test]
async fn a_guesser_elsewhere_keeps_no_admin_out() {
    let nation = Nation::found().await;
    nation.admin().await;
    let from = |peer: &str, password: &str| {
        let mut request = Request::post("/console/api/sign-in")
            .header(header::HOST, "nation.example")
            .header(header::ORIGIN, "https://nation.example")
            .body(Body::from(serde_json::json!({ "name": "admin", "password": password }).to_string()))
            .unwrap();
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        nation.send(request)
    };
    for _ in 0..5 {
        assert_eq!(from("192.0.2.7:1000", "sai mật khẩu").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(from("192.0.2.7:2000", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from("192.0.2.8:1000", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(from("192.0.2.7:3000", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn no_spelling_of_an_address_goes_round_a_rule() {
    let nation = Nation::found().await;
    for path in [
        "//console/api/overview",
        "/console/api//overview",
        "/console/api/overview/",
        "/console//api/overview",
        "/Console/Api/Overview",
        "/console/api/%6fverview",
        "/console/api/overview%00",
        "/console/api/overview;a=b",
        "/console/api/./overview",
        "/healthz/../console/api/overview",
        "/healthz%2f..%2fconsole/api/overview",
        "/console/api/citizens/%ff",
        "/device/../console/api/overview",
        "/device/snapshot/..%2f..%2fkeys%2fcampaign.key",
        "/console/..%2fkeys%2fcampaign.key",
    ] {
        for (name, value) in
            [("x-original-url", "/healthz"), ("x-http-method-override", "GET"), ("x-forwarded-for", "127.0.0.1")]
        {
            for method in ["GET", "POST", "HEAD"] {
                let request = Request::builder().method(method).uri(path).header(name, value);
                let heard =
                    nation.send(request.header(header::HOST, "nation.example").body(Body::empty()).unwrap()).await;
                assert!(heard.status.is_client_error(), "{method} {path}: {}", heard.status);
            }
        }
    }
}
