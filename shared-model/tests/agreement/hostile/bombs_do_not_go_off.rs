use minicbor::Decoder;
use minicbor::data::Type;
use shared_model::limits;

use super::{Door, doors_of_cbor};

/// Arrays, maps, strings and byte strings that claim far more than follows, or never end.
fn claims() -> Vec<Vec<u8>> {
    let mut claims = Vec::new();
    for major in [0x40, 0x60, 0x80, 0xa0_u8] {
        for items in [1 << 32, (1 << 40) + 7, 1 << 62, 1 << 63, u64::MAX] {
            claims.push([&[major | 0x1b][..], &items.to_be_bytes()].concat());
        }
        claims.push([&[major | 0x1a][..], &u32::MAX.to_be_bytes()].concat());
        claims.push(vec![major | 0x1f]);
        // Reserved lengths, which mean nothing.
        claims.extend((0x1c..0x1f).map(|length| vec![major | length]));
    }
    claims.extend([vec![0xff], vec![0xc0], vec![0xfb], vec![0xf8, 0x00], vec![0x9f, 0xff], vec![0xbf, 0xff]]);
    claims
}

/// A hundred thousand brackets of each kind, and lists of a great many very small things.
fn heaps() -> Vec<Vec<u8>> {
    const LEVELS: usize = 100_000;
    let nested: [&[u8]; 9] = [
        &[0x81],
        &[0x82],
        &[0x9f],
        &[0xa1, 0x00],
        &[0xbf, 0x00],
        &[0xc1],
        &[0x82, 0x9f],
        &[0xa1, 0x9f],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    let small: [&[u8]; 7] =
        [&[0x60], &[0x40], &[0x80], &[0xa0], &[0xf6], &[0x83, 0x40, 0xf6, 0xf4], &[0x82, 0x19, 0x03, 0x84, 0xf6]];
    let mut heaps: Vec<Vec<u8>> = nested.iter().map(|level| level.repeat(LEVELS)).collect();
    heaps.extend(small.iter().map(|item| [&[0x9f][..], &item.repeat(LEVELS / 4), &[0xff]].concat()));
    heaps.push([&[0x5f][..], &[0x40].repeat(LEVELS)].concat());
    heaps.push([&[0x7f][..], &[0x60].repeat(LEVELS)].concat());
    heaps
}

/// Where the items of a word begin, and where it ends.
fn places(honest: &[u8]) -> Vec<usize> {
    let mut d = Decoder::new(honest);
    let mut places = Vec::new();
    while d.position() < honest.len() {
        places.push(d.position());
        match d.datatype().unwrap() {
            Type::Array => drop(d.array().unwrap()),
            Type::Map => drop(d.map().unwrap()),
            _ => d.skip().unwrap(),
        }
    }
    places.push(honest.len());
    places
}

/// Puts a bomb in the place of each item, with what stood behind it and without.
fn is_planted_everywhere(door: &Door, bomb: &[u8]) {
    for honest in &door.honest {
        for at in places(honest) {
            door.is_offered(&[&honest[..at], bomb].concat());
            door.is_offered(&[&honest[..at], bomb, &honest[at..]].concat());
        }
    }
}

#[test]
fn counts_that_nothing_stands_behind_reserve_nothing() {
    for door in doors_of_cbor() {
        for claim in claims() {
            is_planted_everywhere(&door, &claim);
        }
    }
}

#[test]
fn brackets_without_end_and_heaps_of_small_things_are_answered() {
    let heaps = heaps();
    for door in doors_of_cbor() {
        for heap in &heaps {
            is_planted_everywhere(&door, heap);
        }
    }
}

/// What a later version may add is stepped over, however it is nested.
#[test]
fn unknown_fields_full_of_brackets_are_stepped_over() {
    for door in doors_of_cbor() {
        for heap in heaps() {
            let field = [&[0xa1, 0x18, 0x63][..], &heap].concat();
            door.is_offered(&field);
            door.is_offered(&[&[0x98, 0xff][..], &heap].concat());
        }
    }
}

#[test]
fn the_largest_message_there_may_be_is_answered_whatever_is_in_it() {
    for door in doors_of_cbor() {
        for item in [&[0x81_u8][..], &[0x9f], &[0x82, 0x9f], &[0x00], &[0x60], &[0xff]] {
            let bytes = item.repeat(limits::UNFOLDED_BYTES_MAX / item.len());
            door.is_offered(&bytes);
            door.is_offered(&[&[0xa1, 0x18, 0x63][..], &bytes].concat());
        }
    }
}
