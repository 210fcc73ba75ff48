//! Bugs that are planted on demand, so that the simulated fleet can show that it would find them.
//!
//! Without the feature `planted`, which no program that is shipped has, every question here is a constant "no"
//! and leaves no trace. With it, one bug at a time is alive in a process.

macro_rules! bugs {
    ($($bug:ident $name:literal $what:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $(#[doc = $what] $bug,)*
        }

        impl Bug {
            pub const ALL: &'static [Self] = &[$(Self::$bug,)*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$bug => $name,)* }
            }

            pub fn what(self) -> &'static str {
                match self { $(Self::$bug => $what,)* }
            }
        }
    };
}

bugs! {
    OldReceipt "old-receipt" "a receipt is taken for one of this push, whichever push it answered",
    OldHello "old-hello" "an old answer to hello is taken for one to this hello",
    LogOffByOne "log-off-by-one" "the next range is read one entry too far on",
    FreshEpochIgnored "fresh-epoch-ignored" "a closed log is gone on with",
    PageSumUnchecked "page-sum-unchecked" "a page is kept whatever its feed's sum says",
    CursorOffByOne "cursor-off-by-one" "the cursor of a page moves past its last entry, which is not kept",
    ForkIgnored "fork-ignored" "a second end of a log is taken for its continuation",
    HoleAccepted "hole-accepted" "a range is taken although entries before it are missing",
    UnsealedRunAccepted "unsealed-run-accepted" "a range is taken under no seal",
    SealUnchecked "seal-unchecked" "a seal is taken whoever signed it",
    AuthorityUnchecked "authority-unchecked" "a team is believed when it speaks for the nation",
    DoubtBlocks "doubt-blocks" "an entry that is not believed stops those behind it",
    UnknownKindRefused "unknown-kind-refused" "a statement of a later version is not believed",
    WithdrawalIgnored "withdrawal-ignored" "what was taken back still stands",
    WithdrawalOfWithdrawalIgnored "withdrawal-of-withdrawal-ignored" "what was taken back stays so when that is taken back",
    AnybodyTakesBack "anybody-takes-back" "a team takes back what the nation said",
    UnlinkIgnored "unlink-ignored" "two cards stay one person when their link is taken back",
    LinkOneWay "link-one-way" "a link is followed from one of its cards only",
    LinkNotAboutOther "link-not-about-other" "a link is filed under one of its cards only",
    FirstAnswerStands "first-answer-stands" "of two answers to a case the older one is in force",
    UndoneAnswerStands "undone-answer-stands" "an answer that was undone is in force",
    ClashDropped "clash-dropped" "of two doses that cannot both be right nobody is told",
    SeenIgnored "seen-ignored" "a dose given in knowledge of another one is held against it",
    ClockForOrder "clock-for-order" "of two values the one of the later clock replaces the other",
    EditSeesNothing "edit-sees-nothing" "a correction replaces nothing that its author saw",
    StrangersNotCompared "strangers-not-compared" "two persons who show one number are not noticed",
    CloneNotRaised "clone-not-raised" "a log with two ends is in nobody's queue",
    FirstCaseOnly "first-case-only" "of a person's conflicts only the first is raised",
    AnswerNotShown "answer-not-shown" "a case that was answered stays open",
    DamageSpreads "damage-spreads" "a damaged segment of a stick takes the frame before it along",
    WordOfAnother "word-of-another" "what a return stick says of another laptop is taken for this one's",
    LaptopNotSynced "laptop-not-synced" "a laptop's commit does not wait for the disk",
    LaptopNotCommitted "laptop-not-committed" "a laptop says saved although the commit failed",
    ServerNotSynced "server-not-synced" "the server's commit does not wait for the disk",
    ServerNotCommitted "server-not-committed" "the server acknowledges although the commit failed",
    FileNotSynced "file-not-synced" "a small file is renamed into place before it is on the disk",
    FolderNotSynced "folder-not-synced" "a new name is not made durable",
}

impl Bug {
    /// Found by cutting the power and breaking the disk, not by a fleet.
    pub fn is_of_the_disk(self) -> bool {
        use Bug::{
            FileNotSynced, FolderNotSynced, LaptopNotCommitted, LaptopNotSynced, ServerNotCommitted, ServerNotSynced,
        };
        matches!(
            self,
            LaptopNotSynced
                | LaptopNotCommitted
                | ServerNotSynced
                | ServerNotCommitted
                | FileNotSynced
                | FolderNotSynced
        )
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bug| bug.name() == name)
    }
}

#[cfg(not(feature = "planted"))]
pub const fn is_alive(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted")]
mod alive {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Bug;

    static ALIVE: AtomicUsize = AtomicUsize::new(usize::MAX);

    /// From here on this bug is alive, or none.
    pub fn plant(bug: Option<Bug>) {
        ALIVE.store(bug.map_or(usize::MAX, |bug| bug as usize), Ordering::SeqCst);
    }

    pub fn is_alive(bug: Bug) -> bool {
        ALIVE.load(Ordering::Relaxed) == bug as usize
    }
}

#[cfg(feature = "planted")]
pub use alive::{is_alive, plant};
