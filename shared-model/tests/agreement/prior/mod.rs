//! "May already have this dose": nobody held is absent, few strangers are taken for somebody, no damage is believed.

mod damage_is_named;
mod deltas_lie_on_their_base;
mod few_strangers_are_taken_for_somebody;
mod nobody_held_is_absent;
mod what_it_costs;

use shared_model::certificate::Signed;
use shared_model::ids::{CitizenId, PriorId};
use shared_model::prior::{
    About, Built, Doses, Filter, Filters, Manifest, Mark, PriorKey, Reach, Split, build, build_segment, manifest_of,
};

use crate::country::{campaign, campaign_key, campaign_public, morning};

pub type Held = Filter<Vec<u8>>;

pub fn key() -> PriorKey {
    PriorKey::of_campaign(&campaign_key())
}

pub fn about(number: u32, reach: Reach) -> About {
    About { number, built_ms: morning().0, reach }
}

pub fn base_to(to_lseq: u64) -> About {
    about(1, Reach::Base { to_lseq })
}

pub fn doses(given: u32) -> Doses {
    Doses::new(given).unwrap()
}

/// The n-th citizen of a country.
pub fn citizen(country: u64, n: u64) -> CitizenId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&country.to_be_bytes());
    id[8..].copy_from_slice(&n.to_be_bytes());
    CitizenId(id)
}

/// The n-th mark of a country, spread as a keyed hash would spread it but a hundred times faster (splitmix64).
pub fn mark(country: u64, n: u64) -> Mark {
    let mut z = (country << 40 | n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Mark(z ^ (z >> 31))
}

/// A filter over marks as they are, as a server builds a whole nation's.
pub fn of_marks(about: About, split: Split, marks: &[(Mark, Doses)]) -> Built {
    let (mut words, mut segments) = (Vec::new(), Vec::new());
    for number in 0..split.segments() {
        let here = marks.iter().copied().filter(|(mark, _)| split.of(*mark) == number).collect();
        let built = build_segment(about.reach.kind(), split, number, here).unwrap();
        words.push(built.word);
        segments.push(built.bytes);
    }
    Built { manifest: manifest_of(&key(), about, words).unwrap(), segments }
}

pub fn signed(manifest: &Manifest) -> Signed {
    Signed::make(manifest, &campaign())
}

/// A filter as it came down, with nothing of it here yet.
pub fn announced(manifest: &Manifest) -> Held {
    Filter::new(Manifest::open(&signed(manifest), campaign_public()).unwrap()).unwrap()
}

/// A filter as it came down, with all its segments.
pub fn fetched(built: &Built) -> Held {
    let mut filter = announced(&built.manifest);
    for (number, bytes) in (0..).zip(&built.segments) {
        filter.put(number, bytes, bytes.clone()).unwrap();
    }
    filter
}

pub fn held(built: &Built) -> Filters<Vec<u8>> {
    Filters::new(key(), fetched(built)).unwrap()
}

pub fn id_of(built: &Built) -> PriorId {
    PriorId::of(&signed(&built.manifest))
}

pub fn base_of(citizens: impl IntoIterator<Item = (CitizenId, Doses)>) -> Built {
    build(&key(), base_to(1_000), citizens).unwrap()
}

/// A delta on a base, from one place to another.
pub fn delta_of(
    base: &Built,
    (after_lseq, to_lseq): (u64, u64),
    citizens: impl IntoIterator<Item = (CitizenId, Doses)>,
) -> Built {
    build(&key(), about(2, Reach::Delta { on: id_of(base), after_lseq, to_lseq }), citizens).unwrap()
}

#[test]
fn seven_doses_are_told_as_seven_or_more_and_none_is_not_told() {
    assert_eq!(Doses::new(0), None);
    let told = |given| Doses::new(given).map(|doses| (doses.get(), doses.or_more()));
    assert_eq!(
        [1, 2, 6, 7, 8, 255, 256, u32::MAX].map(told),
        [
            Some((1, false)),
            Some((2, false)),
            Some((6, false)),
            Some((7, true)),
            Some((7, true)),
            Some((7, true)),
            Some((7, true)),
            Some((7, true))
        ]
    );
}

#[test]
fn a_nation_is_split_into_segments_of_a_million_at_most() {
    let segments = |citizens| Split::for_citizens(citizens).map(Split::segments);
    assert_eq!([0, 1, 1 << 20].map(segments), [Some(1); 3]);
    assert_eq!(segments((1 << 20) + 1), Some(2));
    assert_eq!(segments(100_000_000), Some(128));
    assert_eq!([1 << 28, (1 << 28) + 1].map(segments), [Some(256), None]);
}

#[test]
fn every_mark_belongs_to_one_segment_by_its_leading_bits() {
    let of = |bits, mark| Split::new(bits).unwrap().of(Mark(mark));
    assert_eq!([of(0, 0), of(0, u64::MAX)], [0, 0]);
    assert_eq!([of(1, u64::MAX >> 1), of(1, 1 << 63)], [0, 1]);
    assert_eq!(of(8, 0xa5 << 56), 0xa5);
    assert_eq!(Split::new(9), None);
    assert_eq!([Split::of_segments(0), Split::of_segments(3), Split::of_segments(512)], [None; 3]);
    assert_eq!(Split::of_segments(256), Split::new(8));
}

#[test]
fn a_mark_is_nothing_without_its_key() {
    let other = PriorKey::new([9; 32]);
    assert_ne!(Mark::of(&key(), citizen(0, 1)), Mark::of(&other, citizen(0, 1)));
    assert_ne!(key().check(), other.check());
    assert_eq!(format!("{other:?}"), "PriorKey(…)");
}
