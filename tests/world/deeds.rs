//! What a team does at its laptop, said through the laptop's one door: in this process or in another.

use std::fmt;

use field_client::Desk;
use serde_json::{Value, json};

use crate::PIN;

/// Why there is no answer, or not the one that was hoped for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// The laptop says why it did not do it.
    Failure(String),
    /// The process is gone.
    Gone,
    /// The process is there and says nothing.
    Silent,
    /// An answer came that is none.
    Odd(String),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(code) => write!(f, "failure: {code}"),
            Self::Gone => write!(f, "the process is gone"),
            Self::Silent => write!(f, "the process does not answer"),
            Self::Odd(answer) => write!(f, "an odd answer: {answer}"),
        }
    }
}

impl std::error::Error for Stopped {}

pub type Done<T> = Result<T, Stopped>;

/// A laptop that can be asked.
pub trait Deeds {
    fn ask(&mut self, command: &str, args: Value) -> Done<Value>;

    fn enrol(&mut self, server: &str, code: &str, name: &str) -> Done<Value> {
        let user = format!("Đội {name}");
        let args = json!({ "server_url": server, "code": code, "device_name": name, "user_name": user, "pin": PIN });
        self.ask("enrol", args)
    }

    fn unlock(&mut self) -> Done<Value> {
        self.ask("unlock", json!({ "pin": PIN }))
    }

    /// Whoever holds this card; registered first, where nobody here has met them.
    fn card(&mut self, text: &str) -> Done<String> {
        let seen = self.ask("look", json!({ "text": text, "from_camera": true }))?;
        let seen = match seen["kind"].as_str() {
            Some("citizen") => seen,
            _ => self.ask("register", json!({ "form": seen["form"], "in_spite_of_lookalikes": true }))?,
        };
        text_of(&seen, "citizen")
    }

    /// Gives a dose, confirming every finding on screen. What comes back was said to be saved.
    fn give(&mut self, citizen: &str, number: u8) -> Done<String> {
        let draft = json!({
            "citizen": citizen, "product": "astrazeneca", "lot": "PV46664", "lot_expiry": Value::Null,
            "number": number, "body_site": "left_arm", "route": "im",
        });
        let checked = self.ask("check_dose", draft.clone())?;
        let findings = checked["findings"].as_array().cloned().unwrap_or_default();
        let codes: Vec<Value> = findings.into_iter().map(|finding| finding["code"].clone()).collect();
        text_of(&self.ask("give_dose", json!({ "draft": draft, "in_spite_of": codes }))?, "statement")
    }

    fn correct_lot(&mut self, dose: &str, lot: &str) -> Done<Value> {
        self.ask("correct_dose", json!({ "dose": dose, "field": "lot", "value": lot, "note": "đọc lại trên lọ" }))
    }

    fn withdraw(&mut self, dose: &str) -> Done<Value> {
        self.ask("withdraw", json!({ "statement": dose, "reason": "mistake", "note": "" }))
    }

    fn open(&mut self, citizen: &str) -> Done<Value> {
        self.ask("open_citizen", json!({ "citizen": citizen }))
    }

    fn root(&mut self, citizen: &str) -> Done<String> {
        text_of(&self.open(citizen)?, "state_root")
    }

    fn state(&mut self) -> Done<Value> {
        self.ask("sync_state", Value::Null)
    }

    /// Syncs once, well or not, and tells how it went.
    fn try_to_sync(&mut self) -> Done<Value> {
        self.ask("sync_and_wait", Value::Null)
    }
}

fn text_of(answer: &Value, name: &str) -> Done<String> {
    answer[name].as_str().map(ToOwned::to_owned).ok_or_else(|| Stopped::Odd(answer.to_string()))
}

/// A laptop in this process.
pub struct Here(pub Desk);

impl Deeds for Here {
    fn ask(&mut self, command: &str, args: Value) -> Done<Value> {
        let answer = match command {
            "sync_and_wait" => self.0.sync_and_wait().map(|view| json!(view)),
            command => self.0.dispatch(command, args),
        };
        answer.map_err(|failure| Stopped::Failure(failure.code))
    }
}
