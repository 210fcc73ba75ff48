//! The one writer of the file, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use rusqlite::Connection;

use super::conn::{lock, run_sql};
use super::ready;
use crate::store::conn::Conn;
use crate::store::engine::{Company, Deed};
use crate::store::queue::{GROUP_MAX, WAITING_MAX, Waiting, report, waiting};
use crate::store::{Durable, StoreError};

type Queued = (Company, Box<dyn Waiting>);

#[derive(Clone)]
pub(super) struct Writer {
    queue: SyncSender<Queued>,
}

impl Writer {
    pub(super) fn start(conn: Connection) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        let conn = Mutex::new(conn);
        std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || write_on(&conn, &waiting))?;
        Ok(Self { queue })
    }

    /// Hands a deed to the writer and waits for the commit it is part of.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        company: Company,
        work: Deed<T>,
    ) -> Result<Durable<T>, StoreError> {
        let (deed, told) = waiting(work);
        match self.queue.try_send((company, deed)) {
            Ok(()) => told.await.map_err(|_| StoreError::Closed)?,
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }
}

fn write_on(conn: &Mutex<Connection>, waiting: &Receiver<Queued>) {
    let mut next: Option<Queued> = None;
    loop {
        let (company, first) = match next.take() {
            Some(queued) => queued,
            None => match waiting.recv() {
                Ok(queued) => queued,
                Err(_) => return,
            },
        };
        let mut group = vec![first];
        while group.len() < GROUP_MAX && company == Company::Together {
            match waiting.try_recv() {
                Ok((Company::Together, deed)) => group.push(deed),
                Ok(queued) => {
                    next = Some(queued);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        commit_together(conn, group);
    }
}

fn commit_together(conn: &Mutex<Connection>, mut group: Vec<Box<dyn Waiting>>) {
    let mut attempts: Vec<Result<(), StoreError>> = Vec::with_capacity(group.len());
    let begun = run_sql(&lock(conn), "BEGIN IMMEDIATE");
    let attempted = begun.and_then(|()| match group.as_mut_slice() {
        [lone] => {
            attempts.push(attempt(conn, lone.as_mut()));
            Ok(())
        }
        group => group.iter_mut().try_for_each(|deed| {
            attempts.push(under_savepoint(conn, deed.as_mut())?);
            Ok(())
        }),
    });
    let committed = attempted.and_then(|()| match attempts.as_slice() {
        // What it began is undone with the transaction, unless that is gone already.
        [Err(wrong)] if lock(conn).is_autocommit() => Err(wrong.clone()),
        [Err(_)] => run_sql(&lock(conn), "ROLLBACK"),
        _ => run_sql(&lock(conn), "COMMIT"),
    });
    if let Err(wrong) = &committed {
        tracing::warn!(error = %wrong, deeds = group.len(), "a commit did not happen");
        let conn = lock(conn);
        if !conn.is_autocommit()
            && let Err(wrong) = run_sql(&conn, "ROLLBACK")
        {
            tracing::error!(error = %wrong, "a transaction could not be rolled back");
        }
    }
    report(group, attempts, &committed);
}

/// If it fails, it alone is undone. The outer error means that the whole transaction is gone.
fn under_savepoint(conn: &Mutex<Connection>, deed: &mut dyn Waiting) -> Result<Result<(), StoreError>, StoreError> {
    run_sql(&lock(conn), "SAVEPOINT deed")?;
    let done = attempt(conn, deed);
    let conn = lock(conn);
    if let Err(wrong) = done {
        if conn.is_autocommit() {
            return Err(wrong);
        }
        run_sql(&conn, "ROLLBACK TO deed")?;
        run_sql(&conn, "RELEASE deed")?;
        return Ok(Err(wrong));
    }
    run_sql(&conn, "RELEASE deed")?;
    Ok(Ok(()))
}

fn attempt(conn: &Mutex<Connection>, deed: &mut dyn Waiting) -> Result<(), StoreError> {
    catch_unwind(AssertUnwindSafe(|| ready(deed.attempt(&Conn::Sqlite(conn))))).unwrap_or_else(|_| {
        tracing::error!("a deed of the store panicked and was undone");
        Err(StoreError::BadRow)
    })
}
