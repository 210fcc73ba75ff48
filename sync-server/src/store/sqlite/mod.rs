//! The store on SQLite: one file, one writer, several readers. A hub, a trial, a province.

mod case;
mod citizen;
mod device;
mod feed;
mod log;
mod open;
mod overview;
mod project;
mod quarantine;
mod reader;
mod sql;
mod staff;
mod statement;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use shared_model::conflict::Holder;
use shared_model::ids::{AuthorId, CaseId, Chain, CitizenId, DeviceId, Epoch, Seq, StatementId};
use shared_model::rules::Rulebook;
use shared_model::sync::feed::FeedSum;
use shared_model::sync::message::Notice;
use shared_model::time::Moment;

pub use open::OpenStoreError;
use reader::Readers;
use writer::{Company, Writer};

use super::rows::*;
use super::{Durable, Store, StoreError};

pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    rules: Arc<Rulebook>,
}

impl SqliteStore {
    /// Opens the file or makes it. `feed_epoch` is drawn by the caller and used only for a file made anew.
    pub fn open(path: &Path, rules: Arc<Rulebook>, feed_epoch: u32) -> Result<Self, OpenStoreError> {
        let conn = open::open_writer(path, i64::from(feed_epoch))?;
        self::rules_changed(&conn, &rules)?;
        Ok(Self { writer: Writer::start(conn)?, readers: Readers::of(path), rules })
    }

    async fn together<T: Send + 'static>(
        &self,
        deed: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Durable<T>, StoreError> {
        self.writer.write(Company::Together, deed).await
    }

    /// Runs a PRAGMA on the writer, so that tests can fill its disk or tie its hands.
    #[cfg(test)]
    pub(crate) async fn setting(&self, pragma: &'static str) -> Result<(), StoreError> {
        self.together(move |conn| sql::pragma(conn, pragma)).await.map(drop)
    }

    /// Everything that can be drawn again, as text, so that tests can compare two drawings.
    #[cfg(test)]
    pub(crate) async fn conclusions(&self) -> Result<Vec<String>, StoreError> {
        self.readers.read(dump).await
    }
}

#[cfg(test)]
fn dump(conn: &rusqlite::Connection) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    let tables = [
        "statement",
        "said",
        "withdrawal",
        "link",
        "citizen",
        "dose",
        "identifier",
        "case_file",
        "case_citizen",
        "feed",
        "feed_entry",
        "citizen_feed",
    ];
    for table in tables {
        let columns = conn.prepare(&format!("SELECT * FROM {table}"))?.column_count();
        let rows = sql::all(conn, &format!("SELECT * FROM {table}"), [], |row| {
            let values: Result<Vec<rusqlite::types::Value>, _> = (0..columns).map(|at| row.get(at)).collect();
            Ok(format!("{table} {:?}", values?))
        })?;
        lines.extend(rows);
    }
    lines.sort();
    Ok(lines)
}

/// Under other rules other doses clash: everybody is drawn again, a few at a time.
fn rules_changed(conn: &rusqlite::Connection, rules: &Rulebook) -> Result<(), OpenStoreError> {
    let ids: Vec<u8> = rules.bundles().iter().flat_map(|bundle| bundle.id().0).collect();
    if sql::meta::bytes(conn, "rules")?.as_ref() == Some(&ids) {
        return Ok(());
    }
    sql::run_sql(conn, "BEGIN IMMEDIATE")?;
    sql::write(conn, "INSERT OR IGNORE INTO stale (card) SELECT card FROM citizen", [])?;
    sql::meta::put(conn, "rules", ids)?;
    sql::run_sql(conn, "COMMIT")?;
    Ok(())
}

#[async_trait]
impl Store for SqliteStore {
    async fn device(&self, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        self.readers.read(move |conn| device::device(conn, id)).await
    }

    async fn devices(&self) -> Result<Vec<DeviceStanding>, StoreError> {
        self.readers.read(device::devices).await
    }

    async fn authors(&self, wanted: Vec<(AuthorId, DeviceId)>) -> Result<Vec<AuthorRow>, StoreError> {
        self.readers.read(move |conn| device::authors(conn, &wanted)).await
    }

    async fn enrolment_code(&self, hash: [u8; 32]) -> Result<Option<CodeRow>, StoreError> {
        self.readers.read(move |conn| device::code(conn, hash)).await
    }

    async fn add_code(&self, code: CodeRow) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| device::add_code(conn, &code)).await
    }

    async fn enrol(&self, enrolment: Enrolment) -> Result<Durable<EnrolOutcome>, StoreError> {
        self.together(move |conn| device::enrol(conn, &enrolment)).await
    }

    async fn revoke(&self, id: DeviceId, at: Moment, by: String, note: String) -> Result<Durable<bool>, StoreError> {
        self.together(move |conn| {
            let what = [id.as_bytes(), note.as_bytes()].concat();
            staff::audit(conn, &AuditLine { at, who: by, deed: "revoke_device", what })?;
            device::revoke(conn, id, at)
        })
        .await
    }

    async fn log(&self, id: DeviceId, epoch: Epoch) -> Result<Durable<LogStanding>, StoreError> {
        // In WAL mode with synchronous FULL, what a reader sees has been synced.
        self.readers.read(move |conn| log::standing(conn, id, epoch)).await.map(Durable::committed)
    }

    async fn chains(&self, id: DeviceId, epoch: Epoch, from: Seq, to: Seq) -> Result<BTreeMap<Seq, Chain>, StoreError> {
        self.readers.read(move |conn| log::chains(conn, id, epoch, from, to)).await
    }

    async fn append(&self, runs: Vec<AppendRun>) -> Result<Vec<Appended>, StoreError> {
        let appended =
            self.together(move |conn| runs.iter().map(|run| log::append(conn, run)).collect::<Result<Vec<_>, _>>());
        let ran = appended.await?.into_inner();
        Ok(ran
            .into_iter()
            .map(|ran| match ran {
                log::Ran::Kept { held, last_lseq, fresh_epoch } => {
                    Appended::Kept { held: Durable::committed(held), last_lseq, fresh_epoch }
                }
                log::Ran::Moved => Appended::Moved,
            })
            .collect())
    }

    async fn note_contact(&self, contact: Contact) -> Result<Durable<ContactNoted>, StoreError> {
        self.together(move |conn| log::note_contact(conn, &contact)).await
    }

    async fn notices(&self, id: DeviceId, epoch: Option<Epoch>, max: usize) -> Result<Vec<Notice>, StoreError> {
        self.readers.read(move |conn| quarantine::notices(conn, id, epoch, max)).await
    }

    async fn last_hlc(&self, id: DeviceId) -> Result<u64, StoreError> {
        self.readers.read(move |conn| log::last_hlc(conn, id)).await
    }

    async fn project(&self, entries_max: usize) -> Result<Progress, StoreError> {
        let rules = Arc::clone(&self.rules);
        let step = move |conn: &rusqlite::Connection| project::project(conn, &rules, entries_max);
        self.writer.write(Company::Alone, step).await.map(Durable::into_inner)
    }

    async fn progress(&self) -> Result<Progress, StoreError> {
        self.readers.read(project::progress).await
    }

    async fn rebuild(&self) -> Result<(), StoreError> {
        let rules = Arc::clone(&self.rules);
        let again = move |conn: &rusqlite::Connection| project::rebuild(conn, &rules);
        self.writer.write(Company::Alone, again).await.map(Durable::into_inner)
    }

    async fn feed_heads(&self, feeds: Vec<String>) -> Result<Vec<FeedSum>, StoreError> {
        self.readers.read(move |conn| feeds.iter().map(|feed| feed::head(conn, feed)).collect()).await
    }

    async fn feed_page(&self, name: String, after: Seq, entries_max: usize) -> Result<FeedPage, StoreError> {
        self.readers.read(move |conn| feed::page(conn, &name, after, entries_max)).await
    }

    async fn snapshot(&self, name: String) -> Result<Option<SnapshotRow>, StoreError> {
        self.readers.read(move |conn| feed::snapshot(conn, &name)).await
    }

    async fn snapshot_file(&self, sha256: [u8; 32]) -> Result<Option<SnapshotRow>, StoreError> {
        self.readers.read(move |conn| feed::snapshot_file(conn, sha256)).await
    }

    async fn add_snapshot(&self, row: SnapshotRow) -> Result<Durable<Vec<[u8; 32]>>, StoreError> {
        self.together(move |conn| feed::add_snapshot(conn, &row)).await
    }

    async fn testimony(&self, card: CitizenId) -> Result<Testimony, StoreError> {
        self.readers.read(move |conn| statement::testimony(conn, card)).await
    }

    async fn statements_of(&self, citizens: Vec<CitizenId>) -> Result<Vec<Kept>, StoreError> {
        self.readers
            .read(move |conn| {
                let mut kept = BTreeMap::new();
                for card in citizens {
                    let testimony = statement::testimony(conn, card)?;
                    kept.extend(testimony.kept.into_values().map(|kept| (kept.lseq, kept)));
                }
                Ok(kept.into_values().collect())
            })
            .await
    }

    async fn statements(&self, ids: Vec<StatementId>) -> Result<Vec<Kept>, StoreError> {
        self.readers.read(move |conn| statement::by_ids(conn, &ids)).await
    }

    async fn about_device(&self, id: DeviceId) -> Result<Vec<Kept>, StoreError> {
        self.readers.read(move |conn| statement::about_device(conn, id)).await
    }

    async fn holders(&self, cards: BTreeSet<CitizenId>) -> Result<Vec<Vec<Holder>>, StoreError> {
        self.readers.read(move |conn| citizen::holders(conn, &cards)).await
    }

    async fn citizen_names(&self, cards: BTreeSet<CitizenId>) -> Result<BTreeMap<CitizenId, String>, StoreError> {
        self.readers.read(move |conn| citizen::names(conn, &cards)).await
    }

    async fn overview(&self, silent_since: Moment) -> Result<Overview, StoreError> {
        self.readers.read(move |conn| overview::overview(conn, silent_since)).await
    }

    async fn cases(&self, query: CaseQuery) -> Result<CasePage, StoreError> {
        self.readers.read(move |conn| case::list(conn, &query)).await
    }

    async fn case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        self.readers.read(move |conn| case::case(conn, id)).await
    }

    async fn quarantine(&self, max: usize) -> Result<Vec<QuarantineRow>, StoreError> {
        self.readers.read(move |conn| quarantine::list(conn, max)).await
    }

    async fn staff(&self, name: String) -> Result<Option<StaffRow>, StoreError> {
        self.readers.read(move |conn| staff::staff(conn, &name)).await
    }

    async fn add_staff(&self, row: StaffRow, certificate: AuthorRow) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| {
            staff::put(conn, &row)?;
            device::put_author(conn, &certificate)
        })
        .await
    }

    async fn begin_session(&self, session: SessionRow) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| staff::begin_session(conn, &session)).await
    }

    async fn session(&self, token_hash: [u8; 32]) -> Result<Option<(SessionRow, StaffRow)>, StoreError> {
        self.readers.read(move |conn| staff::session(conn, token_hash)).await
    }

    async fn touch_session(&self, token_hash: [u8; 32], at: Moment) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| staff::touch_session(conn, token_hash, at)).await
    }

    async fn end_session(&self, token_hash: [u8; 32]) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| staff::end_session(conn, token_hash)).await
    }

    async fn audit(&self, line: AuditLine) -> Result<Durable<()>, StoreError> {
        self.together(move |conn| staff::audit(conn, &line)).await
    }
}
