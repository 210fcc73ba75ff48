//! Visitors who have gone: their stories are forgotten here, where the nation holds every word of them.

use std::collections::BTreeSet;

use rusqlite::Connection;
use shared_model::ids::CitizenId;
use shared_model::time::{MS_PER_DAY, Moment};

use crate::laptop::Laptop;
use crate::store::{StoreError, citizen, dose, envelope, visitor};

/// A visitor who stayed this long without being spoken of here is at home elsewhere.
const STAY_MS: i64 = 30 * MS_PER_DAY;

impl Laptop {
    /// Forgets visitors of long ago; tells how many. Whoever is still wanted is fetched again.
    pub(crate) fn evict_visitors(&mut self) -> Result<u32, StoreError> {
        let since = self.now().plus_ms(-STAY_MS);
        if visitor::before(self.store.read(), since)?.is_empty() {
            return Ok(0);
        }
        let evicted = self.store.transact(|conn| evict_before(conn, since))?;
        Ok(evicted.into_inner())
    }
}

fn evict_before(conn: &Connection, since: Moment) -> Result<u32, StoreError> {
    let mut evicted = 0;
    for card in visitor::before(conn, since)? {
        if visitor::fetched_at(conn, card)?.is_none() {
            // Gone with a card it is linked with.
            continue;
        }
        // Linked cards go together or stay together.
        let cards: BTreeSet<CitizenId> = citizen::ever_joined(conn, card)?.into_iter().collect();
        if may_go(conn, &cards, since)? {
            for card in cards {
                forget(conn, card)?;
                evicted += 1;
            }
        }
    }
    Ok(evicted)
}

/// Every word about them came from the nation, none was said here, and no feed tells of any of them.
fn may_go(conn: &Connection, cards: &BTreeSet<CitizenId>, since: Moment) -> Result<bool, StoreError> {
    for card in cards {
        let is_old = visitor::fetched_at(conn, *card)?.is_none_or(|at| at < since);
        if !is_old || envelope::came_down_about(conn, *card)? || !envelope::all_are_the_nations(conn, *card)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn forget(conn: &Connection, card: CitizenId) -> Result<(), StoreError> {
    envelope::forget_about(conn, card)?;
    citizen::forget(conn, card)?;
    dose::put(conn, card, &[])?;
    visitor::forget(conn, card)
}
