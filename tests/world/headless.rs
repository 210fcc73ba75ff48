//! A laptop without a window in a process of its own, spoken to line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};

use crate::deeds::{Deeds, Done, Stopped};

/// Longer than any deed takes on a busy machine.
const SILENT_AFTER: Duration = Duration::from_secs(60);

pub struct Headless {
    process: Child,
    ask: ChildStdin,
    answers: Receiver<String>,
}

impl Headless {
    /// `command` starts `headless`, under a tracer or not, with its folder in the environment.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(ask), Some(hear)) = (process.stdin.take(), process.stdout.take()) else { bail!("no pipes") };
        let (heard, answers) = channel();
        std::thread::spawn(move || {
            let mut hear = BufReader::new(hear);
            let mut line = String::new();
            // A line without an end is what a process leaves that is stopped in the middle of a word.
            while hear.read_line(&mut line).is_ok() && line.ends_with('\n') {
                if heard.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { process, ask, answers })
    }

    /// As a power cut would: nothing is asked, nothing is flushed.
    pub fn kill(mut self) -> anyhow::Result<ExitStatus> {
        self.process.kill()?;
        Ok(self.process.wait()?)
    }
}

impl Deeds for Headless {
    fn ask(&mut self, command: &str, args: Value) -> Done<Value> {
        let asked = writeln!(self.ask, "{}", json!({ "command": command, "args": args }));
        asked.and_then(|()| self.ask.flush()).map_err(|_| Stopped::Gone)?;
        let line = self.answers.recv_timeout(SILENT_AFTER).map_err(|why| match why {
            RecvTimeoutError::Timeout => Stopped::Silent,
            RecvTimeoutError::Disconnected => Stopped::Gone,
        })?;
        let mut answer: Value = serde_json::from_str(&line).map_err(|_| Stopped::Odd(line))?;
        match answer["failure"]["code"].as_str() {
            Some(code) => Err(Stopped::Failure(code.to_owned())),
            None => Ok(answer["ok"].take()),
        }
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
