//! The real server with its real router and store in a folder that lives in memory where it can; time stands still.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::envelope::{LogHead, PublicKey, sign};
use shared_model::ids::to_hex;
use shared_model::sync::message::{Enrol, Greet, Greeted, PROTOCOL, Receipt};
use shared_model::sync::request;
use shared_model::time::{MS_PER_DAY, Moment};
use sync_server::Server;
use sync_server::edge::{Edge, NoDice};
use sync_server::settings::Settings;
use sync_server::store::rows::Role;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::country::desk::Desk;
use crate::country::{cbor, morning};

pub const PASSWORD: &str = "một mật khẩu dài";
pub const AREA: &str = "26734";

struct Pretend(AtomicU64);

impl Edge for Pretend {
    fn now(&self) -> Moment {
        morning().plus_ms(2 * MS_PER_DAY)
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), NoDice> {
        for chunk in bytes.chunks_mut(32) {
            let roll = Sha256::digest(self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&roll[..chunk.len()]);
        }
        Ok(())
    }
}

pub struct Nation {
    runtime: Runtime,
    pub server: Server,
    router: Router,
    pub campaign: PublicKey,
    /// The cookie of a signed-in admin.
    cookie: String,
    _folder: TempDir,
}

pub struct Heard {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// An enrolled laptop and how far its log is held.
pub struct Caller {
    pub desk: Desk,
    pub held: LogHead,
    nonce: Vec<u8>,
}

impl Nation {
    pub fn found() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let folder = a_folder();
        let settings = Settings::in_directory(folder.path());
        let server = runtime.block_on(sync_server::open(settings, Arc::new(Pretend(AtomicU64::new(7))))).unwrap();
        let (router, campaign) = (server.router(), server.campaign_key());
        runtime.block_on(server.add_staff("admin", Role::Admin, PASSWORD)).unwrap();
        let mut nation = Self { runtime, server, router, campaign, cookie: String::new(), _folder: folder };
        let heard = nation.post("sign-in", json!({ "name": "admin", "password": PASSWORD }).to_string());
        assert_eq!(heard.status, StatusCode::OK);
        let cookie = heard.headers[header::SET_COOKIE].to_str().unwrap();
        nation.cookie = cookie.split(';').next().unwrap().to_owned();
        nation
    }

    pub fn wait<T>(&self, deed: impl Future<Output = T>) -> T {
        self.runtime.block_on(deed)
    }

    /// Whatever is asked, the server is well: refusals have other numbers.
    pub fn send(&self, request: Request<Body>) -> Heard {
        let (parts, body) = self.wait(async {
            let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            (parts, to_bytes(body, usize::MAX).await.unwrap().to_vec())
        });
        assert!(!parts.status.is_server_error(), "{}: {}", parts.status, String::from_utf8_lossy(&body));
        Heard { status: parts.status, headers: parts.headers, body }
    }

    pub fn get(&self, path: &str) -> Heard {
        let request = Request::get(format!("/console/api/{path}")).header(header::COOKIE, &self.cookie);
        self.send(request.body(Body::empty()).unwrap())
    }

    pub fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path).body).unwrap_or(Value::Null)
    }

    pub fn post(&self, path: &str, body: impl Into<Body>) -> Heard {
        let request = Request::post(format!("/console/api/{path}"))
            .header(header::COOKIE, &self.cookie)
            .header(header::HOST, "nation.example")
            .header(header::ORIGIN, "https://nation.example");
        self.send(request.body(body.into()).unwrap())
    }

    /// Enrols the laptop and the person who holds it, and remembers a nonce.
    pub fn enrol(&self, n: u8) -> Caller {
        let desk = Desk::new(n);
        let code = format!("CODE-{n:04}");
        self.wait(self.server.add_code(&code, &format!("site-{n}"), AREA)).unwrap();
        let enrol = Enrol {
            code,
            device: desk.device,
            device_key: PublicKey::of(&desk.key),
            device_name: format!("laptop {n}"),
            author: desk.person.id,
            author_key: PublicKey::of(&desk.person.key),
            author_name: "Lê Thị Tiêm".to_owned(),
        };
        let ask = |path: &str, body: Vec<u8>| self.send(Request::post(path).body(Body::from(body)).unwrap());
        assert_eq!(ask("/device/enrol", cbor(&enrol)).status, StatusCode::OK);
        let greeted = ask("/device/greet", cbor(&Greet { device: desk.device, protocol: PROTOCOL }));
        let Greeted { nonce, .. } = minicbor::decode(&greeted.body).unwrap();
        Caller { held: desk.head, desk, nonce }
    }

    /// A question rightly signed by this laptop, whatever is in it.
    pub fn ask(&self, caller: &Caller, path: &str, body: Vec<u8>, folded: bool) -> Heard {
        let mut request = Request::post(path).header(header::AUTHORIZATION, caller.authorization(path, &body));
        if folded {
            request = request.header(header::CONTENT_ENCODING, "zstd");
        }
        self.send(request.body(Body::from(body)).unwrap())
    }

    /// Pushes what is not held yet and draws it into the record.
    pub fn takes(&self, caller: &mut Caller) {
        let (from, to) = (caller.held.seq + 1, caller.desk.head.seq);
        if from > to {
            return;
        }
        caller.desk.seal();
        let heard = self.ask(caller, "/device/push", cbor(&caller.desk.push(from, to)), false);
        assert_eq!(heard.status, StatusCode::OK, "a sealed range is kept");
        let signed: Signed = minicbor::decode(&heard.body).unwrap();
        let receipt: Receipt = signed.open(self.campaign).unwrap();
        assert_eq!((receipt.held, receipt.fresh_epoch), (caller.desk.head, None));
        caller.held = receipt.held;
        self.wait(self.server.catch_up()).expect("what is kept is drawn or passed over");
        assert_eq!(self.json("overview")["projector_behind"], 0, "something keeps the record from being drawn");
    }
}

/// In memory where there is a place for that. A process under libFuzzer ends without saying so, and leaves its folder
/// to the next one.
fn a_folder() -> TempDir {
    const NAME: &str = "so-tiem-fuzz-";
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
    for entry in fs::read_dir(&place).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(NAME).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    tempfile::Builder::new().prefix(&format!("{NAME}{}-", std::process::id())).tempdir_in(place).unwrap()
}

impl Caller {
    pub fn authorization(&self, path: &str, body: &[u8]) -> String {
        let sha256: [u8; 32] = Sha256::digest(body).into();
        let signature = sign(&self.desk.key, request::DOMAIN, &request::signed_content(path, &self.nonce, &sha256));
        let (device, nonce) = (self.desk.device, to_hex(&self.nonce));
        format!("SoTiem device=\"{device}\", nonce=\"{nonce}\", signature=\"{}\"", to_hex(&signature.0))
    }
}
