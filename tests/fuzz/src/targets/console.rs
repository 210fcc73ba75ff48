//! What the admins' screens ask: any JSON on any road, by somebody who is signed in and by somebody who is not.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Request, StatusCode, Uri, header};
use shared_model::statement::Subject;
use shared_model::time::MS_PER_DAY;

use crate::Target;
use crate::country::people::{dose, edit, name};
use crate::country::{card, device, morning};
use crate::input::Input;
use crate::nation::{Nation, PASSWORD};

pub const TARGET: Target = Target { name: "console", run, seeds };

const INPUTS_MAX: u32 = 2_000;

struct Office {
    nation: Nation,
    case: String,
    sides: Vec<String>,
    inputs: u32,
}

static OFFICE: Mutex<Option<Office>> = Mutex::new(None);

impl Office {
    /// One person given a second dose by two teams, each unaware of the other.
    fn open() -> Self {
        let nation = Nation::found();
        for n in [1, 2] {
            let mut laptop = nation.enrol(n);
            let about = Subject::Citizen(card(0));
            laptop.desk.says(about, edit(vec![name("Nguyễn Thị Minh Khai")]));
            laptop.desk.says(about, dose("astrazeneca", "ABW12", 2, morning().plus_ms(i64::from(n) * MS_PER_DAY / 24)));
            nation.takes(&mut laptop);
        }
        let cases = nation.json("cases?status=open");
        let case = cases["cases"][0]["id"].as_str().expect("a case").to_owned();
        let view = nation.json(&format!("cases/{case}"));
        let side = |at: usize| view["sides"][at]["statement"].as_str().expect("a side").to_owned();
        let sides = vec![side(0), side(1)];
        Self { nation, case, sides, inputs: 0 }
    }

    /// `$0`, `$1` and `$2` stand for the two sides and the settlement in force.
    fn filled(&self, text: &str) -> String {
        let mut text = text.replace("$0", &self.sides[0]).replace("$1", &self.sides[1]);
        if text.contains("$2") {
            let view = self.nation.json(&format!("cases/{}", self.case));
            let settlements = view["settlements"].as_array().cloned().unwrap_or_default();
            let last = settlements.iter().rev().find(|one| one["undone"] == false);
            text = text.replace("$2", last.and_then(|one| one["statement"].as_str()).unwrap_or_default());
        }
        text
    }
}

fn run(bytes: &[u8]) {
    let mut held = OFFICE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut office = held.take().filter(|office| office.inputs < INPUTS_MAX).unwrap_or_else(Office::open);
    office.inputs += 1;
    let mut input = Input::of(bytes);
    let what = input.u8();
    let rest = input.rest();
    let text = office.filled(&String::from_utf8_lossy(rest));
    let case = &office.case;
    match what % 8 {
        0 => drop(office.nation.post(&format!("cases/{case}/settle"), text)),
        1 => drop(office.nation.post(&format!("cases/{case}/undo"), text)),
        2 => drop(office.nation.post("enrolment-codes", text)),
        // A device that nobody needs any more.
        3 => drop(office.nation.post(&format!("devices/{}/revoke", device(2)), text)),
        4 => drop(office.nation.post("sign-in", rest.to_vec())),
        5 => drop(office.nation.get(&format!("cases?{}", escaped(&text)))),
        6 => any_path(&office.nation, &text),
        _ => stranger(&office.nation, &text),
    }
    let shown = office.nation.get(&format!("cases/{case}"));
    assert_eq!(shown.status, StatusCode::OK, "the case can still be looked at");
    *held = Some(office);
}

/// As a browser would send it, but for what has a meaning in a query.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"&=%+_-.,".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") }).collect()
}

fn any_path(nation: &Nation, text: &str) {
    let (path, body) = text.split_once('\n').unwrap_or((text, ""));
    // The body may name what the path may not do to this one office.
    if path.contains("sign-out") || path.parse::<Uri>().is_err() {
        return;
    }
    if format!("/console/api/{path}").parse::<Uri>().is_ok() {
        if body.is_empty() {
            nation.get(path);
        } else {
            nation.post(path, body.to_owned());
        }
    }
}

/// Without a cookie, from another origin, with any cookie: nobody is let in.
fn stranger(nation: &Nation, text: &str) {
    let cookie = header::HeaderValue::from_str(text).unwrap_or(header::HeaderValue::from_static("so-tiem="));
    for path in ["me", "overview", "cases", "devices", "quarantine"] {
        let request = Request::get(format!("/console/api/{path}")).header(header::COOKIE, cookie.clone());
        assert_eq!(nation.send(request.body(Body::empty()).unwrap()).status, StatusCode::UNAUTHORIZED);
    }
    let request = Request::post("/console/api/enrolment-codes")
        .header(header::HOST, "nation.example")
        .header(header::ORIGIN, cookie.clone())
        .header(header::COOKIE, cookie);
    let status = nation.send(request.body(Body::from("{\"site\":\"a\",\"area\":\"b\"}")).unwrap()).status;
    assert!(status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED, "{status}");
}

fn seeds() -> Vec<Vec<u8>> {
    let sign_in = format!(r#"{{"name":"admin","password":"{PASSWORD}"}}"#);
    [
        (0, r#"{"answer":"same_dose","names":"$0","note":"đã gọi điện"}"#),
        (0, r#"{"answer":"really_two","names":null,"note":""}"#),
        (0, r#"{"answer":"withdraw_dose","names":"$1","note":"nhầm"}"#),
        (0, r#"{"answer":"send_back","names":"","note":"xem lại"}"#),
        (1, r#"{"settlement":"$2","note":"nhầm"}"#),
        (2, r#"{"site":"hem-42","area":"26734"}"#),
        (3, r#"{"note":"mất máy"}"#),
        (4, sign_in.as_str()),
        (4, r#"{"name":"ai đó","password":"không biết"}"#),
        (5, "status=open&kind=too_many_doses&after="),
        (5, "status=settled&after=1632974400000.0a0b"),
        (6, "citizens/c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"),
        (6, "devices/d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3/revoke\n{\"note\":\"\"}"),
        (6, "cases/$0/settle\n{}"),
        (7, "so-tiem=0000000000000000000000000000000000000000000000000000000000000000"),
        (7, "http://evil.example"),
    ]
    .map(|(what, text): (u8, &str)| [&[what][..], text.as_bytes()].concat())
    .to_vec()
}
