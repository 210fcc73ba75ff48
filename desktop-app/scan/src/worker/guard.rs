//! Someone who has frames read and outlives whoever reads them.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tracing::{info, warn};

use crate::decode::{Cascade, Reader, Symbols};
use crate::frame::Luma;
use crate::read::RawRead;
use crate::worker::process::{ProcessWorker, WorkerDeath, WorkerProgram};
use crate::worker::thread::{Living, ThreadDeath, ThreadWorker};

/// A program that does not serve this many times in a row is not a decoding program, and starting
/// it again may open windows.
const REFUSALS_MAX: u32 = 2;

/// Why nothing is known of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameLost {
    /// Reading it took longer than allowed.
    #[error("reading a frame took too long")]
    TookTooLong,
    /// Whoever read it fell.
    #[error("reading a frame ended the reader")]
    ReaderFell,
    /// Too many threads are lost in earlier frames to begin another.
    #[error("there is nobody left to read frames")]
    NobodyLeft,
}

pub(crate) struct Guard {
    program: Option<WorkerProgram>,
    symbols: Symbols,
    frame_time_max: Duration,
    process: Option<ProcessWorker>,
    refusals: u32,
    reader: Arc<dyn Reader>,
    thread: Option<ThreadWorker>,
    living: Living,
}

impl Guard {
    /// Starts the decoding process at once if there is a program for it, so that the first frame
    /// finds it awake.
    pub(crate) fn new(program: Option<WorkerProgram>, symbols: Symbols, frame_time_max: Duration) -> Self {
        let reader = Arc::new(Cascade::for_video(symbols));
        let (process, thread, living) = (None, None, Living::default());
        let mut guard = Self { program, symbols, frame_time_max, process, refusals: 0, reader, thread, living };
        guard.process = guard.another_process();
        guard
    }

    /// Has a frame read by whoever can.
    pub(crate) fn decode(&mut self, frame: &Arc<Luma>) -> Result<Vec<RawRead>, FrameLost> {
        while self.program.is_some() {
            if let Some(answer) = self.by_process(frame) {
                return answer;
            }
        }
        self.by_thread(frame)
    }

    /// Asks the decoding process, or another one; `None` when there was none to ask.
    fn by_process(&mut self, frame: &Arc<Luma>) -> Option<Result<Vec<RawRead>, FrameLost>> {
        let mut process =
            self.process.take().and_then(ProcessWorker::still_alive).or_else(|| self.another_process())?;
        let lost = match process.decode(frame, self.frame_time_max) {
            Ok(reads) => {
                self.refusals = 0;
                self.process = Some(process);
                return Some(Ok(reads));
            }
            Err(WorkerDeath::NeverGreeted) => {
                self.refuse();
                return None;
            }
            Err(WorkerDeath::TooSlow) => FrameLost::TookTooLong,
            Err(WorkerDeath::Fell(why)) => {
                info!(%why, "the decoding process fell");
                FrameLost::ReaderFell
            }
        };
        drop(process);
        self.process = self.another_process();
        Some(Err(lost))
    }

    fn another_process(&mut self) -> Option<ProcessWorker> {
        let program = self.program.as_ref()?;
        match ProcessWorker::start(program, self.symbols) {
            Ok(process) => Some(process),
            Err(error) => {
                warn!(%error, ?program, "no decoding process");
                self.refuse();
                None
            }
        }
    }

    fn refuse(&mut self) {
        self.refusals += 1;
        if self.refusals >= REFUSALS_MAX {
            warn!(program = ?self.program, "not a decoding program; frames are read in this process");
            self.program = None;
        }
    }

    fn by_thread(&mut self, frame: &Arc<Luma>) -> Result<Vec<RawRead>, FrameLost> {
        let thread = self.thread.take().or_else(|| ThreadWorker::start(Arc::clone(&self.reader), &self.living));
        let thread = thread.ok_or(FrameLost::NobodyLeft)?;
        match thread.decode(frame, self.frame_time_max) {
            Ok(reads) => {
                self.thread = Some(thread);
                Ok(reads)
            }
            Err(ThreadDeath::TooSlow) => Err(FrameLost::TookTooLong),
            Err(ThreadDeath::Panicked) => Err(FrameLost::ReaderFell),
        }
    }
}
