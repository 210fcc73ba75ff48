//! Whose story is worth asking the nation for: somebody a card or a number names, of whom no feed tells here.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::citizen::NationalId;
use shared_model::ids::CitizenId;
use shared_model::scanned::{OwnCode, Scanned, Typed, understand, understand_typed};
use shared_model::time::{MS_PER_MINUTE, Moment};

use crate::desk::view::Look;
use crate::laptop::Laptop;
use crate::store::{StoreError, envelope, visitor};

/// The nation is not asked again while the same person stands at the table.
const ASKED_AGAIN_AFTER_MS: i64 = 10 * MS_PER_MINUTE;

/// Cards the nation was asked about and knew nobody by, and when. Whoever is registered here would be asked for at each
/// opening of the record until a feed tells of them.
#[derive(Default)]
pub(crate) struct Strangers(BTreeMap<CitizenId, Moment>);

fn is_of_now(at: Moment, now: Moment) -> bool {
    now.ms_since(at).unsigned_abs() <= ASKED_AGAIN_AFTER_MS.unsigned_abs()
}

impl Laptop {
    /// The cards a text names of which this laptop may know too little.
    pub(crate) fn wanted_from_elsewhere(&self, look: &Look) -> Result<BTreeSet<CitizenId>, StoreError> {
        let of_number = |number: &NationalId| CitizenId::of_scanned_card(&self.membership.citizen_key(), number);
        let card = |scanned| match scanned {
            Scanned::ChipCard(card) => Some(of_number(&card.number)),
            Scanned::OwnCode(OwnCode { citizen }) => Some(citizen),
            Scanned::Insurance(_) | Scanned::Unknown(_) => None,
        };
        let named = if look.from_camera {
            card(understand(&look.text))
        } else {
            match understand_typed(&look.text) {
                Typed::Scan(scanned) => card(scanned),
                Typed::NationalId(number) => Some(of_number(&number)),
                _ => None,
            }
        };
        match named {
            Some(card) if self.is_wanted(card)? => Ok(BTreeSet::from([card])),
            _ => Ok(BTreeSet::new()),
        }
    }

    /// Whether somebody's story was fetched by now.
    pub(crate) fn has_met_any(&self, cards: &BTreeSet<CitizenId>) -> Result<bool, StoreError> {
        for card in cards {
            if visitor::fetched_at(self.store.read(), *card)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The nation answered; of whom nothing came, it knows nothing.
    pub(crate) fn note_asked(&mut self, cards: &BTreeSet<CitizenId>) -> Result<(), StoreError> {
        let now = self.now();
        self.strangers.0.retain(|_, at| is_of_now(*at, now));
        for card in cards {
            if visitor::fetched_at(self.store.read(), *card)?.is_none() {
                self.strangers.0.insert(*card, now);
            }
        }
        Ok(())
    }

    fn is_wanted(&self, card: CitizenId) -> Result<bool, StoreError> {
        let (conn, now) = (self.store.read(), self.now());
        let asked = visitor::fetched_at(conn, card)?.or(self.strangers.0.get(&card).copied());
        Ok(match asked {
            Some(at) if is_of_now(at, now) => false,
            // A visitor's story goes on elsewhere.
            _ => !envelope::came_down_about(conn, card)?,
        })
    }
}
