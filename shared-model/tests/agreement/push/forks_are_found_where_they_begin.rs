use proptest::prelude::*;
use shared_model::statement::Subject;

use super::place_beside;
use crate::cases;
use crate::country::card;
use crate::country::desk::Desk;
use crate::country::people::tomorrow;

fn says(desk: &mut Desk, words: u64, word: &str) {
    for n in 0..words {
        desk.says(Subject::Citizen(card(0)), tomorrow(&format!("{word} {n}")));
    }
}

proptest! {
    #![proptest_config(cases::of("forks"))]

    /// Two laptops with one disk go on from the same place; the node holds the first one's log.
    #[test]
    fn a_second_branch_is_found_at_its_first_entry(
        common in 0_u64..4,
        held in 1_u64..4,
        branch in 1_u64..4,
        from in 1_u64..8,
    ) {
        let mut first = Desk::new(1);
        says(&mut first, common, "chung");
        let mut second = first.clone();
        says(&mut first, held, "một");
        says(&mut second, branch, "hai");
        let (known, to) = (common + held, common + branch);
        prop_assume!(from <= to && from <= known + 1);
        let run = place_beside(&first, &second, &[], &second.push(from, to), known).unwrap();
        // Before the range the node only sees that the chains have parted already.
        prop_assert_eq!(run.forked_at, Some((common + 1).max(from - 1)));
        let kept: Vec<_> = run.fresh.iter().map(|entry| (entry.position.seq, entry.statement)).collect();
        let expected: Vec<_> =
            (from.max(common + 1)..=to).map(|seq| (seq, second.entry(seq).statement)).collect();
        prop_assert_eq!(kept, expected);
    }

    #[test]
    fn a_log_that_only_went_on_is_no_fork(common in 1_u64..5, more in 0_u64..4, from in 1_u64..6) {
        let mut desk = Desk::new(1);
        says(&mut desk, common + more, "tiếp");
        prop_assume!(from <= common + 1 && from <= common + more);
        let run = place_beside(&desk, &desk, &[], &desk.push(from, common + more), common).unwrap();
        prop_assert_eq!(run.forked_at, None);
        prop_assert_eq!(run.head, desk.head);
        prop_assert_eq!(run.fresh.len() as u64, more);
    }
}
