//! Two days of a laptop and the server: people, doses, corrections, syncs, a conflict that comes home and is settled.
//! The disk of the one or of the other is in view.

use std::cell::RefCell;
use std::path::PathBuf;

use field_client::desk::view::Unlock;
use field_client::store::Store;
use shared_model::ids::{CitizenId, StatementId};
use world::{PIN, Team, World, astrazeneca, pfizer};

use super::Story;
use crate::check::Keys;
use crate::image;
use crate::journal::Recorder;
use crate::promise::Promise;

/// A chapter, as it is called where the laptop's disk is in view and where the server's is.
struct Chapter(&'static str, &'static str);

const ENROLLING: Chapter = Chapter("enrolling", "letting laptops in");
const REGISTERING: Chapter = Chapter("registering", "");
const GIVING: Chapter = Chapter("giving", "");
const CORRECTING: Chapter = Chapter("correcting, editing", "");
const WITHDRAWING: Chapter = Chapter("withdrawing", "");
const PUSHING: Chapter = Chapter("pushing, pulling", "1 keeping what is pushed");
const CONFLICT: Chapter = Chapter("a conflict comes down", "1 keeping what is pushed");
const SETTLEMENT: Chapter = Chapter("a settlement comes down", "1 keeping what is pushed");
const DRAWING: Chapter = Chapter("", "2 drawing the record");
const SETTLING: Chapter = Chapter("", "settling a case");
const LOCKING: Chapter = Chapter("locking, unlocking", "");
const CHECKPOINT: Chapter = Chapter("a checkpoint, emptied", "");
const CHECKPOINT_AT_WORK: Chapter = Chapter("a checkpoint at work", "");

#[derive(Clone, Copy, PartialEq, Eq)]
enum InView {
    Laptop,
    Server,
}

/// Tells what happens, and notes what screens and receipts said on the way.
struct Teller<'a> {
    world: &'a World,
    laptop: &'a Team,
    recorder: Recorder,
    in_view: InView,
    keys: &'a Keys,
    /// Doses that no receipt stands for yet.
    unsent: RefCell<Vec<(CitizenId, StatementId)>>,
}

/// The laptop's disk from its enrolment on, with `people` vaccinated on each day.
pub fn of_a_laptop(seed: u64, people: u64, keys: &Keys) -> Story {
    let world = World::seeded(seed);
    let (other, laptop) = (world.laptop("chung cu A"), world.laptop("hem 42"));
    let start = image::read(&laptop.folder).expect("the laptop's folder");
    let folder = laptop.folder.clone();
    let recorder = Recorder::begin(&folder, None);
    recorder.promise(Promise::Enrolled);
    let unsent = RefCell::default();
    let teller = Teller { world: &world, laptop: &laptop, recorder, in_view: InView::Laptop, keys, unsent };
    teller.tell(&other, people);
    Story::new(&folder, start, teller.recorder.end())
}

/// The server's disk from before the first laptop on, and the id of that laptop.
pub fn of_a_server(seed: u64, people: u64, keys: &Keys) -> (Story, String) {
    let world = World::seeded(seed);
    let folder: PathBuf = world.folder().join("nation");
    let start = image::read(&folder).expect("the server's folder");
    let recorder = Recorder::begin(&folder, None);
    recorder.chapter(ENROLLING.1);
    let (other, laptop) = (world.laptop("chung cu A"), world.laptop("hem 42"));
    let device = laptop.desk.status().expect("a laptop").device;
    let unsent = RefCell::default();
    let teller = Teller { world: &world, laptop: &laptop, recorder, in_view: InView::Server, keys, unsent };
    teller.tell(&other, people);
    (Story::new(&folder, start, teller.recorder.end()), device)
}

impl Teller<'_> {
    fn tell(&self, other: &Team, people: u64) {
        let khai = self.world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
        let citizen = self.registers(&khai);
        let dose = self.gives(&citizen, &astrazeneca(1));
        self.chapter(&CORRECTING);
        self.laptop.corrects_lot(&dose.to_string(), "PV46665");
        self.promise(Promise::Corrected { citizen: id(&citizen), dose, lot: "PV46665".to_owned() });
        self.syncs(&PUSHING);
        self.chapter(&PUSHING);
        let theirs = statement(&other.gives(&khai, &pfizer(1)));
        other.syncs();
        self.promise(Promise::InNation { citizen: id(&citizen), statement: theirs });
        for n in 0..people {
            let person = self.registers(&self.world.citizen("Lê Văn An", "1970-01-01"));
            self.gives(&person, &astrazeneca(1));
            self.edits_phone(&person, &format!("09{n:08}"));
            if n % 2 == 1 {
                self.locks_and_unlocks();
            }
        }
        self.settles_what_is_open(&citizen, theirs);
        self.locks_and_unlocks();
        let mistaken = self.gives(&citizen, &pfizer(2));
        self.chapter(&WITHDRAWING);
        self.laptop.withdraws(&mistaken.to_string(), "mistake");
        self.promise(Promise::Withdrawn { citizen: id(&citizen), dose: mistaken });
        for n in 0..people {
            let person = self.registers(&self.world.citizen("Lê Thị Bình", "1971-01-01"));
            self.gives(&person, &pfizer(1));
            match n % 2 {
                0 => self.empties_the_journal(&CHECKPOINT, "TRUNCATE"),
                _ => self.empties_the_journal(&CHECKPOINT_AT_WORK, "PASSIVE"),
            }
        }
        self.syncs(&PUSHING);
        self.draws();
    }

    /// A conflict comes down, is settled, and the answer comes down.
    fn settles_what_is_open(&self, citizen: &str, theirs: StatementId) {
        self.chapter(&DRAWING);
        let nation = self.world.nation();
        self.syncs(&CONFLICT);
        self.promise(Promise::Learned { citizen: id(citizen), statement: theirs });
        self.chapter(&SETTLING);
        let case = nation.only_case("too_many_doses");
        let sides = nation.get(&format!("cases/{}", case.id));
        let first = sides["sides"][0]["statement"].as_str().map(ToOwned::to_owned);
        let settled = nation.settles(&case, "same_dose", first.as_deref());
        let answer = settled["settlements"][0]["statement"].as_str().map(statement).expect("the settlement");
        self.promise(Promise::InNation { citizen: id(citizen), statement: answer });
        self.draws();
        self.syncs(&SETTLEMENT);
        self.promise(Promise::Learned { citizen: id(citizen), statement: answer });
    }

    fn chapter(&self, chapter: &Chapter) {
        let name = if self.in_view == InView::Laptop { chapter.0 } else { chapter.1 };
        if !name.is_empty() {
            self.recorder.chapter(name);
        }
    }

    fn promise(&self, promise: Promise) {
        self.recorder.promise(promise);
    }

    fn registers(&self, person: &world::Person) -> String {
        self.chapter(&REGISTERING);
        let citizen = self.laptop.scans(person);
        self.promise(Promise::Registered { citizen: id(&citizen) });
        citizen
    }

    fn gives(&self, citizen: &str, jab: &world::Jab) -> StatementId {
        self.chapter(&GIVING);
        let dose = statement(&self.laptop.gives_to(citizen, jab));
        self.promise(Promise::Saved { citizen: id(citizen), dose });
        self.unsent.borrow_mut().push((id(citizen), dose));
        dose
    }

    fn edits_phone(&self, citizen: &str, phone: &str) {
        self.chapter(&CORRECTING);
        self.laptop.edits(citizen, "phone", phone);
        self.promise(Promise::Edited { citizen: id(citizen), phone: phone.to_owned() });
    }

    fn syncs(&self, chapter: &Chapter) {
        self.chapter(chapter);
        let state = self.laptop.syncs();
        self.promise(Promise::Received { held_to: state.durable_to });
        for (citizen, statement) in self.unsent.take() {
            self.promise(Promise::InNation { citizen, statement });
        }
    }

    fn draws(&self) {
        self.chapter(&DRAWING);
        let _ = self.world.nation();
    }

    /// At every break: the database is closed, its journal emptied, and opened again.
    fn locks_and_unlocks(&self) {
        self.chapter(&LOCKING);
        self.laptop.desk.lock().expect("locked");
        self.laptop.desk.unlock(Unlock { pin: PIN.to_owned() }).expect("unlocked");
    }

    /// What closing does, and what SQLite does by itself after a thousand pages, while the laptop stays at work: a
    /// second connection, opened by the laptop's own code. After a passive one the journal is written again from its
    /// beginning, over what it held.
    fn empties_the_journal(&self, chapter: &Chapter, how: &str) {
        if self.in_view == InView::Server {
            return;
        }
        self.chapter(chapter);
        let key = self.keys.of(&self.laptop.folder).expect("the keys");
        let store = Store::open(&self.laptop.folder, &key).expect("a second connection");
        let busy: i64 = store
            .read()
            .query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| row.get(0))
            .expect("a checkpoint");
        assert_eq!(busy, 0, "somebody was in the way of the checkpoint");
    }
}

pub fn id(citizen: &str) -> CitizenId {
    CitizenId::parse(citizen).expect("a citizen's id")
}

pub fn statement(id: &str) -> StatementId {
    StatementId::parse(id).expect("a statement's id")
}
