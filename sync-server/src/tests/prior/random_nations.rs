//! Whatever was said, taken back, linked and parted: nobody held is told to be absent, or with fewer doses.

use shared_model::dose::LotNumber;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::statement::{Linked, Statement, WithdrawReason, Withdrawn};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};

use super::{doses_held, told};
use crate::edge::Edge;
use crate::prior::When;
use crate::tests::laptop::{Laptop, citizen};
use crate::tests::nation::{Nation, Pretend};

const CITIZENS: u64 = 24;
const NIGHTS: u32 = 12;
const DEEDS_A_DAY: u64 = 9;

/// A laptop that says whatever comes to its mind.
struct Chatterbox {
    laptop: Laptop,
    dice: std::sync::Arc<Pretend>,
    /// What was said, of whom, to be taken back.
    said: Vec<(StatementId, CitizenId)>,
}

impl Chatterbox {
    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.dice.fill_random(&mut bytes).unwrap();
        u64::from_be_bytes(bytes) % end
    }

    fn somebody(&self) -> CitizenId {
        citizen(u8::try_from(1 + self.below(CITIZENS)).unwrap())
    }

    fn says_something(&mut self, nation: &Nation) {
        let (who, now) = (self.somebody(), nation.now());
        let id = match self.below(10) {
            0..=4 => {
                let lot = format!("AZ{:04}", self.below(10_000));
                let mut dose = self.laptop.dose(now, 1, "AZ0001");
                dose.lot = LotNumber::parse(&lot).unwrap();
                self.laptop.say(now, who, Statement::DoseGiven(dose))
            }
            5 | 6 => {
                let other = self.somebody();
                if other == who {
                    return;
                }
                self.laptop.say(now, who, Statement::Linked(Linked { other, note: String::new() }))
            }
            _ => {
                let Some((target, who)) = self.said.get(self.pick()).copied() else { return };
                let reason = WithdrawReason::Mistake;
                let withdrawn = Withdrawn { target, reason, note: self.said.len().to_string() };
                let id = self.laptop.say(now, who, Statement::Withdrawn(withdrawn));
                self.said.push((id, who));
                return;
            }
        };
        self.said.push((id, who));
    }

    fn pick(&self) -> usize {
        usize::try_from(self.below(self.said.len().max(1) as u64)).unwrap()
    }
}

async fn one_nation(seed: u64) {
    let nation = Nation::found().await;
    let laptop = Laptop::enrolled(&nation, 1, "26734").await;
    let asker = Laptop::enrolled(&nation, 2, "70000").await;
    let mut team = Chatterbox { laptop, dice: Pretend::seeded(seed), said: Vec::new() };
    let (mut bases, mut deltas) = (0, 0);
    for night in 0..NIGHTS {
        for _ in 0..=team.below(DEEDS_A_DAY) {
            team.says_something(&nation);
            nation.edge.pass(MS_PER_HOUR / 4);
        }
        team.laptop.sync(&nation).await;
        if team.below(6) == 0 {
            nation.server.rebuild().await.unwrap();
        }
        nation.edge.pass(MS_PER_DAY);
        let Some(built) = nation.server.build_prior(When::AtNight).await.unwrap() else { continue };
        let is_base = built.base.is_none();
        if is_base {
            bases += 1
        } else {
            deltas += 1
        }
        let filters = asker.filters(&nation).await;
        for n in 1..=CITIZENS {
            let card = citizen(u8::try_from(n).unwrap());
            let (held, told) = (doses_held(&nation, card).await.min(7), told(filters.look_up(card)));
            assert!(told >= held, "seed {seed}, night {night}, card {n}: {told} told, {held} held");
            assert!(!is_base || held == 0 || told == held, "seed {seed}, night {night}, card {n}: {told} of {held}");
        }
    }
    assert!(bases > 0 && bases + deltas > 3, "seed {seed}: {bases} bases, {deltas} deltas");
}

#[tokio::test]
async fn nobody_held_is_absent_whatever_is_said_taken_back_linked_and_parted() {
    for seed in 1..=8 {
        one_nation(seed).await;
    }
}
