use shared_model::ids::to_hex;
use shared_model::prior::{Mark, PriorKey, Split};

use super::Sheet;
use crate::country::{campaign_key, cbor};
use crate::prior::{base_of, base_to, citizen, delta_of, doses, id_of, key, mark, of_marks, signed};

#[test]
fn a_mark_is_the_same_for_ever() {
    let mut sheet = Sheet::default();
    sheet.line("check of the campaign's key", PriorKey::of_campaign(&campaign_key()).check().0);
    sheet.line("check of another key", PriorKey::new([9; 32]).check().0);
    for n in 0..3 {
        sheet.line(&format!("citizen {n}"), Mark::of(&key(), citizen(1, n)).0.to_be_bytes());
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn a_small_filter_and_a_delta_on_it_never_change() {
    let base = base_of((0..20).map(|n| (citizen(1, n), doses(n as u32 % 3 + 1))));
    let delta = delta_of(&base, (1_000, 1_100), [(citizen(1, 4), doses(3)), (citizen(1, 77), doses(1))]);
    let mut sheet = Sheet::default();
    for (name, built) in [("base", &base), ("delta", &delta), ("base of nobody", &base_of([]))] {
        sheet.line(&format!("{name}: manifest"), cbor(&built.manifest));
        sheet.line(&format!("{name}: signed"), cbor(&signed(&built.manifest)));
        sheet.line(&format!("{name}: id"), id_of(built).0);
        sheet.line(&format!("{name}: segment 0"), &built.segments[0]);
    }
    insta::assert_snapshot!(sheet.text);
}

/// Every size of window and the seeds after the first.
#[test]
fn large_filters_never_change() {
    let mut sheet = Sheet::default();
    let sizes = [1, 49, 50, 199, 200, 999, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000];
    for (count, bits) in sizes.into_iter().map(|count| (count, 0)).chain([(3_000, 2)]) {
        let marks: Vec<_> = (0..count).map(|n| (mark(count, n), doses(n as u32 % 9 + 1))).collect();
        let built = of_marks(base_to(1), Split::new(bits).unwrap(), &marks);
        for (number, (word, bytes)) in built.manifest.segments.iter().zip(&built.segments).enumerate() {
            let seed = to_hex(&bytes[20..24]);
            sheet.line(&format!("{count} citizens, segment {number}, seed {seed}, {} bytes", bytes.len()), word.sha256);
        }
    }
    insta::assert_snapshot!(sheet.text);
}
