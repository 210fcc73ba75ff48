//! A record out of any statements: what the merge engine holds is what our own code wrote, and what a few lines of
//! sets say of it; in any order; and after the engine has written it out and read it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use shared_model::citizen::RegisterValue;
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::envelope::Said;
use shared_model::ids::{AuthorId, CitizenId, DeviceId, StatementId};
use shared_model::merge::{Merged, merge};
use shared_model::record::{self, document};
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::statement::Subject;
use shared_model::time::Moment;
use shared_model::view::{Acquaintances, Copies, citizen_line, citizen_view};

use crate::Target;
use crate::country::deeds::{Country, Deed, What};
use crate::country::desk::Desk;
use crate::country::people::dose;
use crate::country::{card, cbor, morning};
use crate::input::Input;
use crate::reference::Reference;
use crate::script;

pub const TARGET: Target = Target { name: "record", run, seeds };

fn rules() -> &'static Rulebook {
    static RULES: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::of([covid_2021().expect("the rules")]));
    &RULES
}

fn run(bytes: &[u8]) {
    let lines = script::read(&mut Input::of(bytes));
    let said: Vec<Said> = script::envelopes(&lines, card).iter().filter_map(|envelope| envelope.open().ok()).collect();
    let mut left: BTreeSet<CitizenId> = said.iter().filter_map(|one| one.header.subject.citizen()).collect();
    let reference = Reference::of(&said);
    while let Some(card) = left.pop_first() {
        let merged = merge(card, &said, rules()).expect("a record");
        let backwards = said.iter().rev().chain(said.iter().take(2));
        assert_eq!(merge(card, backwards, rules()).expect("a record"), merged, "the order left a trace");
        is_as_the_sets_say(card, &said, &merged, &reference);
        is_shown(card, &merged);
        left.retain(|other| !merged.record.cards.contains(other));
    }
}

fn is_as_the_sets_say(card: CitizenId, said: &[Said], merged: &Merged, reference: &Reference<'_>) {
    let record = &merged.record;
    assert_eq!(record.cards, reference.person(card));
    let (edits, known) = record::edits(card, said);
    assert!(edits.keys().eq(&record.cards));
    let mut waiting = BTreeSet::new();
    let mut disputes = BTreeSet::new();
    let mut standing: BTreeMap<_, BTreeSet<StatementId>> = BTreeMap::new();
    for (card, edits) in &edits {
        let expected = reference.document(*card);
        let document = document::replay(edits, &known).expect("a document");
        assert_eq!(document.values, expected.values, "the engine holds something else than was written");
        assert_eq!((&document.waiting, document.heads.len()), (&expected.waiting, expected.heads));
        assert_eq!(record.heads[card], document.heads);
        let engine = document::replay_in_engine(edits, &known).expect("a document");
        assert_eq!(engine, document, "the merge engine says otherwise");
        let loaded = document::replay_through_bytes(edits, &known).expect("what was saved can be loaded");
        assert_eq!(loaded, document, "saved and loaded it is another document");
        for (key, votes) in &document.values {
            if votes.values().collect::<BTreeSet<_>>().len() > 1 {
                let kind = ConflictKind::EditedInTwoPlaces;
                disputes.insert(Conflict::new(kind, votes.keys().copied(), [*card], Some(key.clone())));
            }
            for (id, bytes) in votes.iter().filter(|_| key.starts_with("citizen/")) {
                let value: RegisterValue = minicbor::decode(bytes).expect("a value of our own");
                assert_eq!(cbor(&value), *bytes);
                standing.entry(value.register()).or_default().insert(*id);
            }
        }
        waiting.extend(document.waiting);
    }
    assert_eq!(record.waiting, waiting);
    assert_eq!(record.disputes.iter().cloned().collect::<BTreeSet<_>>(), disputes);
    let shown: BTreeMap<_, BTreeSet<StatementId>> =
        record.fields.iter().map(|(register, field)| (*register, field.standing.iter().copied().collect())).collect();
    assert_eq!(shown, standing);
}

/// Nobody is known by name here.
struct Nobody;

impl Acquaintances for Nobody {
    fn author_name(&self, _: AuthorId, _: DeviceId) -> Option<String> {
        None
    }

    fn device(&self, _: DeviceId) -> Option<(String, String)> {
        None
    }

    fn copies(&self, _: StatementId) -> Copies {
        Copies::Here
    }
}

fn is_shown(card: CitizenId, merged: &Merged) {
    let today = morning().campaign_date();
    let cases = merged.cases([]);
    let view = citizen_view(card, &merged.record, &cases, rules().in_force(today), today, &Nobody);
    serde_json::to_string(&view).expect("a view");
    serde_json::to_string(&citizen_line(card, &merged.record, !cases.is_empty())).expect("a line");
    for case in &cases {
        let _ = record::answers(&case.conflict);
    }
}

/// Doses further apart than any number of milliseconds.
fn at_the_ends_of_time() -> Vec<Said> {
    let give = |n: u8, at| Desk::new(n).says(Subject::Citizen(card(0)), dose("pfizer", "FK9412", 2, Moment(at)));
    vec![give(1, i64::MIN), give(2, i64::MAX), give(3, 0)]
}

/// Stories of the pretend country, and one of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let (_, said) = super::message::one_of_every_kind();
    let mut seeds = vec![script::write(&script::of(&said))];
    seeds.push(script::write(&script::of(&at_the_ends_of_time())));
    let whats =
        [What::Edit, What::Give, What::Amend, What::Withdraw, What::Link, What::Settle, What::Tomorrow, What::Hear];
    for story in 0..24_u32 {
        let mut dice = story.wrapping_mul(0x9e37_79b9) | 1;
        let mut roll = || {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            dice >> 8
        };
        let deeds: Vec<Deed> = (0..14)
            .map(|_| Deed {
                who: (roll() % 4) as u8,
                card: (roll() % 3 / 2) as u8,
                what: whats[roll() as usize % whats.len()],
                pick: roll(),
                saw: u32::MAX,
            })
            .collect();
        seeds.push(script::write(&script::of(&Country::of(&deeds).said)));
    }
    seeds
}
