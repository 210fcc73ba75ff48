use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::envelope::Said;
use shared_model::ids::StatementId;

use super::{cards, merged};
use crate::cases;
use crate::country::card;
use crate::country::deeds::{Country, deeds};
use crate::country::desk::Desk;
use crate::country::people::{edit, name};
use shared_model::statement::Subject;

proptest! {
    #![proptest_config(cases::of("waiting"))]

    /// Statements come in any order: whatever waits lacks something, and once all is here nothing waits.
    #[test]
    fn only_what_lacks_something_waits(deeds in deeds(14), order in proptest::collection::vec(any::<Index>(), 14)) {
        let country = Country::of(&deeds);
        let mut left: Vec<&Said> = country.said.iter().collect();
        let mut here: Vec<Said> = Vec::new();
        for index in &order {
            if left.is_empty() {
                break;
            }
            here.push(left.swap_remove(index.index(left.len())).clone());
            let ids: BTreeSet<StatementId> = here.iter().map(|said| said.id).collect();
            let lacking = |said: &Said| said.body.based_on.iter().any(|id| !ids.contains(id));
            for card in cards() {
                let record = merged(card, &here).record;
                let anything_is_missing = left.iter().any(|said| !ids.contains(&said.id));
                prop_assert!(record.waiting.is_empty() || anything_is_missing);
                for id in &record.waiting {
                    // Not there is the edit's own ground, or the ground of what it stands on.
                    prop_assert!(here.iter().any(|said| said.id == *id));
                    prop_assert!(!record.fields.values().any(|field| field.standing.contains(id)));
                }
                for said in here.iter().filter(|said| said.header.subject == Subject::Citizen(card)) {
                    let shown = record.fields.values().any(|field| field.standing.contains(&said.id));
                    prop_assert!(!(shown && lacking(said)), "an edit is shown without what it saw");
                }
            }
        }
    }
}

#[test]
fn an_edit_that_came_first_is_shown_once_what_it_saw_has_come() {
    let (mut desk, an) = (Desk::new(1), Subject::Citizen(card(0)));
    let first = desk.says(an, edit(vec![name("Lê Văn An")]));
    let second = desk.says_having_seen(an, edit(vec![name("Lê Văn Ân")]), Vec::new(), vec![first.id]);
    let early = merged(card(0), [&second]).record;
    assert_eq!((early.waiting, early.fields.len()), ([second.id].into(), 0));
    let whole = merged(card(0), [&second, &first]).record;
    assert_eq!((whole.waiting.len(), whole.name().unwrap().as_str()), (0, "Lê Văn Ân"));
}
