//! The journey of one dose in a terminal: the real server program, two real laptops as processes of
//! their own, a camera that looks at pictures, a power cut, a conflict, and the answer coming home.

#![allow(clippy::print_stdout, reason = "it plays in a terminal")]
#![allow(clippy::disallowed_methods, reason = "a program at the edge, where patience is measured by the real clock")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use world::console::Console;
use world::program::{self, ServerProgram};

const PIN: &str = "135790";
/// A busy machine may take a while to start the reader's own process.
const SCAN_PATIENCE: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = ServerProgram::start(&folder.path().join("server"), &["CODE-ALLEY", "CODE-TOWER"])?;
    println!("  the server listens on {}", server.url);

    let cards = folder.path().join("camera");
    std::fs::create_dir(&cards)?;
    let mut alley = Laptop::start(&folder.path().join("alley"), Some(&cards))?;
    let mut tower = Laptop::start(&folder.path().join("tower"), None)?;
    alley.enrol(&server.url, "CODE-ALLEY", "Hẻm 42")?;
    tower.enrol(&server.url, "CODE-TOWER", "Chung cư A")?;
    println!("  two laptops are enrolled, each with keys of its own");

    let card = program::fixture("qr/card.png");
    std::fs::copy(&card, cards.join("card.png")).with_context(|| card.display().to_string())?;
    let text = alley.scan()?;
    println!(
        "① a card is held up to the camera   ② it is read   ③ {} characters become a person",
        text.chars().count()
    );
    let citizen = alley.register(&text)?;
    println!("④ the record of {} is open", alley.name_of(&citizen)?);

    let first = alley.give(&citizen, 1, "PV46664")?;
    println!("⑤ the rules have been asked   ⑥ dose 1 is given, with no network   ⑦ on disk as {}", &first[..8]);
    alley.kill()?;
    alley = Laptop::start(&folder.path().join("alley"), Some(&cards))?;
    alley.ask("unlock", &json!({ "pin": PIN }))?;
    ensure!(alley.doses(&citizen)? == [first.clone()], "the dose is gone");
    println!("   the power is cut and comes back: the dose is there");

    let sync = alley.sync()?;
    println!("⑧ pushed {} statements, held to {}   ⑨ kept, verified   ⑩ applied", sync["pushed"], sync["durable_to"]);

    tower.register(&text)?;
    let second = tower.give(&citizen, 1, "FK9412")?;
    println!("   meanwhile another team, offline, gives dose 1 to the same person: {}", &second[..8]);
    tower.sync()?;

    let mut console = Console::sign_in(&server.url, "admin", program::PASSWORD)?;
    let case = console.only_open_case()?;
    println!("⑪ one case is raised: {}   ⑫ the admin sees both sides", case.kind);
    ensure!(case.sides == 2, "a case of two sides has {}", case.sides);
    console.settle(&case.id, "same_dose", Some(&first), "the tower's record was typed from the same slip")?;
    println!("⑬ settled: it was one injection, the alley's record is kept");

    for (name, laptop) in [("alley", &mut alley), ("tower", &mut tower)] {
        laptop.sync()?;
        let states = laptop.states(&citizen)?;
        println!("⑭ {name} shows: {states:?}");
        ensure!(states.iter().filter(|state| *state == "given").count() == 1, "the answer has not come home");
    }
    ensure!(alley.root(&citizen)? == tower.root(&citizen)?, "the two laptops differ");
    ensure!(console.state_root(&citizen)? == alley.root(&citizen)?, "the nation differs");
    println!("  both laptops and the nation hold the same record, to the byte");
    Ok(())
}

/// A laptop in a process of its own.
struct Laptop {
    process: Child,
    ask: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Laptop {
    fn start(folder: &Path, camera: Option<&PathBuf>) -> anyhow::Result<Self> {
        let mut command = Command::new(program::beside("headless")?);
        command.env("SO_TIEM_DATA", folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(camera) = camera {
            command.env("SO_TIEM_CAMERA", camera);
        }
        let mut process = command.spawn()?;
        let (Some(ask), Some(hear)) = (process.stdin.take(), process.stdout.take()) else { bail!("no pipes") };
        Ok(Self { process, ask, hear: BufReader::new(hear) })
    }

    fn ask(&mut self, command: &str, args: &Value) -> anyhow::Result<Value> {
        writeln!(self.ask, "{}", json!({ "command": command, "args": args }))?;
        self.ask.flush()?;
        let mut line = String::new();
        self.hear.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).with_context(|| format!("{command} had no answer"))?;
        if answer["ok"].is_null() {
            bail!("{command}: {}", answer["failure"]);
        }
        Ok(answer["ok"].clone())
    }

    fn enrol(&mut self, server: &str, code: &str, name: &str) -> anyhow::Result<()> {
        let args = json!({ "server_url": server, "code": code, "device_name": name, "user_name": format!("Đội {name}"), "pin": PIN });
        self.ask("enrol", &args).map(drop)
    }

    /// Waits for the camera to read a card.
    fn scan(&mut self) -> anyhow::Result<String> {
        self.ask("camera_start", &Value::Null)?;
        let mut after = 0;
        let begun = Instant::now();
        let mut last = Value::Null;
        while begun.elapsed() < SCAN_PATIENCE {
            let view = self.ask("camera_next", &json!({ "after": after }))?;
            after = view["seq"].as_u64().unwrap_or(after);
            if let Some(read) = view["reads"].as_array().and_then(|reads| reads.first()) {
                self.ask("camera_stop", &Value::Null)?;
                return Ok(read["text"].as_str().unwrap_or_default().to_owned());
            }
            last = json!({ "state": view["state"], "trouble": view["trouble"], "seq": view["seq"] });
        }
        bail!("the camera read nothing in {} s: {last}", SCAN_PATIENCE.as_secs())
    }

    fn register(&mut self, text: &str) -> anyhow::Result<String> {
        let seen = self.ask("look", &json!({ "text": text, "from_camera": true }))?;
        let citizen = match seen["kind"].as_str() {
            Some("new_card") => {
                let form = &seen["form"];
                self.ask("register", &json!({ "form": form, "in_spite_of_lookalikes": false }))?["citizen"].clone()
            }
            _ => seen["citizen"].clone(),
        };
        citizen.as_str().map(ToOwned::to_owned).context("nobody was registered")
    }

    fn open(&mut self, citizen: &str) -> anyhow::Result<Value> {
        self.ask("open_citizen", &json!({ "citizen": citizen }))
    }

    fn name_of(&mut self, citizen: &str) -> anyhow::Result<String> {
        Ok(self.open(citizen)?["name"].as_str().unwrap_or_default().to_owned())
    }

    fn root(&mut self, citizen: &str) -> anyhow::Result<String> {
        Ok(self.open(citizen)?["state_root"].as_str().unwrap_or_default().to_owned())
    }

    fn doses(&mut self, citizen: &str) -> anyhow::Result<Vec<String>> {
        self.of_doses(citizen, "statement")
    }

    fn states(&mut self, citizen: &str) -> anyhow::Result<Vec<String>> {
        self.of_doses(citizen, "state")
    }

    fn of_doses(&mut self, citizen: &str, part: &str) -> anyhow::Result<Vec<String>> {
        let view = self.open(citizen)?;
        let doses = view["doses"].as_array().cloned().unwrap_or_default();
        Ok(doses.iter().map(|dose| dose[part].as_str().unwrap_or_default().to_owned()).collect())
    }

    fn give(&mut self, citizen: &str, number: u8, lot: &str) -> anyhow::Result<String> {
        let draft = json!({
            "citizen": citizen, "product": "astrazeneca", "lot": lot, "lot_expiry": Value::Null,
            "number": number, "body_site": "left_arm", "route": "im",
        });
        let checked = self.ask("check_dose", &draft)?;
        let codes: Vec<Value> =
            checked["findings"].as_array().into_iter().flatten().map(|finding| finding["code"].clone()).collect();
        let saved = self.ask("give_dose", &json!({ "draft": draft, "in_spite_of": codes }))?;
        saved["statement"].as_str().map(ToOwned::to_owned).with_context(|| format!("not saved: {saved}"))
    }

    fn sync(&mut self) -> anyhow::Result<Value> {
        let state = self.ask("sync_and_wait", &Value::Null)?;
        ensure!(state["trouble"].is_null(), "sync: {}", state["trouble"]);
        Ok(state)
    }

    /// As a power cut would: nothing is asked, nothing is flushed.
    fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
