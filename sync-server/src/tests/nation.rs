//! A server in a directory of its own, with a pretend clock and seeded dice; and an admin at its console.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use shared_model::rules::Rulebook;
use shared_model::time::{Date, MS_PER_HOUR, Moment};
use tempfile::TempDir;
use tower::ServiceExt;

use super::openapi::answers;
use crate::edge::{Edge, NoDice};
use crate::settings::Settings;
use crate::store::rows::Role;
use crate::store::{OpenStoreError, Store};
use crate::{Server, open};

pub(crate) const PASSWORD: &str = "một mật khẩu dài";

/// Time stands still until a test moves it.
pub(crate) struct Pretend {
    now: AtomicI64,
    dice: AtomicU64,
}

impl Pretend {
    pub(crate) fn seeded(seed: u64) -> Arc<Self> {
        let morning = Date::new(2021, 9, 30).unwrap().starts_at().plus_ms(8 * MS_PER_HOUR);
        Arc::new(Self { now: AtomicI64::new(morning.0), dice: AtomicU64::new(seed) })
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Edge for Pretend {
    fn now(&self) -> Moment {
        Moment(self.now.load(Ordering::SeqCst))
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), NoDice> {
        for byte in bytes {
            // SplitMix64.
            let mut z = self.dice.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = z.to_le_bytes()[4];
        }
        Ok(())
    }
}

pub(crate) struct Nation {
    pub(crate) server: Server,
    pub(crate) edge: Arc<Pretend>,
    pub(crate) directory: TempDir,
}

fn settings(directory: &TempDir) -> Settings {
    let database = trial::database_of(directory.path());
    Settings { database, ..Settings::in_directory(directory.path()) }
}

/// A second handle on a server's tables, under the same rules.
pub(crate) async fn store_of(directory: &TempDir, rules: Rulebook) -> Result<Store, OpenStoreError> {
    let rules = Arc::new(rules);
    match trial::database_of(directory.path()) {
        Some(url) => Store::at(&url, rules, 1).await,
        None => Store::in_file(&directory.path().join("national.db"), rules, 1).await,
    }
}

pub(crate) struct Heard {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Nation {
    pub(crate) async fn found() -> Self {
        let edge = Pretend::seeded(7);
        let directory = TempDir::new().unwrap();
        let server = open(settings(&directory), edge.clone()).await.unwrap();
        Self { server, edge, directory }
    }

    /// In a file, whatever the others lie in.
    pub(crate) async fn in_file() -> Self {
        let edge = Pretend::seeded(7);
        let directory = TempDir::new().unwrap();
        let server = open(Settings::in_directory(directory.path()), edge.clone()).await.unwrap();
        Self { server, edge, directory }
    }

    /// The same directory opened again, as after a restart.
    pub(crate) async fn restart(&mut self) {
        self.server = open(settings(&self.directory), self.edge.clone()).await.unwrap();
    }

    /// As [`Nation::restart`], with something set otherwise.
    pub(crate) async fn restart_with(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = settings(&self.directory);
        change(&mut settings);
        self.server = open(settings, self.edge.clone()).await.unwrap();
    }

    pub(crate) fn now(&self) -> Moment {
        self.edge.now()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Heard {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.server.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let heard = Heard { status: parts.status, headers: parts.headers, body };
        answers::fits(&method, &path, &heard);
        heard
    }

    pub(crate) async fn admin(&self) -> Console<'_> {
        self.server.add_staff("admin", Role::Admin, PASSWORD).await.unwrap();
        Console::sign_in(self, "admin").await
    }
}

/// Someone signed in at the console.
pub(crate) struct Console<'a> {
    nation: &'a Nation,
    pub(crate) cookie: String,
}

impl<'a> Console<'a> {
    pub(crate) async fn sign_in(nation: &'a Nation, name: &str) -> Self {
        let heard = try_sign_in(nation, name, PASSWORD).await;
        assert_eq!(heard.status, StatusCode::OK);
        let cookie = heard.headers[header::SET_COOKIE].to_str().unwrap();
        Self { nation, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = Request::get(format!("/console/api/{path}")).header(header::COOKIE, &self.cookie);
        read(&self.nation.send(request.body(Body::empty()).unwrap()).await)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(format!("/console/api/{path}"))
            .header(header::COOKIE, &self.cookie)
            .header(header::HOST, "nation.example")
            .header(header::ORIGIN, "https://nation.example");
        read(&self.nation.send(request.body(Body::from(body.to_string())).unwrap()).await)
    }

    /// The only case of the queue with this status.
    pub(crate) async fn only_case(&self, status: &str) -> Value {
        let (code, list) = self.get(&format!("cases?status={status}")).await;
        assert_eq!(code, StatusCode::OK);
        let cases = list["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 1, "{list}");
        let (code, case) = self.get(&format!("cases/{}", cases[0]["id"].as_str().unwrap())).await;
        assert_eq!(code, StatusCode::OK);
        case
    }

    pub(crate) async fn count(&self, status: &str) -> usize {
        self.get(&format!("cases?status={status}")).await.1["cases"].as_array().unwrap().len()
    }

    pub(crate) async fn settle(&self, case: &Value, answer: &str, names: Option<&str>) -> (StatusCode, Value) {
        let body = json!({ "answer": answer, "names": names, "note": "đã gọi điện" });
        self.post(&format!("cases/{}/settle", case["id"].as_str().unwrap()), &body).await
    }
}

fn read(heard: &Heard) -> (StatusCode, Value) {
    (heard.status, serde_json::from_slice(&heard.body).unwrap_or(Value::Null))
}

pub(crate) async fn try_sign_in(nation: &Nation, name: &str, password: &str) -> Heard {
    let body = json!({ "name": name, "password": password }).to_string();
    let request = Request::post("/console/api/sign-in")
        .header(header::HOST, "nation.example")
        .header(header::ORIGIN, "https://nation.example");
    nation.send(request.body(Body::from(body)).unwrap()).await
}
