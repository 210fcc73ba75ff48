//! A stick comes back as it was written; whatever happens to it costs what it touches.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;

use ed25519_dalek::SigningKey;
use shared_model::certificate::Signed;
use shared_model::envelope::{PublicKey, Signature};
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{Certificates, Content, Manifest, What};

use crate::writing::Bundle;
use crate::*;

/// Larger than those that are written, so that several frames share one.
const SEGMENT: usize = 64 * 1024;

fn campaign() -> PublicKey {
    PublicKey::of(&SigningKey::from_bytes(&[3; 32]))
}

fn manifest() -> Manifest {
    Manifest {
        bundle: BundleId([7; 16]),
        campaign: campaign(),
        maker: DeviceId([9; 16]),
        made_ms: 1_632_963_600_000,
        ranges: Vec::new(),
        feeds: Vec::new(),
        frames: None,
    }
}

/// Content that zstd makes nothing of: `bytes` of noise, another one for each number.
fn noise(number: u64, bytes: usize) -> Content {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut content = Vec::with_capacity(bytes);
    while content.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend(state.to_le_bytes());
    }
    content.truncate(bytes);
    let signed = Signed { content, signature: Signature([0; 64]) };
    Content::Certificates(Certificates { authors: vec![signed], devices: Vec::new(), hubs: None })
}

fn sealed_to(readers: &[&Identity]) -> Recipients {
    let readers: Vec<String> = readers.iter().map(|reader| reader.recipient()).collect();
    Recipients::parse(readers.iter().map(String::as_str)).unwrap()
}

fn medium(readers: &[&Identity], contents: &[Content], segment_bytes: usize) -> Vec<u8> {
    let mut out = SealedWriter::new(Vec::new(), campaign(), sealed_to(readers)).in_segments_of(segment_bytes);
    let mut bundle = Bundle::begin(manifest(), &mut out).unwrap();
    contents.iter().for_each(|content| bundle.add(content).unwrap());
    bundle.close().unwrap();
    out.finish().unwrap()
}

/// The numbers of the frames found, manifests left out; each holds what was written under its number.
fn read<M: Medium>(medium: M, reader: &Identity, written: &[Content]) -> (Vec<usize>, ReadThrough) {
    let mut reading = Reading::of(medium, reader, campaign());
    let mut found = Vec::new();
    for one in reading.by_ref() {
        let content = one.content.unwrap();
        if !matches!(content, Content::Manifest(_)) {
            let number = one.number as usize - 1;
            assert!(content == written[number], "frame {number} says something else");
            found.push(number);
        }
    }
    (found, reading.finish())
}

fn forty() -> Vec<Content> {
    (0..40).map(|n| noise(n, 12_000)).collect()
}

/// Where each segment begins, and where the last one ends.
fn bounds(bytes: &[u8]) -> Vec<usize> {
    let magic = shared_model::sync::bundle::SEGMENT_MAGIC;
    let begins = bytes.windows(magic.len()).enumerate().filter(|(_, window)| *window == magic).map(|(at, _)| at);
    begins.chain([bytes.len()]).collect()
}

#[test]
fn every_reader_it_was_sealed_to_gets_all_of_it_and_nobody_else_anything() {
    let (nation, hub, stranger) = (Identity::draw(), Identity::draw(), Identity::draw());
    let bytes = medium(&[&nation, &hub], &forty(), SEGMENT);
    for reader in [&nation, &hub, &Identity::parse(&nation.to_text()).unwrap()] {
        let (found, through) = read(bytes.as_slice(), reader, &forty());
        assert_eq!(found, (0..40).collect::<Vec<_>>());
        assert!(!through.is_damaged() && through.unread().is_none() && through.bundles.bundles[0].is_complete());
    }
    let (found, through) = read(bytes.as_slice(), &stranger, &[]);
    assert_eq!((found, through.unread()), (Vec::new(), Some(Unread::NotForUs)));
    assert_eq!(through.segments_of_others, 8);
    let text = b"authority";
    assert!(!bytes.windows(text.len()).any(|window| window == text));
}

#[test]
fn a_damaged_segment_costs_what_was_in_it_and_no_other() {
    let nation = Identity::draw();
    let bytes = medium(&[&nation], &forty(), SEGMENT);
    let bounds = bounds(&bytes);
    let parts: Vec<Vec<usize>> =
        bounds.windows(2).map(|pair| read(&bytes[pair[0]..pair[1]], &nation, &forty()).0).collect();
    assert_eq!(parts.concat(), (0..40).collect::<Vec<_>>());
    for (n, pair) in bounds.windows(2).enumerate() {
        let rest: Vec<usize> = [&parts[..n], &parts[n + 1..]].concat().concat();
        // Magic, head, age's header, content, the end.
        for at in [0, 12, 60, 5_000.min(pair[1] - pair[0] - 2), pair[1] - pair[0] - 1] {
            let mut damaged = bytes.clone();
            damaged[pair[0] + at] ^= 0x40;
            let (found, through) = read(damaged.as_slice(), &nation, &forty());
            assert_eq!(found, rest, "segment {n} at {at}");
            assert!(through.is_damaged() && through.unread().is_none());
        }
    }
}

#[test]
fn of_a_large_frame_that_breaks_off_nothing_is_made_up() {
    let nation = Identity::draw();
    let contents = [noise(1, 200_000), noise(2, 30)];
    let bytes = medium(&[&nation], &contents, SEGMENT);
    let mut damaged = bytes.clone();
    damaged[150_000] ^= 1;
    let (found, through) = read(damaged.as_slice(), &nation, &contents);
    assert_eq!(found, [1]);
    assert!(through.damages.iter().any(|damage| damage.what == What::BadSeal), "{:?}", through.damages);
    assert_eq!(read(bytes.as_slice(), &nation, &contents).0, [0, 1]);
}

#[test]
fn a_stick_cut_off_anywhere_gives_up_whole_segments_and_says_that_it_is_not_finished() {
    let nation = Identity::draw();
    let contents: Vec<Content> = (0..12).map(|n| noise(n, 3_000)).collect();
    let bytes = medium(&[&nation], &contents, 8_000);
    let bounds = bounds(&bytes);
    for at in (0..bytes.len()).step_by(211).chain(bounds.iter().copied()) {
        let (found, through) = read(&bytes[..at], &nation, &contents);
        let whole = bounds.iter().filter(|bound| **bound <= at).count().saturating_sub(1);
        let expected = read(&bytes[..bounds[whole]], &nation, &contents).0;
        assert_eq!(found, expected, "cut at {at}");
        assert_eq!(through.is_damaged(), at < bytes.len(), "cut at {at}");
    }
    assert_eq!(read(&bytes[..0], &nation, &[]).1.unread(), Some(Unread::NotAStick));
    assert_eq!(read(&bytes[..100], &nation, &[]).1.unread(), Some(Unread::Damaged));
}

#[test]
fn what_is_no_stick_of_ours_is_named() {
    let nation = Identity::draw();
    let photo: Vec<u8> = b"\xff\xd8\xff\xe0\x00\x10JFIF".repeat(9_000);
    assert_eq!(read(photo.as_slice(), &nation, &[]).1.unread(), Some(Unread::NotAStick));
    let bytes = medium(&[&nation], &forty(), SEGMENT);
    let other = PublicKey::of(&SigningKey::from_bytes(&[4; 32]));
    let mut reading = Reading::of(bytes.as_slice(), &nation, other);
    assert!(reading.next().is_none());
    assert_eq!(reading.finish().unread(), Some(Unread::Foreign));
}

/// A medium some bytes of which can't be had.
struct Worn {
    bytes: Vec<u8>,
    bad: Range<u64>,
}

impl Medium for Worn {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let end = at + into.len() as u64;
        if at < self.bad.end && end > self.bad.start {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.bytes.as_slice().read_at(at, into)
    }
}

#[test]
fn a_bad_page_costs_the_segment_it_lies_in() {
    let nation = Identity::draw();
    let bytes = medium(&[&nation], &forty(), SEGMENT);
    let (found, through) = read(Worn { bytes, bad: 100_000..100_001 }, &nation, &forty());
    assert_eq!(found.len(), 35, "one segment held five of forty");
    assert!(through.damages.iter().any(|damage| damage.what == What::Unreadable && damage.bytes <= 4_096));
    assert!(through.gave_up.is_none());
}

#[test]
fn a_stick_that_is_pulled_out_ends_the_reading() {
    let nation = Identity::draw();
    let bytes = medium(&[&nation], &forty(), SEGMENT);
    let (found, through) = read(Worn { bytes, bad: 131_072..u64::MAX }, &nation, &forty());
    assert_eq!(found, (0..10).collect::<Vec<_>>());
    assert!(through.gave_up.is_some() && through.is_damaged());
}

fn put(folder: &std::path::Path, reader: &Identity, contents: &[Content]) -> Result<Written, StickError> {
    let name = name_of(BundleId([7; 16]), OUTWARD);
    write_file(folder, &name, |out| {
        let mut out = SealedWriter::new(out, campaign(), sealed_to(&[reader]));
        let mut bundle = Bundle::begin(manifest(), &mut out)?;
        contents.iter().try_for_each(|content| bundle.add(content))?;
        bundle.close()?;
        out.finish().map(drop)
    })
}

#[test]
fn a_file_appears_under_its_name_when_it_is_whole() {
    let (nation, folder) = (Identity::draw(), tempfile::tempdir().unwrap());
    let written = put(folder.path(), &nation, &forty()).unwrap();
    assert_eq!(written.path.file_name().unwrap(), "so-tiem-0707070707070707.outward");
    assert_eq!(fs::metadata(&written.path).unwrap().len(), written.bytes);
    assert_eq!(list(folder.path(), OUTWARD).unwrap(), std::slice::from_ref(&written.path));
    assert_eq!(
        list(&written.path, RETURN).unwrap(),
        std::slice::from_ref(&written.path),
        "a file that was named is read"
    );
    assert_eq!(read(fs::File::open(&written.path).unwrap(), &nation, &forty()).0.len(), 40);
    // The same bundle again, and what an earlier try left.
    fs::write(folder.path().join("so-tiem-1.part"), b"half").unwrap();
    fs::write(folder.path().join("holiday.part"), b"somebody's").unwrap();
    clear_leftovers(folder.path());
    put(folder.path(), &nation, &forty()).unwrap();
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["holiday.part", "so-tiem-0707070707070707.outward"]);
}

#[test]
fn a_folder_that_is_not_there_and_one_that_is_none_are_told() {
    let (nation, folder) = (Identity::draw(), tempfile::tempdir().unwrap());
    assert!(matches!(put(&folder.path().join("gone"), &nation, &[]), Err(StickError::Gone(_))));
    fs::write(folder.path().join("file"), b"").unwrap();
    assert!(matches!(put(&folder.path().join("file"), &nation, &[]), Err(StickError::Gone(_))));
    assert!(list(&folder.path().join("gone"), OUTWARD).is_err());
}

/// Takes so many bytes and then has no room.
struct Small(usize);

impl Write for Small {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_stick_is_told_as_such_wherever_it_is_full() {
    let nation = Identity::draw();
    let whole = medium(&[&nation], &forty(), SEGMENT).len();
    for room in (0..whole - 5_000).step_by(9_973) {
        let mut out = SealedWriter::new(Small(room), campaign(), sealed_to(&[&nation]));
        let written = Bundle::begin(manifest(), &mut out)
            .and_then(|mut bundle| {
                forty().iter().try_for_each(|content| bundle.add(content))?;
                bundle.close()
            })
            .and_then(|()| out.finish().map(drop));
        assert!(matches!(written, Err(StickError::Full(_))), "{room} of {whole}");
    }
}

#[test]
fn errors_of_the_system_are_told_by_what_can_be_done_about_them() {
    for (number, expected) in
        [(28, "full"), (30, "read only"), (13, "read only"), (5, "gone"), (19, "gone"), (2, "gone")]
    {
        let told = match StickError::from(io::Error::from_raw_os_error(number)) {
            StickError::Full(_) => "full",
            StickError::ReadOnly(_) => "read only",
            StickError::Gone(_) => "gone",
            _ => "other",
        };
        assert_eq!(told, expected, "error {number}");
    }
}

/// What sealing costs in bytes: the reason for the size of a segment.
#[test]
fn sealing_and_escapes_cost_less_than_six_parts_in_a_hundred() {
    let readers: Vec<Identity> = (0..3).map(|_| Identity::draw()).collect();
    let contents: Vec<Content> = (0..250).map(|n| noise(n, 4_000)).collect();
    let plain = contents.iter().map(|content| content.to_cbor().len()).sum::<usize>() as f64;
    let mut out = io::stdout().lock();
    for kib in [4, 16, 64, 256] {
        for count in [1, 3] {
            let bytes = medium(&readers.iter().take(count).collect::<Vec<_>>(), &contents, kib * 1_024).len() as f64;
            let part = (bytes - plain) / plain * 100.0;
            writeln!(out, "segments of {kib} KiB, {count} readers: {part:.2} %").unwrap();
            assert!(kib * 1_024 != shared_model::limits::SEGMENT_BYTES || count > 1 || part < 6.0);
        }
    }
}
