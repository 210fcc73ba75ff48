//! What the filters say of somebody whom this laptop knows too little of.

use std::collections::BTreeSet;

use shared_model::citizen::RegisterValue;
use shared_model::ids::CitizenId;
use shared_model::prior::{Doses, Prior};
use shared_model::record::Record;
use shared_model::view::PriorView;

use crate::laptop::Laptop;
use crate::store::{StoreError, envelope};

impl Laptop {
    /// Whoever holds a card that nobody here has met.
    pub(crate) fn prior_of_card(&self, card: CitizenId) -> Option<PriorView> {
        self.told(self.prior_doses([card])?)
    }

    /// Somebody whose record is here: asked about are the cards whose story did not come down the feed, and the card that a
    /// typed number would be on. Nothing where the record shows as many doses.
    pub(crate) fn prior_of(&self, record: &Record) -> Result<Option<PriorView>, StoreError> {
        let mut cards = BTreeSet::new();
        for card in record.cards.iter().copied().chain(self.cards_of_numbers(record)) {
            if !envelope::came_down_about(self.store.read(), card)? {
                cards.insert(card);
            }
        }
        let given = record.history.given().count();
        let more = self.prior_doses(cards).filter(|doses| usize::from(doses.get()) > given);
        Ok(more.and_then(|doses| self.told(doses)))
    }

    fn cards_of_numbers(&self, record: &Record) -> Vec<CitizenId> {
        let votes = record.fields.values().flat_map(|field| std::iter::once(&field.shown).chain(&field.others));
        let number = |value: &RegisterValue| match value {
            RegisterValue::NationalId(number) => {
                Some(CitizenId::of_scanned_card(&self.membership.citizen_key(), number))
            }
            _ => None,
        };
        votes.filter_map(|vote| number(&vote.value)).collect()
    }

    /// The most that is said of any of them.
    fn prior_doses(&self, cards: impl IntoIterator<Item = CitizenId>) -> Option<Doses> {
        let said = cards.into_iter().filter_map(|card| match self.prior.look_up(card) {
            Prior::MayHave(doses) => Some(doses),
            Prior::NoneKnown | Prior::CannotSay => None,
        });
        said.max()
    }

    fn told(&self, doses: Doses) -> Option<PriorView> {
        let as_of = self.prior.as_of()?.to_string();
        Some(PriorView { doses: doses.get(), or_more: doses.or_more(), as_of })
    }
}
