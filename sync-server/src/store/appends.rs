//! Pushes of many laptops become one append: whatever stands in line when the writer comes to it goes into the log
//! together, a few statements for all of it instead of a few for each. Nobody waits for company: the line is what
//! gathered while the commit before was on its way to the disk.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::engine::{Company, Deed, Engine};
use super::queue::WAITING_MAX;
use super::rows::{AppendRun, Appended};
use super::tables::log::{self, Ran};
use super::{Durable, StoreError};

/// Entries one append may carry; a single run may bring more.
const ENTRIES_MAX: usize = 2_000;

struct Waiting {
    run: Arc<AppendRun>,
    reply: oneshot::Sender<Result<Appended, StoreError>>,
}

impl Waiting {
    /// Whoever went away has its run appended all the same.
    fn tell(self, told: Result<Appended, StoreError>) {
        let _ = self.reply.send(told);
    }
}

#[derive(Default)]
struct Line {
    runs: VecDeque<Waiting>,
    /// Somebody is on the way to the writer to take what stands here.
    is_called: bool,
}

/// Taken into one append, and whether others were left standing.
#[derive(Default)]
struct Taken {
    runs: Vec<Waiting>,
    leaves_some: bool,
}

#[derive(Clone, Default)]
pub(super) struct Appends(Arc<Mutex<Line>>);

impl Appends {
    /// Comes back when the run is on disk, or when it can't be appended.
    pub(super) async fn append(&self, engine: &Arc<Engine>, run: AppendRun) -> Result<Appended, StoreError> {
        let (reply, told) = oneshot::channel();
        if self.join(Waiting { run: Arc::new(run), reply })? {
            // A caller may go away; those it would have served do not.
            tokio::spawn(serve(self.clone(), Arc::clone(engine)));
        }
        told.await.map_err(|_| StoreError::Closed)?
    }

    /// Whether the caller must send somebody.
    fn join(&self, waiting: Waiting) -> Result<bool, StoreError> {
        let mut line = lock(&self.0);
        if line.runs.len() >= WAITING_MAX {
            return Err(StoreError::Busy);
        }
        line.runs.push_back(waiting);
        Ok(!std::mem::replace(&mut line.is_called, true))
    }

    fn take(&self) -> Taken {
        let mut line = lock(&self.0);
        let (mut runs, mut entries) = (Vec::new(), 0);
        while let Some(next) = line.runs.front() {
            entries += next.run.entries.len();
            if entries > ENTRIES_MAX && !runs.is_empty() {
                break;
            }
            runs.extend(line.runs.pop_front());
        }
        line.is_called = !line.runs.is_empty();
        Taken { runs, leaves_some: line.is_called }
    }

    fn take_all(&self) -> Vec<Waiting> {
        let mut line = lock(&self.0);
        line.is_called = false;
        line.runs.drain(..).collect()
    }
}

async fn serve(line: Appends, engine: Arc<Engine>) {
    loop {
        let taken = Arc::new(Mutex::new(None));
        let done = engine.write(Company::Together, append_what_waits(&line, &taken)).await;
        let Some(Taken { runs, leaves_some }) = lock(&taken).take() else {
            // The writer never came to it.
            let wrong = done.err().unwrap_or(StoreError::Closed);
            line.take_all().into_iter().for_each(|waiting| waiting.tell(Err(wrong.clone())));
            return;
        };
        match done {
            Ok(ran) => {
                runs.into_iter().zip(ran.into_inner()).for_each(|(waiting, ran)| waiting.tell(Ok(appended(ran))))
            }
            Err(_) if runs.len() > 1 => one_by_one(&engine, runs).await,
            Err(wrong) => runs.into_iter().for_each(|waiting| waiting.tell(Err(wrong.clone()))),
        }
        if !leaves_some {
            return;
        }
    }
}

fn append_what_waits(line: &Appends, taken: &Arc<Mutex<Option<Taken>>>) -> Deed<Vec<Ran>> {
    let (line, slot) = (line.clone(), Arc::clone(taken));
    Box::new(move |conn| {
        let taken = line.take();
        let runs: Vec<_> = taken.runs.iter().map(|waiting| Arc::clone(&waiting.run)).collect();
        *lock(&slot) = Some(taken);
        Box::pin(async move { log::append(conn, &runs).await })
    })
}

/// A run that the store refuses takes no other with it.
async fn one_by_one(engine: &Engine, runs: Vec<Waiting>) {
    for waiting in runs {
        let run = [Arc::clone(&waiting.run)];
        let deed: Deed<Vec<Ran>> = Box::new(move |conn| Box::pin(async move { log::append(conn, &run).await }));
        let done = engine.write(Company::Together, deed).await;
        waiting.tell(done.and_then(|ran| ran.into_inner().pop().map(appended).ok_or(StoreError::Closed)));
    }
}

/// Called with what a commit carried, and only then.
fn appended(ran: Ran) -> Appended {
    match ran {
        Ran::Kept { held, last_lseq, fresh_epoch } => {
            Appended::Kept { held: Durable::committed(held), last_lseq, fresh_epoch }
        }
        Ran::Moved => Appended::Moved,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
