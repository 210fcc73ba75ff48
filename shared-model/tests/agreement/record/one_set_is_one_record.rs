use proptest::prelude::*;
use proptest::sample::Index;
use shared_model::envelope::Said;

use super::{cards, merged};
use crate::cases;
use crate::country::deeds::{Country, deeds, elsewhere};

/// The same statements in another order, some of them more than once.
fn shuffled(said: &[Said], order: &[Index]) -> Vec<Said> {
    let mut left: Vec<&Said> = said.iter().collect();
    let mut shuffled = Vec::new();
    for index in order {
        if left.is_empty() {
            break;
        }
        shuffled.push(left.swap_remove(index.index(left.len())).clone());
        if index.index(3) == 0 {
            shuffled.push(shuffled[index.index(shuffled.len())].clone());
        }
    }
    shuffled.extend(left.into_iter().cloned());
    shuffled
}

proptest! {
    #![proptest_config(cases::of("order and repetition"))]

    #[test]
    fn order_grouping_and_repetition_leave_no_trace(
        deeds in deeds(16),
        order in proptest::collection::vec(any::<Index>(), 16),
        cut in any::<Index>(),
    ) {
        let country = Country::of(&deeds);
        let other = shuffled(&country.said, &order);
        for card in cards() {
            let one = merged(card, &country.said);
            // What was drawn from the first group leaves nothing behind that the whole could depend on.
            merged(card, &other[..cut.index(other.len() + 1)]);
            let again = merged(card, &other);
            prop_assert_eq!(&again, &one);
            prop_assert_eq!(again.cases(elsewhere(&other)), one.cases(elsewhere(&country.said)));
        }
    }
}
