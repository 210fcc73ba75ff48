//! The national server without SQL: what `sync-server` keeps in tables is kept in maps here. Each file names
//! the one it mirrors. Judging a push, drawing a person and raising cases are the server's own functions.

mod feed;
mod hub;
mod index;
mod intake;
mod projector;
mod stick;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::citizen::Birth;
use shared_model::conflict::Conflict;
use shared_model::envelope::{Envelope, LogHead, Said};
use shared_model::ids::{AuthorId, BundleId, CaseId, Chain, CitizenId, DeviceId, Epoch, Position, Seq, StatementId};
use shared_model::record::CaseState;
use shared_model::sync::Quarantine;
use shared_model::time::Moment;

use crate::country::Enrolled;
use crate::plant::Plant;

pub use feed::Feed;
pub use hub::District;
pub use intake::Refused;
use projector::Picture;
pub use stick::{ISSUER, Taking, place_of};

/// As `store/rows.rs` has it.
#[derive(Clone, Copy)]
pub struct LogStanding {
    pub head: LogHead,
    pub closed: bool,
}

/// An entry where it lies; `lseq` is its place among all, from 1.
#[derive(Clone)]
pub struct Entry {
    pub position: Position,
    pub on_a_branch: bool,
    pub chain: Chain,
    pub statement: StatementId,
    pub envelope: Rc<Envelope>,
    pub said: Result<Rc<Said>, Quarantine>,
    pub received_at: Moment,
}

#[derive(Clone)]
pub struct CaseRow {
    pub conflict: Conflict,
    /// Nothing while it is raised no longer.
    pub state: Option<CaseState>,
    pub device: Option<DeviceId>,
    pub settlement: Option<StatementId>,
}

#[derive(Clone, Default)]
pub struct Nation {
    pub plant: Option<Plant>,
    devices: BTreeMap<DeviceId, Enrolled>,
    authors: BTreeMap<(AuthorId, DeviceId), DeviceId>,
    pub revoked: BTreeMap<DeviceId, Moment>,
    /// Hubs and their areas, and the nonces they said last.
    hubs: BTreeMap<DeviceId, Vec<String>>,
    hub_nonces: BTreeMap<DeviceId, ([u8; 16], [u8; 16])>,
    /// Where this is a hub's store.
    pub district: Option<District>,
    pub console: Option<DeviceId>,
    pub logs: BTreeMap<(DeviceId, Epoch), LogStanding>,
    pub entries: Vec<Entry>,
    held: BTreeSet<StatementId>,
    /// What lies at a position: the places of one entry, or of several after a fork.
    at: BTreeMap<Position, Vec<usize>>,
    forks: BTreeMap<DeviceId, Vec<(Epoch, Seq, StatementId, StatementId)>>,
    feed_epoch: u64,
    pub feeds: BTreeMap<String, Feed>,
    feeds_of: BTreeMap<CitizenId, BTreeSet<String>>,
    projected_to: usize,
    /// The believed statements, each with its first place.
    pub statements: BTreeMap<StatementId, usize>,
    said: BTreeMap<CitizenId, BTreeSet<usize>>,
    cards_of: BTreeMap<StatementId, BTreeSet<CitizenId>>,
    links: BTreeMap<CitizenId, BTreeSet<CitizenId>>,
    withdrawals: BTreeMap<StatementId, BTreeSet<StatementId>>,
    about_device: BTreeMap<DeviceId, Vec<usize>>,
    /// Whom something arrived of since their cases were last raised.
    touched: BTreeSet<CitizenId>,
    touched_devices: BTreeSet<DeviceId>,
    register: BTreeMap<CitizenId, (String, Option<Birth>)>,
    identifiers: BTreeMap<(u16, String), BTreeSet<(CitizenId, StatementId)>>,
    /// By the first of a person's cards.
    pictures: BTreeMap<CitizenId, Rc<Picture>>,
    pub cases: BTreeMap<CaseId, CaseRow>,
    cases_of: BTreeMap<CitizenId, BTreeSet<CaseId>>,
    /// The server asks by citizen; the invariants ask by statement.
    pub cases_between: BTreeMap<StatementId, BTreeSet<CaseId>>,
    /// Sticks that were taken in whole, and words that were given for sticks.
    sticks_taken: BTreeSet<BundleId>,
    stick_issues: u64,
}

impl Nation {
    pub fn new(feed_epoch: u64, plant: Option<Plant>) -> Self {
        Self { feed_epoch, plant, ..Self::default() }
    }

    /// As `store/sqlite/device.rs`: takes a device in and gives it the number of its first log.
    pub fn enrol(&mut self, enrolled: Enrolled) -> Epoch {
        let device = enrolled.device.device;
        self.authors.insert((enrolled.author.author, device), device);
        self.devices.insert(device, enrolled);
        self.give_epoch(device)
    }

    pub fn area_of(&self, device: DeviceId) -> &str {
        // The console is at home nowhere.
        if self.console == Some(device) {
            return "";
        }
        self.devices.get(&device).map_or("", |enrolled| enrolled.device.area.as_str())
    }

    /// Whether a statement is on disk here, believed or not.
    pub fn holds(&self, statement: StatementId) -> bool {
        self.held.contains(&statement)
    }

    /// Whether this very entry is kept at its position, on whichever branch.
    pub fn lies_at(&self, device: DeviceId, epoch: Epoch, head: LogHead) -> bool {
        let places = self.at.get(&Position { device, epoch, seq: head.seq }).into_iter().flatten();
        places.filter_map(|place| self.entries.get(*place)).any(|entry| entry.chain == head.chain)
    }

    pub fn goes_to(&self, card: CitizenId, feed: &str) -> bool {
        self.feeds_of.get(&card).is_some_and(|feeds| feeds.contains(feed))
    }

    pub fn forks_of(&self, device: DeviceId) -> usize {
        self.forks.get(&device).map_or(0, Vec::len)
    }
}
