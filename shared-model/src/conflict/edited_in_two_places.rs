//! Edits of one key that did not know of each other and say different things.

use std::collections::{BTreeMap, BTreeSet};

use super::{Conflict, ConflictKind};
use crate::ids::{CitizenId, StatementId};

/// Equal values from two sides are no conflict.
pub fn edited_in_two_places(card: CitizenId, key: &str, votes: &BTreeMap<StatementId, Vec<u8>>) -> Option<Conflict> {
    let distinct: BTreeSet<&[u8]> = votes.values().map(Vec::as_slice).collect();
    (distinct.len() > 1)
        .then(|| Conflict::new(ConflictKind::EditedInTwoPlaces, votes.keys().copied(), [card], Some(key.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_teams_who_agree_do_not_quarrel() {
        let votes = |values: &[&str]| -> BTreeMap<_, _> {
            (1..).zip(values).map(|(n, value)| (StatementId([n; 32]), value.as_bytes().to_vec())).collect()
        };
        let card = CitizenId([1; 16]);
        assert_eq!(edited_in_two_places(card, "citizen/name", &votes(&["An", "An"])), None);
        let conflict = edited_in_two_places(card, "citizen/name", &votes(&["An", "Ân", "An"])).unwrap();
        assert_eq!(conflict.involved.len(), 3);
    }
}
