//! District hubs: the nation's store in another role, and the roads between the two. What a hub does with what the
//! nation says is done as in `sync-server/src/hub/upstream.rs`; deciding is `shared_model::sync::forwarding`.

use std::mem;

use shared_model::certificate::{HubCertificate, Signed};
use shared_model::envelope::{Authority, PublicKey};
use shared_model::ids::DeviceId;
use shared_model::sync::Speaker;
use shared_model::sync::conversation::{Event, Outcome, Trouble};
use shared_model::sync::forwarding::{Errand, Forwarding, HubSelf};
use shared_model::time::{MS_PER_DAY, Moment};

use crate::country::{Campaign, Identity, area, first_morning};
use crate::fleet::Fleet;
use crate::invariants::Checked;
use crate::laptop::Fate;
use crate::nation::Nation;
use crate::plant::Plant;
use crate::road::Path;
use crate::talk::{STEPS_MAX, read};

/// Who is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    Nation,
    Hub(usize),
}

#[derive(Clone)]
pub struct Hub {
    pub device: DeviceId,
    pub certificate: Signed,
    pub speaker: Speaker,
    pub store: Nation,
    pub backup: Option<Box<Nation>>,
}

/// A hub's sync with the nation that is going on.
pub struct Forward {
    forwarding: Forwarding,
    stalled: u64,
    steps: u64,
}

/// Why an errand was not done.
enum Stop {
    Trouble(Trouble),
    PowerCut,
}

/// The numbers of hubs begin here.
const HUBS: u64 = 3_000_000;
/// Machines, twins among them.
const HUBS_MAX: usize = 4;
/// Nights between two copies of a hub's disk, on the average.
const NIGHTS_PER_BACKUP: u64 = 5;

impl Hub {
    fn numbered(number: u64, areas: Vec<String>, feed_epoch: u64, console: DeviceId, campaign: &Campaign) -> Self {
        let me = Identity::numbered(HUBS + number, String::new(), Authority::Team);
        let certificate = HubCertificate {
            hub: me.device,
            key: PublicKey::of(&me.key),
            name: format!("Hub {number}"),
            site: "TTYT".to_owned(),
            areas: areas.clone(),
            not_before_ms: first_morning().0,
            not_after_ms: first_morning().plus_ms(400 * MS_PER_DAY).0,
            stick: None,
        };
        Self {
            device: me.device,
            certificate: Signed::make(&certificate, &campaign.key),
            speaker: Speaker::Hub(Box::new(certificate)),
            store: Nation::hub(feed_epoch, areas, me.key, Some(console)),
            backup: None,
        }
    }
}

impl Fleet<'_> {
    /// Each tells most areas, one of them at least.
    pub fn open_hubs(&mut self) {
        for number in 0..self.plan.hubs.count {
            let mut areas: Vec<String> = (0..self.plan.areas).map(area).collect();
            if areas.len() > 1 && self.dice.below(2) == 0 {
                areas.remove(self.below(areas.len()));
            }
            let feed_epoch = 1 + self.dice.below(1 << 30);
            let hub = Hub::numbered(number, areas.clone(), feed_epoch, self.console.device, self.campaign);
            self.nation.enrol_hub(hub.device, areas);
            self.hubs.push(hub);
        }
    }

    pub fn store(&self, server: Server) -> &Nation {
        match server {
            Server::Nation => &self.nation,
            Server::Hub(which) => self.hubs.get(which).map_or(&self.nation, |hub| &hub.store),
        }
    }

    pub fn store_mut(&mut self, server: Server) -> &mut Nation {
        match server {
            Server::Nation => &mut self.nation,
            Server::Hub(which) => self.hubs.get_mut(which).map_or(&mut self.nation, |hub| &mut hub.store),
        }
    }

    pub fn speaker(&self, server: Server) -> Speaker {
        match server {
            Server::Nation => Speaker::Nation,
            Server::Hub(which) => self.hubs.get(which).map_or(Speaker::Nation, |hub| hub.speaker.clone()),
        }
    }

    /// Mostly the hub next door; now and then another one.
    pub fn a_hub_for(&self, who: usize) -> Server {
        let hubs = self.hubs.len();
        let wanders = self.dice.below(4) == 0;
        Server::Hub(if wanders { self.below(hubs) } else { who % hubs.max(1) })
    }

    pub fn begin_forward(&mut self, which: usize) {
        let nonce = self.drawn_nonce();
        let Some(hub) = self.hubs.get(which).filter(|_| !self.forwards.contains_key(&which)) else { return };
        let mut logs = hub.store.log_ends();
        if self.plant == Some(Plant::ForwardsOneLog) {
            logs.truncate(1);
        }
        let me = HubSelf {
            hub: hub.device,
            campaign: self.campaign.public,
            logs,
            cursors: hub.store.upstream_cursors(),
            rules: vec![self.campaign.rules_id],
            app_version: "0.1.0".to_owned(),
            nonce,
            last_nonce: hub.store.district.as_ref().and_then(|district| district.last_nonce),
            stick: None,
        };
        let forwarding = Forwarding::begin(me, self.now);
        self.forwards.insert(which, Forward { forwarding, stalled: 0, steps: 0 });
        self.tally.forwards += 1;
    }

    pub fn drawn_nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.dice.roll().to_be_bytes());
        nonce
    }

    pub fn step_forward(&mut self, which: usize) -> Checked {
        let Some(mut forward) = self.forwards.remove(&which) else { return Ok(()) };
        forward.steps += 1;
        if forward.stalled > 0 {
            forward.stalled -= 1;
            self.forwards.insert(which, forward);
            return Ok(());
        }
        if self.happens(self.plan.road.stalled) {
            self.tally.fault("hub's road", "stalled");
            forward.stalled = 1 + self.dice.below(40);
        }
        let Some(errand) = forward.forwarding.poll() else { return Ok(()) };
        if let Errand::Finished(outcome) = errand {
            return self.forwarded(which, outcome);
        }
        self.ensure_steps(which, forward.steps, STEPS_MAX)?;
        let event = match self.go(which, errand)? {
            Ok(event) => event,
            Err(Stop::Trouble(trouble)) => Event::Trouble(trouble),
            // It starts again with what its disk has; the next sync goes on from there.
            Err(Stop::PowerCut) => return Ok(()),
        };
        forward.forwarding.handle(event, self.now);
        self.forwards.insert(which, forward);
        Ok(())
    }

    fn forwarded(&mut self, which: usize, outcome: Outcome) -> Checked {
        if outcome.complete {
            self.store_mut(Server::Hub(which)).feeds_are_ready();
            self.tally.forwards_complete += 1;
        }
        self.tally.forwarded += outcome.pushed;
        self.note("forward", format!("{which} {outcome:?}").as_bytes());
        self.reference.last_forward.insert(which, outcome);
        Ok(())
    }

    fn go(&mut self, which: usize, errand: Errand) -> Checked<Result<Event, Stop>> {
        let device = self.hubs.get(which).map_or(DeviceId([0; 16]), |hub| hub.device);
        let (nation, now) = (Server::Nation, self.now);
        Ok(match errand {
            Errand::SayHello(hello) => {
                let answer = self.ask(device, nation, Path::HubHello, &hello)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Hello).map_err(Stop::Trouble)
            }
            Errand::Push(push) => {
                let answer = self.ask(device, nation, Path::HubPush, &push)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Receipt).map_err(Stop::Trouble)
            }
            Errand::Pull(pull) => {
                let answer = self.ask(device, nation, Path::Pull, &pull)?;
                answer.and_then(|bytes| read(&bytes)).map(Event::Page).map_err(Stop::Trouble)
            }
            Errand::Introduce(devices) => {
                self.tally.fault("hub", "introduced a laptop to the nation");
                let shown = self.store(Server::Hub(which)).certificates(&devices);
                let answer = self.ask(device, nation, Path::Introduce, &shown)?;
                answer.map(|_| Event::Done).map_err(Stop::Trouble)
            }
            Errand::ReadLog { log, from } => {
                Ok(Event::Log(self.store(Server::Hub(which)).range(log.device, log.epoch, from)))
            }
            Errand::NoteHeard { nonce, .. } => self.keeps(which, |store| {
                if let Some(district) = &mut store.district {
                    district.last_nonce = Some(nonce);
                }
            }),
            Errand::NoteEnded(ended) => self.keeps(which, |store| store.note_ended(&ended, now)),
            Errand::NoteTwin => {
                self.tally.fault("hub", "told that it has a twin");
                let epoch = 1 + self.dice.below(1 << 30);
                self.keeps(which, |store| store.renew_feeds(epoch))
            }
            Errand::NoteNational(word) => {
                let (receipt, word) = *word;
                self.keeps(which, |store| store.put_word(&receipt, word))
            }
            Errand::KeepPage { page, .. } => {
                // Taken aside so that what comes from the nation can be read while the hub's store is written.
                let nation = mem::take(&mut self.nation);
                let kept = self.keeps_or_not(which, |store| store.keep_page(&page, &nation, now));
                self.nation = nation;
                kept
            }
            // No feed of this fleet is long enough for a file, and there is one set of rules.
            Errand::FindSegments(_) => Ok(Event::NoSegments),
            Errand::NoteRules(_) | Errand::KeepSegment(_) | Errand::Finished(_) => Ok(Event::Done),
        })
    }

    fn keeps(&mut self, which: usize, deed: impl FnOnce(&mut Nation)) -> Result<Event, Stop> {
        self.keeps_or_not(which, |store| {
            deed(store);
            Ok::<(), ()>(())
        })
    }

    fn keeps_or_not<E>(
        &mut self,
        which: usize,
        deed: impl FnOnce(&mut Nation) -> Result<(), E>,
    ) -> Result<Event, Stop> {
        match self.fate(false) {
            Fate::Kept => {
                let store = self.store_mut(Server::Hub(which));
                let done = deed(store);
                store.catch_up();
                done.map(|()| Event::Done).map_err(|_| Stop::Trouble(Trouble::Store))
            }
            Fate::Full => Err(Stop::Trouble(Trouble::Store)),
            Fate::TailLost => Err(Stop::PowerCut),
        }
    }

    /// What happens to hubs between the days.
    pub fn night_of_hubs(&mut self) {
        for which in 0..self.hubs.len() {
            if self.dice.below(NIGHTS_PER_BACKUP) == 0
                && let Some(hub) = self.hubs.get_mut(which)
            {
                hub.backup = Some(Box::new(hub.store.clone()));
            }
            if self.happens(self.plan.hubs.restore) {
                self.restore_hub(which);
            }
            if self.happens(self.plan.hubs.clone) && self.hubs.len() < HUBS_MAX {
                self.tally.fault("hub", "disk cloned");
                let twin = self.hubs.get(which).cloned();
                self.hubs.extend(twin);
            }
        }
    }

    /// A hub's disk is lost, and it starts again from a copy.
    fn restore_hub(&mut self, which: usize) {
        let Some(hub) = self.hubs.get_mut(which) else { return };
        let Some(copy) = hub.backup.clone() else { return };
        hub.store = *copy;
        self.tally.fault("hub", "restored from an old backup");
        self.forwards.remove(&which);
        self.talks.retain(|_, talk| talk.with != Server::Hub(which));
        self.reference.last_forward.remove(&which);
    }

    /// Whether the nation's word may be from before it was put back to an old copy.
    pub fn is_from_before_the_restore(&self, given_at: Moment) -> bool {
        self.reference.restored_at.is_some_and(|at| given_at <= at)
    }
}
