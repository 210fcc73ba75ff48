//! The engine for a hub, a trial, a province: one file, one writer, several readers.

pub(in crate::store) mod conn;
mod open;
mod reader;
mod writer;

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;

use super::engine::{Company, Deed};
use super::{Durable, OpenStoreError, StoreError};
use crate::seal::Seal;
use reader::Readers;
use writer::Writer;

pub(in crate::store) struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens the file or makes it. `feed_epoch` is used only for a file made anew.
    pub(in crate::store) fn open(path: &Path, seal: Option<Seal>, feed_epoch: u32) -> Result<Self, OpenStoreError> {
        let conn = open::open_writer(path, seal.as_ref(), i64::from(feed_epoch))?;
        Ok(Self { writer: Writer::start(conn)?, readers: Readers::of(path, seal) })
    }

    pub(in crate::store) async fn read<T: Send + 'static>(&self, question: Deed<T>) -> Result<T, StoreError> {
        self.readers.read(question).await
    }

    pub(in crate::store) async fn write<T: Send + 'static>(
        &self,
        company: Company,
        deed: Deed<T>,
    ) -> Result<Durable<T>, StoreError> {
        self.writer.write(company, deed).await
    }
}

/// Nothing here waits: a question to SQLite is answered before it returns.
fn ready<T>(deed: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(deed).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => Err(StoreError::Closed),
    }
}
