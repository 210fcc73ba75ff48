//! Bugs that are planted on demand. The simulation must find each of them, or it is blind. Those of the code that is
//! shipped lie in `shared_model::planted` and are alive only in a build with the feature `planted`; those here are in
//! the stores that the simulation brings along.

use anyhow::{Context, bail};
use shared_model::planted::Bug;

/// In the pretend stores.
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
    /// A revoked device is still listened to.
    RevokedIsHeard,
    /// A statement that came twice stands twice in a feed.
    FeedRepeats,
    /// A restored server is told that it has what it had.
    ReceiptsNeverGoBack,
    /// Of a restored server, only the epoch being written is doubted.
    OldReceiptsStay,
    /// A word that a hub brings is taken although a later one was heard.
    OldWordBrought,
    /// A length that a hub tells is believed for whatever chain it comes with.
    HubHoldsWithoutChain,
    /// What a hub holds is taken for held by the nation.
    HubForNation,
    /// A hub forwards the first of its logs and no other.
    ForwardsOneLog,
    /// What lies on a stick is taken for held by the nation.
    StickForNation,
    /// The word for a return stick is signed before the disk has what it speaks of.
    StickAnsweredBeforeDurable,
    /// A device that was taken back is sent a return stick.
    ReturnToTheRevoked,
}

impl Plant {
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::ReceiptWithoutChain, "receipt-length-without-chain"),
        (Self::CursorOffByOne, "page-skips-an-entry"),
        (Self::DroppedBranch, "dropped-fork-branch"),
        (Self::AckBeforeDurable, "ack-before-durable"),
        (Self::ReceiptBeforeDurable, "receipt-before-durable"),
        (Self::WithdrawalDoesNotFollow, "withdrawal-does-not-follow"),
        (Self::RevokedIsHeard, "revoked-is-heard"),
        (Self::FeedRepeats, "feed-repeats"),
        (Self::ReceiptsNeverGoBack, "receipts-never-go-back"),
        (Self::OldReceiptsStay, "old-receipts-stay"),
        (Self::OldWordBrought, "old-word-brought"),
        (Self::HubHoldsWithoutChain, "hub-holds-without-chain"),
        (Self::HubForNation, "hub-for-nation"),
        (Self::ForwardsOneLog, "forwards-one-log"),
        (Self::StickForNation, "stick-for-nation"),
        (Self::StickAnsweredBeforeDurable, "stick-answered-before-durable"),
        (Self::ReturnToTheRevoked, "return-to-revoked"),
    ];
}

/// What is planted, if anything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    Nothing,
    InStore(Plant),
    InCode(Bug),
}

impl Planted {
    pub fn named(name: &str) -> anyhow::Result<Self> {
        if let Some((plant, _)) = Plant::ALL.into_iter().find(|(_, known)| *known == name) {
            return Ok(Self::InStore(plant));
        }
        let bug = Bug::named(name).with_context(|| format!("no bug is called {name}"))?;
        if !CAN_PLANT {
            bail!("this build has no planted bugs: build it with `--features tests/planted`");
        }
        Ok(Self::InCode(bug))
    }

    /// Every bug that this build can plant.
    pub fn all() -> Vec<Self> {
        let code = Bug::ALL.iter().filter(|bug| CAN_PLANT && !bug.is_of_the_disk()).map(|bug| Self::InCode(*bug));
        code.chain(Plant::ALL.into_iter().map(|(plant, _)| Self::InStore(plant))).collect()
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::InStore(plant) => {
                Plant::ALL.into_iter().find(|(known, _)| *known == plant).map_or("", |(_, name)| name)
            }
            Self::InCode(bug) => bug.name(),
        }
    }

    pub fn where_it_is(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::InStore(_) => "pretend store",
            Self::InCode(_) => "code",
        }
    }

    /// Brings the bug to life in this process, and tells what the pretend stores need to know of it.
    pub fn plant(self) -> Option<Plant> {
        #[cfg(feature = "planted")]
        shared_model::planted::plant(if let Self::InCode(bug) = self { Some(bug) } else { None });
        if let Self::InStore(plant) = self { Some(plant) } else { None }
    }
}

pub const CAN_PLANT: bool = cfg!(feature = "planted");
