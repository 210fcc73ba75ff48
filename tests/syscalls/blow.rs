//! One system call of a real program that ends badly, and the tracer that brings it about.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// Everything by which a program changes a file.
pub const CALLS: [&str; 7] = ["write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// The process is gone before the call is done.
    Killed,
    /// The disk fails.
    Eio,
    /// The disk is full.
    Enospc,
}

/// The `when`-th call of this kind, counted in each thread; the later ones too where `ever_after` is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blow {
    pub call: &'static str,
    pub harm: Harm,
    pub when: u32,
    pub ever_after: bool,
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.ever_after { " and all after it" } else { "" };
        write!(f, "{:?} at {} {}{plus}", self.harm, self.call, self.when)
    }
}

/// The tracer as a grandchild, so that the process that is started is the program itself.
fn tracer(notes: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qq", "-o"]).arg(notes);
    command
}

/// A command that starts the program and counts.
pub fn counting(program: &Path, notes: &Path) -> Command {
    let mut command = tracer(notes);
    command.arg("--seccomp-bpf").arg(format!("--trace={}", CALLS.join(","))).arg(program);
    command
}

impl Blow {
    /// A command that starts the program and lets it meet this.
    pub fn command(&self, program: &Path, notes: &Path) -> Command {
        let harm = match self.harm {
            Harm::Killed => "signal=KILL",
            Harm::Eio => "error=EIO",
            Harm::Enospc => "error=ENOSPC",
        };
        let plus = if self.ever_after { "+" } else { "" };
        let mut command = tracer(notes);
        // A signal is not delivered where a filter stops the call.
        if self.harm != Harm::Killed {
            command.arg("--seccomp-bpf");
        }
        command
            .arg(format!("--trace={}", self.call))
            .arg(format!("--inject={}:{harm}:when={}{plus}", self.call, self.when))
            .arg(program);
        command
    }

    /// Whether it came to that, and the program was gone before anybody else stopped it.
    pub fn fell(&self, notes: &Path, gone: bool) -> bool {
        if self.harm == Harm::Killed {
            return gone;
        }
        std::fs::read_to_string(notes).unwrap_or_default().contains("(INJECTED)")
    }
}

/// How often the thread that did it most often did each call.
pub fn counted(notes: &Path) -> anyhow::Result<BTreeMap<&'static str, u32>> {
    let notes = std::fs::read_to_string(notes).with_context(|| format!("no notes in {}", notes.display()))?;
    let mut by_thread: BTreeMap<(&str, &'static str), u32> = BTreeMap::new();
    for line in notes.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let name = rest.trim_start().split('(').next().unwrap_or_default();
        if let Some(call) = CALLS.iter().find(|call| **call == name) {
            *by_thread.entry((thread, *call)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), times) in by_thread {
        let known = most.entry(call).or_insert(0);
        *known = times.max(*known);
    }
    Ok(most)
}
