//! What the projector's next step begins with, made ready on another core while the step before is written: entries
//! read and opened, and those in them who may be new here drawn. A step that finds the record elsewhere than it was
//! expected leaves it aside and reads for itself, so nothing depends on it but time.

use std::sync::{Arc, Mutex, PoisonError};

use shared_model::rules::Rulebook;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::StoreError;
use super::engine::{Deed, Engine};
use super::tables::statement::{self, Arrived, Raw};
use crate::intake::drawing::Drawings;

/// Entries after a place in the log, in their order and without a gap.
pub(super) struct Ahead {
    pub(super) after: i64,
    pub(super) reached: i64,
    pub(super) arrived: Vec<Arrived>,
    pub(super) drawings: Drawings,
}

impl Ahead {
    /// What a step reads for itself: nobody drawn.
    pub(super) fn of(after: i64, raw: Vec<Raw>) -> Self {
        let reached = raw.last().map_or(after, |entry| entry.lseq);
        Self { after, reached, arrived: raw.into_iter().map(Raw::open).collect(), drawings: Drawings::default() }
    }

    fn drawn(self, rules: &Rulebook) -> Self {
        let said = self.arrived.iter().filter_map(|entry| entry.kept.as_ref()).map(|kept| &kept.said);
        Self { drawings: Drawings::of_newcomers(said, rules), ..self }
    }
}

type Looking = JoinHandle<Result<Ahead, StoreError>>;

/// The one look ahead that may be under way.
#[derive(Clone, Default)]
pub(super) struct Lookout(Arc<Mutex<Option<Looking>>>);

impl Lookout {
    /// What was seen, if somebody looked. A look that failed is none: the step will meet the same trouble and tell of it.
    pub(super) async fn take(&self) -> Option<Ahead> {
        let looking = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        looking.await.ok()?.ok()
    }

    /// For a step to call once it knows that it leaves entries behind, and from which place on.
    pub(super) fn to_send(
        &self,
        engine: &Arc<Engine>,
        rules: &Arc<Rulebook>,
        max: usize,
    ) -> impl FnOnce(i64) + Send + 'static {
        let (slot, engine, rules, runtime) =
            (Arc::clone(&self.0), Arc::clone(engine), Arc::clone(rules), Handle::current());
        move |after| {
            let looking = runtime.spawn(look(engine, rules, after, max));
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(looking);
        }
    }
}

async fn look(engine: Arc<Engine>, rules: Arc<Rulebook>, after: i64, max: usize) -> Result<Ahead, StoreError> {
    let question: Deed<Vec<Raw>> =
        Box::new(move |conn| Box::pin(async move { statement::entries_after(conn, after, max).await }));
    let raw = engine.read(question).await?;
    let drawn = tokio::task::spawn_blocking(move || Ahead::of(after, raw).drawn(&rules));
    drawn.await.map_err(|_| StoreError::Closed)
}
