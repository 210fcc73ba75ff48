//! ⑩ Many people at once, on all cores.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::ids::{Position, StatementId};
use shared_model::rules::Rulebook;
use shared_model::time::Date;

use super::laptop::{Laptop, citizen};
use crate::intake::apply::{CannotDraw, Drawn, draw};
use crate::intake::drawing::{Drawings, draw_each};
use crate::store::rows::{Kept, Testimony};

fn given_to(laptop: &mut Laptop, n: u8) -> Testimony {
    let morning = Date::from_days(18_900).starts_at();
    laptop.give(morning, citizen(n), 1, "AZ0001");
    let envelope = laptop.log.last().unwrap().clone();
    let said = envelope.open().unwrap();
    let position = Position { device: laptop.device, epoch: 1, seq: u64::from(n) + 1 };
    let kept = Kept { lseq: i64::from(n), position, received_at: morning, envelope, said };
    Testimony { cards: BTreeSet::from([citizen(n)]), kept: BTreeMap::from([(kept.said.id, kept)]) }
}

#[test]
fn many_are_drawn_as_each_is_alone_and_in_their_order() {
    let mut laptop = Laptop::new(1);
    let mut testimonies: Vec<_> = (0..100).map(|n| given_to(&mut laptop, n)).collect();
    // More than one life brings.
    let one = testimonies[37].kept.values().next().unwrap().clone();
    testimonies[37].kept = (0..=500_u16)
        .map(|n| {
            let mut id = [0; 32];
            id[..2].copy_from_slice(&n.to_be_bytes());
            (StatementId(id), one.clone())
        })
        .collect();
    let rules = Rulebook::default();
    let roots = |people: &Result<Vec<Drawn>, CannotDraw>| match people {
        Ok(people) => Ok(people.iter().map(|one| one.merged.record.root).collect::<Vec<_>>()),
        Err(wrong) => Err(*wrong),
    };
    let alone: Vec<_> = testimonies.iter().map(|one| roots(&draw(one, &rules))).collect();
    let cards: Vec<_> = testimonies.iter().map(|one| one.cards.clone()).collect();
    let drawn = draw_each(testimonies, Drawings::default(), &rules);
    assert_eq!(drawn.iter().map(|(one, _)| one.cards.clone()).collect::<Vec<_>>(), cards);
    assert_eq!(drawn.iter().map(|(_, people)| roots(people)).collect::<Vec<_>>(), alone);
    assert_eq!(alone[37], Err(CannotDraw));
    assert_eq!(alone.iter().filter(|one| one.is_ok()).count(), 99);
}
