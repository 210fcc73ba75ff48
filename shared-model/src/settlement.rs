//! An admin's answer to a case. It is itself a statement, so it travels, and can be undone by withdrawing it.

use minicbor::{Decode, Encode};

use crate::ids::StatementId;

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Answer {
    /// Of the competing values of a register, the one this statement gave is right.
    #[n(0)]
    ChooseValue(#[n(0)] StatementId),
    /// Both statements speak of one injection; this one is kept, the other counts as its echo.
    #[n(1)]
    SameDose(#[n(0)] StatementId),
    /// Both doses were really given.
    #[n(2)]
    ReallyTwo,
    /// This dose was not given, or not to this person.
    #[n(3)]
    WithdrawDose(#[n(0)] StatementId),
    /// The cards belong to one person.
    #[n(4)]
    SamePerson,
    /// The cards belong to different people; remembered, so that it is not asked again.
    #[n(5)]
    NotSamePerson,
    /// The team that wrote it must look at it; the case stays open.
    #[n(6)]
    SendBack,
    /// Looked at and understood; nothing in the record changes.
    #[n(7)]
    Acknowledge,
    /// An answer of a later version.
    #[n(8)]
    Other(#[n(0)] String),
}

impl Answer {
    pub fn code(&self) -> &'static str {
        match self {
            Self::ChooseValue(_) => "choose_value",
            Self::SameDose(_) => "same_dose",
            Self::ReallyTwo => "really_two",
            Self::WithdrawDose(_) => "withdraw_dose",
            Self::SamePerson => "same_person",
            Self::NotSamePerson => "not_same_person",
            Self::SendBack => "send_back",
            Self::Acknowledge => "acknowledge",
            Self::Other(_) => "other",
        }
    }

    /// Whether the case is closed by it.
    pub fn closes(&self) -> bool {
        !matches!(self, Self::SendBack | Self::Other(_))
    }

    /// The statement the answer points at; it must be one of those in dispute.
    pub fn names(&self) -> Option<StatementId> {
        match self {
            Self::ChooseValue(id) | Self::SameDose(id) | Self::WithdrawDose(id) => Some(*id),
            Self::ReallyTwo
            | Self::SamePerson
            | Self::NotSamePerson
            | Self::SendBack
            | Self::Acknowledge
            | Self::Other(_) => None,
        }
    }
}
