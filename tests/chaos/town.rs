//! The real server, two real laptops on real HTTP, and one of them behind the proxy.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use field_client::desk::{CameraFrom, CameraMaker, nobody_nearby};
use field_client::edge::Machine;
use field_client::sync::http::Http;
use field_client::{Desk, DeskSettings};
use serde_json::Value;
use tempfile::TempDir;
use world::Person;
use world::console::Console;
use world::deeds::{Deeds, Here};
use world::program::{PASSWORD, ServerProgram};

use crate::proxy::Proxy;

/// Long enough for any exchange on loopback, on a busy machine too.
pub const PATIENT: Duration = Duration::from_secs(60);

/// Where a laptop's road leads to at the moment, and how long it waits there.
#[derive(Clone)]
pub struct Road(Arc<Mutex<(String, Duration)>>);

impl Road {
    pub fn leads_to(&self, url: &str, patience: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (url.to_owned(), patience);
    }
}

pub struct Laptop {
    pub here: Here,
    pub road: Road,
}

impl Laptop {
    pub fn in_folder(folder: &Path, url: &str) -> Self {
        let road = Road(Arc::new(Mutex::new((url.to_owned(), PATIENT))));
        let led = road.clone();
        let desk = Desk::open(DeskSettings {
            folder: folder.to_owned(),
            edge: Arc::new(Machine::new()),
            roads: Box::new(move |_| {
                let (url, patience) = led.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Ok(Box::new(Http::with_patience(&url, patience, patience)?))
            }),
            camera: CameraMaker { from: CameraFrom::Path(folder.to_owned()), worker: None },
            nearby: nobody_nearby(),
            site_hub: None,
            sync_by_itself: false,
        });
        Self { here: Here(desk), road }
    }

    /// Syncs on a good road; everything must go well.
    pub fn syncs(&mut self) -> anyhow::Result<Value> {
        let state = self.here.try_to_sync()?;
        ensure!(state["trouble"].is_null(), "an undisturbed sync met {}", state["trouble"]);
        ensure!(state["to_push"] == 0 && state["durable_to"] == state["log_head"], "not all was pushed: {state}");
        ensure!(state["attention"].as_array().is_some_and(Vec::is_empty), "{}", state["attention"]);
        Ok(state)
    }
}

const SURNAMES: [&str; 11] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô"];
const GIVEN: [&str; 13] =
    ["An", "Bình", "Cường", "Dũng", "Giang", "Hải", "Khoa", "Long", "Minh", "Nam", "Phúc", "Sơn", "Tú"];

pub struct Town {
    pub folder: TempDir,
    pub server: ServerProgram,
    pub console: Console,
    pub proxy: Proxy,
    pub alley: Laptop,
    pub tower: Laptop,
    people: u32,
    pub given: u64,
}

impl Town {
    pub fn found() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(memory())?;
        let codes = ["CODE-ALLEY", "CODE-TOWER", "CODE-SCHOOL", "CODE-FRESH"];
        let server = ServerProgram::start(&folder.path().join("server"), &codes)?;
        let console = Console::sign_in(&server.url, "admin", PASSWORD)?;
        let proxy = Proxy::before(&server.url)?;
        let enrolled = |name: &str, code: &str| -> anyhow::Result<Laptop> {
            let mut laptop = Laptop::in_folder(&folder.path().join(name), &server.url);
            laptop.here.enrol(&server.url, code, name)?;
            laptop.syncs()?;
            Ok(laptop)
        };
        let (alley, tower) = (enrolled("alley", "CODE-ALLEY")?, enrolled("tower", "CODE-TOWER")?);
        Ok(Self { console, proxy, alley, tower, people: 0, given: 0, server, folder })
    }

    fn next_person(&mut self) -> Person {
        self.people += 1;
        person(self.people)
    }

    /// The alley gives somebody new a dose.
    pub fn alley_gives(&mut self) -> anyhow::Result<String> {
        let card = self.next_person().card();
        self.given += 1;
        gives(&mut self.alley, &card)
    }

    /// The tower gives somebody new a dose and syncs on a good road.
    pub fn tower_gives(&mut self) -> anyhow::Result<String> {
        let card = self.next_person().card();
        self.given += 1;
        let citizen = gives(&mut self.tower, &card)?;
        self.tower.syncs()?;
        self.nation_has_caught_up()?;
        Ok(citizen)
    }

    pub fn nation_has_caught_up(&self) -> anyhow::Result<Value> {
        for _ in 0..100_000 {
            let overview = self.console.get("overview")?;
            if overview["projector_behind"] == 0 {
                return Ok(overview);
            }
        }
        anyhow::bail!("the record does not catch up with the log")
    }

    /// The nation claims to hold no less than the alley believes it does.
    pub fn nothing_is_believed_too_early(&mut self) -> anyhow::Result<()> {
        let believed = self.alley.here.state()?["durable_to"].as_u64();
        let held = self.log_of("alley")?["durable_to"].as_u64();
        ensure!(believed <= held, "the laptop believes {believed:?}, the nation holds {held:?}");
        Ok(())
    }

    fn log_of(&self, name: &str) -> anyhow::Result<Value> {
        let devices = self.console.get("devices")?;
        let device = devices.as_array().into_iter().flatten().find(|device| device["name"] == name);
        let logs = device.context("no such device")?["logs"].as_array().cloned().unwrap_or_default();
        ensure!(logs.len() == 1 && logs[0]["forked"] == false, "{name} has other logs than one: {logs:?}");
        Ok(logs[0].clone())
    }

    /// Nothing lost, nothing doubled, nothing doubted; and of these people the same record everywhere.
    pub fn all_is_well(&mut self, people: &[String]) -> anyhow::Result<()> {
        let overview = self.nation_has_caught_up()?;
        let figures =
            ["doses", "people", "cases_open", "quarantined", "statements_missing"].map(|name| &overview[name]);
        ensure!(figures == [self.given, self.given, 0, 0, 0], "{} doses were given: {overview}", self.given);
        let head = self.alley.here.state()?["log_head"].clone();
        let log = self.log_of("alley")?;
        ensure!(log["durable_to"] == head && log["claimed_head"] == head, "the log ends at {head}: {log}");
        for citizen in people {
            let nation = self.console.state_root(citizen)?;
            let alley = self.alley.here.root(citizen)?;
            ensure!(!nation.is_empty() && nation == alley, "two records of {citizen}");
        }
        Ok(())
    }
}

/// Nobody resembles anybody: likeness is not what is looked at here.
pub fn person(serial: u32) -> Person {
    let n = serial as usize;
    let (surname, given) = (SURNAMES[n % SURNAMES.len()], GIVEN[n / SURNAMES.len() % GIVEN.len()]);
    let born = format!("19{:02}-{:02}-{:02}", 40 + n % 59, 1 + n % 12, 1 + n % 28);
    Person::new(&format!("{surname} Văn {given}"), &born, serial)
}

pub fn gives(laptop: &mut Laptop, card: &str) -> anyhow::Result<String> {
    let citizen = laptop.here.card(card)?;
    laptop.here.give(&citizen, 1)?;
    Ok(citizen)
}

/// What is sure to be lost at a power cut, and quick: no power is cut here.
pub fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
