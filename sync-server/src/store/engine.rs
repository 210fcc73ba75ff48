//! Where the tables lie: in one file, or in PostgreSQL.
//!
//! What an engine must promise: a [`Durable`] is made only after a commit that survives power loss; deeds that write
//! the log follow each other, and so do the projector's steps, so that a number drawn inside one is never missing
//! to a reader who has seen a later one.

use futures_util::future::BoxFuture;

use super::conn::Conn;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Durable, StoreError};

/// Something to be done in one transaction, or read from one moment.
pub(in crate::store) type Deed<T> =
    Box<dyn for<'c> FnOnce(&'c Conn<'c>) -> BoxFuture<'c, Result<T, StoreError>> + Send>;

/// Whether a deed shares its commit with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Company {
    Together,
    /// The projector's steps: long ones, for which nobody's acknowledgement waits.
    Alone,
}

pub(in crate::store) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Engine {
    pub(in crate::store) async fn read<T: Send + 'static>(&self, question: Deed<T>) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(engine) => engine.read(question).await,
            Self::Postgres(engine) => engine.read(question).await,
        }
    }

    pub(in crate::store) async fn write<T: Send + 'static>(
        &self,
        company: Company,
        deed: Deed<T>,
    ) -> Result<Durable<T>, StoreError> {
        match self {
            Self::Sqlite(engine) => engine.write(company, deed).await,
            Self::Postgres(engine) => engine.write(company, deed).await,
        }
    }
}
