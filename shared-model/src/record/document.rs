//! A citizen's editable record as an Automerge document, derived from statements.
//!
//! The only file that names automerge. No bytes from outside reach it: every change is made
//! here from a verified statement, and each node makes the same one. Hence: a flat root map of
//! byte values; one fresh actor for every change, taken from the statement's id; time 0 and no
//! message; each change authored in a document of exactly its ancestors, so that its hash
//! depends on them and on nothing else; all changes applied in one batch.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ROOT, ReadDoc, ScalarValue, Value};

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
    let (merged, waiting) = merged(edits, known)?;
    read_whole(&merged, waiting)
}

/// As [`replay`], but what is read has been written out by the merge engine and loaded again.
#[expect(clippy::disallowed_methods, reason = "bytes made in this very deed")]
pub fn replay_through_bytes(edits: &[Edit], known: &BTreeSet<StatementId>) -> Result<Document, DocumentError> {
    let (merged, waiting) = merged(edits, known)?;
    read_whole(&Automerge::load(&merged.save())?, waiting)
}

fn merged(edits: &[Edit], known: &BTreeSet<StatementId>) -> Result<(Automerge, BTreeSet<StatementId>), DocumentError> {
    let by_id: BTreeMap<StatementId, &Edit> = edits.iter().map(|edit| (edit.id, edit)).collect();
    let (order, waiting) = in_causal_order(&by_id, known);

    let mut changes: BTreeMap<StatementId, Change> = BTreeMap::new();
    let mut ancestors: BTreeMap<StatementId, BTreeSet<StatementId>> = BTreeMap::new();
    let mut pen = Pen::default();
    for edit in &order {
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
    if !merged.get_missing_deps(&[]).is_empty() {
        return Err(DocumentError::Lost);
    }
    Ok((merged, waiting))
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
        let mut actor = [0; ACTOR_BYTES];
        actor.copy_from_slice(&edit.id.as_bytes()[..ACTOR_BYTES]);
        self.doc.set_actor(ActorId::from(actor));
        let mut transaction = self.doc.transaction();
        for (key, value) in &edit.puts {
            // The statement's own id in front: equal values stay two votes, and a vote never vanishes as "no change".
            let vote = [edit.id.as_bytes(), value.as_slice()].concat();
            transaction.put(ROOT, key.as_str(), ScalarValue::Bytes(vote))?;
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

    #[test]
    fn what_is_saved_loads_again_with_the_same_heads() {
        let edits = [edit(1, "An", &[]), edit(2, "Ân", &[1]), edit(3, "Anh", &[1])];
        let known = edits.iter().map(|edit| edit.id).collect();
        assert_eq!(replay_through_bytes(&edits, &known).unwrap(), replayed(&edits));
    }
}
