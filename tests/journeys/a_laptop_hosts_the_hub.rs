//! Two tables in an alley and no line: one of the laptops is the hub of the site.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use world::deeds::{Deeds, Stopped};
use world::headless::Headless;
use world::program::{ServerProgram, beside};

const NAME: &str = "Nguyễn Thị Diệu Hiền";
const CARD: &str = "079190004321||Nguyễn Thị Diệu Hiền|01051990|Nữ|42 Hẻm 62, Phường 5, Quận 4|01012021";
const OTHER_CARD: &str = "079188001234||Trần Văn Tám|02031988|Nam|7 Hẻm 62, Phường 5, Quận 4|01012021";
const PATIENCE: Duration = Duration::from_millis(100);
const LOOKS_MAX: u32 = 300;

struct Alley {
    folder: TempDir,
    nation: Option<ServerProgram>,
    address: String,
}

impl Alley {
    fn with_a_nation() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nation =
            ServerProgram::start(&folder.path().join("nation"), &["CODE-ONE", "CODE-TWO", "CODE-THREE"]).unwrap();
        Self { address: nation.url.clone(), nation: Some(nation), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn laptop(&self, name: &str) -> Headless {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headless"));
        command.env("SO_TIEM_DATA", self.path(name));
        Headless::start(command).unwrap()
    }

    fn enrolled(&self, name: &str, code: &str) -> Headless {
        let mut laptop = self.laptop(name);
        laptop.enrol(&self.address, code, name).unwrap();
        laptop
    }

    fn hub_code(&self) -> String {
        let mut asks = Command::new(beside("sync-server").unwrap());
        asks.arg("--data").arg(self.path("nation")).args(["hub", "code", "--site", "hem-62", "--area", "26734"]);
        String::from_utf8(asks.output().unwrap().stdout).unwrap().trim().to_owned()
    }

    fn loses_its_line(&mut self) {
        self.nation = None;
    }

    fn has_a_line_again(&mut self) {
        let program = Command::new(beside("sync-server").unwrap());
        let listen = self.address.trim_start_matches("http://").to_owned();
        self.nation = Some(ServerProgram::serve_at(program, &self.path("nation"), &listen).unwrap());
    }
}

fn hub_of(laptop: &mut Headless) -> Value {
    laptop.ask("site_hub", Value::Null).unwrap()
}

/// Looks until it is so; what it looked like last, if it never is.
fn until(laptop: &mut Headless, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..LOOKS_MAX {
        let seen = hub_of(laptop);
        if is_so(&seen) {
            return seen;
        }
        std::thread::park_timeout(PATIENCE);
    }
    panic!("{}", hub_of(laptop));
}

fn address(hub: &Value) -> String {
    hub["addresses"][0].as_str().unwrap().to_owned()
}

fn becomes_the_hub(alley: &Alley, laptop: &mut Headless) -> String {
    laptop.ask("site_hub_join", json!({ "code": alley.hub_code(), "name": "Hẻm 62" })).unwrap();
    // Feeds are told once they were read to their end.
    address(&until(laptop, |hub| hub["phase"] == "serving" && !hub["last_contact_ms"].is_null()))
}

fn knows(laptop: &mut Headless, hub: &str) {
    laptop.ask("set_hubs", json!({ "urls": [hub] })).unwrap();
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Files in which somebody's name or number can be read.
fn told_by(folder: &Path) -> Vec<PathBuf> {
    let number = b"079190004321".to_vec();
    let wide: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms = [NAME.as_bytes().to_vec(), number, wide];
    let tells = |path: &PathBuf| {
        // A file that was written beside its place is gone once it is there.
        let bytes = std::fs::read(path).unwrap_or_default();
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
    };
    files_below(folder).into_iter().filter(tells).collect()
}

#[test]
fn two_tables_without_a_line_hold_each_others_day() {
    let mut alley = Alley::with_a_nation();
    let mut host = alley.enrolled("host", "CODE-ONE");
    let mut table = alley.enrolled("table", "CODE-TWO");
    assert_eq!(hub_of(&mut host)["phase"], "never");
    let hub = becomes_the_hub(&alley, &mut host);
    alley.loses_its_line();

    knows(&mut table, &hub);
    let citizen = table.card(CARD).unwrap();
    table.give(&citizen, 1).unwrap();
    assert_eq!(table.try_to_sync().unwrap()["copies_of_last"], "hub", "the other laptop holds it");

    // What lies at a laptop's own hub lies on one machine.
    let other = host.card(OTHER_CARD).unwrap();
    host.give(&other, 1).unwrap();
    let synced = host.try_to_sync().unwrap();
    assert_eq!((&synced["copies_of_last"], synced["to_push_anywhere"].as_u64()), (&json!("here"), Some(2)), "{synced}");
    assert!(host.open(&citizen).unwrap()["doses"].as_array().is_some_and(|doses| doses.len() == 1));
    table.try_to_sync().unwrap();
    assert!(table.open(&other).unwrap()["doses"].as_array().is_some_and(|doses| doses.len() == 1));
    assert_eq!(hub_of(&mut host)["waiting"], 4);

    // It serves whoever sits in front of it or not, and again after the power was gone.
    host.ask("lock", Value::Null).unwrap();
    let third = table.card("079177009999||Lê Văn Chín|03041977|Nam|9 Hẻm 62, Phường 5, Quận 4|01012021").unwrap();
    table.give(&third, 1).unwrap();
    assert_eq!(table.try_to_sync().unwrap()["copies_of_last"], "hub");
    host.kill().unwrap();
    let mut host = alley.laptop("host");
    host.unlock().unwrap();
    let again = hub_of(&mut host);
    assert_eq!((&again["phase"], again["waiting"].as_u64()), (&json!("serving"), Some(6)), "{again}");

    // Nobody in it can be read by whoever takes the disk; where nothing is sealed, the same eyes see everybody.
    assert_eq!(told_by(&alley.path("host")), Vec::<PathBuf>::new());

    alley.has_a_line_again();
    host.ask("sync_and_wait", Value::Null).unwrap();
    until(&mut host, |hub| hub["waiting"] == 0);
    assert!(!told_by(&alley.path("nation")).is_empty(), "the control");
    knows(&mut table, &address(&again));
    let synced = table.try_to_sync().unwrap();
    assert_eq!((&synced["copies_of_last"], &synced["to_push"]), (&json!("nation"), &json!(0)), "{synced}");
}

#[test]
fn it_is_stopped_and_started_by_whoever_looks_after_it() {
    let alley = Alley::with_a_nation();
    let mut host = alley.enrolled("host", "CODE-ONE");
    let hub = becomes_the_hub(&alley, &mut host);
    let own = |laptop: &mut Headless| laptop.state().unwrap()["hubs"].as_array().unwrap().len();
    assert_eq!(own(&mut host), 1, "its own statements go there too");
    let stopped = host.ask("site_hub_stop", Value::Null).unwrap();
    assert_eq!((&stopped["phase"], own(&mut host)), (&json!("stopped"), 0));
    assert!(std::net::TcpStream::connect(hub.trim_start_matches("http://")).is_err(), "nobody answers");
    // Nor after the next start.
    host.ask("lock", Value::Null).unwrap();
    host.unlock().unwrap();
    assert_eq!(hub_of(&mut host)["phase"], "stopped");
    assert_eq!(host.ask("site_hub_start", Value::Null).unwrap()["phase"], "serving");
    // Twice is once.
    assert_eq!(host.ask("site_hub_start", Value::Null).unwrap()["phase"], "serving");
}

#[test]
fn what_does_not_work_says_what_to_do() {
    let mut alley = Alley::with_a_nation();
    let mut host = alley.enrolled("host", "CODE-ONE");
    let join = |laptop: &mut Headless, code: &str, name: &str| {
        laptop.ask("site_hub_join", json!({ "code": code, "name": name })).map(|view| view["phase"].clone())
    };
    let refused = |code: &str| Err(Stopped::Failure(code.to_owned()));
    assert_eq!(join(&mut host, "NO-SUCH-CODE", "Hẻm 62"), refused("code_refused"));
    assert_eq!(join(&mut host, &alley.hub_code(), "  "), refused("bad_request"));
    let code = alley.hub_code();
    alley.loses_its_line();
    assert_eq!(join(&mut host, &code, "Hẻm 62"), refused("no_network"));
    assert_eq!(hub_of(&mut host)["phase"], "never");
    assert_eq!(host.ask("site_hub_start", Value::Null).map(drop), refused("hub_damaged").map(drop));
    alley.has_a_line_again();
    assert_eq!(join(&mut host, &code, "Hẻm 62"), Ok(json!("serving")));
    host.kill().unwrap();

    // Another laptop's hub is opened by nobody else.
    let mut thief = alley.enrolled("thief", "CODE-TWO");
    world::copy_folder(&alley.path("host/hub"), &alley.path("thief/hub"));
    assert_eq!(thief.ask("site_hub_start", Value::Null).map(drop), refused("hub_damaged").map(drop));
    let broken = hub_of(&mut thief);
    assert_eq!(broken["phase"], "broke", "{broken}");
    // It begins anew with a code of its own, and what it could not open is still there.
    assert_eq!(join(&mut thief, &alley.hub_code(), "Hẻm 63"), Ok(json!("serving")));
    assert!(alley.path("thief/hub.aside-1/keys/hub.cbor").is_file());
    // A code that is typed once more is not spent.
    let spare = alley.hub_code();
    assert_eq!(join(&mut thief, &spare, "Hẻm 64"), Ok(json!("serving")));
    assert_eq!(thief.ask("site_hub", Value::Null).unwrap()["name"], "Hẻm 63");
    let mut third = alley.enrolled("third", "CODE-THREE");
    assert_eq!(join(&mut third, &spare, "Hẻm 65"), Ok(json!("serving")));
    // The laptop itself goes on.
    let citizen = thief.card(CARD).unwrap();
    thief.give(&citizen, 1).unwrap();
    assert_eq!(thief.try_to_sync().unwrap()["copies_of_last"], "nation");
}
