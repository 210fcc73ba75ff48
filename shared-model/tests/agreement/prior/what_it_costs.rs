#![expect(clippy::disallowed_methods, reason = "a measurement holds the clock; nothing of the model sees it")]

use std::time::Instant;

use shared_model::prior::{Built, Filters, Mark, Prior, Split, build_segment};

use super::{base_of, base_to, citizen, doses, held, key, mark, of_marks, signed};
use crate::country::cbor;
use crate::hostile::peak_of;

/// On the disk and on the road: the segments and the signed manifest.
fn bytes(built: &Built) -> usize {
    cbor(&signed(&built.manifest)).len() + built.segments.iter().map(Vec::len).sum::<usize>()
}

#[test]
fn a_citizen_costs_less_than_two_bytes_in_a_base_of_any_size() {
    for count in [10_000, 19_999, 20_000, 49_999, 99_999, 100_000, 500_000, 1_000_000] {
        let marks: Vec<_> = (0..count).map(|n| (mark(1, n), doses(2))).collect();
        let built = of_marks(base_to(1), Split::for_citizens(count).unwrap(), &marks);
        let each = bytes(&built) as f64 / count as f64;
        println!("{count} citizens: {each:.3} bytes each");
        assert!(each <= 2.0, "{count}: {each}");
    }
}

/// Figures for the reader: `cargo test -p shared-model --test agreement what_it_costs -- --nocapture --test-threads 1`.
#[test]
fn a_look_up_takes_far_less_than_a_millisecond() {
    const PEOPLE: u64 = 1_000_000;
    const LOOK_UPS: u64 = 200_000;
    let began = Instant::now();
    let built = base_of((0..PEOPLE).map(|n| (citizen(1, n), doses(2))));
    println!("a million citizens, ids to files: {:.2} s", began.elapsed().as_secs_f64());

    let began = Instant::now();
    let marks: Vec<_> = (0..PEOPLE).map(|n| (Mark::of(&key(), citizen(1, n)), doses(2))).collect();
    println!("a mark: {:.0} ns", began.elapsed().as_secs_f64() * 1e9 / PEOPLE as f64);

    let began = Instant::now();
    let kind = shared_model::prior::Kind::Base;
    let (segment, peak) = peak_of(|| build_segment(kind, Split::new(0).unwrap(), 0, marks).unwrap());
    let seconds = began.elapsed().as_secs_f64();
    println!("a segment of a million marks: {seconds:.2} s, {} bytes, {peak} bytes of memory", segment.bytes.len());
    assert!(peak < 60_000_000, "{peak}");

    let began = Instant::now();
    let filters = held(&built);
    println!("opened and checked: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);

    let by_id =
        |filters: &Filters<Vec<u8>>, n: u64| filters.look_up(citizen(1, n * 7_919 % PEOPLE)) != Prior::NoneKnown;
    let by_mark = |filters: &Filters<Vec<u8>>, n: u64| filters.look_up_mark(mark(2, n)) != Prior::NoneKnown;
    for (what, look_up) in [("by id", by_id as fn(&Filters<Vec<u8>>, u64) -> bool), ("by mark", by_mark)] {
        let began = Instant::now();
        let found = (0..LOOK_UPS).filter(|n| look_up(&filters, *n)).count();
        let nanoseconds = began.elapsed().as_secs_f64() * 1e9 / LOOK_UPS as f64;
        println!("a look-up {what}: {nanoseconds:.0} ns, {found} found");
        assert!(nanoseconds < 100_000.0, "{nanoseconds}");
    }
}
