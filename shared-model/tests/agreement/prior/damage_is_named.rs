use shared_model::certificate::Signed;
use shared_model::ids::PriorId;
use shared_model::limits;
use shared_model::prior::{
    BuildError, Doses, Filters, Kind, Manifest, ManifestError, Mark, Prior, SegmentError, SegmentWord, SlotBytes,
    Split, build_segment,
};

use super::{announced, base_of, base_to, citizen, doses, fetched, key, mark, of_marks, signed};
use crate::country::{campaign, campaign_public, foreign_campaign};

fn open(signed: &Signed) -> Result<(PriorId, Manifest), ManifestError> {
    Manifest::open(signed, campaign_public())
}

/// The manifest of a small base, changed and signed as it then is.
fn changed(change: impl FnOnce(&mut Manifest)) -> Result<(PriorId, Manifest), ManifestError> {
    let mut manifest = base_of([(citizen(1, 1), doses(1))]).manifest;
    change(&mut manifest);
    open(&signed(&manifest))
}

#[test]
fn a_segment_cut_short_or_run_on_is_told_by_its_length() {
    let built = base_of((0..50).map(|n| (citizen(1, n), doses(1))));
    let (mut filter, bytes) = (announced(&built.manifest), &built.segments[0]);
    let expected = bytes.len() as u64;
    for end in 0..bytes.len() {
        let refused = filter.put(0, &bytes[..end], bytes.clone());
        assert_eq!(refused, Err(SegmentError::Length { number: 0, expected, found: end as u64 }));
    }
    let longer = [&bytes[..], &[0]].concat();
    let refused = filter.put(0, &longer, longer.clone());
    assert_eq!(refused, Err(SegmentError::Length { number: 0, expected, found: expected + 1 }));
}

#[test]
fn a_segment_with_any_bit_flipped_is_refused_and_what_was_held_goes_on_answering() {
    let built = base_of((0..50).map(|n| (citizen(1, n), doses(1))));
    let (mut filter, mut bytes) = (fetched(&built), built.segments[0].clone());
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(filter.put(0, &bytes, bytes.clone()), Err(SegmentError::Hash { number: 0 }), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    let filters = Filters::new(key(), filter).unwrap();
    assert!((0..50).all(|n| filters.look_up(citizen(1, n)) == Prior::MayHave(doses(1))));
}

#[test]
fn a_segment_of_another_filter_or_another_number_is_refused() {
    let marks: Vec<(Mark, Doses)> = (0..1_000).map(|n| (mark(1, n), doses(1))).collect();
    let built = of_marks(base_to(1), Split::new(1).unwrap(), &marks);
    let mut filter = announced(&built.manifest);
    let swapped = &built.segments[1];
    assert!(matches!(
        filter.put(0, swapped, swapped.clone()),
        Err(SegmentError::Hash { number: 0 } | SegmentError::Length { number: 0, .. })
    ));
    assert_eq!(filter.put(2, swapped, swapped.clone()), Err(SegmentError::NotListed { number: 2, last: 1 }));
    assert_eq!(filter.missing().collect::<Vec<_>>(), [0, 1]);
}

/// The server's mistake, and not the road's: the hash is right, and the head does not fit the manifest.
#[test]
fn what_was_signed_and_is_not_the_segment_is_refused() {
    let empty = |kind, split, number| build_segment(kind, Split::new(split).unwrap(), number, Vec::new()).unwrap();
    let right = empty(Kind::Base, 0, 0);
    let named = |word: SegmentWord, bytes: &[u8]| {
        let mut manifest = base_of([]).manifest;
        manifest.segments = vec![word];
        manifest.citizens = manifest.segments.iter().map(|segment| u64::from(segment.citizens)).sum();
        announced(&manifest).put(0, bytes, bytes.to_vec())
    };
    assert_eq!(named(right.word, &right.bytes), Ok(()));
    let miscounted = SegmentWord { citizens: 7, ..right.word };
    assert_eq!(named(miscounted, &right.bytes), Err(SegmentError::Malformed { number: 0 }));
    for wrong in [empty(Kind::Delta, 0, 0), empty(Kind::Base, 1, 0), empty(Kind::Base, 1, 1)] {
        assert_eq!(named(wrong.word, &wrong.bytes), Err(SegmentError::Malformed { number: 0 }));
    }
}

#[test]
fn a_laptop_with_some_segments_says_which_it_cannot_speak_for() {
    let marks: Vec<(Mark, Doses)> = (0..4_000).map(|n| (mark(1, n), doses(2))).collect();
    let split = Split::new(2).unwrap();
    let built = of_marks(base_to(1), split, &marks);
    let mut filter = announced(&built.manifest);
    filter.put(1, &built.segments[1], built.segments[1].clone()).unwrap();
    filter.put(3, &built.segments[3], built.segments[3].clone()).unwrap();
    filter.drop_segment(3);
    assert_eq!(filter.missing().collect::<Vec<_>>(), [0, 2, 3]);
    let filters = Filters::new(key(), filter).unwrap();
    for (mark, doses) in marks {
        let expected = if split.of(mark) == 1 { Prior::MayHave(doses) } else { Prior::CannotSay };
        assert_eq!(filters.look_up_mark(mark), expected);
    }
}

/// A disk that no longer gives what it was given.
#[derive(Clone)]
struct Gone;

impl SlotBytes for Gone {
    fn three(&self, _: u64) -> Option<[u8; 3]> {
        None
    }
}

#[test]
fn a_segment_that_cannot_be_read_any_more_is_one_that_cannot_say() {
    let built = base_of([(citizen(1, 1), doses(1))]);
    let opened = open(&signed(&built.manifest)).unwrap();
    let mut filter = shared_model::prior::Filter::new(opened).unwrap();
    filter.put(0, &built.segments[0], Gone).unwrap();
    let filters = Filters::new(key(), filter).unwrap();
    assert_eq!(filters.look_up(citizen(1, 1)), Prior::CannotSay);
}

#[test]
fn a_manifest_that_the_campaign_did_not_sign_is_refused() {
    let manifest = base_of([(citizen(1, 1), doses(1))]).manifest;
    assert_eq!(open(&Signed::make(&manifest, &foreign_campaign())), Err(ManifestError::NotGenuine));
    let good = signed(&manifest);
    for bit in 0..good.content.len() * 8 {
        let mut flipped = good.clone();
        flipped.content[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&flipped), Err(ManifestError::NotGenuine), "bit {bit}");
    }
    for end in 0..good.content.len() {
        let cut = Signed { content: good.content[..end].to_vec(), ..good.clone() };
        assert_eq!(open(&cut), Err(ManifestError::NotGenuine), "{end}");
    }
}

#[test]
fn a_manifest_larger_than_any_is_not_even_hashed() {
    let found = limits::PRIOR_MANIFEST_BYTES_MAX + 1;
    let heap = Signed { content: vec![0x9f; found], ..signed(&base_of([]).manifest) };
    assert_eq!(open(&heap), Err(ManifestError::TooLarge { found }));
}

#[test]
fn the_largest_manifest_there_may_be_is_opened() {
    let opened = changed(|manifest| {
        let word = SegmentWord { bytes: 2_000_000, citizens: 1_048_576, sha256: [0xff; 32] };
        manifest.segments = vec![word; limits::PRIOR_SEGMENTS_MAX];
        manifest.citizens = 1 << 28;
        (manifest.number, manifest.built_ms, manifest.to_lseq) = (u32::MAX, i64::MAX, u64::MAX);
    });
    assert!(opened.is_ok());
}

#[test]
fn a_manifest_of_a_later_scheme_is_known_as_such() {
    assert_eq!(changed(|manifest| manifest.scheme = 2).err(), Some(ManifestError::Scheme { found: 2 }));
}

#[test]
fn a_signed_manifest_that_contradicts_itself_is_refused() {
    type Change = fn(&mut Manifest);
    let changes: [(&str, Change); 7] = [
        ("more citizens than its segments", |manifest| manifest.citizens += 1),
        ("no segment", |manifest| (manifest.segments, manifest.citizens) = (Vec::new(), 0)),
        ("three segments", |manifest| {
            manifest.segments = manifest.segments.repeat(3);
            manifest.citizens *= 3;
        }),
        ("a base after something", |manifest| manifest.after_lseq = 1),
        ("a delta that ends before it begins", |manifest| {
            (manifest.base, manifest.after_lseq) = (Some(PriorId([1; 32])), manifest.to_lseq + 1);
        }),
        ("a segment larger than any", |manifest| {
            manifest.segments[0].bytes = limits::PRIOR_SEGMENT_BYTES_MAX + 1;
        }),
        ("a segment of too many", |manifest| {
            manifest.segments[0].citizens = limits::PRIOR_SEGMENT_CITIZENS_MAX + 1;
            manifest.citizens = manifest.segments[0].citizens.into();
        }),
    ];
    for (what, change) in changes {
        assert_eq!(changed(change).err(), Some(ManifestError::Malformed), "{what}");
    }
    let word = shared_model::envelope::sign(&campaign(), b"so-tiem/prior/manifest/1\0", &[0xa0]);
    assert_eq!(open(&Signed { content: vec![0xa0], signature: word }), Err(ManifestError::Malformed));
}

#[test]
fn a_mark_brought_to_another_segment_is_refused_at_building() {
    let split = Split::new(1).unwrap();
    let stray = || vec![(Mark(1 << 63), doses(1))];
    assert_eq!(build_segment(Kind::Base, split, 0, stray()), Err(BuildError::ForeignMark { number: 0 }));
    assert!(build_segment(Kind::Base, split, 1, stray()).is_ok());
    assert_eq!(build_segment(Kind::Base, split, 2, Vec::new()), Err(BuildError::ForeignMark { number: 2 }));
}
