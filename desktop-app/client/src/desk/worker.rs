//! The thread that syncs: after deeds, from time to time, when asked, and later after trouble.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use roads::nearby::HubNearby;
use shared_model::ids::DeviceId;
use shared_model::sync::spoken::SpokenHead;
use shared_model::sync::{Outcome, Speaker, Trouble};
use shared_model::time::Moment;
use shared_model::view::Copies;

use super::RoadMaker;
use super::failure::trouble_code;
use super::view::{AttentionLine, HubNearbyView, HubView, PriorFilterView, SyncPhase, SyncView};
use crate::clock;
use crate::edge::Edge;
use crate::laptop::Laptop;
use crate::prior::ShelfState;
use crate::stick::recipients;
use crate::store::{StoreError, attention, cursor, hub, log, setting};
use crate::sync::run::Synced;
use crate::sync::{backoff, run};

/// Deeds are gathered for this long before they are pushed.
const GATHER_MS: u64 = 3_000;
/// With nothing to push, the feeds are looked at this often.
const LOOK_EVERY_MS: u64 = 120_000;

const LAST_CONTACT: &str = "last_contact_ms";

/// What the sync screen shows of the worker.
#[derive(Debug, Clone, Default)]
pub struct WorkerState {
    running: bool,
    trouble: Option<&'static str>,
    next_try: Option<Moment>,
    pushed: u64,
    pulled: u64,
    /// What went wrong last with each hub, by its address.
    hubs: BTreeMap<String, &'static str>,
}

#[derive(Default)]
struct Desires {
    said: bool,
    now: bool,
    stop: bool,
    failures: u32,
    retry_after_s: Option<u32>,
}

struct Shared {
    laptop: Arc<run::Holder>,
    roads: Arc<RoadMaker>,
    edge: Arc<dyn Edge>,
    desires: Mutex<Desires>,
    bell: Condvar,
    state: Mutex<WorkerState>,
    /// One sync at a time, whoever asks.
    turn: Mutex<()>,
}

pub struct SyncWorker {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SyncWorker {
    pub fn start(laptop: Arc<run::Holder>, roads: Arc<RoadMaker>, edge: Arc<dyn Edge>, by_itself: bool) -> Self {
        let shared = Arc::new(Shared {
            laptop,
            roads,
            edge,
            desires: Mutex::default(),
            bell: Condvar::new(),
            state: Mutex::default(),
            turn: Mutex::default(),
        });
        let thread = by_itself.then(|| {
            let shared = shared.clone();
            thread::spawn(move || shared.work())
        });
        Self { shared, thread }
    }

    pub fn something_was_said(&self) {
        locked(&self.shared.desires).said = true;
        self.shared.bell.notify_all();
    }

    /// The laptop has just been opened: look at the server soon.
    pub fn wake(&self) {
        self.something_was_said();
    }

    pub fn sync_now(&self) {
        if self.thread.is_some() {
            locked(&self.shared.desires).now = true;
            locked(&self.shared.state).running = true;
            self.shared.bell.notify_all();
        } else {
            self.run_once();
        }
    }

    pub fn run_once(&self) {
        self.shared.sync();
    }

    pub fn state(&self) -> WorkerState {
        locked(&self.shared.state).clone()
    }
}

impl Drop for SyncWorker {
    fn drop(&mut self) {
        locked(&self.shared.desires).stop = true;
        self.shared.bell.notify_all();
        // A sync in the middle of a slow answer is left alone: every step of it may be cut off.
        if let Some(thread) = self.thread.take()
            && thread.is_finished()
        {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        while self.wait() {
            self.sync();
        }
    }

    /// Waits until there is a reason to sync; `false` when the app closes.
    fn wait(&self) -> bool {
        let mut desires = locked(&self.desires);
        let mut due_ms = self.edge.monotonic_ms().saturating_add(self.patience_ms(&desires));
        let mut gathering = false;
        loop {
            if desires.stop {
                return false;
            }
            // After trouble the time of the next try stands, however much is said meanwhile.
            if desires.said && desires.failures == 0 && !gathering {
                gathering = true;
                due_ms = due_ms.min(self.edge.monotonic_ms().saturating_add(GATHER_MS));
            }
            let left_ms = due_ms.saturating_sub(self.edge.monotonic_ms());
            if desires.now || left_ms == 0 {
                desires.now = false;
                desires.said = false;
                return true;
            }
            let (after, _) =
                self.bell.wait_timeout(desires, Duration::from_millis(left_ms)).unwrap_or_else(PoisonError::into_inner);
            desires = after;
        }
    }

    fn patience_ms(&self, desires: &Desires) -> u64 {
        if desires.failures == 0 {
            return LOOK_EVERY_MS;
        }
        let dice = crate::edge::draw::<8>(self.edge.as_ref()).map_or(0, u64::from_be_bytes);
        let wait_ms = backoff::wait_ms(desires.failures, desires.retry_after_s, dice);
        let next = self.edge.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
        locked(&self.state).next_try = Some(next);
        wait_ms
    }

    /// Hubs first: they are near. Then the nation, whatever became of them.
    fn sync(&self) {
        let _turn = locked(&self.turn);
        let places = locked(&self.laptop).as_ref().map(|laptop| {
            // Hubs that can't be read now are met at the next try.
            let hubs = hub::addresses(laptop.store.read()).unwrap_or_default();
            (hubs, laptop.seed.server_url.clone())
        });
        let Some((hubs, nation)) = places else {
            locked(&self.state).running = false;
            return;
        };
        locked(&self.state).running = true;
        let mut with_hubs = Vec::new();
        for hub in hubs {
            with_hubs.push(self.sync_with_hub(&hub.url));
        }
        let Synced { mut outcome, .. } = self.sync_with(&nation);
        for met in with_hubs {
            outcome.pushed = outcome.pushed.saturating_add(met.pushed);
            outcome.pulled = outcome.pulled.saturating_add(met.pulled);
        }
        self.note(&outcome);
    }

    fn sync_with(&self, address: &str) -> Synced {
        match (self.roads)(address) {
            Ok(mut road) => {
                let synced = run::sync_with_whoever_answers(&self.laptop, road.as_mut());
                if synced.outcome.complete && synced.speaker == Some(Speaker::Nation) {
                    recipients::refresh(&self.laptop, road.as_mut());
                }
                synced
            }
            Err(_) => Synced {
                outcome: Outcome { pushed: 0, pulled: 0, complete: false, trouble: Some(Trouble::NoNetwork) },
                speaker: None,
            },
        }
    }

    fn sync_with_hub(&self, address: &str) -> Outcome {
        let Synced { outcome, speaker } = self.sync_with(address);
        let name = match &speaker {
            Some(Speaker::Hub(hub)) => Some(hub.name.clone()),
            // The nation's own address among the hubs does no harm.
            Some(Speaker::Nation) | None => None,
        };
        if let (Some(name), Some(laptop)) = (name, locked(&self.laptop).as_mut()) {
            let now = self.edge.now().0;
            // Shown, not relied upon.
            let _ = laptop.store.transact(|conn| hub::met(conn, address, &name, now));
        }
        let mut state = locked(&self.state);
        match &outcome.trouble {
            Some(trouble) => state.hubs.insert(address.to_owned(), trouble_code(trouble)),
            None => state.hubs.remove(address),
        };
        outcome
    }

    fn note(&self, outcome: &Outcome) {
        let heard = !matches!(outcome.trouble, Some(Trouble::NoNetwork | Trouble::Store));
        if heard && let Some(laptop) = locked(&self.laptop).as_mut() {
            let now = self.edge.now().0;
            // Shown, not relied upon: if it can't be kept the next contact will be.
            let _ = laptop.store.transact(|conn| setting::put_cbor(conn, LAST_CONTACT, &now));
        }
        let mut desires = locked(&self.desires);
        desires.retry_after_s = match &outcome.trouble {
            Some(Trouble::Refused { retry_after_s, .. }) => *retry_after_s,
            _ => None,
        };
        desires.failures = if outcome.trouble.is_some() { desires.failures.saturating_add(1) } else { 0 };
        drop(desires);
        let mut state = locked(&self.state);
        state.running = false;
        state.next_try = None;
        state.trouble = outcome.trouble.as_ref().map(trouble_code);
        state.pushed = outcome.pushed;
        state.pulled = outcome.pulled;
    }
}

impl WorkerState {
    pub fn view(&self, laptop: &Laptop, nearby: Vec<HubNearby>) -> Result<SyncView, StoreError> {
        let conn = laptop.store.read();
        let epoch = log::current(conn)?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        let attention = attention::all(conn)?.into_iter().map(|line| AttentionLine {
            position: line.position,
            code: line.code,
            from_here: line.from_here,
        });
        let addresses = hub::addresses(conn)?;
        let is_fresh = |near: &HubNearby| addresses.iter().all(|hub| hub.url != near.url);
        let hubs_nearby = nearby.into_iter().filter(is_fresh);
        let hubs_nearby = hubs_nearby.map(|HubNearby { url, name }| HubNearbyView { url, name }).collect();
        let hubs = addresses.into_iter().map(|hub| HubView {
            trouble: self.hubs.get(&hub.url).map(|code| (*code).to_owned()),
            url: hub.url,
            name: hub.name,
            last_contact_ms: hub.last_contact_ms,
        });
        Ok(SyncView {
            hubs: hubs.collect(),
            hubs_nearby,
            phase: match (self.running, self.trouble) {
                (true, _) => SyncPhase::Running,
                (false, Some(_)) => SyncPhase::Waiting,
                (false, None) => SyncPhase::Idle,
            },
            server_url: laptop.seed.server_url.clone(),
            last_contact_ms: setting::get_cbor(conn, LAST_CONTACT)?,
            next_try_ms: self.next_try.map(|moment| moment.0),
            trouble: self.trouble.map(ToOwned::to_owned),
            to_push: epoch.head.seq.saturating_sub(epoch.national_to),
            to_push_anywhere: epoch.head.seq.saturating_sub(epoch.held_to),
            pushed: self.pushed,
            pulled: self.pulled,
            log_epoch: epoch.epoch,
            log_head: epoch.head.seq,
            log_words: log_words(laptop.seed.device, &epoch),
            durable_to: epoch.national_to,
            clock_offset_ms: clock::offset_ms(conn)?,
            area_ready: cursor::all_ready(conn)?,
            attention: attention.collect(),
            copies_of_last: copies_of_last(&epoch),
            prior: laptop.prior.state().map(prior_view),
        })
    }
}

fn prior_view(state: ShelfState) -> PriorFilterView {
    let ShelfState { as_of, citizens, bytes, bytes_missing } = state;
    PriorFilterView { as_of: as_of.map(|date| date.to_string()), citizens, bytes, bytes_missing }
}

fn log_words(device: DeviceId, log: &log::EpochState) -> Option<String> {
    (log.head.seq > 0).then(|| SpokenHead::of(device, log.epoch, log.head).to_string())
}

/// How far the newest statement of a log is known to lie; nothing for an empty log.
fn copies_of_last(log: &log::EpochState) -> Option<Copies> {
    match log.head.seq {
        0 => None,
        head if log.national_to >= head => Some(Copies::Nation),
        head if log.held_to >= head => Some(Copies::Hub),
        _ => Some(Copies::Here),
    }
}
