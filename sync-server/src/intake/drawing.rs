//! ⑩ People drawn before their turn. What is drawn is a function of what was said, so a drawing holds for exactly the
//! statements it was made from, whoever asks and whenever.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::thread;

use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::rules::Rulebook;
use shared_model::statement::kind;

use super::apply::{CannotDraw, Drawn, draw, draw_said};
use crate::store::rows::Testimony;

pub type People = Result<Vec<Drawn>, CannotDraw>;

/// By card: what was drawn, and from which statements.
#[derive(Default)]
pub struct Drawings(BTreeMap<CitizenId, (BTreeSet<StatementId>, People)>);

impl Drawings {
    /// Draws everybody of whom these statements say all that there is, if nothing was said before. What joins cards or
    /// takes something back may reach further than it can be seen here, and is left alone.
    pub fn of_newcomers<'a>(arrived: impl IntoIterator<Item = &'a Said>, rules: &Rulebook) -> Self {
        let mut by_card: BTreeMap<CitizenId, BTreeMap<StatementId, &Said>> = BTreeMap::new();
        for said in arrived {
            let Some(card) = said.header.subject.citizen() else { continue };
            if matches!(said.header.kind, kind::CITIZEN_EDITED | kind::DOSE_GIVEN) {
                by_card.entry(card).or_default().insert(said.id, said);
            }
        }
        let drawn = by_card.into_iter().map(|(card, said)| {
            let people = draw_said(BTreeSet::from([card]), &said.values().copied().collect::<Vec<_>>(), rules);
            (card, (said.into_keys().collect(), people))
        });
        Self(drawn.collect())
    }

    fn take(&mut self, testimony: &Testimony) -> Option<People> {
        let only = if testimony.cards.len() == 1 { testimony.cards.first()? } else { return None };
        let (statements, people) = self.0.remove(only)?;
        statements.iter().eq(testimony.kept.keys()).then_some(people)
    }
}

/// People that one core draws before another one is worth waking.
const FEW: usize = 16;

/// Draws many, on as many cores as there are, but for those who are drawn already; in the order in which they were given.
pub fn draw_each(testimonies: Vec<Testimony>, mut drawings: Drawings, rules: &Rulebook) -> Vec<(Testimony, People)> {
    let ready: Vec<Option<People>> = testimonies.iter().map(|one| drawings.take(one)).collect();
    let undrawn = testimonies.iter().zip(&ready).filter(|(_, ready)| ready.is_none()).map(|(one, _)| one);
    let mut drawn = draw_all(&undrawn.collect::<Vec<_>>(), rules).into_iter();
    testimonies
        .into_iter()
        .zip(ready)
        .map(|(testimony, ready)| {
            let people = ready.or_else(|| drawn.next()).unwrap_or(Err(CannotDraw));
            (testimony, people)
        })
        .collect()
}

fn draw_all(testimonies: &[&Testimony], rules: &Rulebook) -> Vec<People> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let a_core = testimonies.len().div_ceil(cores).max(FEW);
    let draw_part = |part: &[&Testimony]| part.iter().map(|one| draw(one, rules)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let mut parts = testimonies.chunks(a_core);
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts.map(|part| (part.len(), scope.spawn(move || draw_part(part)))).collect();
        let mut drawn = draw_part(own);
        for (people, part) in others {
            drawn.extend(part.join().unwrap_or_else(|_| vec![Err(CannotDraw); people]));
        }
        drawn
    })
}
