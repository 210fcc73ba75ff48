//! The slow road: the same kinds of trouble on real SQLCipher stores, the real router and the real national database.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::ensure;
use world::sticks::file_in;
use world::{Dice, Harm, Jab, Loss, Person, Team, World, astrazeneca, copy_folder, pfizer};

use crate::plan::{Plan, dice_of, happens};
use crate::tally::{DAYS_A_YEAR, cpu_seconds};

/// What a plan of the fast road is cut down to.
const LAPTOPS: u64 = 3;
const DAYS: u64 = 6;
const PEOPLE: u64 = 6;
const MS_PER_DAY: i64 = 24 * 3_600_000;

struct Country {
    world: World,
    dice: Dice,
    plan: Plan,
    teams: Vec<Option<Team>>,
    old_disks: BTreeMap<usize, PathBuf>,
    people: Vec<Person>,
    /// What each team was told is saved, by person.
    doses: BTreeMap<String, Vec<String>>,
    backups: u64,
    copy: Option<PathBuf>,
    /// Sticks on their way home: whose, and where they lie.
    sticks: Vec<(usize, PathBuf)>,
    sticks_written: u64,
    sticks_read: u64,
}

pub fn live(first: u64, fleets: u64) -> anyhow::Result<()> {
    let (before, mut device_days) = (cpu_seconds(), 0);
    for seed in first..first + fleets {
        let plan = Plan::of(seed);
        println!("  {plan}\n  replay: SIM_SEED={seed} target/debug/sim --real 1");
        device_days += Country::of(seed, plan).live()?;
    }
    let (seconds, years) = (cpu_seconds() - before, device_days as f64 / DAYS_A_YEAR as f64);
    println!("  {fleets} real fleets, {device_days} device-days, {seconds:.1} s of CPU");
    println!("  {:.1} device-years per CPU-hour", years * 3_600.0 / seconds.max(0.01));
    Ok(())
}

impl Country {
    fn of(seed: u64, plan: Plan) -> Self {
        let world = World::seeded(seed);
        let teams = (0..LAPTOPS).map(|number| Some(world.laptop(&format!("team {number}")))).collect();
        let people = (0..PEOPLE).map(|n| world.citizen(&format!("Nguyễn Văn {n}"), "1990-05-01")).collect();
        let dice = dice_of(seed);
        let (old_disks, doses) = (BTreeMap::new(), BTreeMap::new());
        Self {
            world,
            dice,
            plan,
            teams,
            old_disks,
            people,
            doses,
            backups: 0,
            copy: None,
            sticks: Vec::new(),
            sticks_written: 0,
            sticks_read: 0,
        }
    }

    fn live(mut self) -> anyhow::Result<u64> {
        let mut device_days = 0;
        for _ in 0..DAYS {
            for who in 0..self.teams.len() {
                device_days += 1;
                self.a_day_of(who);
            }
            self.a_night();
            self.world.clock.advance_ms(MS_PER_DAY);
        }
        self.world.mend_roads_and_settle();
        self.all_agree()?;
        println!("  {} sticks handed over, {} read at home", self.sticks_written, self.sticks_read);
        Ok(device_days)
    }

    fn a_day_of(&mut self, who: usize) {
        for _ in 0..1 + self.dice.below(3) {
            let person = self.people[usize::try_from(self.dice.below(PEOPLE)).unwrap_or(0)].clone();
            let Some(team) = self.teams[who].take() else { continue };
            let citizen = team.scans(&person);
            let own = self.doses.get(&citizen).and_then(|doses| doses.last()).cloned();
            match (self.dice.below(6), own) {
                (0, _) => team.edits(&citizen, "phone", &format!("09123456{:02}", self.dice.below(4))),
                (1, Some(dose)) if team.doses_of(&citizen).contains(&dose) && self.is_own(&team, &dose) => {
                    team.corrects_lot(&dose, "ABW12");
                }
                _ => {
                    let number = 1 + u8::try_from(self.dice.below(2)).unwrap_or(0);
                    let jab: Jab = if self.dice.below(4) == 0 { pfizer(number) } else { astrazeneca(number) };
                    let dose = team.gives_to(&citizen, &jab);
                    self.doses.entry(citizen).or_default().push(dose);
                }
            }
            let cut = happens(&self.dice, self.plan.laptop.power_cut * 4);
            self.teams[who] = Some(if cut { team.loses_power() } else { team });
        }
        if !happens(&self.dice, self.plan.offline) {
            self.syncs(who);
        }
        if happens(&self.dice, self.plan.sticks.written * 2) {
            self.hands_over_a_stick(who);
        }
    }

    /// The real stick: written by the laptop, harmed on the way now and then, taken by the nation, and carried home.
    fn hands_over_a_stick(&mut self, who: usize) {
        let Some(team) = self.teams[who].as_ref() else { return };
        self.sticks_written += 1;
        let folder = self.world.stick(&format!("stick-{}", self.sticks_written));
        // Whoever never had a line knows nobody who could read one.
        if team.tries_to_write_stick(&folder).is_err() {
            return;
        }
        if happens(&self.dice, self.plan.sticks.harmed) {
            let file = file_in(&folder, "outward");
            let mut bytes = std::fs::read(&file).unwrap_or_default();
            let at = usize::try_from(self.dice.below(bytes.len().max(1) as u64)).unwrap_or(0);
            match (self.dice.below(2), bytes.get_mut(at)) {
                (0, Some(byte)) => *byte ^= 1 << self.dice.below(8),
                _ => bytes.truncate(at),
            }
            std::fs::write(&file, bytes).expect("a stick");
        }
        let taken = self.world.takes_and_answers(&folder);
        assert!(taken.sticks.len() == 1, "one stick was handed over: {:?}", taken.lines());
        if !happens(&self.dice, self.plan.sticks.lost) {
            self.sticks.push((who, folder));
        }
    }

    /// Some of those on their way come home: late, out of order, or to whoever was nearest.
    fn sticks_come_home(&mut self) {
        for _ in 0..self.sticks.len() {
            if self.dice.below(2) == 0 {
                continue;
            }
            let at = usize::try_from(self.dice.below(self.sticks.len() as u64)).unwrap_or(0);
            let (mut who, folder) = self.sticks.swap_remove(at);
            if happens(&self.dice, self.plan.sticks.strayed) {
                who = usize::try_from(self.dice.below(self.teams.len() as u64)).unwrap_or(0);
            }
            if let Some(team) = self.teams.get(who).and_then(Option::as_ref) {
                team.reads_stick(&folder);
                self.sticks_read += 1;
            }
        }
    }

    fn is_own(&self, team: &Team, dose: &str) -> bool {
        team.desk.today().is_ok_and(|today| format!("{today:?}").contains(dose))
    }

    fn syncs(&mut self, who: usize) {
        let Some(team) = self.teams[who].as_ref() else { return };
        let message = 1 + u32::try_from(self.dice.below(8)).unwrap_or(0);
        let half = if self.dice.below(2) == 0 { Loss::Question } else { Loss::Answer };
        if happens(&self.dice, self.plan.road.lost * 3) {
            team.wire.lose(message, half);
        } else if happens(&self.dice, self.plan.road.harmed * 3) {
            let harm = if self.dice.below(2) == 0 { Harm::CutShort } else { Harm::Flipped };
            team.wire.harm(message, half, harm, self.dice.roll());
        }
        // However it went, the next one begins on a good road.
        let _ = team.tries_to_sync();
        team.wire.lose_nothing();
    }

    fn a_night(&mut self) {
        self.sticks_come_home();
        for who in 0..self.teams.len() {
            let Some(team) = self.teams[who].take() else { continue };
            if happens(&self.dice, self.plan.clocks * 4) {
                team.clock_is_off_by_days(i64::try_from(self.dice.below(7_300)).unwrap_or(0) - 3_650);
            }
            let clone = happens(&self.dice, self.plan.clone * 8).then(|| {
                self.backups += 1;
                team.cloned_to(&self.world, &format!("clone-{}", self.backups))
            });
            self.teams[who] = Some(self.put_back(who, team));
            self.teams.extend(clone.map(Some));
        }
        if happens(&self.dice, 300) {
            self.backups += 1;
            self.copy = Some(self.world.back_up(&format!("backup-{}", self.backups)));
        }
        if happens(&self.dice, self.plan.restore * 3)
            && let Some(copy) = self.copy.take()
        {
            self.world.restore(&copy);
        }
    }

    /// A copy of the disk is made, and one night put back: what only the newer disk had is looked for no more.
    fn put_back(&mut self, who: usize, team: Team) -> Team {
        if !happens(&self.dice, self.plan.put_back * 20) {
            return team;
        }
        match self.old_disks.remove(&who) {
            None => {
                let copy = self.world.folder().join(format!("old-{who}-{}", self.dice.roll()));
                copy_folder(&team.folder, &copy);
                self.old_disks.insert(who, copy);
                team
            }
            Some(copy) => {
                // Up with it first, so that every dose can still be asked for at the end.
                team.syncs();
                team.is_put_back_to(&copy)
            }
        }
    }

    fn all_agree(&self) -> anyhow::Result<()> {
        let nation = self.world.nation();
        for (citizen, doses) in &self.doses {
            let root = nation.root_of(citizen);
            let counted = nation.doses_of(citizen);
            let lost: Vec<_> = doses.iter().filter(|dose| !counted.contains(dose)).collect();
            ensure!(lost.is_empty(), "I1: {lost:?} of {citizen} did not reach the nation");
            ensure!(counted.len() == doses.len(), "I2: {citizen} has {counted:?} and was given {doses:?}");
            for team in self.teams.iter().flatten() {
                let here = team.opens(citizen).state_root;
                ensure!(here == root, "I3: {citizen} is {here} on a laptop and {root} at the nation");
            }
        }
        Ok(())
    }
}
