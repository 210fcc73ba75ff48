//! The writers: one for the log and all small deeds, one for the projector's steps. Each holds an advisory lock for
//! as long as its transaction lasts, so that of several servers on one database one writes at a time. The lock is let
//! go of after the commit can be seen: whoever draws the next number has seen the last one.

use std::panic::AssertUnwindSafe;

use deadpool_postgres::{Pool, Transaction};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::conn::failed;
use crate::store::conn::Conn;
use crate::store::engine::{Company, Deed};
use crate::store::queue::{GROUP_MAX, WAITING_MAX, Waiting, report, waiting};
use crate::store::{Durable, StoreError};

/// Numbers of the advisory locks: "sổ" and what is done under it.
pub(super) const LOCK_LOG: i64 = 0x736f_0001;
pub(super) const LOCK_PROJECTOR: i64 = 0x736f_0002;
pub(super) const LOCK_SCHEMA: i64 = 0x736f_0003;

#[derive(Clone)]
pub(super) struct Writer {
    queue: Sender<Box<dyn Waiting>>,
}

impl Writer {
    pub(super) fn start(pool: Pool, company: Company) -> Self {
        let (queue, waiting) = channel(WAITING_MAX);
        let work = write_on(pool, company, waiting);
        match company {
            Company::Together => drop(tokio::spawn(work)),
            // It draws records for seconds on end, and would keep everybody's answers waiting.
            Company::Alone => {
                let runtime = Handle::current();
                std::thread::spawn(move || runtime.block_on(work));
            }
        }
        Self { queue }
    }

    /// Hands a deed to the writer and waits for the commit it is part of.
    pub(super) async fn write<T: Send + 'static>(&self, work: Deed<T>) -> Result<Durable<T>, StoreError> {
        let (deed, told) = waiting(work);
        match self.queue.try_send(deed) {
            Ok(()) => told.await.map_err(|_| StoreError::Closed)?,
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }
}

async fn write_on(pool: Pool, company: Company, mut waiting: Receiver<Box<dyn Waiting>>) {
    while let Some(first) = waiting.recv().await {
        let mut group = vec![first];
        while group.len() < GROUP_MAX && company == Company::Together {
            match waiting.try_recv() {
                Ok(deed) => group.push(deed),
                Err(_) => break,
            }
        }
        let mut attempts = Vec::with_capacity(group.len());
        let committed = commit_together(&pool, company, &mut group, &mut attempts).await;
        if let Err(wrong) = &committed {
            tracing::warn!(error = %wrong, deeds = group.len(), "a commit did not happen");
        }
        report(group, attempts, &committed);
    }
}

async fn commit_together(
    pool: &Pool,
    company: Company,
    group: &mut [Box<dyn Waiting>],
    attempts: &mut Vec<Result<(), StoreError>>,
) -> Result<(), StoreError> {
    let mut client = pool.get().await?;
    let transaction = client.transaction().await.map_err(failed)?;
    let number = if company == Company::Alone { LOCK_PROJECTOR } else { LOCK_LOG };
    let lock = transaction.prepare_cached("SELECT pg_advisory_xact_lock($1)").await.map_err(failed)?;
    transaction.execute(&lock, &[&number]).await.map_err(failed)?;
    if let [lone] = group {
        attempts.push(attempt(&transaction, lone.as_mut()).await);
        if matches!(attempts.as_slice(), [Err(_)]) {
            // What it began is undone with the transaction.
            return transaction.rollback().await.map_err(failed);
        }
    } else {
        for deed in group {
            attempts.push(under_savepoint(&transaction, deed.as_mut()).await?);
        }
    }
    transaction.commit().await.map_err(failed)
}

/// If it fails, it alone is undone. The outer error means that the whole transaction is gone.
async fn under_savepoint(
    transaction: &Transaction<'_>,
    deed: &mut dyn Waiting,
) -> Result<Result<(), StoreError>, StoreError> {
    transaction.batch_execute("SAVEPOINT deed").await.map_err(failed)?;
    let done = attempt(transaction, deed).await;
    let after = if done.is_ok() { "RELEASE deed" } else { "ROLLBACK TO deed; RELEASE deed" };
    transaction.batch_execute(after).await.map_err(failed)?;
    Ok(done)
}

async fn attempt(transaction: &Transaction<'_>, deed: &mut dyn Waiting) -> Result<(), StoreError> {
    let conn = Conn::Postgres(transaction);
    AssertUnwindSafe(deed.attempt(&conn)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a deed of the store panicked and was undone");
        Err(StoreError::BadRow)
    })
}
