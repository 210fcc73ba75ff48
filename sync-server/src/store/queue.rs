//! Deeds that wait for a writer. Those that may are done together in one transaction, each under a savepoint of its
//! own, and only after the commit does anyone hear that theirs is done.

use futures_util::future::BoxFuture;
use shared_model::planted::{Bug, is_alive};
use tokio::sync::oneshot;

use super::conn::Conn;
use super::engine::Deed;
use super::{Durable, StoreError};

/// Deeds one commit may carry.
pub(in crate::store) const GROUP_MAX: usize = 256;
/// Deeds that may wait; beyond it the store says that it is busy.
pub(in crate::store) const WAITING_MAX: usize = 1024;

pub(in crate::store) trait Waiting: Send {
    fn attempt<'a>(&'a mut self, conn: &'a Conn<'a>) -> BoxFuture<'a, Result<(), StoreError>>;
    /// Tells the caller, after the commit, how it went.
    fn report(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Job<T> {
    work: Option<Deed<T>>,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<Durable<T>, StoreError>>,
}

/// What a caller waits for.
pub(in crate::store) type Told<T> = oneshot::Receiver<Result<Durable<T>, StoreError>>;

/// A deed to stand in a queue, and where its caller hears of it.
pub(in crate::store) fn waiting<T: Send + 'static>(work: Deed<T>) -> (Box<dyn Waiting>, Told<T>) {
    let (reply, told) = oneshot::channel();
    (Box::new(Job { work: Some(work), outcome: None, reply }), told)
}

impl<T: Send> Waiting for Job<T> {
    fn attempt<'a>(&'a mut self, conn: &'a Conn<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let work = self.work.take().ok_or(StoreError::Closed)?;
            self.outcome = Some(work(conn).await?);
            Ok(())
        })
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

/// Everybody of a group hears how theirs went: not at all where there was no commit.
pub(in crate::store) fn report(
    group: Vec<Box<dyn Waiting>>,
    attempts: Vec<Result<(), StoreError>>,
    committed: &Result<(), StoreError>,
) {
    let mut attempts = attempts.into_iter();
    for deed in group {
        let told = match (committed, attempts.next()) {
            (Err(_), Some(Ok(()))) if is_alive(Bug::ServerNotCommitted) => Ok(()),
            (Err(wrong), _) => Err(wrong.clone()),
            (Ok(()), Some(attempt)) => attempt,
            (Ok(()), None) => Err(StoreError::Closed),
        };
        deed.report(told);
    }
}
