//! The turns of a conversation: what its caller must do, what answer is awaited, and how it went.

use super::feed::{CheckedPage, Cursor, FeedSum};
use super::message::{Hello, Page, Pull, Push, Receipt};
use super::segment::{SegmentsAsk, Stretch};
use crate::certificate::{CampaignWord, NotGenuine, Signed};
use crate::envelope::{Envelope, LogHead, PublicKey};
use crate::ids::{DeviceId, Epoch, Seq};
use crate::time::Moment;

/// What the caller must do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    SayHello(Hello),
    /// Send the sealed range from here on, sealing what is not sealed yet.
    ReadLog {
        from: Seq,
    },
    Push(Push),
    /// Keep the receipt: `held` and `national_to` of this log, and any notices.
    NoteReceipt(Receipt),
    /// Keep that a hub holds this log so far. It says nothing of the nation.
    NoteHeldByHub(Receipt),
    /// A receipt of the nation's that a hub brought. It counts only where it was given later than the last one known.
    NoteBrought(Receipt),
    /// Hubs whose word counts no more.
    NoteEndedHubs(Vec<DeviceId>),
    /// The log is behind or forked at the server: re-append what the nation does not hold in this epoch.
    StartEpoch(Epoch),
    NoteRules(Vec<Signed>),
    NoteTime {
        server: Moment,
        at: Moment,
    },
    /// Ask which files of a feed lie behind a cursor.
    FindSegments(SegmentsAsk),
    /// Fetch a file, check it, and keep it chunk by chunk.
    KeepSegment(Box<Stretch>),
    Pull(Pull),
    KeepPage {
        page: Box<CheckedPage>,
        authors: Vec<Signed>,
        devices: Vec<Signed>,
    },
    /// Nothing more to do; how it ended.
    Finished(Outcome),
}

/// What reading feeds asks for, in a laptop's conversation and in a hub's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FeedStep {
    FindSegments(SegmentsAsk),
    KeepSegment(Box<Stretch>),
    Pull(Pull),
    KeepPage { page: Box<CheckedPage>, authors: Vec<Signed>, devices: Vec<Signed> },
}

impl From<FeedStep> for Action {
    fn from(step: FeedStep) -> Self {
        match step {
            FeedStep::FindSegments(ask) => Self::FindSegments(ask),
            FeedStep::KeepSegment(stretch) => Self::KeepSegment(stretch),
            FeedStep::Pull(pull) => Self::Pull(pull),
            FeedStep::KeepPage { page, authors, devices } => Self::KeepPage { page, authors, devices },
        }
    }
}

/// The question whose answer is awaited. An answer to any other one ends the conversation.
pub(super) enum Asked {
    Hello,
    Log { from: Seq },
    Receipt { of: LogHead, nonce: [u8; 16] },
    Epoch,
    Segments,
    SegmentFile(FeedSum),
    Page,
}

impl Asked {
    /// Nothing is asked by actions that only keep something in the store.
    pub(super) fn by(action: &Action) -> Option<Self> {
        match action {
            Action::SayHello(_) => Some(Self::Hello),
            Action::ReadLog { from } => Some(Self::Log { from: *from }),
            Action::Push(push) => Some(Self::Receipt { of: end_of(push), nonce: push.nonce }),
            Action::StartEpoch(_) => Some(Self::Epoch),
            Action::FindSegments(_) => Some(Self::Segments),
            Action::KeepSegment(stretch) => Some(Self::SegmentFile(stretch.end())),
            Action::Pull(_) => Some(Self::Page),
            Action::NoteReceipt(_)
            | Action::NoteHeldByHub(_)
            | Action::NoteBrought(_)
            | Action::NoteEndedHubs(_)
            | Action::NoteRules(_)
            | Action::NoteTime { .. }
            | Action::KeepPage { .. }
            | Action::Finished(_) => None,
        }
    }
}

/// The end of the log as this range leaves it.
pub(super) fn end_of(push: &Push) -> LogHead {
    let before = LogHead { seq: push.from.saturating_sub(1), chain: push.previous };
    push.entries
        .iter()
        .fold(before, |head, wire| head.append(push.device, push.epoch, Envelope::from(wire.clone()).statement_id()))
}

/// How the last action went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Hello(Signed),
    /// The range, or nothing when the log ends before `from`; with the log's own chain before it.
    Log(Option<Push>),
    Receipt(Signed),
    /// A `Segments`, under the signature of whoever answers.
    SegmentsFound(Signed),
    /// Whoever answers cuts no files.
    NoSegments,
    /// The file was kept up to this cursor.
    SegmentKept(Cursor),
    /// The file is gone, or is not the one that was announced.
    SegmentDamaged,
    Page(Page),
    Done,
    /// A new epoch was begun; its head.
    EpochStarted(LogHead),
    Trouble(Trouble),
}

/// A word that must stand under this key.
pub(super) fn open<T: CampaignWord>(signed: &Signed, key: PublicKey) -> Result<T, Trouble> {
    signed.open(key).map_err(|wrong| match wrong {
        NotGenuine::Signature => Trouble::NotGenuine,
        NotGenuine::Malformed => Trouble::BadAnswer,
    })
}

/// What went wrong on the road or at its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("no way to the server")]
    NoNetwork,
    #[error("the server refused: {code}")]
    Refused { code: String, held: Option<LogHead>, retry_after_s: Option<u32> },
    #[error("the answer is not this campaign's")]
    NotGenuine,
    #[error("the answer does not fit the question")]
    BadAnswer,
    #[error("this laptop's store could not do it")]
    Store,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub pushed: u64,
    pub pulled: u64,
    /// Everything this log holds is durable at the server, and every feed was read to its end.
    pub complete: bool,
    pub trouble: Option<Trouble>,
}
