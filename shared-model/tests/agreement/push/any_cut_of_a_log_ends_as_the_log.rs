use proptest::prelude::*;
use shared_model::sync::PushRefused;

use super::{a_day_of_three, place};
use crate::cases;

proptest! {
    #![proptest_config(cases::of("cut ranges"))]

    /// Ranges come cut anywhere, overlapping, twice, too early: once all were pushed the log is here, once.
    #[test]
    fn ranges_in_any_cut_and_order_end_as_the_log(
        ranges in proptest::collection::vec((1_u64..=6, 1_u64..=6), 1..12),
    ) {
        let (desk, people) = a_day_of_three();
        let mut known = 0;
        for (from, to) in ranges.into_iter().chain([(1, 6)]) {
            let (from, to) = (from.min(to), from.max(to));
            match place(&desk, &people, &desk.push(from, to), known) {
                Ok(run) => {
                    prop_assert_eq!(run.forked_at, None);
                    let fresh: Vec<u64> = run.fresh.iter().map(|entry| entry.position.seq).collect();
                    prop_assert_eq!(fresh, (known + 1..=to).collect::<Vec<_>>());
                    known = known.max(to);
                    prop_assert_eq!(run.head, desk.head_at(known));
                }
                Err(refused) => prop_assert!(from > known + 1 && refused == PushRefused::Hole),
            }
        }
        prop_assert_eq!(known, 6);
        let again = place(&desk, &people, &desk.push(1, 6), known).unwrap();
        prop_assert!(again.fresh.is_empty() && again.head == desk.head && again.forked_at.is_none());
    }
}
