//! Connections that only read, each reading from one moment of the database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::conn::{lock, run_sql};
use super::open::open_reader;
use super::ready;
use crate::seal::Seal;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::engine::Deed;

const READERS_MAX: usize = 8;

#[derive(Clone)]
pub(super) struct Readers {
    path: Arc<PathBuf>,
    seal: Option<Seal>,
    idle: Arc<Mutex<Vec<Mutex<Connection>>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn of(path: &Path, seal: Option<Seal>) -> Self {
        Self {
            path: Arc::new(path.to_owned()),
            seal,
            idle: Arc::new(Mutex::new(Vec::new())),
            permits: Arc::new(Semaphore::new(READERS_MAX)),
        }
    }

    pub(super) async fn read<T: Send + 'static>(&self, question: Deed<T>) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = self.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.read_now(question)
        });
        answer.await.map_err(|_| StoreError::BadRow)?
    }

    fn read_now<T>(&self, question: Deed<T>) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = idle.map_or_else(|| open_reader(&self.path, self.seal.as_ref()).map(Mutex::new), Ok)?;
        run_sql(&lock(&conn), "BEGIN DEFERRED")?;
        let answer = ready(question(&Conn::Sqlite(&conn)));
        // Nothing was written: however this ends, the answer stands, and a broken connection is dropped.
        let well = run_sql(&lock(&conn), "ROLLBACK").is_ok();
        if well {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
        answer
    }
}
