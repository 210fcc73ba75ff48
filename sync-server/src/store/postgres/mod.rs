//! The engine for a nation: PostgreSQL 15 or later, with or without standbys behind it.

pub(in crate::store) mod conn;
mod dialect;
mod open;
mod writer;

use deadpool_postgres::Pool;
use tokio_postgres::IsolationLevel;

use super::conn::Conn;
use super::engine::{Company, Deed};
use super::{Durable, OpenStoreError, StoreError};
use conn::failed;
use writer::Writer;

pub(in crate::store) struct Postgres {
    readers: Pool,
    log: Writer,
    projector: Writer,
}

impl Postgres {
    /// Connects, and makes the tables or brings them up to date. `feed_epoch` is used only for tables made anew.
    pub(in crate::store) async fn open(url: &str, feed_epoch: u32) -> Result<Self, OpenStoreError> {
        let (readers, writers) = open::pools(url)?;
        open::prepare(&writers, i64::from(feed_epoch)).await?;
        Ok(Self {
            readers,
            log: Writer::start(writers.clone(), Company::Together),
            projector: Writer::start(writers, Company::Alone),
        })
    }

    pub(in crate::store) async fn read<T: Send + 'static>(&self, question: Deed<T>) -> Result<T, StoreError> {
        let mut client = self.readers.get().await?;
        let moment = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let moment = moment.start().await.map_err(failed)?;
        let answer = question(&Conn::Postgres(&moment)).await?;
        moment.rollback().await.map_err(failed)?;
        Ok(answer)
    }

    pub(in crate::store) async fn write<T: Send + 'static>(
        &self,
        company: Company,
        deed: Deed<T>,
    ) -> Result<Durable<T>, StoreError> {
        match company {
            Company::Together => self.log.write(deed).await,
            Company::Alone => self.projector.write(deed).await,
        }
    }
}
