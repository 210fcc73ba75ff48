//! Cards of the register that carry the same identifier, exactly.

use super::{Conflict, ConflictKind};
use crate::citizen::{Birth, BirthPrecision, Register};
use crate::ids::{CitizenId, StatementId};
use crate::planted::{Bug, is_alive};

/// A card that claims an identifier, with what tells one person from two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub card: CitizenId,
    /// The statement that gave the card this identifier.
    pub statement: StatementId,
    pub register: Register,
    /// Search key of the name; empty where there is none.
    pub name_key: String,
    pub birth: Option<Birth>,
}

/// Looks at all holders of one identifier. `same_person` says which cards are linked already.
pub fn shared_identifiers(holders: &[Holder], same_person: impl Fn(CitizenId, CitizenId) -> bool) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for (at, one) in holders.iter().enumerate() {
        for other in &holders[at + 1..] {
            if one.card == other.card || one.register != other.register || same_person(one.card, other.card) {
                continue;
            }
            let kind = if looks_like_one(one, other) {
                ConflictKind::TwoCardsOnePerson
            } else {
                ConflictKind::OneCardTwoPersons
            };
            if kind == ConflictKind::OneCardTwoPersons && is_alive(Bug::StrangersNotCompared) {
                continue;
            }
            let involved = [one.statement, other.statement];
            conflicts.push(Conflict::new(kind, involved, [one.card, other.card], None));
        }
    }
    conflicts
}

fn looks_like_one(one: &Holder, other: &Holder) -> bool {
    one.name_key == other.name_key && births_agree(one.birth, other.birth)
}

/// As far as both are known.
fn births_agree(one: Option<Birth>, other: Option<Birth>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    let (a, b) = (one.date, other.date);
    match one.precision.max(other.precision) {
        BirthPrecision::Day => a == b,
        BirthPrecision::Month => (a.year(), a.month()) == (b.year(), b.month()),
        BirthPrecision::Year => a.year() == b.year(),
        BirthPrecision::Estimated => (a.year() - b.year()).abs() <= 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Date;

    fn holder(n: u8, name: &str, born: &str) -> Holder {
        Holder {
            card: CitizenId([n; 16]),
            statement: StatementId([n; 32]),
            register: Register::NationalId,
            name_key: name.to_owned(),
            birth: Some(Birth { date: Date::parse_iso(born).unwrap(), precision: BirthPrecision::Day }),
        }
    }

    #[test]
    fn one_number_under_one_name_is_one_person_on_two_cards() {
        let holders = [holder(1, "le van an", "1980-02-03"), holder(2, "le van an", "1980-02-03")];
        let conflicts = shared_identifiers(&holders, |_, _| false);
        assert_eq!(conflicts.iter().map(|c| c.kind).collect::<Vec<_>>(), [ConflictKind::TwoCardsOnePerson]);
        assert_eq!(shared_identifiers(&holders, |_, _| true), []);
    }

    #[test]
    fn one_number_under_two_names_is_a_card_that_two_persons_showed() {
        let holders = [holder(1, "le van an", "1980-02-03"), holder(2, "tran thi ba", "1980-02-03")];
        let conflicts = shared_identifiers(&holders, |_, _| false);
        assert_eq!(conflicts.iter().map(|c| c.kind).collect::<Vec<_>>(), [ConflictKind::OneCardTwoPersons]);
    }
}
