use shared_model::limits;
use shared_model::prior::{Doses, Filters, Mark, Prior, Reach, Split};

use super::{about, base_of, base_to, citizen, doses, fetched, held, id_of, mark, of_marks};

const STRANGERS: u64 = 1_000_000;

/// The worst there can be: with fewer different numbers told, more of what a stranger hits says "no dose".
fn any_number(n: u64) -> Doses {
    doses(n as u32 % 7 + 1)
}

fn hits(filters: &Filters<Vec<u8>>, strangers: impl Iterator<Item = Mark>) -> f64 {
    strangers.filter(|mark| filters.look_up_mark(*mark) != Prior::NoneKnown).count() as f64
}

/// Whether so many hits are what chance gives at this rate: within four standard deviations, beyond
/// which lies one true rate in sixteen thousand. Both ways, because too few would mean that the reckoning is wrong.
fn is_chance(hits: f64, rate: f64) -> bool {
    let strangers = STRANGERS as f64;
    (hits - strangers * rate).abs() <= 4.0 * (strangers * rate * (1.0 - rate)).sqrt()
}

#[test]
fn a_base_takes_seven_of_8192_strangers_for_somebody() {
    let filters = held(&base_of((0..100_000).map(|n| (citizen(1, n), any_number(n)))));
    let taken = (0..STRANGERS).filter(|n| filters.look_up(citizen(2, *n)) != Prior::NoneKnown).count() as f64;
    println!("base: {taken} of {STRANGERS} strangers, one in {:.0}", STRANGERS as f64 / taken);
    assert!(is_chance(taken, 7.0 / 8192.0), "{taken}");
    assert!(taken <= STRANGERS as f64 / 256.0);
}

#[test]
fn a_base_and_all_the_deltas_it_may_have_take_less_than_one_stranger_in_256() {
    let split = Split::new(1).unwrap();
    let of = |country: u64, people: u64| (0..people).map(|n| (mark(country, n), any_number(n))).collect::<Vec<_>>();
    let base = of_marks(base_to(0), split, &of(1, 200_000));
    let mut filters = held(&base);
    let days = limits::PRIOR_DELTAS_MAX as u64;
    for day in 0..days {
        let reach = Reach::Delta { on: id_of(&base), after_lseq: day, to_lseq: day + 1 };
        filters.add(fetched(&of_marks(about(day as u32 + 2, reach), split, &of(10 + day, 20_000)))).unwrap();
    }
    let rate = 7.0 / 8192.0 + days as f64 * 7.0 / 16384.0;
    assert!(rate <= 1.0 / 256.0);
    let taken = hits(&filters, (0..STRANGERS).map(|n| mark(99, n)));
    println!("base and {days} deltas: {taken} of {STRANGERS} strangers, one in {:.0}", STRANGERS as f64 / taken);
    assert!(is_chance(taken, rate), "{taken}");
    assert!(taken <= STRANGERS as f64 / 256.0);
}

#[test]
fn where_nobody_has_more_than_three_doses_fewer_still_are_taken_for_somebody() {
    let marks: Vec<_> = (0..100_000).map(|n| (mark(1, n), doses(n as u32 % 3 + 1))).collect();
    let filters = held(&of_marks(base_to(10), Split::new(0).unwrap(), &marks));
    let taken = hits(&filters, (0..STRANGERS).map(|n| mark(99, n)));
    println!("base of one to three doses: {taken} of {STRANGERS} strangers, one in {:.0}", STRANGERS as f64 / taken);
    assert!(is_chance(taken, 3.0 / 4096.0), "{taken}");
}

#[test]
fn strangers_who_differ_from_somebody_in_one_bit_are_strangers() {
    let marks: Vec<_> = (0..50_000).map(|n| (mark(1, n), any_number(n))).collect();
    let filters = held(&of_marks(base_to(10), Split::new(0).unwrap(), &marks));
    let near = marks.iter().take(15_625).flat_map(|(mark, _)| (0..64).map(|bit| Mark(mark.0 ^ (1 << bit))));
    assert!(is_chance(hits(&filters, near), 7.0 / 8192.0));
}
