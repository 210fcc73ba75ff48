//! A seed, and everything that follows from it: how many, how long, and what goes wrong how often.

use std::fmt;

use world::Dice;

/// What a stretch of life in the fleet is made of. Chances are in thousandths.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub laptops: u64,
    pub areas: u64,
    pub citizens: u64,
    pub days: u64,
    /// A real table gives twenty to forty; fewer people and fewer deeds meet each other as often.
    pub deeds_a_day: u64,
    /// Of a laptop's days, those without a line.
    pub offline: u64,
    pub road: Road,
    pub laptop: Trouble,
    pub server: Trouble,
    /// Laptops whose clock is years off, and how often a clock jumps.
    pub clocks: u64,
    pub clone: u64,
    pub put_back: u64,
    pub revoke: u64,
    pub restore: u64,
    /// A word that its author has no right to.
    pub overreach: u64,
    /// How often an admin looks at the queue.
    pub console: u64,
    pub hubs: Hubs,
    pub sticks: Sticks,
}

/// What is carried by hand, and what becomes of it on the way.
#[derive(Debug, Clone, Default)]
pub struct Sticks {
    /// Of a laptop's days, those on which it goes where nothing but sticks reaches it, for some days.
    pub written: u64,
    /// Most days on the way.
    pub days: u64,
    pub lost: u64,
    pub harmed: u64,
    /// Stays in a drawer as well, and is handed over again.
    pub twice: u64,
    /// Given to whoever was nearest.
    pub strayed: u64,
    pub full: u64,
    /// Of another campaign.
    pub foreign: u64,
}

/// District hubs, and what goes wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Hubs {
    pub count: u64,
    /// Of a laptop's syncs, those with a hub.
    pub with_hub: u64,
    /// Of a laptop's days without a line, those on which it reaches a hub.
    pub near: u64,
    /// Of a hub's days, those without a line to the nation.
    pub offline: u64,
    pub restore: u64,
    pub clone: u64,
}

/// What becomes of a message.
#[derive(Debug, Clone, Default)]
pub struct Road {
    pub lost: u64,
    pub late: u64,
    pub twice: u64,
    pub harmed: u64,
    pub stale: u64,
    pub stalled: u64,
}

/// What becomes of a transaction.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    pub power_cut: u64,
    pub full: u64,
}

/// Seeds that are neighbours give dice that are none: `Dice` alone would throw the same numbers one throw later.
pub fn dice_of(seed: u64) -> Dice {
    Dice::seeded(Dice::seeded(seed).roll())
}

pub fn happens(dice: &Dice, thousandths: u64) -> bool {
    dice.below(1_000) < thousandths
}

impl Plan {
    /// Each kind of trouble is absent from one plan in three: what hides behind another one shows there.
    pub fn of(seed: u64) -> Self {
        let dice = dice_of(seed ^ 0xf1ee7);
        let some = |most: u64| if dice.below(3) == 0 { 0 } else { 1 + dice.below(most) };
        let laptops = 3 + dice.below(7);
        let days = 20 + dice.below(41);
        let deeds_a_day = 3 + dice.below(4);
        Self {
            seed,
            laptops,
            areas: 1 + laptops / 5 + dice.below(2),
            citizens: (laptops * days * deeds_a_day / (10 + dice.below(15))).max(4),
            days,
            deeds_a_day,
            offline: some(700),
            road: Road {
                lost: some(150),
                late: some(60),
                twice: some(60),
                harmed: some(60),
                stale: some(30),
                stalled: some(60),
            },
            laptop: Trouble { power_cut: some(20), full: some(20) },
            server: Trouble { power_cut: some(20), full: some(10) },
            clocks: some(40),
            clone: some(8),
            put_back: some(8),
            revoke: some(6),
            restore: some(60),
            overreach: some(30),
            console: 40 + dice.below(160),
            // After all others: what a seed meant before there were hubs, and then sticks, it means still.
            hubs: Hubs {
                count: dice.below(3),
                with_hub: 200 + dice.below(700),
                near: 200 + dice.below(800),
                offline: some(600),
                restore: some(40),
                clone: some(10),
            },
            sticks: Sticks {
                written: some(120),
                days: 1 + dice.below(12),
                lost: some(100),
                harmed: some(300),
                twice: some(200),
                strayed: some(200),
                full: some(60),
                foreign: some(40),
            },
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, laptops, areas, citizens, days, deeds_a_day, offline, road, .. } = self;
        write!(f, "seed {seed}: {laptops} laptops in {areas} areas, {days} days, up to {deeds_a_day} deeds a day, ")?;
        write!(f, "{citizens} people; in thousandths: offline {offline}, lost {}, late {}, ", road.lost, road.late)?;
        write!(f, "twice {}, harmed {}, stale {}, stalled {}; ", road.twice, road.harmed, road.stale, road.stalled)?;
        write!(f, "laptop's power {} disk full {}; ", self.laptop.power_cut, self.laptop.full)?;
        write!(f, "server's power {} disk full {}; ", self.server.power_cut, self.server.full)?;
        write!(f, "clocks {}, cloned {}, put back {}, ", self.clocks, self.clone, self.put_back)?;
        write!(f, "revoked {}, restored {}, ", self.revoke, self.restore)?;
        write!(f, "overreach {}, console {}; ", self.overreach, self.console)?;
        let Hubs { count, with_hub, near, offline, restore, clone } = &self.hubs;
        write!(
            f,
            "{count} hubs: syncs {with_hub}, near {near}, offline {offline}, restored {restore}, cloned {clone}; "
        )?;
        let Sticks { written, days, lost, harmed, twice, strayed, full, foreign } = &self.sticks;
        write!(f, "sticks {written}, up to {days} days, lost {lost}, harmed {harmed}, twice {twice}, ")?;
        write!(f, "strayed {strayed}, full {full}, foreign {foreign}")
    }
}
