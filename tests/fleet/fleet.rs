//! The whole country at one moment: laptops, roads, the nation, and what is known to be true of them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use shared_model::envelope::Authority;
use shared_model::ids::DeviceId;
use shared_model::time::{MS_PER_MINUTE, Moment};
use world::Dice;

use crate::country::{Campaign, Identity, area, first_morning};
use crate::hubs::{Forward, Hub};
use crate::invariants::Checked;
use crate::laptop::{Fate, Laptop};
use crate::medium::{Keys, Stick};
use crate::nation::Nation;
use crate::plan::{Plan, Trouble, dice_of, happens};
use crate::plant::Plant;
use crate::reference::Reference;
use crate::road::{Parcel, Path};
use crate::talk::Talk;
use crate::tally::Tally;

pub struct Fleet<'c> {
    pub campaign: &'c Campaign,
    pub plan: Plan,
    pub plant: Option<Plant>,
    pub dice: Dice,
    pub now: Moment,
    pub laptops: Vec<Laptop>,
    pub talks: BTreeMap<usize, Talk>,
    pub nation: Nation,
    pub backup: Option<Nation>,
    pub hubs: Vec<Hub>,
    /// Syncs of hubs with the nation.
    pub forwards: BTreeMap<usize, Forward>,
    /// Sticks on their way, outward and home.
    pub sticks: Vec<Stick>,
    pub keys: Keys,
    /// Questions that are still on the road, to be heard later or a second time.
    pub late: Vec<Parcel>,
    /// The last answer each device was given on each path.
    pub answered: BTreeMap<(DeviceId, Path), Vec<u8>>,
    pub console: Identity,
    pub reference: Reference,
    pub tally: Tally,
    pub trace: Sha256,
    /// Roads, disks and clocks do wrong until this is false.
    pub faulty: bool,
    pub enrolled: u64,
}

/// The number of the nation's own desk.
const CONSOLE: u64 = 1_000_000;

impl<'c> Fleet<'c> {
    pub fn of(plan: Plan, plant: Option<Plant>, campaign: &'c Campaign) -> Self {
        let dice = dice_of(plan.seed);
        let console = Identity::numbered(CONSOLE, String::new(), Authority::National);
        let mut nation = Nation::new(1 + dice.below(1 << 30), plant);
        nation.console = Some(console.device);
        nation.enrol(console.enrol(campaign));
        let mut fleet = Self {
            campaign,
            plant,
            dice,
            now: first_morning(),
            laptops: Vec::new(),
            talks: BTreeMap::new(),
            nation,
            backup: None,
            hubs: Vec::new(),
            forwards: BTreeMap::new(),
            sticks: Vec::new(),
            keys: Keys::new(),
            late: Vec::new(),
            answered: BTreeMap::new(),
            console,
            reference: Reference::default(),
            tally: Tally::default(),
            trace: Sha256::new(),
            faulty: true,
            enrolled: 0,
            plan,
        };
        fleet.open_hubs();
        for number in 0..fleet.plan.laptops {
            fleet.enrol(area(number % fleet.plan.areas));
        }
        fleet
    }

    pub fn enrol(&mut self, area: String) {
        let me = Identity::numbered(self.plan.seed.wrapping_mul(1_000) + self.enrolled, area, Authority::Team);
        self.enrolled += 1;
        let epoch = self.nation.enrol(me.enrol(self.campaign));
        // What an admin did since a backup is done again by hand; or forgotten, and the laptop or a hub shows that the
        // campaign knows it. What laptops do without hubs is told of the first alone.
        let forgotten = !self.hubs.is_empty() && self.dice.below(2) == 0;
        if let Some(backup) = self.backup.as_mut().filter(|_| !forgotten) {
            backup.enrol(me.enrol(self.campaign));
        }
        let mut laptop = Laptop::enrolled(me, epoch, self.plant);
        if happens(&self.dice, self.plan.clocks * 4) {
            laptop.off_ms = self.years_off();
        }
        self.laptops.push(laptop);
    }

    /// Up to ten years, either way.
    pub fn years_off(&self) -> i64 {
        let minutes = i64::try_from(self.dice.below(2 * 10 * 365 * 24 * 60)).unwrap_or(0) - 10 * 365 * 24 * 60;
        minutes * MS_PER_MINUTE
    }

    pub fn below(&self, end: usize) -> usize {
        usize::try_from(self.dice.below(end as u64)).unwrap_or(0)
    }

    pub fn pick<T: Clone>(&self, items: &[T]) -> Option<T> {
        items.get(self.below(items.len())).cloned()
    }

    pub fn note(&mut self, what: &str, bytes: &[u8]) {
        self.trace.update(what.as_bytes());
        self.trace.update(bytes);
    }

    pub fn happens(&self, thousandths: u64) -> bool {
        self.faulty && happens(&self.dice, thousandths)
    }

    /// What becomes of the next transaction of a machine in such trouble.
    pub fn fate(&mut self, on_a_laptop: bool) -> Fate {
        let Trouble { power_cut, full } = if on_a_laptop { self.plan.laptop.clone() } else { self.plan.server.clone() };
        let whose = if on_a_laptop { "laptop" } else { "server" };
        if self.happens(power_cut) {
            self.tally.fault(whose, "power cut, tail lost");
            Fate::TailLost
        } else if self.happens(full) {
            self.tally.fault(whose, "disk full");
            Fate::Full
        } else {
            Fate::Kept
        }
    }

    /// The laptop starts again. Whatever it was doing is over; what it has on disk it seals.
    pub fn restart(&mut self, who: usize) -> Checked {
        self.talks.remove(&who);
        self.note("restart", &who.to_be_bytes());
        if let Some(laptop) = self.laptops.get_mut(who) {
            laptop.run += 1;
            // Nothing else is wrong with a disk that has just come back.
            let _ = laptop.seal_all(Fate::Kept);
        }
        self.disk_keeps_its_word(who)?;
        self.can_give_a_dose(who)
    }

    pub fn living(&self) -> Vec<usize> {
        (0..self.laptops.len()).filter(|who| self.laptops.get(*who).is_some_and(|laptop| !laptop.gone)).collect()
    }
}
