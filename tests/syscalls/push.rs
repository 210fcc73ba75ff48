//! The real server while a laptop pushes: it may stop, and it may refuse, but what it gave a receipt for is there.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::Value;
use world::deeds::Deeds;
use world::headless::Headless;
use world::program::{self, ServerProgram};

use crate::bench::{self, Promises};
use crate::blow::{self, Blow};
use crate::day;
use crate::sweep::{self, Found, Met};

/// Syncs that a laptop tries against the server that is being struck.
const SYNCS: usize = 3;

pub struct Story {
    laptop: PathBuf,
    server: PathBuf,
    promises: Promises,
}

impl Story {
    /// The same laptop and server as on any day, with doses that have not gone up.
    pub fn prepared(day: &day::Story) -> anyhow::Result<Self> {
        let laptop = day.laptop.with_file_name("laptop-with-doses");
        world::copy_folder(&day.laptop, &laptop);
        let mut alley = bench::laptop(bench::plain()?, &laptop, None)?;
        alley.unlock()?;
        let citizen = alley.card(&bench::card(2))?;
        let saved = vec![alley.give(&citizen, 1)?, alley.give(&citizen, 2)?];
        alley.ask("lock", Value::Null)?;
        let promises = Promises { citizen: Some(citizen), saved, ..Promises::default() };
        Ok(Self { laptop, server: day.server.clone(), promises })
    }

    pub fn sweep(&self, most: usize) -> anyhow::Result<Found> {
        let folder = bench::folder()?;
        let (notes, nation) = (folder.path().join("notes"), folder.path().join("server"));
        world::copy_folder(&self.server, &nation);
        let server = ServerProgram::serve_by(blow::counting(&program::beside("sync-server")?, &notes), &nation)?;
        let mut laptop = self.laptop(&folder.path().join("laptop"), &server.url)?;
        for _ in 0..SYNCS {
            bench::all_is_up(&laptop.try_to_sync()?)?;
        }
        drop(server);
        let counted = blow::counted(&notes)?;
        let blows = sweep::sample(&counted, most);
        Ok(sweep::strike(&counted, &blows, &|_, blow| self.one(blow)))
    }

    fn laptop(&self, data: &std::path::Path, road: &str) -> anyhow::Result<Headless> {
        world::copy_folder(&self.laptop, data);
        let mut laptop = bench::laptop(bench::plain()?, data, Some(road))?;
        laptop.unlock()?;
        Ok(laptop)
    }

    fn one(&self, blow: &Blow) -> anyhow::Result<Met> {
        let folder = bench::folder()?;
        let (notes, data, nation) =
            (folder.path().join("notes"), folder.path().join("laptop"), folder.path().join("server"));
        world::copy_folder(&self.server, &nation);
        let mut said = Vec::new();
        let (mut received, mut gone) = (0, false);
        match ServerProgram::serve_by(blow.command(&program::beside("sync-server")?, &notes), &nation) {
            Ok(mut server) => {
                let mut laptop = self.laptop(&data, &server.url)?;
                for _ in 0..SYNCS {
                    let state = laptop.try_to_sync()?;
                    said.push(state["trouble"].as_str().unwrap_or("synced").to_owned());
                    let durable_to = state["durable_to"].as_u64().unwrap_or_default();
                    ensure!(durable_to >= received, "a receipt was taken back: {durable_to} after {received}");
                    received = durable_to;
                }
                if !server.is_running() {
                    gone = true;
                    said.push("server gone".to_owned());
                }
                laptop.kill()?;
            }
            Err(_) => {
                gone = true;
                said.push("server not started".to_owned());
                world::copy_folder(&self.laptop, &data);
            }
        }

        let server = ServerProgram::serve(&nation).context("the server on the same folder")?;
        let held = held(&server)?;
        ensure!(held >= received, "receipts to {received}, and {held} are there");
        let mut laptop = bench::laptop(bench::plain()?, &data, Some(&server.url))?;
        laptop.unlock()?;
        bench::holds_and_goes_on(&mut laptop, &self.promises, 3)?;
        Ok(Met { fell: blow.fell(&notes, gone), said })
    }
}

/// How much of the laptop's log the server has.
fn held(server: &ServerProgram) -> anyhow::Result<u64> {
    let console = world::console::Console::sign_in(&server.url, "admin", program::PASSWORD)?;
    let devices = console.get("devices")?;
    let laptop = devices.as_array().into_iter().flatten().find(|device| device["is_console"] == false);
    let logs = laptop.context("the laptop is not known")?["logs"].as_array().cloned().unwrap_or_default();
    ensure!(logs.len() == 1 && logs[0]["forked"] == false, "other logs than one: {logs:?}");
    logs[0]["durable_to"].as_u64().context("no length")
}
