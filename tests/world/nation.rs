//! The nation as its admin sees it: the console's own endpoints, through the real router.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::World;
use crate::program::PASSWORD;

pub struct Nation<'a> {
    world: &'a World,
    cookie: String,
}

/// A case of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedCase {
    pub id: String,
    pub kind: String,
}

impl<'a> Nation<'a> {
    /// Catches up with everything that has arrived, and signs in.
    pub(crate) fn of(world: &'a World) -> Self {
        world.country.runtime.block_on(world.server().catch_up()).expect("the record");
        let mut nation = Self { world, cookie: String::new() };
        let (status, response) =
            nation.ask_raw("POST", "sign-in", Some(json!({ "name": "admin", "password": PASSWORD })));
        assert_eq!(status, 200, "sign-in: {response:?}");
        nation.cookie = response.1;
        nation
    }

    fn ask_raw(&self, method: &str, path: &str, body: Option<Value>) -> (u16, (Value, String)) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/console/api/{path}"))
            .header("host", "nation.test")
            .header("origin", "http://nation.test")
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .expect("a request");
        let router: Router = self.world.country.router.lock().expect("a router").clone();
        self.world.country.runtime.block_on(async {
            let response: Response<Body> = router.oneshot(request).await.expect("an answer");
            let status = response.status().as_u16();
            let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
            let cookie = cookie.and_then(|value| value.split(';').next()).unwrap_or_default().to_owned();
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
            (status, (serde_json::from_slice(&bytes).unwrap_or(Value::Null), cookie))
        })
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, (body, _)) = self.ask_raw("GET", path, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, (body, _)) = self.ask_raw("POST", path, Some(body));
        (status, body)
    }

    pub fn cases(&self, status: &str) -> Vec<QueuedCase> {
        let list = self.get(&format!("cases?status={status}"));
        let cases = list["cases"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        cases.iter().map(|case| QueuedCase { id: text(&case["id"]), kind: text(&case["kind"]) }).collect()
    }

    pub fn open_cases(&self) -> Vec<QueuedCase> {
        self.cases("open")
    }

    /// The one case in the queue, of this kind.
    pub fn only_case(&self, kind: &str) -> QueuedCase {
        let open = self.open_cases();
        assert_eq!(open.iter().map(|case| case.kind.as_str()).collect::<Vec<_>>(), [kind]);
        open[0].clone()
    }

    pub fn settles(&self, case: &QueuedCase, answer: &str, names: Option<&str>) -> Value {
        let body = json!({ "answer": answer, "names": names, "note": "đã gọi điện cho hai đội" });
        let (status, settled) = self.post(&format!("cases/{}/settle", case.id), body);
        assert_eq!(status, 200, "{settled}");
        settled
    }

    pub fn undoes(&self, case: &QueuedCase) {
        let page = self.get(&format!("cases/{}", case.id));
        let settlements = page["settlements"].as_array().cloned().unwrap_or_default();
        let last = settlements.iter().rev().find(|settlement| settlement["undone"] == false).expect("a settlement");
        let body = json!({ "settlement": last["statement"], "note": "nhầm" });
        let (status, undone) = self.post(&format!("cases/{}/undo", case.id), body);
        assert_eq!(status, 200, "{undone}");
    }

    /// Statement ids of the doses that count in the national record.
    pub fn doses_of(&self, citizen: &str) -> Vec<String> {
        let view = self.get(&format!("citizens/{citizen}"));
        let doses = view["doses"].as_array().cloned().unwrap_or_default();
        let given = doses.iter().filter(|dose| dose["state"] == "given");
        given.map(|dose| dose["statement"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub fn root_of(&self, citizen: &str) -> String {
        self.get(&format!("citizens/{citizen}"))["state_root"].as_str().unwrap_or_default().to_owned()
    }

    /// Doses in the whole record.
    pub fn dose_count(&self) -> u64 {
        self.get("overview")["doses"].as_u64().unwrap_or_default()
    }

    /// Takes a device back: a laptop, or a hub.
    pub fn revokes(&self, name: &str) {
        let id = self.device(name)["id"].as_str().unwrap_or_default().to_owned();
        let (status, body) = self.post(&format!("devices/{id}/revoke"), json!({ "note": "mất máy" }));
        assert_eq!(status, 204, "{body}");
    }

    pub fn device(&self, name: &str) -> Value {
        let devices = self.get("devices");
        let found = devices.as_array().into_iter().flatten().find(|device| device["name"] == name);
        found.cloned().unwrap_or_else(|| panic!("no device is called {name}"))
    }
}
