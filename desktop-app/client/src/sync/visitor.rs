//! A visitor from elsewhere: their story is asked of the nation, by card, while somebody waits for it.

use std::collections::BTreeSet;

use shared_model::certificate::Signed;
use shared_model::ids::CitizenId;
use shared_model::limits;
use shared_model::sync::Trouble;
use shared_model::sync::message::{Fetch, Fetched};
use shared_model::sync::visitor::{CheckedVisitors, check_fetched};

use super::courier::Courier;
use super::road::Road;
use super::run::{Holder, meet, put_people, store, with};
use crate::intake;
use crate::laptop::{Laptop, SayError};
use crate::store::{StoreError, citizen, envelope, visitor};

/// A person's cards are linked to each other; who has more of them than this is looked at by an admin.
const ROUNDS_MAX: usize = 3;

/// Fetches the stories of whoever holds these cards, and of the cards they are linked with. Only the nation has
/// everybody's.
pub fn fetch(holder: &Holder, road: &mut dyn Road, cards: BTreeSet<CitizenId>) -> Result<(), Trouble> {
    let (seed, membership) =
        with(holder, |laptop| (laptop.seed.clone(), laptop.membership.clone())).ok_or(Trouble::Store)?;
    let mut courier = Courier::new(road, seed.device, seed.device_key());
    let (speaker, _) = meet(&mut courier, &membership)?;
    if !speaker.is_nation() {
        return Err(Trouble::NoNetwork);
    }
    let (mut wanted, mut answered) = (cards, BTreeSet::new());
    for _ in 0..ROUNDS_MAX {
        let citizens: Vec<CitizenId> = wanted.iter().copied().take(limits::FETCH_CITIZENS_MAX).collect();
        if citizens.is_empty() {
            break;
        }
        let fetched: Fetched = courier.ask("/device/fetch", &Fetch { citizens: citizens.clone() })?;
        let checked = check_fetched(&citizens, &fetched, membership.campaign_key).map_err(|_| Trouble::NotGenuine)?;
        // The rest did not fit into one answer, or is linked with who came.
        wanted.extend(store(holder, |laptop| laptop.keep_visitors(&checked, &fetched.authors, &fetched.devices))?);
        answered.extend(checked.citizens);
        wanted.retain(|card| !answered.contains(card));
    }
    Ok(())
}

impl Laptop {
    /// Keeps what came in one transaction; tells which cards they are linked with that nothing is known of here.
    fn keep_visitors(
        &mut self,
        checked: &CheckedVisitors,
        authors: &[Signed],
        devices: &[Signed],
    ) -> Result<BTreeSet<CitizenId>, StoreError> {
        if checked.envelopes.is_empty() {
            return Ok(BTreeSet::new());
        }
        let (campaign, wall, rules) = (self.campaign_key(), self.now(), &self.rules);
        let kept = self.store.transact(|conn| -> Result<_, StoreError> {
            put_people(conn, campaign, authors, devices)?;
            // An answer about one card tells of everybody who was ever linked with it.
            let opened = checked.envelopes.iter().filter_map(|(_, envelope)| envelope.open().ok());
            let told = opened.filter_map(|said| envelope::told_by(&said));
            let mut visitors = BTreeSet::new();
            for card in checked.citizens.iter().copied().chain(told) {
                // Whose story came down a feed is told by it. Once the answer is kept, nobody can say who those were.
                if !envelope::came_down_about(conn, card)? {
                    visitors.insert(card);
                }
            }
            let believed = intake::keep::keep(conn, &checked.envelopes, true, wall)?;
            intake::apply::apply(conn, &believed, rules).map_err(|error| match error {
                SayError::Store(error) => error,
                _ => StoreError::Nonsense { table: "envelope" },
            })?;
            let mut linked = BTreeSet::new();
            for card in &visitors {
                if citizen::line(conn, *card)?.is_some() {
                    visitor::put(conn, *card, wall)?;
                }
                for other in citizen::ever_joined(conn, *card)? {
                    if !visitors.contains(&other) && !envelope::came_down_about(conn, other)? {
                        linked.insert(other);
                    }
                }
            }
            Ok(linked)
        })?;
        Ok(kept.into_inner())
    }
}
