//! Mirrors `store/sqlite/project.rs`, `citizen.rs` and `case.rs`. Feeds follow at once; people are drawn and
//! cases raised when somebody looks, by the server's own `intake::apply` and `intake::raise`. The fast road
//! for lone doses is left out: what it raises must be what the whole road raises.

use std::collections::BTreeSet;
use std::rc::Rc;

use shared_model::citizen::Register;
use shared_model::conflict::{Fork, Holder};
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::merge::Merged;
use shared_model::record::Case;
use shared_model::rules::Rulebook;
use shared_model::statement::Subject;
use sync_server::intake::apply::{self, Drawn};
use sync_server::intake::raise;
use sync_server::store::rows::Testimony;

use super::feed::Additions;
use super::{CaseRow, Nation};

/// A person as drawn, and from what.
pub struct Picture {
    from: BTreeSet<StatementId>,
    merged: Merged,
}

impl Nation {
    /// Enters what arrived in the indexes and puts it into the feeds it belongs to.
    pub fn catch_up(&mut self) {
        let mut additions = Additions::new();
        let mut cards = BTreeSet::new();
        for place in self.projected_to..self.entries.len() {
            let Some(entry) = self.entries.get(place) else { continue };
            if entry.on_a_branch {
                self.touched_devices.insert(entry.position.device);
            }
            let Ok(said) = entry.said.clone() else { continue };
            let Some(entered) = self.index(place, &said) else { continue };
            if entered.is_empty() {
                self.about_no_citizen(place, &said, &mut additions);
            }
            cards.extend(entered);
        }
        self.projected_to = self.entries.len();
        for card in &cards {
            self.spread(*card, &mut additions);
        }
        self.append_to_feeds(&additions);
        // Nobody looks at a hub's queue here.
        if self.district.is_none() {
            self.touched.extend(cards);
        }
    }

    fn about_no_citizen(&mut self, place: usize, said: &Said, additions: &mut Additions) {
        let mut areas = BTreeSet::from([self.area_of(said.header.device).to_owned()]);
        if let Subject::Device(subject) = said.header.subject {
            self.touched_devices.insert(subject);
            self.about_device.entry(subject).or_default().push(place);
            areas.insert(self.area_of(subject).to_owned());
        }
        for area in areas.into_iter().filter(|area| !area.is_empty()) {
            additions.entry(area).or_default().insert(place, said.id);
        }
    }

    /// A person's whole story goes to wherever any of their cards was spoken of. Nobody gives a unit here, so a
    /// card is at home where it was spoken of first.
    fn spread(&mut self, card: CitizenId, additions: &mut Additions) {
        let (cards, places) = self.places(card);
        let entries: Vec<_> = places
            .into_iter()
            .filter_map(|place| {
                Some((
                    place,
                    self.entries.get(place)?.statement,
                    self.entries.get(place)?.said.as_ref().ok()?.header.device,
                ))
            })
            .collect();
        let mut feeds: BTreeSet<String> = entries
            .iter()
            .map(|(_, _, device)| self.area_of(*device).to_owned())
            .filter(|area| !area.is_empty())
            .collect();
        for card in &cards {
            feeds.extend(self.feeds_of.get(card).into_iter().flatten().cloned());
        }
        for card in &cards {
            self.feeds_of.entry(*card).or_default().extend(feeds.iter().cloned());
        }
        for feed in feeds {
            additions.entry(feed).or_default().extend(entries.iter().map(|(place, id, _)| (*place, *id)));
        }
    }

    /// Draws whoever was touched and raises what cannot stand; those that are `left` wait for another look. Tells how many
    /// people could not be drawn.
    pub fn look(&mut self, rules: &Rulebook, mut left: impl FnMut() -> bool) -> usize {
        let (mut drawn, mut done, mut failed) = (Vec::new(), BTreeSet::new(), 0);
        for card in std::mem::take(&mut self.touched) {
            if done.contains(&card) {
                continue;
            }
            if left() {
                self.touched.insert(card);
                continue;
            }
            let testimony = self.testimony(card);
            done.extend(testimony.cards.iter().copied());
            match apply::draw(&testimony, rules) {
                Ok(people) => {
                    self.write_people(&testimony, &people);
                    drawn.push((testimony, people));
                }
                Err(_) => failed += 1,
            }
        }
        for (testimony, people) in drawn {
            let received = apply::received(&testimony);
            let mut cases = Vec::new();
            for one in &people {
                let holders = self.holders(one.cards());
                cases.extend(raise::cases(one, &holders, &received, rules));
            }
            self.put_all(&testimony.cards, cases);
        }
        for device in std::mem::take(&mut self.touched_devices) {
            self.raise_device(device);
        }
        failed
    }

    /// The person as last drawn, where that was from just these statements: a record is a function of the set.
    pub fn picture(&self, card: CitizenId, from: &BTreeSet<StatementId>) -> Option<&Merged> {
        self.pictures.get(&card).filter(|picture| picture.from == *from).map(|picture| &picture.merged)
    }

    fn write_people(&mut self, testimony: &Testimony, people: &[Drawn]) {
        for Drawn { merged } in people {
            let (from, merged) = (testimony.kept.keys().copied().collect(), merged.clone());
            if let Some(card) = merged.record.cards.first().copied() {
                self.pictures.insert(card, Rc::new(Picture { from, merged }));
            }
        }
        for claims in self.identifiers.values_mut() {
            claims.retain(|(card, _)| !testimony.cards.contains(card));
        }
        for drawn in people {
            for row in drawn.citizen_rows(testimony) {
                self.register.insert(row.card, (row.name_key, row.birth));
            }
            for row in drawn.identifier_rows(testimony) {
                let claims = self.identifiers.entry((row.register.number(), row.value)).or_default();
                claims.insert((row.card, row.statement));
            }
        }
    }

    fn holders(&self, cards: &BTreeSet<CitizenId>) -> Vec<Vec<Holder>> {
        let claimed = self.identifiers.iter().filter(|(_, claims)| claims.iter().any(|(card, _)| cards.contains(card)));
        let holder = |register: u16, card: CitizenId, statement| {
            let (name_key, birth) = self.register.get(&card).cloned().unwrap_or_default();
            Holder { card, statement, register: Register::from_number(register), name_key, birth }
        };
        claimed
            .map(|((register, _), claims)| {
                let all = claims.iter().take(raise::HOLDERS_MAX + cards.len());
                all.map(|(card, statement)| holder(*register, *card, *statement)).collect()
            })
            .collect()
    }

    fn put_all(&mut self, cards: &BTreeSet<CitizenId>, cases: Vec<Case>) {
        let mut before: BTreeSet<_> =
            cards.iter().flat_map(|card| self.cases_of.get(card).into_iter().flatten().copied()).collect();
        for case in cases {
            before.remove(&case.conflict.id);
            self.put(case, None);
        }
        for gone in before {
            if let Some(row) = self.cases.get_mut(&gone) {
                (row.state, row.settlement) = (None, None);
            }
        }
    }

    fn put(&mut self, case: Case, device: Option<DeviceId>) {
        let Case { conflict, state, settlement } = case;
        for citizen in &conflict.citizens {
            self.cases_of.entry(*citizen).or_default().insert(conflict.id);
        }
        for statement in &conflict.involved {
            self.cases_between.entry(*statement).or_default().insert(conflict.id);
        }
        self.cases.insert(conflict.id, CaseRow { conflict, state: Some(state), device, settlement });
    }

    fn raise_device(&mut self, device: DeviceId) {
        let forks: Vec<Fork> = self
            .forks
            .get(&device)
            .into_iter()
            .flatten()
            .map(|(_, _, first, second)| Fork { first: *first, second: *second })
            .collect();
        let about: Vec<Said> = self
            .about_device
            .get(&device)
            .into_iter()
            .flatten()
            .filter_map(|place| Some(self.entries.get(*place)?.said.as_ref().ok()?.as_ref().clone()))
            .collect();
        for case in raise::device_cases(forks, &about) {
            self.put(case, Some(device));
        }
    }
}
