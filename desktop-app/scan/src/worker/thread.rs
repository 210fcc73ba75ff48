//! Decoding on a thread of this process, where no decoding process can be had. A panic is caught; a
//! loop cannot be, and its thread is left behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::decode::Reader;
use crate::frame::Luma;
use crate::read::RawRead;

/// Each thread left behind in a loop takes a processor core with it.
const LIVING_THREADS_MAX: usize = 3;

/// How a decoding thread failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ThreadDeath {
    TooSlow,
    Panicked,
}

pub(crate) struct ThreadWorker {
    frames: SyncSender<Arc<Luma>>,
    answers: Receiver<Vec<RawRead>>,
}

/// Counts the threads of one scanner, those left behind included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Living(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Alive(Living);

impl ThreadWorker {
    /// A thread that reads, or `None` when too many are lost in loops already.
    pub(crate) fn start(reader: Arc<dyn Reader>, living: &Living) -> Option<Self> {
        let before = living.0.fetch_add(1, Ordering::SeqCst);
        let alive = Alive(living.clone());
        if before >= LIVING_THREADS_MAX {
            return None;
        }
        let (frames, asked) = sync_channel::<Arc<Luma>>(1);
        let (answer, answers) = sync_channel(1);
        let work = move || {
            let _alive = alive;
            while let Ok(frame) = asked.recv() {
                let reads = catch_unwind(AssertUnwindSafe(|| reader.read(&frame)));
                let Ok(reads) = reads else { break };
                if answer.send(reads).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("decode".to_owned()).spawn(work).ok()?;
        Some(Self { frames, answers })
    }

    /// Has a frame read. After an error the thread is of no more use.
    pub(crate) fn decode(&self, frame: &Arc<Luma>, time_max: Duration) -> Result<Vec<RawRead>, ThreadDeath> {
        let _ = self.frames.try_send(Arc::clone(frame));
        self.answers.recv_timeout(time_max).map_err(|error| match error {
            RecvTimeoutError::Timeout => ThreadDeath::TooSlow,
            RecvTimeoutError::Disconnected => ThreadDeath::Panicked,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex, PoisonError};

    use super::*;

    /// Panics at black frames, and hangs at white ones until let go.
    #[derive(Default)]
    struct Moody {
        let_go: Mutex<bool>,
        changed: Condvar,
    }

    impl Reader for Moody {
        fn read(&self, frame: &Luma) -> Vec<RawRead> {
            match frame.bytes()[0] {
                0 => std::panic::panic_any("black"),
                255 => {
                    let waiting = self.let_go.lock().unwrap_or_else(PoisonError::into_inner);
                    let waited = self.changed.wait_while(waiting, |let_go| !*let_go);
                    drop(waited);
                    Vec::new()
                }
                _ => Vec::new(),
            }
        }
    }

    fn frame(shade: u8) -> Arc<Luma> {
        Arc::new(Luma::blank(8, 8, shade).unwrap())
    }

    #[test]
    fn a_panic_ends_the_thread_and_a_hang_leaves_it_behind() {
        let (reader, living) = (Arc::new(Moody::default()), Living::default());
        let start = || ThreadWorker::start(Arc::clone(&reader) as Arc<dyn Reader>, &living);
        let long = Duration::from_secs(20);

        let worker = start().unwrap();
        assert_eq!(worker.decode(&frame(100), long), Ok(Vec::new()));
        assert_eq!(worker.decode(&frame(0), long), Err(ThreadDeath::Panicked));

        let mut hung = Vec::new();
        while let Some(worker) = start() {
            assert_eq!(worker.decode(&frame(255), Duration::from_millis(5)), Err(ThreadDeath::TooSlow));
            hung.push(worker);
            assert!(hung.len() <= LIVING_THREADS_MAX);
        }
        assert!(!hung.is_empty());

        *reader.let_go.lock().unwrap() = true;
        reader.changed.notify_all();
        for worker in hung {
            assert_eq!(worker.answers.recv_timeout(long), Ok(Vec::new()));
        }
    }
}
