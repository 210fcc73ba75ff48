//! The hash of a change that builds on no other, without the merge engine.
//!
//! Almost every person is a registration and some doses, none of which was written in knowledge of another edit.
//! For such a change the engine's encoding holds nothing that depends on a document, so it is written here byte by
//! byte: [`super::document`] opens no document where every change is of this kind, which is the greater part of the cost of a record.
//! That the bytes are the engine's own is held against the engine by the tests of both files.
//!
//! Layout: Automerge binary format, "Change chunk" (automerge.org/automerge-binary-format-spec), uncompressed.

use sha2::{Digest, Sha256};

/// Chunk type of a change; it and the length of the chunk are hashed with it.
const CHANGE: u8 = 1;

/// Columns of the operations, as (number of the column) × 16 + (kind of the column).
const KEY_STRING: u8 = 0x15;
const INSERT: u8 = 0x34;
const ACTION: u8 = 0x42;
const VALUE_META: u8 = 0x56;
const VALUE: u8 = 0x57;
const PREDECESSOR_COUNT: u8 = 0x70;

const SET: u64 = 1;
/// A value's length stands above its kind.
const BYTES: u64 = 7;
const KIND_BITS: u32 = 4;

/// The hash of the one change of an actor that puts byte values under different keys of an empty root map.
/// Values come as parts, to be laid end to end.
pub(super) fn hash(actor: &[u8], puts: &[(&str, [&[u8]; 2])]) -> [u8; 32] {
    let columns = [
        (KEY_STRING, runs(puts.iter().map(|(key, _)| key.as_bytes()), put_prefixed)),
        (INSERT, vec_of(|out| put_unsigned(out, puts.len() as u64))),
        (ACTION, runs(puts.iter().map(|_| SET), put_number)),
        (VALUE_META, runs(puts.iter().map(|(_, value)| length(value) << KIND_BITS | BYTES), put_number)),
        (VALUE, puts.iter().flat_map(|(_, value)| value.concat()).collect()),
        (PREDECESSOR_COUNT, runs(puts.iter().map(|_| 0), put_number)),
    ];
    let mut body = Vec::with_capacity(64 + columns.iter().map(|(_, column)| column.len()).sum::<usize>());
    // No dependencies.
    put_unsigned(&mut body, 0);
    put_prefixed(&mut body, &actor);
    // The actor's first change, from the document's first operation on; time 0, no message, no other actors.
    for number in [1, 1, 0, 0, 0] {
        put_unsigned(&mut body, number);
    }
    put_unsigned(&mut body, columns.len() as u64);
    for (column, bytes) in &columns {
        put_unsigned(&mut body, u64::from(*column));
        put_unsigned(&mut body, bytes.len() as u64);
    }
    for (_, bytes) in &columns {
        body.extend_from_slice(bytes);
    }
    let mut hasher = Sha256::new();
    hasher.update(vec_of(|out| {
        out.push(CHANGE);
        put_unsigned(out, body.len() as u64);
    }));
    hasher.update(&body);
    hasher.finalize().into()
}

fn length(value: &[&[u8]]) -> u64 {
    value.iter().map(|part| part.len() as u64).sum()
}

fn vec_of(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

/// Run-length encoding: a value that follows itself is written once behind how often it comes; values that differ
/// from their neighbours stand in a row behind minus their number.
fn runs<T: PartialEq + Copy>(values: impl Iterator<Item = T>, put: fn(&mut Vec<u8>, &T)) -> Vec<u8> {
    let values: Vec<T> = values.collect();
    let mut out = Vec::new();
    let mut row: Vec<T> = Vec::new();
    for run in values.chunk_by(PartialEq::eq) {
        if let [single] = run {
            row.push(*single);
            continue;
        }
        end_row(&mut out, &mut row, put);
        put_signed(&mut out, i64::try_from(run.len()).unwrap_or(i64::MAX));
        put(&mut out, &run[0]);
    }
    end_row(&mut out, &mut row, put);
    out
}

fn end_row<T>(out: &mut Vec<u8>, row: &mut Vec<T>, put: fn(&mut Vec<u8>, &T)) {
    if !row.is_empty() {
        put_signed(out, -i64::try_from(row.len()).unwrap_or(i64::MAX));
        row.drain(..).for_each(|value| put(out, &value));
    }
}

fn put_prefixed(out: &mut Vec<u8>, bytes: &&[u8]) {
    put_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_number(out: &mut Vec<u8>, number: &u64) {
    put_unsigned(out, *number);
}

/// LEB128.
fn put_unsigned(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// LEB128 with a sign.
fn put_signed(out: &mut Vec<u8>, mut number: i64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        let sign = low & 0x40 != 0;
        if (number == 0 && !sign) || (number == -1 && sign) {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_repeat_are_counted_and_others_stand_in_a_row() {
        let of = |values: &[u64]| runs(values.iter().copied(), put_number);
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[5]), [0x7f, 5]);
        assert_eq!(of(&[5, 5, 5]), [3, 5]);
        assert_eq!(of(&[1, 2, 5, 5, 3, 4]), [0x7e, 1, 2, 2, 5, 0x7e, 3, 4]);
        assert_eq!(of(&[300, 300, 7]), [2, 0xac, 0x02, 0x7f, 7]);
        let long: Vec<u64> = (0..65).collect();
        assert_eq!(of(&long)[..3], [0xbf, 0x7f, 0]);
    }
}
