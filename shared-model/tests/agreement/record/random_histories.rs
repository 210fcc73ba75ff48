//! As many random histories as somebody has time for: `MERGE_CASES` says how many, `MERGE_SEED` where to begin.

use std::io::Write;

use shared_model::envelope::Said;
use shared_model::record::{self, document};

use super::{cards, merged};
use crate::country::deeds::{Country, Deed, What, elsewhere};

const CASES: u64 = 1_500;
const DEEDS_MAX: u64 = 10;

/// Dice that fall alike for alike seeds (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    fn deed(&mut self) -> Deed {
        const WHATS: [What; 14] = [
            What::Edit,
            What::Edit,
            What::Edit,
            What::Give,
            What::Give,
            What::Amend,
            What::Amend,
            What::Withdraw,
            What::Withdraw,
            What::Link,
            What::Settle,
            What::Settle,
            What::Tomorrow,
            What::Hear,
        ];
        let saw = if self.below(2) == 0 { u32::MAX } else { self.roll() as u32 };
        let card = [0, 0, 0, 1, 2][self.below(5)];
        Deed { who: self.below(4) as u8, card, what: WHATS[self.below(14)], pick: self.roll() as u32, saw }
    }

    fn shuffled<'a>(&mut self, said: &'a [Said]) -> Vec<&'a Said> {
        let mut order: Vec<&Said> = said.iter().collect();
        for at in (1..order.len()).rev() {
            order.swap(at, self.below(at + 1));
        }
        for _ in 0..self.below(3).min(order.len()) {
            order.push(order[self.below(order.len())]);
        }
        order
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
#[allow(clippy::disallowed_methods, reason = "prints how many a second")]
fn random_histories_in_any_two_orders_are_one_record() {
    let (cases, from) = (number("MERGE_CASES").unwrap_or(CASES), number("MERGE_SEED").unwrap_or(0));
    let began = std::time::Instant::now();
    let (mut statements, mut conflicts) = (0_u64, 0_u64);
    for seed in from..from + cases {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let deeds: Vec<Deed> = (0..=dice.roll() % DEEDS_MAX).map(|_| dice.deed()).collect();
        let country = Country::of(&deeds);
        let (one, other) = (dice.shuffled(&country.said), dice.shuffled(&country.said));
        let cut = dice.below(other.len() + 1);
        let raised = elsewhere(&country.said);
        statements += country.said.len() as u64;
        for card in cards() {
            let first = merged(card, one.iter().copied());
            // Whatever came first leaves nothing behind that the whole could depend on.
            merged(card, other[..cut].iter().copied());
            let second = merged(card, other.iter().copied());
            assert!(second == first, "MERGE_SEED={seed} MERGE_CASES=1");
            assert!(second.cases(raised.clone()) == first.cases(raised.clone()), "MERGE_SEED={seed} MERGE_CASES=1");
            conflicts += first.conflicts.len() as u64;
            let (edits, known) = record::edits(card, &country.said);
            for edits in edits.values() {
                let engine = document::replay_in_engine(edits, &known).unwrap();
                assert!(document::replay(edits, &known).unwrap() == engine, "MERGE_SEED={seed} MERGE_CASES=1");
            }
        }
    }
    let rate = cases as f64 / began.elapsed().as_secs_f64().max(0.001);
    // Past the harness, which would swallow it.
    writeln!(
        std::io::stdout(),
        "{cases} random histories from seed {from}: {statements} statements, {conflicts} conflicts, {rate:.0} a second"
    )
    .unwrap();
}
