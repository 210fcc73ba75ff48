//! Folders that are copied for each blow, and the programs that work on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;
use world::deeds::{Deeds, Done, Stopped};
use world::headless::Headless;
use world::{Person, program};

/// What a dose that was said to be saved must still be known by.
#[derive(Debug, Default)]
pub struct Promises {
    pub citizen: Option<String>,
    pub saved: Vec<String>,
    /// Said to be withdrawn: it must not count any more.
    pub withdrawn: Vec<String>,
    /// Said to be of this lot.
    pub corrected: Vec<String>,
}

pub const CORRECTED_LOT: &str = "PV46665";

/// A folder of its own for one blow, gone when it is done.
pub fn folder() -> anyhow::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? })
}

pub fn card(serial: u32) -> String {
    Person::new("Lê Văn An", "1970-01-01", serial).card()
}

/// A laptop on this folder. The command starts the program, under a tracer or not.
pub fn laptop(mut command: Command, folder: &Path, road: Option<&str>) -> anyhow::Result<Headless> {
    command.env("SO_TIEM_DATA", folder);
    if let Some(road) = road {
        command.env("SO_TIEM_ROAD", road);
    }
    Headless::start(command)
}

pub fn headless() -> anyhow::Result<PathBuf> {
    program::beside("headless")
}

pub fn plain() -> anyhow::Result<Command> {
    Ok(Command::new(headless()?))
}

/// A deed that a person tries once more when it fails. Only a laptop that is gone is left alone.
pub fn tried<T>(
    laptop: &mut Headless,
    said: &mut Vec<String>,
    mut deed: impl FnMut(&mut Headless) -> Done<T>,
) -> anyhow::Result<Option<T>> {
    for _ in 0..2 {
        match deed(laptop) {
            Ok(done) => return Ok(Some(done)),
            Err(Stopped::Failure(code)) => said.push(code),
            Err(Stopped::Gone) => {
                said.push("gone".to_owned());
                return Ok(None);
            }
            Err(odd) => anyhow::bail!("{odd}"),
        }
    }
    Ok(None)
}

/// Everything promised is there; then one more dose, and everything goes up in the log it was written to.
pub fn holds_and_goes_on(laptop: &mut Headless, promises: &Promises, serial: u32) -> anyhow::Result<()> {
    if let Some(citizen) = &promises.citizen {
        let view = laptop.open(citizen).context("somebody who was registered")?;
        let doses = view["doses"].as_array().cloned().unwrap_or_default();
        let shown = |statement: &String| doses.iter().find(|dose| dose["statement"] == statement.as_str());
        for saved in &promises.saved {
            let dose = shown(saved).with_context(|| format!("the saved dose {saved} is gone"))?;
            let withdrawn = dose["state"] != "given";
            ensure!(withdrawn || !promises.withdrawn.contains(saved), "the withdrawal of {saved} is gone");
            let lot = dose["lot"].to_string();
            ensure!(!promises.corrected.contains(saved) || lot.contains(CORRECTED_LOT), "{saved} has lot {lot} again");
        }
    }
    let another = laptop.card(&card(serial)).context("one more person")?;
    laptop.give(&another, 1).context("one more dose")?;
    let state = laptop.try_to_sync().context("a sync")?;
    all_is_up(&state)
}

pub fn all_is_up(state: &Value) -> anyhow::Result<()> {
    ensure!(state["trouble"].is_null(), "a sync met {}", state["trouble"]);
    ensure!(state["log_head"] == state["durable_to"] && state["to_push"] == 0, "not all went up: {state}");
    ensure!(state["log_epoch"] == 1, "the log was begun anew: {state}");
    ensure!(state["attention"].as_array().is_some_and(Vec::is_empty), "doubted: {}", state["attention"]);
    Ok(())
}
