//! The one writer. Deeds that wait are done together in one transaction, each under a savepoint of its
//! own, and only after the commit does anyone hear that theirs is done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use rusqlite::Connection;
use shared_model::planted::{Bug, is_alive};
use tokio::sync::oneshot;

use super::sql::run_sql;
use crate::store::{Durable, StoreError};

/// Deeds one commit may carry.
const GROUP_MAX: usize = 256;
/// Deeds that may wait; beyond it the store says that it is busy.
const WAITING_MAX: usize = 1024;

/// Whether a deed shares its commit with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    Together,
    /// Long ones: nobody's acknowledgement waits for them.
    Alone,
}

trait Deed: Send {
    fn company(&self) -> Company;
    fn attempt(&mut self, conn: &Connection) -> Result<(), StoreError>;
    /// Tells the caller, after the commit, how it went.
    fn report(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Job<T, F> {
    company: Company,
    work: Option<F>,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<Durable<T>, StoreError>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, StoreError> + Send> Deed for Job<T, F> {
    fn company(&self) -> Company {
        self.company
    }

    fn attempt(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let work = self.work.take().ok_or(StoreError::Closed)?;
        self.outcome = Some(work(conn)?);
        Ok(())
    }

    fn report(self: Box<Self>, committed: Result<(), StoreError>) {
        let told = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => Ok(Durable::committed(outcome)),
            (Ok(()), None) => Err(StoreError::Closed),
            (Err(wrong), _) => Err(wrong),
        };
        // A caller that went away has its deed done all the same.
        let _ = self.reply.send(told);
    }
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: SyncSender<Box<dyn Deed>>,
}

impl Writer {
    pub(super) fn start(conn: Connection) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || write_on(&conn, &waiting))?;
        Ok(Self { queue })
    }

    /// Hands a deed to the writer and waits for the commit it is part of.
    pub(super) async fn write<T, F>(&self, company: Company, work: F) -> Result<Durable<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, told) = oneshot::channel();
        let job = Job { company, work: Some(work), outcome: None, reply };
        match self.queue.try_send(Box::new(job)) {
            Ok(()) => told.await.map_err(|_| StoreError::Closed)?,
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }
}

fn write_on(conn: &Connection, waiting: &Receiver<Box<dyn Deed>>) {
    let mut next: Option<Box<dyn Deed>> = None;
    loop {
        let first = match next.take() {
            Some(deed) => deed,
            None => match waiting.recv() {
                Ok(deed) => deed,
                Err(_) => return,
            },
        };
        let mut group = vec![first];
        while group.len() < GROUP_MAX && group[0].company() == Company::Together {
            match waiting.try_recv() {
                Ok(deed) if deed.company() == Company::Together => group.push(deed),
                Ok(deed) => {
                    next = Some(deed);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        commit_together(conn, group);
    }
}

fn commit_together(conn: &Connection, mut group: Vec<Box<dyn Deed>>) {
    let mut attempts: Vec<Result<(), StoreError>> = Vec::with_capacity(group.len());
    let committed = run_sql(conn, "BEGIN IMMEDIATE").and_then(|()| {
        for deed in &mut group {
            attempts.push(attempt(conn, deed.as_mut())?);
        }
        run_sql(conn, "COMMIT")
    });
    if let Err(wrong) = &committed {
        tracing::warn!(error = %wrong, deeds = group.len(), "a commit did not happen");
        if !conn.is_autocommit()
            && let Err(wrong) = run_sql(conn, "ROLLBACK")
        {
            tracing::error!(error = %wrong, "a transaction could not be rolled back");
        }
    }
    let mut attempts = attempts.into_iter();
    for deed in group {
        let told = match (&committed, attempts.next()) {
            (Err(_), Some(Ok(()))) if is_alive(Bug::ServerNotCommitted) => Ok(()),
            (Err(wrong), _) => Err(wrong.clone()),
            (Ok(()), Some(attempt)) => attempt,
            (Ok(()), None) => Err(StoreError::Closed),
        };
        deed.report(told);
    }
}

/// One deed under a savepoint: if it fails, it alone is undone. The outer error means that the whole transaction is gone.
fn attempt(conn: &Connection, deed: &mut dyn Deed) -> Result<Result<(), StoreError>, StoreError> {
    run_sql(conn, "SAVEPOINT deed")?;
    let done = catch_unwind(AssertUnwindSafe(|| deed.attempt(conn))).unwrap_or_else(|_| {
        tracing::error!("a deed of the store panicked and was undone");
        Err(StoreError::BadRow)
    });
    if let Err(wrong) = done {
        if conn.is_autocommit() {
            return Err(wrong);
        }
        run_sql(conn, "ROLLBACK TO deed")?;
        run_sql(conn, "RELEASE deed")?;
        return Ok(Err(wrong));
    }
    run_sql(conn, "RELEASE deed")?;
    Ok(Ok(()))
}
