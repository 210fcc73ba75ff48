//! Bugs that are planted on demand. The simulation must find each of them, or it is blind.

/// None is planted unless the command line asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// A held number is believed for whatever chain it comes with, and told without looking at the chain.
    ReceiptWithoutChain,
    /// The cursor moves past an entry that was not kept.
    CursorOffByOne,
    /// The second end of a forked log is not kept.
    DroppedBranch,
    /// A laptop says "saved" before the disk does.
    AckBeforeDurable,
    /// The server signs a receipt before the disk has it.
    ReceiptBeforeDurable,
    /// A withdrawal enters only the record it is filed under.
    WithdrawalDoesNotFollow,
    /// Two doses too many raise no case.
    SilentConflict,
    /// A revoked device is still listened to.
    RevokedIsHeard,
    /// A statement that came twice stands twice in a feed.
    FeedRepeats,
    /// A restored server is told that it has what it had.
    ReceiptsNeverGoBack,
    /// Of a restored server, only the epoch being written is doubted.
    OldReceiptsStay,
}

impl Plant {
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::ReceiptWithoutChain, "receipt-length-without-chain"),
        (Self::CursorOffByOne, "cursor-off-by-one"),
        (Self::DroppedBranch, "dropped-fork-branch"),
        (Self::AckBeforeDurable, "ack-before-durable"),
        (Self::ReceiptBeforeDurable, "receipt-before-durable"),
        (Self::WithdrawalDoesNotFollow, "withdrawal-does-not-follow"),
        (Self::SilentConflict, "silent-conflict"),
        (Self::RevokedIsHeard, "revoked-is-heard"),
        (Self::FeedRepeats, "feed-repeats"),
        (Self::ReceiptsNeverGoBack, "receipts-never-go-back"),
        (Self::OldReceiptsStay, "old-receipts-stay"),
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(plant, _)| plant)
    }
}
