//! What somebody outside was told, and may rely on whatever happens to the power.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::ids::{CitizenId, StatementId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promise {
    /// The one-time code went out to the server and may be spent.
    CodeSent,
    /// The laptop is enrolled and opens by its PIN.
    Enrolled,
    Registered {
        citizen: CitizenId,
    },
    /// "Saved" stood on a screen for this dose.
    Saved {
        citizen: CitizenId,
        dose: StatementId,
    },
    /// The screen showed the dose with this lot.
    Corrected {
        citizen: CitizenId,
        dose: StatementId,
        lot: String,
    },
    /// The screen showed the citizen with this phone number.
    Edited {
        citizen: CitizenId,
        phone: String,
    },
    /// The screen showed the dose as taken back.
    Withdrawn {
        citizen: CitizenId,
        dose: StatementId,
    },
    /// A sync that went well brought this statement down.
    Learned {
        citizen: CitizenId,
        statement: StatementId,
    },
    /// The server signed a receipt for so many statements of the laptop's first log.
    Received {
        held_to: u64,
    },
    /// The server answered that it has this statement.
    InNation {
        citizen: CitizenId,
        statement: StatementId,
    },
    /// So many rows of a plain table were committed.
    Rows(u64),
}

impl Promise {
    /// Whose record it is about, where it is about one that the laptop draws.
    fn citizen(&self) -> Option<CitizenId> {
        match self {
            Self::Registered { citizen }
            | Self::Saved { citizen, .. }
            | Self::Corrected { citizen, .. }
            | Self::Edited { citizen, .. }
            | Self::Withdrawn { citizen, .. } => Some(*citizen),
            Self::CodeSent
            | Self::Enrolled
            | Self::Learned { .. }
            | Self::Received { .. }
            | Self::InNation { .. }
            | Self::Rows(_) => None,
        }
    }

    /// The statement that a laptop must hold for it.
    pub fn on_laptop(&self) -> Option<StatementId> {
        match self {
            Self::Saved { dose: statement, .. } | Self::Learned { statement, .. } => Some(*statement),
            _ => None,
        }
    }

    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Rows(rows) => Some(*rows),
            _ => None,
        }
    }
}

/// How far the server said it holds the laptop's log.
pub fn held_to(promises: &[Promise]) -> u64 {
    let held = promises.iter().filter_map(|promise| match promise {
        Promise::Received { held_to } => Some(*held_to),
        _ => None,
    });
    held.max().unwrap_or(0)
}

/// What the server said it has, by the card it is about.
pub fn in_nation(promises: &[Promise]) -> BTreeMap<CitizenId, BTreeSet<StatementId>> {
    let mut by_card: BTreeMap<CitizenId, BTreeSet<StatementId>> = BTreeMap::new();
    for promise in promises {
        if let Promise::InNation { citizen, statement } = promise {
            by_card.entry(*citizen).or_default().insert(*statement);
        }
    }
    by_card
}

/// Promises about records, by the card they are about, the card that was spoken of last at the end.
pub fn by_card(promises: &[Promise]) -> Vec<(CitizenId, Vec<&Promise>)> {
    let mut cards: Vec<(CitizenId, Vec<&Promise>)> = Vec::new();
    for promise in promises {
        let Some(citizen) = promise.citizen() else { continue };
        let known = cards.iter().position(|(card, _)| *card == citizen).map(|at| cards.remove(at));
        let (card, mut about) = known.unwrap_or_else(|| (citizen, Vec::new()));
        about.push(promise);
        cards.push((card, about));
    }
    cards
}
