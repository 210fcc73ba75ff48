//! A sync, one action at a time, so that others may come in between: what `client/src/sync/run.rs` does with a store.

use minicbor::Decode;
use shared_model::envelope::LogHead;
use shared_model::ids::DeviceId;
use shared_model::sync::conversation::{Action, Conversation, Event, Trouble};
use shared_model::sync::message::{Introduce, refusal};

use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::Checked;
use crate::laptop::{Fate, NotKept};
use crate::road::Path;

pub struct Talk {
    pub with: Server,
    conversation: Conversation,
    /// Steps for which nothing comes.
    stalled: u64,
    steps: u64,
}

/// More than any conversation of this fleet needs.
pub const STEPS_MAX: u64 = 4_000;

pub fn read<A: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<A, Trouble> {
    minicbor::decode(bytes).map_err(|_| Trouble::BadAnswer)
}

impl Fleet<'_> {
    pub fn begin_sync(&mut self, who: usize, with: Server) -> Checked {
        if self.talks.contains_key(&who) || !self.is_met(who, with)? {
            return Ok(());
        }
        let speaker = self.speaker(with);
        let fate = self.fate(true);
        let nonce = self.dice.roll();
        let (now, campaign) = (self.now, self.campaign);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        match laptop.seal_all(fate) {
            Ok(()) => {
                let conversation = Conversation::begin(laptop.introduce(campaign, speaker, nonce), laptop.wall(now));
                self.talks.insert(who, Talk { with, conversation, stalled: 0, steps: 0 });
                self.tally.syncs += 1;
                self.tally.syncs_with_hubs += u64::from(with != Server::Nation);
                Ok(())
            }
            Err(NotKept(Fate::TailLost)) => self.restart(who),
            Err(_) => Ok(()),
        }
    }

    /// Whoever has not heard of this laptop is shown its certificates first.
    fn is_met(&mut self, who: usize, with: Server) -> Checked<bool> {
        let Some(me) = self.laptops.get(who).map(|laptop| laptop.me.clone()) else { return Ok(false) };
        if self.store(with).knows(me.device) {
            return Ok(true);
        }
        let (author, device) = me.enrol(self.campaign).signed;
        let shown = Introduce { devices: vec![device], authors: vec![author] };
        let whom =
            if with == Server::Nation { "introduced itself to the nation" } else { "introduced itself to a hub" };
        self.tally.fault("laptop", whom);
        Ok(self.ask(me.device, with, Path::Introduce, &shown)?.is_ok())
    }

    /// Each talk goes on a little, in an order that nobody chose.
    pub fn step_talks(&mut self, most: u64) -> Checked {
        for _ in 0..most {
            let talking = self.talks.keys().map(|who| (false, *who));
            let talking: Vec<_> = talking.chain(self.forwards.keys().map(|hub| (true, *hub))).collect();
            match self.pick(&talking) {
                Some((false, who)) => self.step_talk(who)?,
                Some((true, hub)) => self.step_forward(hub)?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Runs every talk to its end but those whose road is stalled.
    pub fn finish_talks(&mut self) -> Checked {
        let mut patience = STEPS_MAX;
        while patience > 0 && !(self.talks.is_empty() && self.forwards.is_empty()) {
            self.step_talks(1)?;
            patience -= 1;
        }
        self.talks.clear();
        self.forwards.clear();
        Ok(())
    }

    fn step_talk(&mut self, who: usize) -> Checked {
        let Some(mut talk) = self.talks.remove(&who) else { return Ok(()) };
        talk.steps += 1;
        if talk.stalled > 0 {
            talk.stalled -= 1;
            self.talks.insert(who, talk);
            return Ok(());
        }
        if self.happens(self.plan.road.stalled) {
            self.tally.fault("road", "stalled");
            talk.stalled = 1 + self.dice.below(40);
        }
        let Some(action) = talk.conversation.poll() else { return Ok(()) };
        if let Action::Finished(outcome) = action {
            self.tally.syncs_complete += u64::from(outcome.complete);
            self.note("sync", format!("{who} {outcome:?}").as_bytes());
            if talk.with == Server::Nation {
                self.reference.last_outcome.insert(who, outcome);
            }
            return Ok(());
        }
        self.ensure_steps(who, talk.steps, STEPS_MAX)?;
        let event = match self.act(who, talk.with, action)? {
            Ok(event) => event,
            Err(Stop::Trouble(trouble)) => Event::Trouble(trouble),
            Err(Stop::PowerCut) => return self.restart(who),
        };
        let wall = self.laptops.get(who).map_or(self.now, |laptop| laptop.wall(self.now));
        talk.conversation.handle(event, wall);
        self.talks.insert(who, talk);
        Ok(())
    }

    fn act(&mut self, who: usize, with: Server, action: Action) -> Checked<Result<Event, Stop>> {
        let now = self.now;
        let device = self.laptops.get(who).map_or(DeviceId([0; 16]), |laptop| laptop.me.device);
        let server = self.speaker(with);
        let kept = |kept: Result<(), NotKept>| kept.map(|()| Event::Done).map_err(Stop::from);
        Ok(match action {
            Action::SayHello(hello) => {
                let answer = self.ask(device, with, Path::Hello, &hello)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Hello).map_err(Stop::Trouble)
            }
            Action::Push(push) => {
                let answer = self.ask(device, with, Path::Push, &push)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Receipt).map_err(Stop::Trouble)
            }
            Action::Pull(pull) => {
                let answer = self.ask(device, with, Path::Pull, &pull)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Page).map_err(Stop::Trouble)
            }
            Action::ReadLog { from } => {
                let (fate, most) = (self.fate(true), 3 + self.dice.below(40));
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                laptop.read_log(from, most, fate).map(Event::Log).map_err(Stop::from)
            }
            Action::NoteReceipt(receipt) => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                let noted = laptop.note_receipt(&receipt, fate);
                if noted.is_ok() && with == Server::Nation {
                    self.reference.heard_since_restore.insert(who);
                    self.what_is_receipted_is_held(who)?;
                }
                kept(noted)
            }
            Action::StartEpoch(epoch) => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                self.tally.fault("log", "went on in a fresh epoch");
                let begun: Result<LogHead, NotKept> = laptop.start_epoch(epoch, fate);
                begun.map(Event::EpochStarted).map_err(Stop::from)
            }
            Action::NoteTime { server, at } => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                kept(laptop.note_time(server, at, now, fate))
            }
            Action::KeepPage { page, .. } => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                kept(laptop.keep_page(&server, &page, now, fate))
            }
            Action::NoteHeldByHub(receipt) => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                let noted = laptop.note_held_by_hub(&server, &receipt, fate);
                if noted.is_ok() {
                    self.what_a_hub_says_it_holds(who, with)?;
                }
                kept(noted)
            }
            Action::NoteBrought(receipt) => {
                let fate = self.fate(true);
                let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Err(Stop::PowerCut)) };
                let noted = laptop.note_brought(&receipt, fate);
                if noted.is_ok() {
                    self.tally.brought += 1;
                    self.what_was_brought_is_held(who, &receipt)?;
                }
                kept(noted)
            }
            // No feed of this fleet is long enough for a file, and there is one set of rules.
            Action::FindSegments(_) => Ok(Event::NoSegments),
            Action::NoteRules(_) | Action::KeepSegment(_) | Action::NoteEndedHubs(_) | Action::Finished(_) => {
                Ok(Event::Done)
            }
        })
    }
}

/// Why an action was not done.
enum Stop {
    Trouble(Trouble),
    PowerCut,
}

impl From<NotKept> for Stop {
    fn from(NotKept(fate): NotKept) -> Self {
        match fate {
            Fate::TailLost => Self::PowerCut,
            Fate::Full | Fate::Kept => Self::Trouble(Trouble::Store),
        }
    }
}

/// Whether a sync ended because its device is no longer wanted.
pub fn was_turned_away(trouble: Option<&Trouble>) -> bool {
    matches!(trouble, Some(Trouble::Refused { code, .. }) if code == refusal::DEVICE_REVOKED)
}
