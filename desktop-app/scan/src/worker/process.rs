//! The scanner's side of a decoding process: started, asked, and killed without regret.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tracing::debug;

use crate::decode::Symbols;
use crate::frame::Luma;
use crate::read::RawRead;
use crate::worker::serve::{WORKER_ARGUMENT, is_worker};
use crate::worker::wire::{GREETING, WireError, read_reads, write_frame};

/// Starting a program on a laptop that is busy with something else, from a slow disk.
const GREETING_TIME_MAX: Duration = Duration::from_secs(10);

/// A program whose `main` calls [`crate::run_if_worker`] first thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram {
    path: PathBuf,
    extra: Vec<OsString>,
}

impl WorkerProgram {
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), extra: Vec::new() }
    }

    /// The program that is running. On Linux this holds even after an upgrade has replaced its file.
    /// A program that was itself started to decode and does something else has none, so that no
    /// mistake starts programs without end.
    #[must_use]
    pub fn this_one() -> Option<Self> {
        if is_worker() {
            return None;
        }
        let itself = Path::new("/proc/self/exe");
        let path = if itself.exists() { Some(itself.to_owned()) } else { std::env::current_exe().ok() };
        path.map(|path| Self::at(&path))
    }

    /// Gives the program one more argument.
    #[must_use]
    pub fn with_argument(mut self, argument: &str) -> Self {
        self.extra.push(argument.into());
        self
    }
}

/// How a decoding process failed.
#[derive(Debug, Error)]
pub(crate) enum WorkerDeath {
    /// It never became a decoding process, so no frame is to blame.
    #[error("the program did not start as a decoding process")]
    NeverGreeted,
    #[error("the decoding process took too long")]
    TooSlow,
    #[error("the decoding process died or spoke nonsense")]
    Fell(#[source] WireError),
}

/// A running decoding process. To drop it is to kill it.
pub(crate) struct ProcessWorker {
    child: Child,
    frames: SyncSender<Arc<Luma>>,
    answers: Receiver<Answer>,
    greeted: bool,
}

enum Answer {
    Greeting,
    Reads(Vec<RawRead>),
    Failure(WireError),
}

impl ProcessWorker {
    pub(crate) fn start(program: &WorkerProgram, symbols: Symbols) -> io::Result<Self> {
        let mut command = Command::new(&program.path);
        command.arg(WORKER_ARGUMENT).args(&program.extra);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        without_a_window(&mut command);
        let mut child = command.spawn()?;
        let (frames, asked) = sync_channel(1);
        let (answer, answers) = sync_channel(2);
        if let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) {
            // Pipes block, so they have a thread. Killing the process breaks them and ends it.
            thread::Builder::new().name("decode pipe".to_owned()).spawn(move || {
                carry(symbols, to, BufReader::new(from), &asked, &answer);
            })?;
        }
        Ok(Self { child, frames, answers, greeted: false })
    }

    /// The process, if it is still there; one that died between frames died of something else.
    pub(crate) fn still_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    /// Has a frame read. After an error the process is of no more use.
    pub(crate) fn decode(&mut self, frame: &Arc<Luma>, time_max: Duration) -> Result<Vec<RawRead>, WorkerDeath> {
        if !self.greeted {
            match self.answers.recv_timeout(GREETING_TIME_MAX) {
                Ok(Answer::Greeting) => self.greeted = true,
                Ok(Answer::Reads(_) | Answer::Failure(_)) | Err(_) => return Err(WorkerDeath::NeverGreeted),
            }
        }
        // If the pipe's thread is gone its failure lies among the answers.
        let _ = self.frames.try_send(Arc::clone(frame));
        match self.answers.recv_timeout(time_max) {
            Ok(Answer::Reads(reads)) => Ok(reads),
            Ok(Answer::Failure(why)) => Err(WorkerDeath::Fell(why)),
            Err(RecvTimeoutError::Timeout) => Err(WorkerDeath::TooSlow),
            Ok(Answer::Greeting) | Err(RecvTimeoutError::Disconnected) => Err(WorkerDeath::Fell(WireError::Rubbish)),
        }
    }
}

impl Drop for ProcessWorker {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.child.kill();
        let ended = self.child.wait();
        debug!(?ended, "decoding process put away");
    }
}

fn carry(
    symbols: Symbols,
    mut to: ChildStdin,
    mut from: BufReader<ChildStdout>,
    frames: &Receiver<Arc<Luma>>,
    answer: &SyncSender<Answer>,
) {
    let mut greeting = [0; GREETING.len()];
    let first = match from.read_exact(&mut greeting) {
        Ok(()) if greeting == GREETING => Answer::Greeting,
        Ok(()) => Answer::Failure(WireError::Rubbish),
        Err(error) => Answer::Failure(WireError::Pipe(error)),
    };
    let mut going = matches!(first, Answer::Greeting);
    let _ = answer.send(first);
    while going {
        let Ok(frame) = frames.recv() else { break };
        let reads = write_frame(&mut to, symbols, &frame).and_then(|()| read_reads(&mut from));
        going = reads.is_ok();
        if answer.send(reads.map_or_else(Answer::Failure, Answer::Reads)).is_err() {
            break;
        }
    }
}

#[cfg(windows)]
fn without_a_window(command: &mut Command) {
    use std::os::windows::process::CommandExt;

    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn without_a_window(_: &mut Command) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_program_is_there() {
        let program = WorkerProgram::this_one();
        assert!(program.is_some_and(|program| program.path.exists()));
    }
}
