//! The admin's console over HTTP, as a browser would use it.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

pub struct Console {
    url: String,
    cookie: String,
}

/// An open case, as the queue and its page show it.
pub struct OpenCase {
    pub id: String,
    pub kind: String,
    pub sides: usize,
}

impl Console {
    pub fn sign_in(url: &str, name: &str, password: &str) -> anyhow::Result<Self> {
        let body = json!({ "name": name, "password": password }).to_string();
        let response = ureq::post(format!("{url}/console/api/sign-in"))
            .header("content-type", "application/json")
            .header("origin", url)
            .send(body.as_bytes())?;
        let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok()).context("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { url: url.to_owned(), cookie })
    }

    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        let mut response =
            ureq::get(format!("{}/console/api/{path}", self.url)).header("cookie", &self.cookie).call()?;
        Ok(serde_json::from_reader(response.body_mut().as_reader())?)
    }

    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut response = ureq::post(format!("{}/console/api/{path}", self.url))
            .header("cookie", &self.cookie)
            .header("origin", &self.url)
            .header("content-type", "application/json")
            .send(body.to_string().as_bytes())?;
        Ok(serde_json::from_reader(response.body_mut().as_reader())?)
    }

    /// The one case in the queue, once the record has caught up with what was pushed.
    pub fn only_open_case(&mut self) -> anyhow::Result<OpenCase> {
        let mut cases = Vec::new();
        for _ in 0..200 {
            let behind = self.get("overview")?["projector_behind"].as_u64();
            cases = self.get("cases?status=open")?["cases"].as_array().cloned().unwrap_or_default();
            if behind == Some(0) && !cases.is_empty() {
                break;
            }
            std::thread::yield_now();
        }
        ensure!(cases.len() == 1, "{} cases are open", cases.len());
        let id = cases[0]["id"].as_str().unwrap_or_default().to_owned();
        let case = self.get(&format!("cases/{id}"))?;
        let kind = case["kind"].as_str().unwrap_or_default().to_owned();
        Ok(OpenCase { id, kind, sides: case["sides"].as_array().map_or(0, Vec::len) })
    }

    pub fn settle(&mut self, case: &str, answer: &str, names: Option<&str>, note: &str) -> anyhow::Result<Value> {
        self.post(&format!("cases/{case}/settle"), &json!({ "answer": answer, "names": names, "note": note }))
    }

    pub fn state_root(&self, citizen: &str) -> anyhow::Result<String> {
        let view = self.get(&format!("citizens/{citizen}"))?;
        Ok(view["state_root"].as_str().unwrap_or_default().to_owned())
    }
}
