//! The national copy, whatever engine keeps it. Batch-level: one call is one transaction or one reading.
//!
//! [`tables`] says once, in SQL both engines understand, what is in the tables; [`engine`] is where they lie.

mod ahead;
mod appends;
mod conn;
mod durable;
mod engine;
mod feeds;
mod hubs;
mod postgres;
mod project;
mod queue;
pub mod rows;
mod sqlite;
mod tables;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use shared_model::conflict::Holder;
use shared_model::envelope::LogHead;
use shared_model::ids::{AuthorId, BundleId, CaseId, Chain, CitizenId, DeviceId, Epoch, Seq, StatementId};
use shared_model::rules::Rulebook;
use shared_model::sync::message::{EarlierEnd, Notice};
use shared_model::time::Moment;

use crate::national::completeness::{Arrivals, AtHubs, Page, Short};
use crate::seal::Seal;
use ahead::Lookout;
use appends::Appends;
pub use durable::Durable;
use engine::{Company, Deed, Engine};
use postgres::Postgres;
use rows::*;
use sqlite::Sqlite;
use tables::{
    arrival, case, citizen, device, hub, log, overview, prior, quarantine, staff, standing, statement, stick,
};

/// What an engine said was wrong.
type Said = Arc<dyn Error + Send + Sync>;

/// What a caller can do about a store that did not do its deed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Make room, then go on: nothing was kept.
    #[error("no space left")]
    Full(#[source] Said),
    /// Try again later: nothing was kept that was told.
    #[error("the store can't be written or read for the moment")]
    Unavailable(#[source] Said),
    /// Stop and look: the store is not what was written.
    #[error("the store is damaged")]
    Damaged(#[source] Said),
    /// Try again in a moment: too much is waiting.
    #[error("too much is waiting")]
    Busy,
    /// The writer is gone; only a restart helps.
    #[error("the store is closed")]
    Closed,
    /// A row does not read back as what was written into it.
    #[error("a row is not what was written")]
    BadRow,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    #[error("the data directory can't be used")]
    Files(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Start the version that wrote it, or a later one.
    #[error("the database was written by a later version, which this one may not touch")]
    FromTheFuture,
    /// The engine took a setting and does something else; the acknowledgement would be worth nothing.
    #[error("the database does not run with the settings it needs (README, \"The database\")")]
    Settings,
    #[error("the database's address can't be read: postgresql://user@host/name")]
    Address,
}

pub struct Store {
    engine: Arc<Engine>,
    appends: Appends,
    lookout: Lookout,
    rules: Arc<Rulebook>,
}

/// A question or a deed for the engine: `deed!(conn => log::standing(conn, id, epoch))`.
macro_rules! deed {
    ($conn:ident => $deed:expr) => {
        Box::new(move |$conn| Box::pin(async move { $deed.await }))
    };
}
pub(in crate::store) use deed;

impl Store {
    /// Opens the file or makes it. `feed_epoch` is drawn by the caller and used only for a store made anew.
    pub async fn in_file(path: &Path, rules: Arc<Rulebook>, feed_epoch: u32) -> Result<Self, OpenStoreError> {
        Self::in_sealed_file(path, None, rules, feed_epoch).await
    }

    /// As [`Store::in_file`], every page of it encrypted.
    pub async fn in_sealed_file(
        path: &Path,
        seal: Option<Seal>,
        rules: Arc<Rulebook>,
        feed_epoch: u32,
    ) -> Result<Self, OpenStoreError> {
        Self::on(Engine::Sqlite(Sqlite::open(path, seal, feed_epoch)?), rules).await
    }

    /// On a PostgreSQL server: `postgresql://user@host/name`.
    pub async fn at(url: &str, rules: Arc<Rulebook>, feed_epoch: u32) -> Result<Self, OpenStoreError> {
        Self::on(Engine::Postgres(Postgres::open(url, feed_epoch).await?), rules).await
    }

    async fn on(engine: Engine, rules: Arc<Rulebook>) -> Result<Self, OpenStoreError> {
        let store = Self { engine: Arc::new(engine), appends: Appends::default(), lookout: Lookout::default(), rules };
        let rules = Arc::clone(&store.rules);
        store.alone(deed!(conn => project::rules_changed(conn, &rules))).await?;
        Ok(store)
    }

    async fn read<T: Send + 'static>(&self, question: Deed<T>) -> Result<T, StoreError> {
        self.engine.read(question).await
    }

    async fn together<T: Send + 'static>(&self, deed: Deed<T>) -> Result<Durable<T>, StoreError> {
        self.engine.write(Company::Together, deed).await
    }

    async fn alone<T: Send + 'static>(&self, deed: Deed<T>) -> Result<Durable<T>, StoreError> {
        self.engine.write(Company::Alone, deed).await
    }

    /// Runs a PRAGMA on the writer, so that tests can fill its disk or tie its hands.
    #[cfg(test)]
    pub(crate) async fn setting(&self, pragma: &'static str) -> Result<(), StoreError> {
        self.together(deed!(conn => conn.all(pragma, Vec::new(), |_| Ok(())))).await.map(drop)
    }

    /// A step of the projector that keeps everybody waiting for its commit until it is told to go on.
    #[cfg(test)]
    pub(crate) async fn project_slowly(&self, until: tokio::sync::oneshot::Receiver<()>) -> Result<(), StoreError> {
        let rules = Arc::clone(&self.rules);
        let deed: Deed<()> = Box::new(move |conn| {
            Box::pin(async move {
                project::project(conn, &rules, 100, None, |_| ()).await?;
                until.await.map_err(|_| StoreError::Closed)
            })
        });
        self.alone(deed).await.map(Durable::into_inner)
    }

    /// Everything that can be drawn again, as text, so that tests can compare two drawings.
    #[cfg(test)]
    pub(crate) async fn conclusions(&self) -> Result<Vec<String>, StoreError> {
        self.read(deed!(conn => tables::dump(conn))).await
    }
}

/// Devices and their people.
impl Store {
    pub async fn device(&self, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        self.read(deed!(conn => device::device(conn, id))).await
    }

    pub async fn devices(&self) -> Result<Vec<DeviceStanding>, StoreError> {
        self.read(deed!(conn => device::devices(conn))).await
    }

    pub async fn authors(&self, wanted: Vec<(AuthorId, DeviceId)>) -> Result<Vec<AuthorRow>, StoreError> {
        self.read(deed!(conn => device::authors(conn, &wanted))).await
    }

    pub async fn enrolment_code(&self, hash: [u8; 32]) -> Result<Option<CodeRow>, StoreError> {
        self.read(deed!(conn => device::code(conn, hash))).await
    }

    pub async fn add_code(&self, code: CodeRow) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => device::add_code(conn, &code))).await
    }

    pub async fn enrol(&self, enrolment: Enrolment) -> Result<Durable<EnrolOutcome>, StoreError> {
        self.together(deed!(conn => device::enrol(conn, &enrolment))).await
    }

    pub async fn revoke(
        &self,
        id: DeviceId,
        at: Moment,
        by: String,
        note: String,
    ) -> Result<Durable<bool>, StoreError> {
        let what = [id.as_bytes(), note.as_bytes()].concat();
        let line = AuditLine { at, who: by, deed: "revoke_device", what };
        self.together(deed!(conn => device::revoke(conn, id, at, &line))).await
    }
}

/// ⑨ Logs.
impl Store {
    pub async fn log(&self, id: DeviceId, epoch: Epoch) -> Result<Durable<LogStanding>, StoreError> {
        // What a reader sees on either engine has been synced: it was committed first.
        self.read(deed!(conn => log::standing(conn, id, epoch))).await.map(Durable::committed)
    }

    pub async fn chains(
        &self,
        id: DeviceId,
        epoch: Epoch,
        from: Seq,
        to: Seq,
    ) -> Result<BTreeMap<Seq, Chain>, StoreError> {
        self.read(deed!(conn => log::chains(conn, id, epoch, from, to))).await
    }

    pub async fn append(&self, run: AppendRun) -> Result<Appended, StoreError> {
        self.appends.append(&self.engine, run).await
    }

    pub async fn note_contact(&self, contact: Contact) -> Result<Durable<ContactNoted>, StoreError> {
        self.together(deed!(conn => log::note_contact(conn, &contact))).await
    }

    pub async fn notices(&self, id: DeviceId, epoch: Option<Epoch>, max: usize) -> Result<Vec<Notice>, StoreError> {
        self.read(deed!(conn => quarantine::notices(conn, id, epoch, max))).await
    }

    pub async fn arrivals(&self) -> Result<Arrivals, StoreError> {
        self.read(deed!(conn => arrival::all(conn))).await
    }

    #[cfg(test)]
    pub(crate) async fn arrivals_counted_again(&self) -> Result<Arrivals, StoreError> {
        self.read(deed!(conn => arrival::counted_again(conn))).await
    }

    /// How far hubs hold logs.
    pub async fn at_hubs(&self) -> Result<AtHubs, StoreError> {
        self.read(deed!(conn => hub::held(conn, None))).await
    }

    /// A short row for every laptop.
    pub async fn short_standings(&self) -> Result<Vec<Short>, StoreError> {
        self.read(deed!(conn => standing::short(conn))).await
    }

    /// Devices of one area after one of them, by id; and how much came from each on each day.
    pub async fn standings_of_area(
        &self,
        area: String,
        after: Option<DeviceId>,
        max: usize,
    ) -> Result<Page, StoreError> {
        self.read(deed!(conn => standing::of_area(conn, &area, after, max))).await
    }

    pub async fn last_hlc(&self, id: DeviceId) -> Result<u64, StoreError> {
        self.read(deed!(conn => log::last_hlc(conn, id))).await
    }
}

/// Sticks.
impl Store {
    /// Whether a log is held as far as this end, on whichever branch.
    pub async fn holds(&self, id: DeviceId, end: EarlierEnd) -> Result<bool, StoreError> {
        self.read(deed!(conn => log::holds(conn, id, end))).await
    }

    /// Whether this bundle was taken before with all its frames.
    pub async fn stick_was_taken(&self, id: BundleId) -> Result<bool, StoreError> {
        self.read(deed!(conn => stick::was_taken(conn, id))).await
    }

    pub async fn note_stick(&self, id: BundleId, is_whole: bool, line: AuditLine) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => stick::note(conn, id, is_whole, &line))).await
    }

    /// The number of the next word that goes home on a stick, never given before.
    pub async fn next_stick_issue(&self) -> Result<Durable<u64>, StoreError> {
        self.together(deed!(conn => stick::next_issue(conn))).await
    }
}

/// ⑩ ⑪ The projector.
impl Store {
    pub async fn project(&self, entries_max: usize) -> Result<Progress, StoreError> {
        let rules = Arc::clone(&self.rules);
        let ahead = self.lookout.take().await;
        let more = self.lookout.to_send(&self.engine, &rules, entries_max);
        let step = self.alone(deed!(conn => project::project(conn, &rules, entries_max, ahead, more)));
        let project::Step { progress, leftovers } = step.await.map(Durable::into_inner)?;
        tokio::task::spawn_blocking(move || drop(leftovers));
        Ok(progress)
    }

    pub async fn progress(&self) -> Result<Progress, StoreError> {
        self.read(deed!(conn => project::progress(conn))).await
    }

    pub async fn rebuild(&self) -> Result<(), StoreError> {
        let rules = Arc::clone(&self.rules);
        self.alone(deed!(conn => project::rebuild(conn, &rules))).await.map(Durable::into_inner)
    }
}

/// Filters of prior doses.
impl Store {
    pub async fn prior_standing(&self) -> Result<PriorStanding, StoreError> {
        self.read(deed!(conn => prior::standing(conn))).await
    }

    /// Everybody with a dose, or everybody touched after a place, as of one moment; and which place that is.
    pub async fn prior_citizens<T: Taker>(&self, after: Option<u64>, taker: T) -> Result<(T, u64), StoreError> {
        self.read(deed!(conn => prior::citizens(conn, after, taker))).await
    }

    /// Tells which older files nobody will ask for any more.
    pub async fn add_prior(&self, filter: PriorRow) -> Result<Durable<Vec<[u8; 32]>>, StoreError> {
        self.alone(deed!(conn => prior::add(conn, &filter))).await
    }

    pub async fn has_prior_file(&self, sha256: [u8; 32]) -> Result<bool, StoreError> {
        self.read(deed!(conn => prior::has_file(conn, sha256))).await
    }
}

/// ⑩ What the country knows.
impl Store {
    pub async fn testimony(&self, card: CitizenId) -> Result<Testimony, StoreError> {
        self.read(deed!(conn => statement::testimony(conn, card))).await
    }

    /// Everything about these citizens, in the order it was received.
    pub async fn statements_of(&self, citizens: Vec<CitizenId>) -> Result<Vec<Kept>, StoreError> {
        self.read(deed!(conn => statement::of_citizens(conn, &citizens))).await
    }

    pub async fn statements(&self, ids: Vec<StatementId>) -> Result<Vec<Kept>, StoreError> {
        self.read(deed!(conn => statement::by_ids(conn, &ids))).await
    }

    pub async fn about_device(&self, id: DeviceId) -> Result<Vec<Kept>, StoreError> {
        self.read(deed!(conn => statement::about_device(conn, id))).await
    }

    pub async fn holders(&self, cards: BTreeSet<CitizenId>) -> Result<Vec<Vec<Holder>>, StoreError> {
        self.read(deed!(conn => citizen::holders(conn, &cards))).await
    }

    pub async fn citizen_names(&self, cards: BTreeSet<CitizenId>) -> Result<BTreeMap<CitizenId, String>, StoreError> {
        self.read(deed!(conn => citizen::names(conn, &cards))).await
    }

    pub async fn overview(&self, silent_since: Moment) -> Result<Overview, StoreError> {
        self.read(deed!(conn => overview::overview(conn, silent_since))).await
    }
}

/// ⑫ Cases, and what is kept and not believed.
impl Store {
    pub async fn cases(&self, query: CaseQuery) -> Result<CasePage, StoreError> {
        self.read(deed!(conn => case::list(conn, &query))).await
    }

    pub async fn case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        self.read(deed!(conn => case::case(conn, id))).await
    }

    pub async fn quarantine(&self, max: usize) -> Result<Vec<QuarantineRow>, StoreError> {
        self.read(deed!(conn => quarantine::list(conn, max))).await
    }
}

/// Staff.
impl Store {
    pub async fn staff(&self, name: String) -> Result<Option<StaffRow>, StoreError> {
        self.read(deed!(conn => staff::staff(conn, &name))).await
    }

    pub async fn add_staff(&self, row: StaffRow, certificate: AuthorRow) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => staff::put(conn, &row, &certificate))).await
    }

    pub async fn begin_session(&self, session: SessionRow) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => staff::begin_session(conn, &session))).await
    }

    pub async fn session(&self, token_hash: [u8; 32]) -> Result<Option<(SessionRow, StaffRow)>, StoreError> {
        self.read(deed!(conn => staff::session(conn, token_hash))).await
    }

    pub async fn touch_session(&self, token_hash: [u8; 32], at: Moment) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => staff::touch_session(conn, token_hash, at))).await
    }

    pub async fn end_session(&self, token_hash: [u8; 32]) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => staff::end_session(conn, token_hash))).await
    }

    pub async fn audit(&self, line: AuditLine) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => staff::audit(conn, &line))).await
    }
}

/// How far a log is held, for those who only sign what is on disk.
pub fn held(standing: &Durable<LogStanding>) -> Durable<LogHead> {
    standing.map(|standing| standing.head)
}
