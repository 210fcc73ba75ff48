//! What another site can make a browser do in an admin's name: nothing.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::json;
use tempfile::TempDir;

use super::cast::Cast;
use super::country::Country;
use super::{named, store, table};
use crate::http::access::Rule;
use crate::open;
use crate::settings::Settings;
use crate::store::rows::Role;
use crate::tests::nation::{Nation, PASSWORD, Pretend, try_sign_in};

const SITE: &str = "sec-fetch-site";

/// What browsers say of a request that did not come from our own page; the last are our own.
const FROM: [(&str, &[(&str, &str)]); 13] = [
    ("nowhere", &[]),
    ("another site", &[("origin", "https://evil.example")]),
    ("a site with our name in its own", &[("origin", "https://nation.example.evil.example")]),
    ("our name as a user's", &[("origin", "https://nation.example@evil.example")]),
    ("another port", &[("origin", "https://nation.example:8443")]),
    ("a frame without origin", &[("origin", "null")]),
    ("no address", &[("origin", "nation.example")]),
    ("another site, told by the browser", &[(SITE, "cross-site")]),
    ("a sister domain", &[(SITE, "same-site")]),
    ("a typed address", &[(SITE, "none")]),
    ("our origin, doubted by the browser", &[("origin", "https://nation.example"), (SITE, "cross-site")]),
    ("our own page, by its origin", &[("origin", "https://nation.example")]),
    ("our own page, by its site", &[(SITE, "same-origin")]),
];
const OWN: usize = 2;

#[tokio::test]
async fn nothing_is_changed_for_another_site() {
    let country = Country::found().await;
    let endpoints = crate::http::table::endpoints();
    let kept_to_own_pages: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| matches!(endpoint.rule, Rule::OwnPage | Rule::StaffOwnPage | Rule::Admin))
        .map(named)
        .collect();
    let changing = endpoints.iter().map(named).filter(|name| name.starts_with("POST /console/"));
    assert_eq!(kept_to_own_pages, changing.collect::<Vec<_>>(), "whatever changes something is kept to our own pages");
    let rows = table::rows();
    for row in rows
        .iter()
        .filter(|row| kept_to_own_pages.contains(&row.endpoint) && ["known", "right"].contains(&row.object.as_str()))
    {
        for (place, (from, headers)) in FROM.iter().enumerate() {
            let copy = country.copy().await;
            let before = store::fingerprint(copy.directory.path());
            let mut request = country.ask(&copy, row, Cast::Admin);
            request.headers_mut().remove(header::ORIGIN);
            for (name, value) in *headers {
                request.headers_mut().insert(*name, value.parse().unwrap());
            }
            let heard = copy.send(request).await;
            let changed = store::changed(&before, &store::fingerprint(copy.directory.path()));
            if place >= FROM.len() - OWN {
                assert!(
                    heard.status.is_success() && !changed.is_empty(),
                    "{} from {from}: {}",
                    row.endpoint,
                    heard.status
                );
                continue;
            }
            let code = serde_json::from_slice::<serde_json::Value>(&heard.body).unwrap()["code"].clone();
            assert_eq!(
                (heard.status, code),
                (StatusCode::FORBIDDEN, json!("foreign_origin")),
                "{} from {from}",
                row.endpoint
            );
            assert_eq!(changed, Vec::<String>::new(), "{} from {from}", row.endpoint);
        }
    }
}

async fn over_tls() -> Nation {
    let edge = Pretend::seeded(7);
    let directory = TempDir::new().unwrap();
    let settings = Settings { over_tls: true, ..Settings::in_directory(directory.path()) };
    let server = open(settings, edge.clone()).await.unwrap();
    server.add_staff("admin", Role::Admin, PASSWORD).await.unwrap();
    Nation { server, edge, directory }
}

fn cookie(headers: &HeaderMap) -> Vec<String> {
    headers[header::SET_COOKIE].to_str().unwrap().split("; ").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_cookie_goes_nowhere_else_and_no_script_reads_it() {
    let nation = over_tls().await;
    let parts = cookie(&try_sign_in(&nation, "admin", PASSWORD).await.headers);
    let (name, token) = parts[0].split_once('=').unwrap();
    assert_eq!((name, token.len()), ("__Host-so-tiem", 64));
    let flags = ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict", "Secure"];
    assert_eq!(parts[1..], flags);

    // Another subdomain, or a page without TLS, can plant a cookie of the plain name; it is not read.
    let me =
        |cookie: String| Request::get("/console/api/me").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    assert_eq!(nation.send(me(format!("so-tiem={token}"))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nation.send(me(format!("__Host-so-tiem={token}"))).await.status, StatusCode::OK);
    // Nor is a token taken from anywhere but the cookie.
    let elsewhere = Request::get(format!("/console/api/me?so-tiem={token}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty());
    assert_eq!(nation.send(elsewhere.unwrap()).await.status, StatusCode::UNAUTHORIZED);

    let leave = Request::post("/console/api/sign-out")
        .header(header::HOST, "nation.example")
        .header(header::ORIGIN, "https://nation.example")
        .header(header::COOKIE, format!("__Host-so-tiem={token}"))
        .body(Body::empty());
    let heard = nation.send(leave.unwrap()).await;
    assert_eq!(cookie(&heard.headers)[..3], ["__Host-so-tiem=", "Path=/", "Max-Age=0"]);
    assert_eq!(nation.send(me(format!("__Host-so-tiem={token}"))).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_tls_a_page_without_it_is_another_site() {
    let nation = over_tls().await;
    let body = json!({ "name": "admin", "password": PASSWORD }).to_string();
    let from = |origin: &str| {
        let request = Request::post("/console/api/sign-in").header(header::HOST, "nation.example");
        nation.send(request.header(header::ORIGIN, origin).body(Body::from(body.clone())).unwrap())
    };
    assert_eq!(from("http://nation.example").await.status, StatusCode::FORBIDDEN);
    assert_eq!(from("https://nation.example").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_answer_invites_another_site_to_read_it_or_a_browser_to_keep_it() {
    let country = Country::found().await;
    let copy = country.copy().await;
    for row in table::rows().iter().filter(|row| row.endpoint.starts_with("GET ")) {
        let mut request = country.ask(&copy, row, Cast::Admin);
        request.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
        let heard = copy.send(request).await;
        assert!(!heard.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{}", row.endpoint);
        assert_eq!(heard.headers[header::CACHE_CONTROL], "no-store", "{}", row.endpoint);
        assert_eq!(heard.headers["cross-origin-resource-policy"], "same-origin", "{}", row.endpoint);
        assert_eq!(heard.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{}", row.endpoint);
    }
}
