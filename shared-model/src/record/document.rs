//! A citizen's editable record as an Automerge document, derived from statements.
//!
//! The only file that names automerge. No bytes from outside reach it: every change is made
//! here from a verified statement, and each node makes the same one. Hence: a flat root map of
//! byte values; one fresh actor for every change, taken from the statement's id; time 0 and no
//! message; each change authored in a document of exactly its ancestors, so that its hash
//! depends on them and on nothing else; all changes applied in one batch.
//!
//! Where no edit was made in knowledge of another one there is nothing to merge: every value stands and every change
//! is a head. Such a document is told without the engine, with the same heads.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ROOT, ReadDoc, ScalarValue, Value};

use super::plain_change;
use crate::ids::StatementId;

/// Values written under keys by one statement whose author saw `based_on`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub id: StatementId,
    pub puts: Vec<(String, Vec<u8>)>,
    /// Statements that must be here first. Empty for facts, which never wait.
    pub based_on: Vec<StatementId>,
}

/// What the document says, read once and let go: an open one holds 16 kB of heap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Sorted change hashes: same heads, same record. Saved bytes depend on merge order and are never compared.
    pub heads: Vec<[u8; 32]>,
    /// Every value that no later edit replaced, by the statement that gave it.
    pub values: BTreeMap<String, BTreeMap<StatementId, Vec<u8>>>,
    /// Edits that build on statements not here yet.
    pub waiting: BTreeSet<StatementId>,
}

/// The merge engine did something it is never seen to do. The statements are untouched.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("the merge engine refused a change made here")]
    Refused(#[from] automerge::AutomergeError),
    #[error("the merge engine lost a change made here")]
    Lost,
}

const ACTOR_BYTES: usize = 16;

/// Replays the edits. `known` holds the ids of all statements here, edits or not:
/// to have seen one of another kind delays nothing.
pub fn replay(edits: &[Edit], known: &BTreeSet<StatementId>) -> Result<Document, DocumentError> {
    let by_id = by_id(edits);
    let (order, waiting) = in_causal_order(&by_id, known);
    if are_plain(&order, &by_id) {
        return Ok(plain(&order, waiting));
    }
    read_whole(&merged(&order, &by_id)?, waiting)
}

/// As [`replay`], with the merge engine whatever the edits are: what the short way is measured by.
pub fn replay_in_engine(edits: &[Edit], known: &BTreeSet<StatementId>) -> Result<Document, DocumentError> {
    let by_id = by_id(edits);
    let (order, waiting) = in_causal_order(&by_id, known);
    read_whole(&merged(&order, &by_id)?, waiting)
}

/// As [`replay`], but what is read has been written out by the merge engine and loaded again.
#[expect(clippy::disallowed_methods, reason = "bytes made in this very deed")]
pub fn replay_through_bytes(edits: &[Edit], known: &BTreeSet<StatementId>) -> Result<Document, DocumentError> {
    let by_id = by_id(edits);
    let (order, waiting) = in_causal_order(&by_id, known);
    read_whole(&Automerge::load(&merged(&order, &by_id)?.save())?, waiting)
}

fn by_id(edits: &[Edit]) -> BTreeMap<StatementId, &Edit> {
    edits.iter().map(|edit| (edit.id, edit)).collect()
}

/// Whether each of these edits writes something, no key twice, under an actor of its own, and none of them saw another one.
fn are_plain(order: &[&Edit], by_id: &BTreeMap<StatementId, &Edit>) -> bool {
    let saw_nothing = |edit: &&Edit| edit.based_on.iter().all(|id| !by_id.contains_key(id));
    let keys_differ = |edit: &&Edit| {
        let keys: BTreeSet<&str> = edit.puts.iter().map(|(key, _)| key.as_str()).collect();
        !keys.is_empty() && keys.len() == edit.puts.len()
    };
    let actors: BTreeSet<&[u8]> = order.iter().map(|edit| actor_of(&edit.id)).collect();
    actors.len() == order.len() && order.iter().all(|edit| saw_nothing(edit) && keys_differ(edit))
}

fn plain(order: &[&Edit], waiting: BTreeSet<StatementId>) -> Document {
    let mut values: BTreeMap<String, BTreeMap<StatementId, Vec<u8>>> = BTreeMap::new();
    let mut heads = Vec::with_capacity(order.len());
    for edit in order {
        let puts: Vec<(&str, [&[u8]; 2])> =
            edit.puts.iter().map(|(key, value)| (key.as_str(), vote(&edit.id, value))).collect();
        heads.push(plain_change::hash(actor_of(&edit.id), &puts));
        for (key, value) in &edit.puts {
            values.entry(key.clone()).or_default().insert(edit.id, value.clone());
        }
    }
    heads.sort_unstable();
    Document { heads, values, waiting }
}

fn actor_of(id: &StatementId) -> &[u8] {
    &id.as_bytes()[..ACTOR_BYTES]
}

/// What is written for a value. The statement's own id in front: equal values stay two votes, and a vote never
/// vanishes as "no change".
fn vote<'a>(id: &'a StatementId, value: &'a [u8]) -> [&'a [u8]; 2] {
    [id.as_bytes(), value]
}

fn merged(order: &[&Edit], by_id: &BTreeMap<StatementId, &Edit>) -> Result<Automerge, DocumentError> {
    let mut changes: BTreeMap<StatementId, Change> = BTreeMap::new();
    let mut ancestors: BTreeMap<StatementId, BTreeSet<StatementId>> = BTreeMap::new();
    let mut pen = Pen::default();
    for edit in order {
        let mut before = BTreeSet::new();
        for id in edit.based_on.iter().filter(|id| by_id.contains_key(id)) {
            before.insert(*id);
            before.extend(ancestors.get(id).into_iter().flatten().copied());
        }
        pen.goes_to(&before, &changes)?;
        changes.insert(edit.id, pen.writes(edit)?);
        ancestors.insert(edit.id, before);
    }

    pen.goes_to(&order.iter().map(|edit| edit.id).collect(), &changes)?;
    let merged = pen.doc;
    if merged.get_missing_deps(&[]).is_empty() { Ok(merged) } else { Err(DocumentError::Lost) }
}

fn read_whole(merged: &Automerge, waiting: BTreeSet<StatementId>) -> Result<Document, DocumentError> {
    let mut values = BTreeMap::new();
    for key in merged.keys(ROOT) {
        values.insert(key.clone(), read(merged, &key)?);
    }
    let mut heads: Vec<[u8; 32]> = merged.get_heads().iter().map(|hash| hash.0).collect();
    heads.sort_unstable();
    Ok(Document { heads, values, waiting })
}

/// Every edit after those it is based on, ties by id; and those that must wait.
fn in_causal_order<'a>(
    by_id: &BTreeMap<StatementId, &'a Edit>,
    known: &BTreeSet<StatementId>,
) -> (Vec<&'a Edit>, BTreeSet<StatementId>) {
    let mut followers: BTreeMap<StatementId, Vec<StatementId>> = BTreeMap::new();
    let mut missing: BTreeMap<StatementId, usize> = BTreeMap::new();
    let mut ready = BTreeSet::new();
    for edit in by_id.values() {
        let needs: BTreeSet<_> =
            edit.based_on.iter().filter(|id| by_id.contains_key(id) || !known.contains(id)).collect();
        if needs.is_empty() {
            ready.insert(edit.id);
        } else {
            missing.insert(edit.id, needs.len());
        }
        for need in needs {
            followers.entry(*need).or_default().push(edit.id);
        }
    }
    let mut order = Vec::with_capacity(by_id.len());
    while let Some(id) = ready.pop_first() {
        order.extend(by_id.get(&id).copied());
        for follower in followers.remove(&id).unwrap_or_default() {
            if let Some(count) = missing.get_mut(&follower) {
                *count -= 1;
                if *count == 0 {
                    missing.remove(&follower);
                    ready.insert(follower);
                }
            }
        }
    }
    (order, missing.into_keys().collect())
}

/// The document an edit is written in, and which edits are in it. An edit made just after the last one goes on
/// in the same document: a chain of edits would otherwise be read again from its start for each of them.
struct Pen {
    doc: Automerge,
    written: BTreeSet<StatementId>,
}

impl Default for Pen {
    fn default() -> Self {
        Self { doc: empty(ActorId::from([0; ACTOR_BYTES])), written: BTreeSet::new() }
    }
}

impl Pen {
    /// To a document of exactly these edits.
    fn goes_to(
        &mut self,
        edits: &BTreeSet<StatementId>,
        changes: &BTreeMap<StatementId, Change>,
    ) -> Result<(), DocumentError> {
        if self.written != *edits {
            *self = Self { written: edits.clone(), ..Self::default() };
            self.doc.apply_changes(edits.iter().filter_map(|id| changes.get(id)).cloned().collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn writes(&mut self, edit: &Edit) -> Result<Change, DocumentError> {
        self.doc.set_actor(ActorId::from(actor_of(&edit.id)));
        let mut transaction = self.doc.transaction();
        for (key, value) in &edit.puts {
            transaction.put(ROOT, key.as_str(), ScalarValue::Bytes(vote(&edit.id, value).concat()))?;
        }
        transaction.commit();
        self.written.insert(edit.id);
        self.doc.get_last_local_change().ok_or(DocumentError::Lost)
    }
}

fn read(doc: &Automerge, key: &str) -> Result<BTreeMap<StatementId, Vec<u8>>, DocumentError> {
    let mut votes = BTreeMap::new();
    for (value, _) in doc.get_all(ROOT, key)? {
        if let Value::Scalar(scalar) = value
            && let ScalarValue::Bytes(vote) = scalar.as_ref()
            && let Some((id, value)) = vote.split_at_checked(StatementId::BYTES)
            && let Some(id) = StatementId::from_slice(id)
        {
            votes.insert(id, value.to_vec());
        }
    }
    Ok(votes)
}

#[expect(clippy::disallowed_methods, reason = "the random actor it draws is replaced at once")]
fn empty(actor: ActorId) -> Automerge {
    Automerge::new().with_actor(actor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u8) -> StatementId {
        StatementId([n; 32])
    }

    fn edit(n: u8, value: &str, based_on: &[u8]) -> Edit {
        Edit {
            id: id(n),
            puts: vec![("citizen/name".into(), value.as_bytes().to_vec())],
            based_on: based_on.iter().map(|n| id(*n)).collect(),
        }
    }

    fn replayed(edits: &[Edit]) -> Document {
        replay(edits, &edits.iter().map(|edit| edit.id).collect()).unwrap()
    }

    fn names(document: &Document) -> Vec<u8> {
        document.values.get("citizen/name").into_iter().flatten().map(|(id, _)| id.0[0]).collect()
    }

    #[test]
    fn an_edit_replaces_what_its_author_saw_and_nothing_else() {
        let document = replayed(&[edit(1, "An", &[]), edit(2, "Ân", &[1]), edit(3, "Anh", &[1])]);
        assert_eq!(names(&document), [2, 3]);
        let settled =
            replayed(&[edit(1, "An", &[]), edit(2, "Ân", &[1]), edit(3, "Anh", &[1]), edit(4, "Ân", &[2, 3])]);
        assert_eq!(names(&settled), [4]);
    }

    #[test]
    fn confirming_a_value_is_a_vote_against_a_change_made_elsewhere() {
        let document = replayed(&[edit(1, "An", &[]), edit(2, "An", &[1]), edit(3, "Anh", &[1])]);
        assert_eq!(names(&document), [2, 3]);
    }

    #[test]
    fn an_edit_waits_for_what_it_saw_and_a_whole_chain_waits_with_it() {
        let early = [edit(2, "Ân", &[1]), edit(3, "Anh", &[2])];
        let document = replayed(&early);
        assert_eq!(document.waiting, [id(2), id(3)].into());
        assert!(document.values.is_empty());
        let whole = replayed(&[early[0].clone(), early[1].clone(), edit(1, "An", &[])]);
        assert_eq!((names(&whole), whole.waiting.len()), (vec![3], 0));
    }

    #[test]
    fn the_order_of_arrival_leaves_no_trace() {
        let edits = [edit(9, "An", &[]), edit(2, "Ân", &[9]), edit(3, "Anh", &[9, 2]), edit(7, "Ánh", &[9])];
        let forward = replayed(&edits);
        let mut backward = edits;
        backward.reverse();
        assert_eq!(replayed(&backward), forward);
    }

    /// Whether the pen went on in one document or went to another one before each edit.
    #[test]
    fn a_change_depends_on_what_its_author_saw_and_on_nothing_else() {
        let edits = [
            edit(1, "An", &[]),
            edit(2, "Ân", &[1]),
            edit(3, "Anh", &[1]),
            edit(4, "Ân", &[2, 3]),
            edit(5, "Ánh", &[2]),
            edit(6, "An", &[5]),
            edit(7, "Ân", &[4, 6]),
            edit(8, "Ảnh", &[6]),
            edit(9, "Ấn", &[]),
        ];
        let mut changes = BTreeMap::new();
        let mut ancestors: BTreeMap<StatementId, BTreeSet<StatementId>> = BTreeMap::new();
        for edit in &edits {
            let mut before: BTreeSet<StatementId> = edit.based_on.iter().copied().collect();
            before.extend(edit.based_on.iter().flat_map(|id| ancestors[id].clone()));
            let mut pen = Pen::default();
            pen.goes_to(&before, &changes).unwrap();
            changes.insert(edit.id, pen.writes(edit).unwrap());
            let up_to_here: Vec<Edit> =
                edits.iter().filter(|one| one.id == edit.id || before.contains(&one.id)).cloned().collect();
            assert_eq!(replayed(&up_to_here).heads, [changes[&edit.id].hash().0]);
            ancestors.insert(edit.id, before);
        }
        let mut ends: Vec<[u8; 32]> = [7, 8, 9].iter().map(|n| changes[&id(*n)].hash().0).collect();
        ends.sort_unstable();
        assert_eq!(replayed(&edits).heads, ends);
    }

    proptest! {
        /// Keys twice in one edit, edits that write nothing and edits that saw others among them.
        #[test]
        fn the_short_way_is_the_engine_s_way(shapes in proptest::collection::vec(shape(), 0..9)) {
            let edits: Vec<Edit> = (1..).zip(shapes).map(|(n, (puts, seen))| {
                let puts = puts.into_iter().map(|(key, value)| (format!("citizen/{key}"), value)).collect();
                Edit { id: id(n), puts, based_on: seen.into_iter().map(id).collect() }
            }).collect();
            let known = edits.iter().map(|edit| edit.id).collect();
            match replay_in_engine(&edits, &known) {
                Ok(document) => prop_assert_eq!(replay(&edits, &known).unwrap(), document),
                Err(_) => prop_assert!(replay(&edits, &known).is_err()),
            }
        }

        /// As in life: facts and first registrations, however many and however long.
        #[test]
        fn heads_of_what_saw_nothing_are_the_engine_s(
            shapes in proptest::collection::vec(proptest::collection::btree_map("[a-zđ/]{0,12}", value(), 1..20), 1..6),
        ) {
            let edits: Vec<Edit> = (1..)
                .zip(shapes)
                .map(|(n, puts)| Edit { id: id(n), puts: puts.into_iter().collect(), based_on: vec![id(200)] })
                .collect();
            let known = edits.iter().map(|edit| edit.id).chain([id(200)]).collect();
            let (order, _) = in_causal_order(&by_id(&edits), &known);
            prop_assert!(are_plain(&order, &by_id(&edits)));
            prop_assert_eq!(replay(&edits, &known).unwrap(), replay_in_engine(&edits, &known).unwrap());
        }
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            4 => proptest::collection::vec(any::<u8>(), 0..4),
            2 => (0_usize..200).prop_map(|long| vec![7; long]),
            1 => (0_usize..40_000).prop_map(|long| vec![7; long]),
        ]
    }

    fn shape() -> impl Strategy<Value = (Vec<(u8, Vec<u8>)>, Vec<u8>)> {
        (proptest::collection::vec((0_u8..9, value()), 0..4), proptest::collection::vec(1_u8..12, 0..2))
    }

    #[test]
    fn what_is_saved_loads_again_with_the_same_heads() {
        let edits = [edit(1, "An", &[]), edit(2, "Ân", &[1]), edit(3, "Anh", &[1])];
        let known = edits.iter().map(|edit| edit.id).collect();
        assert_eq!(replay_through_bytes(&edits, &known).unwrap(), replayed(&edits));
    }
}
