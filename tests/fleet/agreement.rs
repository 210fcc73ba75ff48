//! What must be true once everything is mended: everybody holds what they should, draws the same person from it
//! to the byte, and every conflict is in the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::citizen::Register;
use shared_model::conflict::ConflictKind;
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::merge::{Merged, merge};
use shared_model::record::DoseState;

use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::{Checked, broken};
use crate::reference::Truth;

/// A person as drawn, and from which statements.
struct Person {
    merged: Merged,
    from: BTreeSet<StatementId>,
}

type Drawn = (shared_model::ids::StateRoot, BTreeMap<CitizenId, Vec<[u8; 32]>>);

impl Fleet<'_> {
    pub fn all_agree(&mut self) -> Checked {
        self.chains_hold()?;
        self.every_log_has_arrived()?;
        self.every_hub_has_forwarded()?;
        let believed = self.nation.entries.iter().filter_map(|entry| entry.said.as_ref().ok());
        let truth = Truth::of(believed.map(|said| (said.id, Rc::clone(said))).collect());
        if self.nation.statements.len() != truth.said.len() {
            return broken("I2", "a believed statement is not in the nation's index once");
        }
        let whole = self.people_are_drawn_as_they_should(&truth)?;
        for person in &whole {
            self.quarrels_are_raised(&truth, &person.merged)?;
        }
        self.stores_draw_the_same(&whole)?;
        self.conflicts_are_in_the_queue(&whole)
    }

    /// I1: whatever stands in the log of a laptop that still works is at the nation, believed unless it overreached.
    fn every_log_has_arrived(&self) -> Checked {
        for who in self.living() {
            self.disk_keeps_its_word(who)?;
            let Some(laptop) = self.laptops.get(who) else { continue };
            for ((epoch, seq), (id, _)) in &laptop.tables.log {
                if !self.nation.holds(*id) {
                    return broken("I1", format!("{id:?}, at {epoch}/{seq} of laptop {who}, never reached the nation"));
                }
                let ours = laptop.tables.envelopes.get(id).is_some_and(|kept| kept.said.is_some());
                if ours != self.nation.statements.contains_key(id) {
                    return broken("I11", format!("{id:?} of laptop {who} is believed at one end only"));
                }
            }
        }
        Ok(())
    }

    /// The record against the reference model: who is one person, and which doses count. I2: each dose once.
    fn people_are_drawn_as_they_should(&self, truth: &Truth) -> Checked<Vec<Person>> {
        let (settled, taken_back) = (truth.settled_doses(), truth.doses_taken_back());
        let mut whole = Vec::new();
        for cards in truth.people() {
            let Some(card) = cards.first() else { continue };
            let about = truth.about(&cards);
            let from: BTreeSet<StatementId> = about.iter().map(|one| one.id).collect();
            let known = self.nation.picture(*card, &from);
            let merged = match known.filter(|_| !self.is_worth_drawing(true)) {
                Some(merged) => merged.clone(),
                None => match merge(*card, about, &self.campaign.rules) {
                    Ok(merged) if known.is_some_and(|known| *known != merged) => {
                        return broken("I3", format!("{card:?} was drawn otherwise from the same statements"));
                    }
                    Ok(merged) => merged,
                    Err(_) => return broken("I11", format!("{card:?} cannot be drawn")),
                },
            };
            if merged.record.cards != cards {
                return broken("I3", format!("{card:?} should be {cards:?} and is {:?}", merged.record.cards));
            }
            let drawn: BTreeMap<StatementId, DoseState> =
                merged.record.history.doses.iter().map(|dose| (dose.statement, dose.state)).collect();
            let said = truth.doses(&cards);
            if merged.record.history.doses.len() != said.len() || !drawn.keys().eq(said.keys()) {
                return broken("I2", format!("{card:?} was given {said:?} and has {drawn:?}"));
            }
            for (id, stands) in &said {
                let state = drawn.get(id).copied();
                let wrong = if *stands && taken_back.contains(id) {
                    state != Some(DoseState::Withdrawn)
                } else if *stands {
                    state != Some(DoseState::Given) && !settled.contains(id)
                } else {
                    state != Some(DoseState::Withdrawn)
                };
                if wrong {
                    return broken("I2", format!("dose {id:?} of {card:?}: stands {stands}, drawn as {state:?}"));
                }
            }
            whole.push(Person { merged, from });
        }
        Ok(whole)
    }

    /// I3: from what the nation filed and from what each laptop filed comes the root that comes from everything.
    fn stores_draw_the_same(&mut self, whole: &[Person]) -> Checked {
        for Person { merged, from } in whole {
            let (root, heads) = (merged.record.root, &merged.record.heads);
            for (at, card) in merged.record.cards.iter().enumerate() {
                let filed = self.nation.said_about(*card);
                let draws = at == 0 && self.is_worth_drawing(filed.keys().eq(from));
                if draws && self.drawn_from(*card, &filed) != Some((root, heads.clone())) {
                    return broken("I3", format!("the nation draws {card:?} otherwise than from everything"));
                }
                for who in self.living() {
                    self.laptop_draws_the_same(who, *card, &filed)?;
                }
                self.hubs_know_the_same(*card, &filed)?;
            }
        }
        Ok(())
    }

    fn laptop_draws_the_same(
        &mut self,
        who: usize,
        card: CitizenId,
        filed: &BTreeMap<StatementId, Rc<Said>>,
    ) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        // Of somebody at home elsewhere a laptop may have heard in passing, as the other side of a case.
        if !self.nation.goes_to(card, &laptop.me.area) {
            return Ok(());
        }
        let mut known = laptop.tables.said_about(card);
        // Of a laptop that was taken back a district without a line hears later than the nation; and what a laptop
        // and its hub both lost is known to whoever the hub had told of it.
        let of_a_stolen_one = |id: &StatementId| {
            let said = laptop.tables.envelopes.get(id).and_then(|kept| kept.said.as_ref());
            said.is_some_and(|said| self.nation.revoked.contains_key(&said.header.device))
        };
        let lost_twice = |id: &StatementId| {
            let at_a_hub = self.hubs.iter().any(|hub| !hub.store.places_of(*id).is_empty());
            self.reference.gone_with_a_disk.contains(id) && !at_a_hub
        };
        let outside: Vec<StatementId> =
            known.keys().filter(|id| !self.nation.statements.contains_key(id)).copied().collect();
        let only_here = outside.len();
        let district = !self.hubs.is_empty()
            && !outside.is_empty()
            && outside.iter().all(|id| of_a_stolen_one(id) || lost_twice(id));
        if only_here > 0 && !self.reference.restored && !district {
            let from: Vec<_> = outside.iter().map(|id| self.whence(*id)).collect();
            return broken("I3", format!("laptop {who} knows of {card:?} what the nation does not: {from:?}"));
        }
        known.retain(|id, _| self.nation.statements.contains_key(id));
        if self.reference.restored || district {
            // A link that the nation lost brings another card's story with it, on this laptop alone.
            known.retain(|id, _| filed.contains_key(id));
        }
        if self.is_worth_drawing(known.keys().eq(filed.keys()))
            && self.drawn_from(card, &known) != self.drawn_from(card, filed)
        {
            let lacks: Vec<_> = filed.keys().filter(|id| !known.contains_key(id)).collect();
            let more: Vec<_> = known.keys().filter(|id| !filed.contains_key(id)).collect();
            return broken("I3", format!("laptop {who} draws {card:?} otherwise: lacks {lacks:?}, has {more:?}"));
        }
        if district {
            self.tally.believed_in_a_district += only_here as u64;
        } else {
            self.tally.only_on_laptops += only_here as u64;
        }
        Ok(())
    }

    /// A record is a function of the set: of equal sets one in sixty-four is drawn all the same.
    fn is_worth_drawing(&self, is_same_set: bool) -> bool {
        !is_same_set || self.dice.below(64) == 0
    }

    /// Where a statement lies that the nation lacks, for whoever reads of it.
    fn whence(&self, id: StatementId) -> String {
        let at_hubs: Vec<_> = (0..self.hubs.len())
            .flat_map(|which| self.store(Server::Hub(which)).places_of(id).into_iter().map(move |place| (which, place)))
            .collect();
        let here: Vec<_> = (0..self.laptops.len())
            .filter(|who| self.laptops.get(*who).is_some_and(|laptop| laptop.tables.envelopes.contains_key(&id)))
            .collect();
        let said = here.first().and_then(|who| self.laptops.get(*who)?.tables.envelopes.get(&id)?.said.clone());
        let device = said.map(|said| said.header.device);
        let of_it: Vec<_> = (0..self.laptops.len())
            .filter_map(|who| self.laptops.get(who).map(|laptop| (who, laptop)))
            .filter(|(_, laptop)| Some(laptop.me.device) == device)
            .map(|(who, laptop)| (who, laptop.gone, laptop.tables.epochs.len()))
            .collect();
        format!("{id:?} of {device:?} (its laptops {of_it:?}) at hubs {at_hubs:?}, at laptops {here:?}")
    }

    /// A hub knows everything about whoever its areas are told of.
    fn hubs_know_the_same(&self, card: CitizenId, filed: &BTreeMap<StatementId, Rc<Said>>) -> Checked {
        for (which, hub) in self.hubs.iter().enumerate() {
            let areas = hub.store.district.iter().flat_map(|district| &district.areas);
            if !areas.into_iter().any(|area| self.nation.goes_to(card, area)) {
                continue;
            }
            let known = hub.store.said_about(card);
            if let Some(lacks) = filed.keys().find(|id| !known.contains_key(id)) {
                return broken("I3", format!("hub {which} lacks {lacks:?} of {card:?}"));
            }
        }
        Ok(())
    }

    fn drawn_from(&self, card: CitizenId, said: &BTreeMap<StatementId, Rc<Said>>) -> Option<Drawn> {
        let record = merge(card, said.values().map(AsRef::as_ref), &self.campaign.rules).ok()?.record;
        Some((record.root, record.heads))
    }

    /// I4: what cannot stand together is in the queue, as open or settled as it is.
    fn conflicts_are_in_the_queue(&mut self, whole: &[Person]) -> Checked {
        let mut claims: BTreeMap<Vec<u8>, BTreeSet<usize>> = BTreeMap::new();
        for (person, Person { merged, .. }) in whole.iter().enumerate() {
            for case in merged.cases([]) {
                let row = self.nation.cases.get(&case.conflict.id);
                let state = row.and_then(|row| row.state);
                if state != Some(case.state) || row.and_then(|row| row.settlement) != case.settlement {
                    let Some(card) = merged.record.cards.first() else { continue };
                    let kind = case.conflict.kind.code();
                    return broken("I4", format!("{kind} of {card:?} is {:?}, in the queue {state:?}", case.state));
                }
            }
            let claimed = merged.record.fields.get(&Register::NationalId).into_iter();
            for vote in claimed.flat_map(|field| [&field.shown].into_iter().chain(&field.others)) {
                let identifier = vote.value.identifier().map(|(_, value)| value.as_bytes().to_vec());
                claims.entry(identifier.unwrap_or_default()).or_default().insert(person);
            }
        }
        self.shared_identifiers_are_raised(&claims, whole)?;
        self.forks_are_raised()?;
        for row in self.nation.cases.values() {
            self.tally.raised += 1;
            *self.tally.cases.entry(row.conflict.kind.code()).or_default() += 1;
        }
        Ok(())
    }

    fn shared_identifiers_are_raised(&self, claims: &BTreeMap<Vec<u8>, BTreeSet<usize>>, whole: &[Person]) -> Checked {
        let cards = |person: &usize| whole.get(*person).map(|person| &person.merged.record.cards);
        for people in claims.values().filter(|people| people.len() == 2) {
            let mut sides = people.iter().filter_map(cards);
            let (Some(one), Some(other)) = (sides.next(), sides.next()) else { continue };
            let raised = self.nation.cases.values().filter(|row| row.state.is_some()).any(|row| {
                let citizens = &row.conflict.citizens;
                matches!(row.conflict.kind, ConflictKind::TwoCardsOnePerson | ConflictKind::OneCardTwoPersons)
                    && citizens.iter().any(|card| one.contains(card))
                    && citizens.iter().any(|card| other.contains(card))
            });
            if !raised {
                return broken("I4", format!("{one:?} and {other:?} share a number, and nobody is asked"));
            }
        }
        Ok(())
    }

    /// Two disks of one log whose ends both came: the device is in the queue.
    fn forks_are_raised(&self) -> Checked {
        let twice = self.nation.entries.iter().filter(|entry| entry.on_a_branch);
        for device in twice.map(|entry| entry.position.device).collect::<BTreeSet<_>>() {
            let raised = self.nation.cases.values().any(|row| row.device == Some(device) && row.state.is_some());
            if self.nation.forks_of(device) == 0 || !raised {
                return broken("I4", format!("{device:?} has a log with two ends, and nobody is asked"));
            }
        }
        Ok(())
    }
}
