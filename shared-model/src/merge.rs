//! From the statements about one person to the record and the conflicts in it: a function of the set, not of its order.

use crate::conflict::{self, Conflict};
use crate::envelope::Said;
use crate::ids::CitizenId;
use crate::record::{self, Case, DocumentError, Record};
use crate::rules::Rulebook;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub record: Record,
    /// Raised by the statements themselves, answered or not.
    pub conflicts: Vec<Conflict>,
}

/// Draws the record of whoever holds `card`, and what in it cannot stand together.
pub fn merge<'a>(
    card: CitizenId,
    said: impl IntoIterator<Item = &'a Said>,
    rules: &Rulebook,
) -> Result<Merged, DocumentError> {
    let record = record::derive(card, said)?;
    let mut conflicts = record.disputes.clone();
    conflicts.extend(conflict::dose_clashes(&record.history, rules));
    conflicts.sort_unstable();
    Ok(Merged { record, conflicts })
}

impl Merged {
    /// The cases of this person, with `elsewhere`: conflicts that other cards or a clock raise.
    pub fn cases(&self, elsewhere: impl IntoIterator<Item = Conflict>) -> Vec<Case> {
        record::cases(&self.record, self.conflicts.iter().cloned().chain(elsewhere))
    }
}
