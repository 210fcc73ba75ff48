//! Sticks on their way to the nation: laptops write them, days pass, somebody hands them over; what is on them goes the
//! same road in as a push. As `client/src/stick/export.rs` and `sync-server/src/stick/take.rs` do it, with the shipped
//! `stick` and `shared_model::sync::bundle` under both.

use std::collections::BTreeSet;
use std::mem;

use shared_model::certificate::Signed;
use shared_model::envelope::{Envelope, LogHead};
use shared_model::ids::{BundleId, DeviceId, StatementId};
use shared_model::limits;
use shared_model::sync::bundle::{Certificates, Content, LogRange, Manifest, Outward, ReturnAsked, Told, What};
use shared_model::sync::message::{EarlierEnd, Push};
use shared_model::time::{MS_PER_DAY, Moment};
use stick::{Found, ReadThrough, Unread};
use sync_server::stick::Placed;

use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::{Checked, broken};
use crate::laptop::{Fate, NATION, NotKept};
use crate::medium::{Harm, Stick};
use crate::nation::{ISSUER, Taking, place_of};
use crate::plant::Plant;
use crate::tables::{EpochState, Made, Tables};

/// Why a taking ended before its end. What was placed stays; the sticks are read again another day.
struct Stopped;

impl Fleet<'_> {
    /// Everything the nation has given no receipt for. The bundle is remembered before any of it leaves.
    pub fn writes_stick(&mut self, who: usize) -> Checked {
        let fate = self.fate(true);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        match laptop.seal_all(fate) {
            Ok(()) => {}
            Err(NotKept(Fate::TailLost)) => return self.restart(who),
            Err(_) => return Ok(()),
        }
        let (bundle, fate) = (BundleId(self.drawn_nonce()), self.fate(true));
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        let known: Vec<EarlierEnd> = laptop.tables.ends_known();
        let outward = Outward { bundle, answered: None, overtaken: false };
        let made = Made { known: known.clone(), outward };
        match laptop.transact(fate, |tables| tables.sticks.insert(bundle, made)) {
            Ok(_) => {}
            Err(NotKept(Fate::TailLost)) => return self.restart(who),
            Err(_) => return Ok(()),
        }
        let Some((manifest, contents)) = self.packs(who, bundle, known) else { return self.restart(who) };
        self.leaves(who, manifest, &contents)
    }

    /// What is to lie on it; nothing where the power goes while it is made.
    fn packs(&mut self, who: usize, bundle: BundleId, known: Vec<EarlierEnd>) -> Option<(Manifest, Vec<Content>)> {
        let laptop = self.laptops.get(who)?;
        let (me, epoch, now) = (laptop.me.clone(), laptop.tables.current(), self.now);
        let from = epoch.national_to + 1;
        let previous = laptop.tables.chain_at(me.device, epoch.epoch, epoch.national_to)?;
        let range = LogRange { device: me.device, epoch: epoch.epoch, from, to: epoch.head.seq, previous };
        let manifest = Manifest {
            bundle,
            campaign: self.campaign.public,
            maker: me.device,
            made_ms: laptop.wall(now).0,
            ranges: if from <= range.to { vec![range] } else { Vec::new() },
            feeds: Vec::new(),
            frames: None,
        };
        let asked = ReturnAsked {
            bundle,
            campaign: self.campaign.public,
            device: me.device,
            recipient: self.keys.laptop(me.device).recipient(),
            cursors: laptop.cursors_at(NATION),
            app_version: "0.1.0".to_owned(),
            known,
            at_hubs: None,
            prior: None,
        };
        let (author, device) = me.enrol(self.campaign).signed;
        let shown = Certificates { authors: vec![author], devices: vec![device], hubs: None };
        let mut contents = vec![Content::Certificates(shown), Content::ReturnAsked(asked.sign(&me.key))];
        let mut from = from;
        while from <= epoch.head.seq {
            let (most, fate) = (3 + self.dice.below(20), self.fate(true));
            let push = match self.laptops.get_mut(who)?.read_log(from, most, fate) {
                Ok(Some(push)) => push,
                Err(NotKept(Fate::TailLost)) => return None,
                Ok(None) | Err(_) => break,
            };
            from += push.entries.len() as u64;
            contents.push(Content::Push(push));
        }
        Some((manifest, contents))
    }

    fn leaves(&mut self, who: usize, mut manifest: Manifest, contents: &[Content]) -> Checked {
        if self.happens(self.plan.sticks.full) {
            self.tally.fault("stick", "full");
            return Ok(());
        }
        if self.happens(self.plan.sticks.foreign) {
            self.tally.fault("stick", "of another campaign");
            manifest.campaign = self.campaign.foreign;
        }
        let device = manifest.maker;
        let Ok(mut stick) = Stick::write(manifest, contents, self.keys.nation(), (device, who, true)) else {
            return broken("I10", format!("laptop {who} cannot write a stick"));
        };
        self.tally.sticks_written += 1;
        if self.plant == Some(Plant::StickForNation)
            && let Some(laptop) = self.laptops.get_mut(who)
            && let Some(one) = laptop.tables.epochs.last_mut()
        {
            one.national_to = one.head.seq;
        }
        self.what_is_receipted_is_held(who)?;
        self.note("stick", stick.bundle.as_bytes());
        if self.happens(self.plan.sticks.lost) {
            self.tally.fault("stick", "lost on the way");
            return Ok(());
        }
        stick.arrives = self.a_day_from_now();
        self.sticks.push(stick);
        Ok(())
    }

    pub fn a_day_from_now(&self) -> Moment {
        let days = i64::try_from(self.dice.below(self.plan.sticks.days)).unwrap_or(0);
        self.now.plus_ms(days * MS_PER_DAY)
    }

    /// Of what has come, each is as the way has left it; some stay in a drawer as well.
    pub fn sticks_arrive(&mut self) -> Checked {
        let now = self.now;
        let (mut here, on_the_way): (Vec<_>, Vec<_>) =
            mem::take(&mut self.sticks).into_iter().partition(|stick| stick.arrives <= now);
        self.sticks = on_the_way;
        for stick in &mut here {
            if self.happens(self.plan.sticks.twice) {
                self.tally.fault("stick", "kept in a drawer, to come again");
                let another_day = self.a_day_from_now().plus_ms(MS_PER_DAY);
                self.sticks.push(stick.clone().arriving(another_day));
            }
            if self.happens(self.plan.sticks.harmed)
                && let Some(harm) = self.pick(&Harm::ALL)
            {
                self.tally.fault("stick", harm.what());
                stick.harm(harm, &self.dice);
            }
        }
        let (outward, home): (Vec<_>, Vec<_>) = here.into_iter().partition(|stick| stick.outward);
        self.are_taken(outward)?;
        for stick in home {
            self.comes_home(stick)?;
        }
        Ok(())
    }

    /// Once nothing goes wrong any more: whatever is still on its way is handed over, or never found.
    pub fn last_sticks_arrive(&mut self) -> Checked {
        for _ in 0..2 {
            let now = self.now;
            self.sticks.retain_mut(|stick| {
                stick.arrives = now;
                self.dice.below(3) > 0
            });
            self.sticks_arrive()?;
        }
        self.sticks.clear();
        Ok(())
    }

    /// One folder of them, as it was handed over.
    fn are_taken(&mut self, sticks: Vec<Stick>) -> Checked {
        if sticks.is_empty() {
            return Ok(());
        }
        let mut taking = Taking::default();
        let mut read = Vec::new();
        for stick in &sticks {
            let (found, through) = stick.read(self.keys.nation(), self.campaign);
            self.what_is_whole_is_read(stick, &found, &through, true)?;
            self.tally.sticks_taken += 1;
            read.push((stick.bundle, found, through));
        }
        // Of several sticks one may hold what another one waits for.
        for _ in 0..=read.len() {
            let waiting = taking.waiting();
            for (_, found, _) in &read {
                if let Err(Stopped) = self.takes(&mut taking, found)? {
                    self.are_kept_for_tomorrow(sticks);
                    return Ok(());
                }
            }
            let left = taking.waiting();
            if left == 0 || (waiting > 0 && left >= waiting) {
                break;
            }
        }
        for placed in taking.placed.values() {
            let what = match placed {
                Placed::Kept { .. } => continue,
                Placed::HeldAlready => "held already",
                Placed::Waits { .. } => "waits behind a hole",
                Placed::UnknownDevice => "of a device nobody knows",
                Placed::Refused(_) => return broken("I8", format!("the nation refused a stick: {placed:?}")),
            };
            self.tally.fault("range on a stick", what);
        }
        for (bundle, _, through) in &read {
            let whole = through.bundles.bundles.iter().any(|one| one.bundle == *bundle && one.is_complete());
            if whole && taking.waiting() == 0 {
                self.nation.note_stick(*bundle);
            }
        }
        self.tally.faults_by("stick", "introduced its laptop to the nation", taking.introduced);
        self.nation.catch_up();
        self.are_answered(&taking, &sticks)
    }

    fn are_kept_for_tomorrow(&mut self, sticks: Vec<Stick>) {
        let tomorrow = self.now.plus_ms(MS_PER_DAY);
        self.sticks.extend(sticks.into_iter().map(|stick| stick.arriving(tomorrow)));
    }

    fn takes(&mut self, taking: &mut Taking, found: &[Found]) -> Checked<Result<(), Stopped>> {
        for Found { bundle, content, .. } in found {
            match content {
                Ok(Content::Certificates(certificates)) => self.nation.meet(taking, certificates, self.campaign),
                Ok(Content::Push(push)) => {
                    if taking.is_wanted(&place_of(push))
                        && let Err(stopped) = self.is_placed(taking, push)?
                    {
                        return Ok(Err(stopped));
                    }
                }
                Ok(Content::ReturnAsked(signed)) => self.nation.hear_wish(taking, *bundle, signed, self.campaign),
                // What goes home is for laptops, and a manifest is read where frames are.
                Ok(_) => {}
                Err(why) => return broken("I10", format!("a whole frame of {bundle:?} cannot be opened: {why}")),
            }
        }
        Ok(Ok(()))
    }

    /// One range, in one transaction.
    fn is_placed(&mut self, taking: &mut Taking, push: &Push) -> Checked<Result<(), Stopped>> {
        let now = self.now;
        let unheard: Vec<_> = ids_of(push).filter(|id| !self.nation.holds(*id)).collect();
        let placed = match self.fate(false) {
            Fate::Kept => self.nation.place(taking, push, now),
            Fate::TailLost if self.plant == Some(Plant::StickAnsweredBeforeDurable) => {
                let durable = self.nation.clone();
                let placed = self.nation.place(taking, push, now);
                self.nation = durable;
                placed
            }
            Fate::TailLost => {
                // The power goes before or after the disk has it.
                if self.dice.below(2) == 0 {
                    self.nation.place(taking, push, now);
                    self.came_by_stick(&unheard);
                }
                return Ok(Err(Stopped));
            }
            Fate::Full => return Ok(Err(Stopped)),
        };
        if matches!(placed, Placed::Kept { .. } | Placed::HeldAlready) {
            self.receipt_is_true(Server::Nation, Some(push), &Ok(Vec::new()))?;
        }
        self.came_by_stick(&unheard);
        taking.placed.insert(place_of(push), placed);
        Ok(Ok(()))
    }

    fn came_by_stick(&mut self, unheard: &[StatementId]) {
        self.tally.by_stick += unheard.iter().filter(|id| self.nation.holds(**id)).count() as u64;
    }

    /// The return sticks: to whoever asked under the key of a device that is still one of us.
    fn are_answered(&mut self, taking: &Taking, sticks: &[Stick]) -> Checked {
        for asked in taking.wishes.values() {
            let revoked = self.nation.revoked.contains_key(&asked.device);
            if revoked && self.plant != Some(Plant::ReturnToTheRevoked) {
                self.tally.fault("stick", "of a laptop that was taken back, and not answered");
                continue;
            }
            if revoked {
                return broken("I8", format!("{:?} was revoked, and is sent a return stick", asked.device));
            }
            let word = self.nation.answer_to(taking, asked, self.now);
            for log in &word.logs {
                if log.held.seq > 0 && !self.nation.lies_at(log.device, log.epoch, log.held) {
                    return broken("I1", format!("a return stick says {log:?} is held, and it is not"));
                }
            }
            let mut contents = vec![Content::Returned(Signed::make(&word, &self.campaign.key))];
            let most = 3 + self.below(limits::PULL_ENTRIES_MAX.min(60));
            contents.extend(self.nation.stretches_for(asked, most, self.campaign));
            let who = sticks.iter().find(|stick| stick.bundle == asked.bundle).map_or(0, |stick| stick.who);
            self.goes_home(asked.device, who, &contents)?;
        }
        Ok(())
    }

    fn goes_home(&mut self, device: DeviceId, mut who: usize, contents: &[Content]) -> Checked {
        let manifest = Manifest {
            bundle: BundleId(self.drawn_nonce()),
            campaign: self.campaign.public,
            maker: ISSUER,
            made_ms: self.now.0,
            ranges: Vec::new(),
            feeds: Vec::new(),
            frames: None,
        };
        if self.happens(self.plan.sticks.strayed)
            && let Some(other) = self.pick(&self.living())
        {
            self.tally.fault("stick", "brought home to whoever was nearest");
            who = other;
        }
        let Ok(mut stick) = Stick::write(manifest, contents, self.keys.laptop(device), (device, who, false)) else {
            return broken("I10", "the nation cannot write a return stick");
        };
        stick.arrives = self.a_day_from_now();
        self.sticks.push(stick);
        Ok(())
    }

    /// I1 on a stick: whatever is whole on it is read, and whatever is not is named. `is_for_us` where it is sealed to
    /// this reader.
    pub fn what_is_whole_is_read(
        &mut self,
        stick: &Stick,
        found: &[Found],
        through: &ReadThrough,
        is_for_us: bool,
    ) -> Checked {
        let read: BTreeSet<u32> = found.iter().map(|one| one.number).collect();
        let whole = stick.whole();
        if !is_for_us || stick.is_foreign(self.campaign) {
            let named = matches!(through.unread(), Some(Unread::NotForUs | Unread::Foreign | Unread::NotAStick));
            // A stick of which not one segment is whole tells only that.
            let said = named || (whole.len() < stick.frames() as usize && through.is_damaged());
            let ok = read.is_empty() && said;
            return if ok {
                Ok(())
            } else {
                broken("I8", format!("a stick for others was read: {:?}", through.unread()))
            };
        }
        self.tally.frames_read += read.len() as u64;
        if read != whole {
            return broken("I1", format!("{whole:?} are whole on a stick of {:?}, read {read:?}", stick.bundle));
        }
        self.tally.frames_lost += u64::from(stick.frames()) - whole.len() as u64;
        let damages = &through.bundles.damages;
        let unfinished = damages.iter().any(|one| matches!(one.what, What::Unfinished | What::NothingFound));
        let is_named = |number: u32| {
            damages.iter().any(|one| matches!(one.what, What::Missing { from, to } if (from..=to).contains(&number)))
        };
        let last = whole.last().copied();
        let is_behind_all = |number: u32| last.is_none_or(|last| number > last);
        let unnamed = (0..stick.frames())
            .filter(|number| !whole.contains(number))
            .find(|number| !(is_named(*number) || unfinished && is_behind_all(*number)));
        if let Some(number) = unnamed {
            return broken("I1", format!("frame {number} of {:?} is lost, and nobody is told", stick.bundle));
        }
        self.clocks_and_replays_are_told(stick, through)
    }

    fn clocks_and_replays_are_told(&mut self, stick: &Stick, through: &ReadThrough) -> Checked {
        let told = through.bundles.told(|bundle| self.nation.took(bundle), self.now);
        let ahead = told.iter().any(|one| matches!(one, Told::Ahead { .. }));
        let has_manifest = stick.whole().iter().any(|number| *number == 0 || *number + 1 == stick.frames());
        let is_ahead = stick.made_ms.saturating_sub(self.now.0) > limits::STICK_LEAD_MS_MAX;
        if has_manifest && ahead != is_ahead {
            return broken("I10", format!("a stick made at {} was told to be ahead: {ahead}", stick.made_ms));
        }
        if ahead {
            self.tally.fault("stick", "from the future");
        }
        let replayed = told.iter().any(|one| matches!(one, Told::Replayed { .. }));
        if replayed != (self.nation.took(stick.bundle) && !stick.whole().is_empty()) {
            return broken("I10", format!("{:?} was told to be known: {replayed}", stick.bundle));
        }
        Ok(())
    }
}

fn ids_of(push: &Push) -> impl Iterator<Item = StatementId> {
    push.entries.iter().map(|wire| Envelope::from(wire.clone()).statement_id())
}

impl Tables {
    /// How far the nation is known to hold each epoch.
    fn ends_known(&self) -> Vec<EarlierEnd> {
        let receipted = self.epochs.iter().filter(|one| one.national_to > 0);
        let end = |one: &EpochState| {
            let (_, chain) = self.log.get(&(one.epoch, one.national_to))?;
            Some(EarlierEnd { epoch: one.epoch, head: LogHead { seq: one.national_to, chain: *chain } })
        };
        receipted.filter_map(end).collect()
    }
}
