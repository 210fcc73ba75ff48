//! The national copy, whatever engine keeps it. Batch-level: one call is one transaction or one reading.
//!
//! What an engine must promise: a [`Durable`] is made only after a commit that survives power loss;
//! feed numbers and `lseq` come from one writer inside its transaction, never from a sequence.

mod durable;
pub mod rows;
pub mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use shared_model::conflict::Holder;
use shared_model::envelope::LogHead;
use shared_model::ids::{AuthorId, CaseId, Chain, CitizenId, DeviceId, Epoch, Seq, StatementId};
use shared_model::sync::feed::FeedSum;
use shared_model::sync::message::Notice;
use shared_model::time::Moment;

pub use durable::Durable;
use rows::*;

/// What a caller can do about a store that did not do its deed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Make room, then go on: nothing was kept.
    #[error("no space left")]
    Full(#[source] Arc<rusqlite::Error>),
    /// Try again later: nothing was kept.
    #[error("the store can't be written or read for the moment")]
    Unavailable(#[source] Arc<rusqlite::Error>),
    /// Stop and look: the file is not what was written.
    #[error("the store is damaged")]
    Damaged(#[source] Arc<rusqlite::Error>),
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

#[async_trait]
pub trait Store: Send + Sync + 'static {
    // Devices and their people.
    async fn device(&self, device: DeviceId) -> Result<Option<DeviceRow>, StoreError>;
    async fn devices(&self) -> Result<Vec<DeviceStanding>, StoreError>;
    async fn authors(&self, wanted: Vec<(AuthorId, DeviceId)>) -> Result<Vec<AuthorRow>, StoreError>;
    async fn enrolment_code(&self, hash: [u8; 32]) -> Result<Option<CodeRow>, StoreError>;
    async fn add_code(&self, code: CodeRow) -> Result<Durable<()>, StoreError>;
    async fn enrol(&self, enrolment: Enrolment) -> Result<Durable<EnrolOutcome>, StoreError>;
    async fn revoke(&self, device: DeviceId, at: Moment, by: String, note: String)
    -> Result<Durable<bool>, StoreError>;

    // ⑨ Logs.
    async fn log(&self, device: DeviceId, epoch: Epoch) -> Result<Durable<LogStanding>, StoreError>;
    async fn chains(
        &self,
        device: DeviceId,
        epoch: Epoch,
        from: Seq,
        to: Seq,
    ) -> Result<BTreeMap<Seq, Chain>, StoreError>;
    async fn append(&self, runs: Vec<AppendRun>) -> Result<Vec<Appended>, StoreError>;
    async fn note_contact(&self, contact: Contact) -> Result<Durable<ContactNoted>, StoreError>;
    async fn notices(&self, device: DeviceId, epoch: Option<Epoch>, max: usize) -> Result<Vec<Notice>, StoreError>;
    async fn last_hlc(&self, device: DeviceId) -> Result<u64, StoreError>;

    // ⑩ ⑪ The projector.
    async fn project(&self, entries_max: usize) -> Result<Progress, StoreError>;
    async fn progress(&self) -> Result<Progress, StoreError>;
    async fn rebuild(&self) -> Result<(), StoreError>;

    // ⑧ Feeds.
    async fn feed_heads(&self, feeds: Vec<String>) -> Result<Vec<FeedSum>, StoreError>;
    async fn feed_page(&self, feed: String, after: Seq, entries_max: usize) -> Result<FeedPage, StoreError>;
    async fn snapshot(&self, feed: String) -> Result<Option<SnapshotRow>, StoreError>;
    async fn snapshot_file(&self, sha256: [u8; 32]) -> Result<Option<SnapshotRow>, StoreError>;
    /// Tells which older files nobody will ask for any more.
    async fn add_snapshot(&self, row: SnapshotRow) -> Result<Durable<Vec<[u8; 32]>>, StoreError>;

    // ⑩ What the country knows.
    async fn testimony(&self, card: CitizenId) -> Result<Testimony, StoreError>;
    async fn statements_of(&self, citizens: Vec<CitizenId>) -> Result<Vec<Kept>, StoreError>;
    async fn statements(&self, ids: Vec<StatementId>) -> Result<Vec<Kept>, StoreError>;
    async fn about_device(&self, device: DeviceId) -> Result<Vec<Kept>, StoreError>;
    async fn holders(&self, cards: BTreeSet<CitizenId>) -> Result<Vec<Vec<Holder>>, StoreError>;
    async fn citizen_names(&self, cards: BTreeSet<CitizenId>) -> Result<BTreeMap<CitizenId, String>, StoreError>;
    async fn overview(&self, silent_since: Moment) -> Result<Overview, StoreError>;

    // ⑫ Cases.
    async fn cases(&self, query: CaseQuery) -> Result<CasePage, StoreError>;
    async fn case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError>;

    // What is kept and not believed.
    async fn quarantine(&self, max: usize) -> Result<Vec<QuarantineRow>, StoreError>;

    // Staff.
    async fn staff(&self, name: String) -> Result<Option<StaffRow>, StoreError>;
    async fn add_staff(&self, staff: StaffRow, certificate: AuthorRow) -> Result<Durable<()>, StoreError>;
    async fn begin_session(&self, session: SessionRow) -> Result<Durable<()>, StoreError>;
    async fn session(&self, token_hash: [u8; 32]) -> Result<Option<(SessionRow, StaffRow)>, StoreError>;
    async fn touch_session(&self, token_hash: [u8; 32], at: Moment) -> Result<Durable<()>, StoreError>;
    async fn end_session(&self, token_hash: [u8; 32]) -> Result<Durable<()>, StoreError>;
    async fn audit(&self, line: AuditLine) -> Result<Durable<()>, StoreError>;
}

/// How far a log is held, for those who only sign what is on disk.
pub fn held(standing: &Durable<LogStanding>) -> Durable<LogHead> {
    standing.map(|standing| standing.head)
}
