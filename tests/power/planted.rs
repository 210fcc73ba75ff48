//! Bugs planted in the code of laptop and server. Each is alive in a run of its own, and each run must find it.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]

use std::process::Command;

use anyhow::{Context, bail, ensure};
use shared_model::planted::Bug;

pub fn plant(name: &str) -> anyhow::Result<()> {
    let bug = Bug::named(name).with_context(|| format!("no bug is called {name}"))?;
    #[cfg(feature = "planted")]
    shared_model::planted::plant(Some(bug));
    if cfg!(feature = "planted") {
        return Ok(());
    }
    bail!("{} is not in this build: build it with `--features tests/planted`", bug.name())
}

/// Prints what found each bug. Fails if one survives.
pub fn controls(seed: u64) -> anyhow::Result<()> {
    ensure!(cfg!(feature = "planted"), "this build has no planted bugs: build it with `--features tests/planted`");
    println!("  {:34} {:>6}  broke", "planted", "seed");
    let mut survived = Vec::new();
    for bug in Bug::ALL.iter().filter(|bug| bug.is_of_the_disk()) {
        let whose = if matches!(bug, Bug::ServerNotSynced | Bug::ServerNotCommitted) { "--server" } else { "--laptop" };
        let mut run = Command::new(std::env::current_exe()?);
        let run = run.args(["--seed", &seed.to_string(), "--plant", bug.name(), whose]).output()?;
        let told = String::from_utf8_lossy(&run.stdout);
        let wrong = String::from_utf8_lossy(&run.stderr);
        // A run that found something prints what is broken, indented, before the line that shows it again.
        let lines: Vec<&str> = told.lines().collect();
        let again = lines.iter().position(|line| line.contains(&format!("--plant {}", bug.name())));
        let what = again.and_then(|at| lines.get(at.saturating_sub(1))).map(|line| line.trim());
        if run.status.success() {
            survived.push(bug.name());
        }
        let what = what.filter(|_| !run.status.success()).or_else(|| wrong.lines().next());
        let what = if run.status.success() { "nothing: it survived" } else { what.unwrap_or_default() };
        println!("  {:34} {seed:>6}  {what}", bug.name());
    }
    ensure!(survived.is_empty(), "the sweeps are blind: {survived:?} survived");
    Ok(())
}
