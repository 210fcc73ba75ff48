//! A stretch of a feed in a file: chunks one behind the other, believed when they lead from sum to sum.

use minicbor::Decoder;
use shared_model::ids::StatementId;
use shared_model::sync::feed::{Cursor, are_genuine, follow};
use shared_model::sync::message::SnapshotChunk;
use shared_model::sync::segment::{Segment, Stretch, check_segment};

use super::message::{entries_of, one_of_every_kind};
use crate::Target;
use crate::conversation::server::signed;
use crate::country::desk::Desk;
use crate::country::{campaign_public, card, cbor};
use crate::input::Input;
use crate::script;

pub const TARGET: Target = Target { name: "segment", run, seeds };

/// Bytes as they are with the sums that fit them, or a script cut into chunks.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let how = input.u8();
    let file = if how.is_multiple_of(2) { input.rest().to_vec() } else { chunks(&mut input, usize::from(how)) };
    let at = Cursor::start("phường 5".to_owned(), 3).after(StatementId([how; 32]));
    let (mut end, mut whole, mut read) = (at.clone(), true, Vec::new());
    let mut decoder = Decoder::new(&file);
    while decoder.position() < file.len() {
        let Ok(chunk) = decoder.decode::<SnapshotChunk>() else {
            whole = false;
            break;
        };
        let (envelopes, after) = follow(end, &chunk.entries);
        end = after;
        whole &= envelopes.iter().all(|(_, envelope)| envelope.is_whole());
        whole &= are_genuine(&chunk.authors, &chunk.devices, campaign_public());
        read.push(chunk);
    }
    let stretch = stretch(&at, &end);
    let checked = check_segment(&stretch, &file, campaign_public());
    assert_eq!(checked.is_some(), whole);
    if let Some(checked) = checked {
        let entries = |chunk: &SnapshotChunk| follow(at.clone(), &chunk.entries).0;
        assert!(checked.iter().zip(&read).all(|(kept, chunk)| {
            kept.page.envelopes == entries(chunk) && (&kept.authors, &kept.devices) == (&chunk.authors, &chunk.devices)
        }));
        assert_eq!(checked.last().map_or(&at, |chunk| &chunk.page.cursor), &end);
        // As written here it is the same file to everybody.
        let again: Vec<u8> = read.iter().flat_map(cbor).collect();
        assert_eq!(check_segment(&stretch, &again, campaign_public()), Some(checked));
    }
    let wrong = [
        Stretch { segment: Segment { last: end.seq.wrapping_add(1), ..stretch.segment.clone() }, ..stretch.clone() },
        Stretch { segment: Segment { sum: [7; 32], ..stretch.segment.clone() }, ..stretch.clone() },
        Stretch { at: at.after(StatementId([7; 32])), ..stretch },
    ];
    for wrong in wrong {
        assert_eq!(check_segment(&wrong, &file, campaign_public()), None);
    }
}

fn stretch(at: &Cursor, end: &Cursor) -> Stretch {
    let (first, before, last, sum) = (at.seq + 1, at.sum, end.seq, end.sum);
    Stretch { at: at.clone(), segment: Segment { first, before, last, sum, sha256: [0; 32], bytes: 1 } }
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
