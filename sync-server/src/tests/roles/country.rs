//! A small country in which everybody of the cast lives, founded once and copied for each that changes it.

use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, header};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use shared_model::certificate::Signed;
use shared_model::envelope::{LogHead, PublicKey};
use shared_model::ids::{CitizenId, DeviceId, to_hex};
use shared_model::limits;
use shared_model::prior::PriorAsk;
use shared_model::sync::feed::Cursor;
use shared_model::sync::hub::{HubEnrol, HubHello, LogEnd};
use shared_model::sync::message::{Enrol, Fetch, Greet, Hello, Introduce, Pull, Snapshot, SnapshotAsk};
use shared_model::sync::recipients::AskRecipients;
use shared_model::sync::segment::{Segments, SegmentsAsk};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};
use tempfile::TempDir;

use super::cast::Cast;
use super::table::Row;
use crate::auth::code;
use crate::open;
use crate::prior::When;
use crate::settings::Settings;
use crate::store::rows::{CodeRow, Role};
use crate::tests::laptop::{Laptop, citizen};
use crate::tests::nation::{Console, Nation, PASSWORD, Pretend};

/// A citizen's number, as it stands on the card.
pub(super) const CARD_NUMBER: &str = "079190000001";
const FEED: &str = "26734";
const FRESH_CODE: &str = "FRESH-0001";
const FRESH_HUB_CODE: &str = "FRESH-0002";
/// The number of the hub.
pub(super) const HUB: u8 = 5;

pub(super) struct Cookies {
    pub expired: String,
    pub ended: String,
    pub replaced: String,
    pub viewer: String,
    pub admin: String,
}

pub(super) struct Country {
    template: Nation,
    pub own: Laptop,
    pub sister: Laptop,
    pub neighbour: Laptop,
    pub revoked: Laptop,
    pub cookies: Cookies,
    open_case: Value,
    settled_case: Value,
    feed_epoch: u64,
    file: String,
    snapshot: String,
    certificate: Signed,
    segment: String,
}

impl Country {
    pub(super) async fn found() -> Self {
        let nation = Nation::found().await;
        let mut own = Laptop::enrolled(&nation, 1, FEED).await;
        let mut sister = Laptop::enrolled(&nation, 2, FEED).await;
        let mut neighbour = Laptop::enrolled(&nation, 3, "70000").await;
        let revoked = Laptop::enrolled(&nation, 4, FEED).await;
        two_disagreements(&nation, &mut own, &mut neighbour).await;
        sister.sync(&nation).await;

        let server = &nation.server;
        for (name, role) in [("idle", Role::Admin), ("ended", Role::Admin), ("replaced", Role::Admin)] {
            server.add_staff(name, role, PASSWORD).await.unwrap();
        }
        let expired = Console::sign_in(&nation, "idle").await.cookie;
        nation.edge.pass(limits::STAFF_IDLE_MS + 1_000);
        let leaving = Console::sign_in(&nation, "ended").await;
        assert_eq!(leaving.post("sign-out", &json!({})).await.0.as_u16(), 204);
        let replaced = Console::sign_in(&nation, "replaced").await.cookie;
        server.add_staff("replaced", Role::Admin, "một mật khẩu khác").await.unwrap();
        server.add_staff("viewer", Role::Viewer, PASSWORD).await.unwrap();
        let viewer = Console::sign_in(&nation, "viewer").await.cookie;
        let admin = nation.admin().await;

        let path = format!("devices/{}/revoke", revoked.device);
        assert_eq!(admin.post(&path, &json!({ "note": "mất máy" })).await.0.as_u16(), 204);
        server.add_code(FRESH_CODE, "hem-42", FEED).await.unwrap();
        for code in [FRESH_HUB_CODE, "HUB-0001"] {
            let secret = &server.office.keys.secret;
            let row = code::row(secret, code, "quan-5".to_owned(), String::new(), nation.now());
            server.office.store.add_code(CodeRow { hub_areas: Some(vec![FEED.to_owned()]), ..row }).await.unwrap();
        }
        let body = Body::from(minicbor::to_vec(hub_enrol("HUB-0001", HUB)).unwrap());
        let joined = nation.send(Request::post("/hub/enrol").body(body).unwrap()).await;
        assert_eq!(joined.status.as_u16(), 200);
        let certificate = server.office.store.device(own.device).await.unwrap().unwrap().certificate;
        let (_, list) = admin.get("cases?status=open").await;
        let ids: Vec<_> = list["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 2, "{list}");
        let settled = admin.get(&format!("cases/{}", ids[0])).await.1;
        let open_case = admin.get(&format!("cases/{}", ids[1])).await.1;
        let (status, settled_case) = admin.settle(&settled, "really_two", None).await;
        assert_eq!(status.as_u16(), 200, "{settled_case}");

        let feed_epoch = own.hello(&nation).await.unwrap().feeds[0].epoch;
        crate::segments::cut_every(&nation.server.office, FEED, 3).await.unwrap();
        let ask = SegmentsAsk { cursor: Cursor::start(FEED.to_owned(), feed_epoch), damaged: None };
        let files: Segments = own.ask_word(&nation, "/device/segments", &ask).await.unwrap();
        let file = to_hex(&files.segments[0].sha256);
        let ask = SnapshotAsk { feed: FEED.to_owned() };
        let snapshot: Snapshot = own.ask_word(&nation, "/device/snapshot", &ask).await.unwrap();
        let cookies = Cookies { expired, ended: leaving.cookie, replaced, viewer, admin: admin.cookie };
        let snapshot = to_hex(&snapshot.sha256);
        let filter = nation.server.build_prior(When::Now).await.unwrap().unwrap();
        let segment = to_hex(&filter.files[0]);
        // What the owner has to say next.
        own.give(nation.now(), citizen(8), 1, "AZ0008");
        Self {
            template: nation,
            own,
            sister,
            neighbour,
            revoked,
            cookies,
            open_case,
            settled_case,
            feed_epoch,
            file,
            snapshot,
            certificate,
            segment,
        }
    }

    /// The same country in a directory of its own.
    pub(super) async fn copy(&self) -> Nation {
        let directory = TempDir::new().unwrap();
        copy_all(self.template.directory.path(), directory.path());
        let edge = Pretend::seeded(99);
        edge.pass(self.template.now().ms_since(edge_now(&edge)));
        let server = open(Settings::in_directory(directory.path()), edge.clone()).await.unwrap();
        Nation { server, edge, directory }
    }

    /// The row's request, with what this role can show.
    pub(super) fn ask(&self, nation: &Nation, row: &Row, cast: Cast) -> Request<Body> {
        let (method, template) = row.endpoint.split_once(' ').unwrap();
        let (hole, body) = self.object(row);
        let path = template.replace("{id}", &hole).replace("{sha256}", &hole);
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::HOST, "nation.example")
            .header(header::ORIGIN, "https://nation.example");
        cast.shows(self, nation, &path, &body, request).body(Body::from(body)).unwrap()
    }

    /// What stands in the path and in the body of a row.
    fn object(&self, row: &Row) -> (String, Vec<u8>) {
        let known = row.object != "unknown";
        let id = |case: &Value| case["id"].as_str().unwrap().to_owned();
        let nobody = |digits: usize| "0f".repeat(digits / 2);
        let form = |hole: String, form: Value| (hole, form.to_string().into_bytes());
        let message = |body: Vec<u8>| (String::new(), body);
        match row.endpoint.as_str() {
            "POST /console/api/sign-in" => {
                let password = if row.object == "right" { PASSWORD } else { "một mật khẩu sai" };
                form(String::new(), json!({ "name": if known { "admin" } else { "nobody" }, "password": password }))
            }
            "POST /console/api/check-end" => form(String::new(), json!({ "words": "một hai ba bốn năm sáu" })),
            "GET /console/api/cases/{id}" => match row.object.as_str() {
                "no_id" => ("no-id".to_owned(), Vec::new()),
                _ => (if known { id(&self.open_case) } else { nobody(64) }, Vec::new()),
            },
            "POST /console/api/cases/{id}/settle" => {
                let case = match row.object.as_str() {
                    "known" => id(&self.open_case),
                    "settled" => id(&self.settled_case),
                    _ => nobody(64),
                };
                form(case, json!({ "answer": "really_two", "names": null, "note": "" }))
            }
            "POST /console/api/cases/{id}/undo" => {
                let settlement = self.settled_case["settlements"][0]["statement"].clone();
                let case = if known { id(&self.settled_case) } else { nobody(64) };
                form(case, json!({ "settlement": settlement, "note": "nhầm" }))
            }
            "POST /console/api/devices/{id}/revoke" => {
                let device = match row.object.as_str() {
                    "known" => self.own.device.to_string(),
                    "console" => self.template.server.office.keys.console_device().to_string(),
                    _ => nobody(32),
                };
                form(device, json!({ "note": "mất máy" }))
            }
            "POST /console/api/enrolment-codes" => form(String::new(), json!({ "site": "hem-42", "area": FEED })),
            "GET /console/api/citizens/{id}" => match row.object.as_str() {
                "number" => (CARD_NUMBER.to_owned(), Vec::new()),
                _ => (if known { citizen(42).to_string() } else { nobody(32) }, Vec::new()),
            },
            "POST /device/enrol" => message(minicbor::to_vec(self.enrol(row)).unwrap()),
            "POST /hub/enrol" => {
                let code = match row.object.as_str() {
                    "right" => FRESH_HUB_CODE.to_owned(),
                    "theirs" => format!("CODE-{:04}", self.own.device.0[0]),
                    _ => "WILD-0001".to_owned(),
                };
                message(minicbor::to_vec(hub_enrol(&code, 78)).unwrap())
            }
            "POST /hub/hello" => {
                let head = LogHead::empty(self.own.device, self.own.epoch);
                let hello = HubHello {
                    hub: DeviceId([if known { HUB } else { 15 }; 16]),
                    logs: vec![LogEnd { device: self.own.device, epoch: self.own.epoch, head }],
                    cursors: Vec::new(),
                    wall_ms: self.template.now().0 + MS_PER_HOUR,
                    nonce: [5; 16],
                    app_version: "test".to_owned(),
                    rules: Vec::new(),
                    last_nonce: None,
                    stick: None,
                };
                message(minicbor::to_vec(hello).unwrap())
            }
            "POST /device/introduce" => {
                let mut shown = self.certificate.clone();
                if row.object == "false" {
                    shown.signature.0[0] ^= 1;
                }
                message(minicbor::to_vec(Introduce { devices: vec![shown], authors: Vec::new() }).unwrap())
            }
            "POST /device/greet" => {
                let device = match row.object.as_str() {
                    "named" => self.own.device,
                    "revoked" => self.revoked.device,
                    _ => DeviceId([15; 16]),
                };
                message(minicbor::to_vec(Greet { device, protocol: 1 }).unwrap())
            }
            "POST /device/hello" => message(minicbor::to_vec(self.hello(known)).unwrap()),
            "POST /device/push" | "POST /hub/push" => {
                let mut push = self.own.range(self.own.head().seq);
                if !known {
                    push.device = DeviceId([15; 16]);
                }
                message(minicbor::to_vec(push).unwrap())
            }
            "POST /device/pull" => {
                let feed = if known { FEED } else { "99999" };
                let cursor = Cursor::start(feed.to_owned(), self.feed_epoch);
                message(minicbor::to_vec(Pull { cursor, entries_max: 10 }).unwrap())
            }
            "POST /device/segments" => {
                let cursor = Cursor::start(if known { FEED } else { "99999" }.to_owned(), self.feed_epoch);
                message(minicbor::to_vec(SegmentsAsk { cursor, damaged: None }).unwrap())
            }
            "GET /device/segment/{sha256}" => (if known { self.file.clone() } else { nobody(64) }, Vec::new()),
            "POST /device/snapshot" => {
                let feed = if known { FEED } else { "99999" }.to_owned();
                message(minicbor::to_vec(SnapshotAsk { feed }).unwrap())
            }
            "GET /device/snapshot/{sha256}" => (if known { self.snapshot.clone() } else { nobody(64) }, Vec::new()),
            "POST /device/stick-recipients" => message(minicbor::to_vec(AskRecipients {}).unwrap()),
            "POST /device/prior" => message(minicbor::to_vec(PriorAsk {}).unwrap()),
            "GET /device/prior/{sha256}" => (if known { self.segment.clone() } else { nobody(64) }, Vec::new()),
            "POST /device/fetch" => {
                let citizens = vec![if known { citizen(42) } else { CitizenId([15; 16]) }];
                message(minicbor::to_vec(Fetch { citizens }).unwrap())
            }
            _ => (String::new(), Vec::new()),
        }
    }

    fn enrol(&self, row: &Row) -> Enrol {
        let newcomer = Laptop::new(77);
        let code = match row.object.as_str() {
            "right" => FRESH_CODE.to_owned(),
            "theirs" => format!("CODE-{:04}", self.own.device.0[0]),
            _ => "WILD-0001".to_owned(),
        };
        Enrol {
            code,
            device: newcomer.device,
            device_key: PublicKey::of(&newcomer.key),
            device_name: "laptop".to_owned(),
            author: newcomer.author,
            author_key: PublicKey::of(&newcomer.author_key),
            author_name: "Lê Thị Tiêm".to_owned(),
        }
    }

    fn hello(&self, known: bool) -> Hello {
        let device = if known { self.own.device } else { DeviceId([15; 16]) };
        Hello {
            device,
            epoch: self.own.epoch,
            head: if known { self.own.head() } else { LogHead::empty(device, 1) },
            cursors: Vec::new(),
            wall_ms: self.template.now().0 + MS_PER_HOUR,
            nonce: [5; 16],
            app_version: "test".to_owned(),
            rules: Vec::new(),
            leans_on: None,
        }
    }
}

fn hub_enrol(code: &str, n: u8) -> HubEnrol {
    let key = PublicKey::of(&SigningKey::from_bytes(&[n; 32]));
    HubEnrol { code: code.to_owned(), hub: DeviceId([n; 16]), key, name: "quận 5".to_owned(), stick: None }
}

/// Two people, each with a second dose too many.
async fn two_disagreements(nation: &Nation, own: &mut Laptop, neighbour: &mut Laptop) {
    for (n, number) in [(42, CARD_NUMBER), (43, "079190000002")] {
        own.register(nation.now(), citizen(n), "Nguyễn Thị Minh Khai", number);
        own.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    nation.edge.pass(60 * MS_PER_DAY);
    for n in [42, 43] {
        own.give(nation.now(), citizen(n), 2, "AZ0002");
        neighbour.give(nation.now().plus_ms(20 * MS_PER_HOUR), citizen(n), 2, "AZ0003");
    }
    nation.edge.pass(21 * MS_PER_HOUR);
    own.sync(nation).await;
    neighbour.sync(nation).await;
}

fn edge_now(edge: &Pretend) -> shared_model::time::Moment {
    crate::edge::Edge::now(edge)
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        // Memory that processes share, made anew by whoever opens the copy.
        if entry.file_name().to_string_lossy().ends_with("-shm") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
