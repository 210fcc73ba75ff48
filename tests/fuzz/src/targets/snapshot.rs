//! A whole feed in a file: chunks one behind the other, believed when their sum is the signed one.

use minicbor::Decoder;
use shared_model::sync::feed::{Cursor, FeedSum, check_snapshot, follow};
use shared_model::sync::message::SnapshotChunk;

use super::message::{entries_of, one_of_every_kind};
use crate::Target;
use crate::conversation::server::signed;
use crate::country::desk::Desk;
use crate::country::{card, cbor};
use crate::input::Input;
use crate::script;

pub const TARGET: Target = Target { name: "snapshot", run, seeds };

/// Bytes as they are with the sum that fits them, or a script cut into chunks.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let how = input.u8();
    let file = if how.is_multiple_of(2) { input.rest().to_vec() } else { chunks(&mut input, usize::from(how)) };
    let (mut end, mut whole, mut read) = (Cursor::start("phường 5".to_owned(), 3), true, Vec::new());
    let mut decoder = Decoder::new(&file);
    while decoder.position() < file.len() {
        let Ok(chunk) = decoder.decode::<SnapshotChunk>() else {
            whole = false;
            break;
        };
        end = follow(end, &chunk.entries).1;
        read.push(chunk);
    }
    let sum = FeedSum::from(end.clone());
    let checked = check_snapshot(&sum, &file);
    assert_eq!(checked.is_some(), whole);
    if let Some(checked) = checked {
        assert_eq!((&checked.chunks, &checked.cursor), (&read, &end));
        // As written here it is the same file to everybody.
        let again: Vec<u8> = read.iter().flat_map(cbor).collect();
        assert_eq!(check_snapshot(&sum, &again).as_ref(), Some(&checked));
    }
    for wrong in [FeedSum { seq: sum.seq.wrapping_add(1), ..sum.clone() }, FeedSum { sum: [7; 32], ..sum }] {
        assert_eq!(check_snapshot(&wrong, &file), None);
    }
}

fn chunks(input: &mut Input<'_>, how: usize) -> Vec<u8> {
    let entries = entries_of(&script::envelopes(&script::read(input), card));
    let desk = Desk::new(1);
    let chunk = |entries: &[_]| {
        let authors = vec![signed(&desk.person.certificate(desk.device))];
        cbor(&SnapshotChunk { entries: entries.to_vec(), authors, devices: vec![signed(&desk.certificate())] })
    };
    entries.chunks(how / 2 % 4 + 1).flat_map(chunk).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let (desk, said) = one_of_every_kind();
    let envelopes: Vec<_> = desk.log.iter().map(|entry| entry.envelope.clone()).collect();
    let chunk = |from: usize, to: usize| {
        cbor(&SnapshotChunk { entries: entries_of(&envelopes[from..to]), authors: vec![], devices: vec![] })
    };
    let file = [&[0][..], &chunk(0, 2), &chunk(2, 3), &chunk(3, 3)].concat();
    let mut seeds = vec![vec![0], file];
    seeds.extend([1, 3, 7].map(|how| [&[how][..], &script::write(&script::of(&said))].concat()));
    seeds
}
