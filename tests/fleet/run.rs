//! One seed from its first morning to the last agreement: a safety phase in which anything may go wrong, then all
//! faults heal, and everybody must agree within a stated number of rounds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::Digest;
use shared_model::ids::to_hex;
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE};

use crate::country::Campaign;
use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::{Checked, Violation, broken};
use crate::plan::Plan;
use crate::plant::Planted;
use crate::talk::was_turned_away;
use crate::tally::Tally;

/// Up, down, once more for what came down and had to go up again, and one in which nothing moves; with room for a
/// log that is closed under its owner's hands.
pub const ROUNDS_MAX: u64 = 6;

pub struct Lived {
    pub tally: Tally,
    /// The same seed lived again has the same one.
    pub trace: String,
}

pub fn live(seed: u64, planted: Planted, campaign: &Campaign) -> Result<Lived, Violation> {
    let plant = planted.plant();
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let mut fleet = Fleet::of(Plan::of(seed), plant, campaign);
        fleet.safety_phase()?;
        fleet.heals()?;
        fleet.tally.fleets = 1;
        fleet.tally.doubted = fleet.nation.entries.iter().filter(|entry| entry.said.is_err()).count() as u64;
        Ok(Lived { trace: to_hex(&fleet.trace.finalize()), tally: fleet.tally })
    }));
    lived.unwrap_or_else(|_| broken("no panic", "the code under test panicked"))
}

enum Event {
    Deed,
    Sync(Server),
    Forward,
    Stick,
}

impl Fleet<'_> {
    fn safety_phase(&mut self) -> Checked {
        let mut old_disks = Vec::new();
        for _ in 0..self.plan.days {
            let morning = self.now;
            let mut events = self.events_of_the_day();
            while !events.is_empty() {
                let (who, event) = events.swap_remove(self.below(events.len()));
                self.now = self.now.plus_ms(i64::try_from(1 + self.dice.below(6)).unwrap_or(1) * MS_PER_MINUTE);
                match event {
                    Event::Deed => self.deed(who)?,
                    Event::Sync(with) => self.begin_sync(who, with)?,
                    Event::Forward => self.begin_forward(who),
                    Event::Stick => self.writes_stick(who)?,
                }
                let most = self.dice.below(12);
                self.step_talks(most)?;
                self.deliver_late()?;
            }
            // A stalled one may be talking still the next morning.
            if self.dice.below(3) > 0 {
                self.finish_talks()?;
            }
            self.sticks_arrive()?;
            if self.happens(self.plan.console) {
                self.console_looks()?;
            }
            self.night_watch()?;
            self.night(&mut old_disks)?;
            self.now = morning.plus_ms(MS_PER_DAY);
        }
        Ok(())
    }

    fn events_of_the_day(&mut self) -> Vec<(usize, Event)> {
        let mut events = Vec::new();
        for who in self.living() {
            self.tally.device_days += 1;
            for _ in 0..1 + self.dice.below(self.plan.deeds_a_day) {
                events.push((who, Event::Deed));
            }
            if self.plan.sticks.written > 0 && self.goes_by_stick(who) {
                self.tally.fault("road", "only sticks all day");
                if self.dice.below(2) == 0 {
                    events.push((who, Event::Stick));
                }
                continue;
            }
            if self.happens(self.plan.offline) {
                self.tally.fault("road", "no line all day");
                if !self.hubs.is_empty() && self.happens(self.plan.hubs.near) {
                    self.tally.fault("road", "only a hub all day");
                    events.push((who, Event::Sync(self.a_hub_for(who))));
                }
                continue;
            }
            events.push((who, Event::Sync(self.somebody_for(who))));
            if self.dice.below(6) == 0 {
                events.push((who, Event::Sync(self.somebody_for(who))));
            }
        }
        for hub in 0..self.hubs.len() {
            self.tally.hub_days += 1;
            if self.happens(self.plan.hubs.offline) {
                self.tally.fault("hub's road", "no line all day");
                continue;
            }
            // As often as there is something to forward, or to hear.
            for _ in 0..1 + self.dice.below(3) {
                events.push((hub, Event::Forward));
            }
        }
        events
    }

    /// Teams go where there is no line for days.
    fn goes_by_stick(&mut self, who: usize) -> bool {
        let (now, leaves) = (self.now, self.happens(self.plan.sticks.written));
        let days = 2 + i64::try_from(self.dice.below(8)).unwrap_or(0);
        let Some(laptop) = self.laptops.get_mut(who) else { return false };
        if leaves && laptop.away_until <= now {
            laptop.away_until = now.plus_ms(days * MS_PER_DAY);
        }
        now < laptop.away_until
    }

    fn somebody_for(&self, who: usize) -> Server {
        let with_hub = !self.hubs.is_empty() && self.happens(self.plan.hubs.with_hub);
        if with_hub { self.a_hub_for(who) } else { Server::Nation }
    }

    /// Roads, disks and power are good from here on. Wrong clocks stay wrong: nobody notices them.
    fn heals(&mut self) -> Checked {
        self.faulty = false;
        self.late.clear();
        self.finish_talks()?;
        self.last_sticks_arrive()?;
        for round in 1..=ROUNDS_MAX {
            let before = self.nation.entries.len();
            let mut at_rest = self.hubs_go_round()?;
            for who in self.living() {
                self.reference.last_outcome.remove(&who);
                self.begin_sync(who, Server::Nation)?;
                self.finish_talks()?;
                self.nation.catch_up();
                let outcome = self.reference.last_outcome.get(&who);
                at_rest &= outcome.is_some_and(|outcome| outcome.complete && outcome.pushed + outcome.pulled == 0);
            }
            at_rest &= self.hubs.is_empty() || self.nation.entries.len() == before;
            self.tally.rounds_max = self.tally.rounds_max.max(round);
            if at_rest {
                self.note("root", &self.dice.roll().to_be_bytes());
                self.night_watch()?;
                self.catch_up()?;
                return self.all_agree();
            }
        }
        let hubs = format!("{:?}", self.reference.last_forward);
        let restless = self.living().into_iter().find_map(|who| {
            let outcome = self.reference.last_outcome.get(&who)?;
            let turned_away = was_turned_away(outcome.trouble.as_ref());
            (!outcome.complete || outcome.pushed + outcome.pulled > 0)
                .then(|| format!("{who}, turned away {turned_away}: {outcome:?}"))
        });
        broken(
            "I10",
            format!("no rest after {ROUNDS_MAX} rounds: laptop {}; hubs {hubs}", restless.unwrap_or_default()),
        )
    }

    /// All hubs forward, every laptop visits one, and they forward what that brought. Tells whether all went well.
    fn hubs_go_round(&mut self) -> Checked<bool> {
        if self.hubs.is_empty() {
            return Ok(true);
        }
        let went_well = self.all_forward()?;
        for who in self.living() {
            // A word of the same moment is not the later one.
            self.now = self.now.plus_ms(MS_PER_MINUTE);
            self.begin_sync(who, self.a_hub_for(who))?;
            self.finish_talks()?;
        }
        Ok(self.all_forward()? && went_well)
    }

    fn all_forward(&mut self) -> Checked<bool> {
        for hub in 0..self.hubs.len() {
            self.now = self.now.plus_ms(MS_PER_MINUTE);
            self.reference.last_forward.remove(&hub);
            self.begin_forward(hub);
            self.finish_talks()?;
            self.nation.catch_up();
        }
        let well = |hub| self.reference.last_forward.get(&hub).is_some_and(|outcome| outcome.complete);
        Ok((0..self.hubs.len()).all(well))
    }
}
