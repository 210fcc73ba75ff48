//! A day of one laptop on a disk that remembers: enrolment, people, doses, corrections, syncs, a conflict that
//! comes home, a second day. What screens and receipts said on the way is noted where it was said.

use std::path::{Path, PathBuf};

use field_client::desk::view::Unlock;
use field_client::files::{self, FileDeed};
use world::{PIN, Team, World, astrazeneca, pfizer};

use crate::journal::{self, Op, Promise};

/// Everything done to the disks of a laptop and a server, and what they looked like before.
pub struct Story {
    pub laptop: PathBuf,
    pub ops: Vec<Op>,
    /// Keeps the folders while images are made.
    pub world: World,
    pub device: String,
}

/// Small files tell before they act, as the database does.
pub fn hear_of_files() {
    files::watch(|deed| {
        let op = match deed {
            FileDeed::Create(path) => Op::Create { path: path.to_owned() },
            FileDeed::Write(path, bytes) => Op::Write { path: path.to_owned(), at: 0, bytes: bytes.to_vec() },
            FileDeed::Sync(path) => Op::Sync { path: path.to_owned() },
            FileDeed::Rename(from, to) => Op::Rename { from: from.to_owned(), to: to.to_owned() },
            FileDeed::Remove(path) => Op::Remove { path: path.to_owned(), at_once: false },
            FileDeed::SyncFolder(path) => Op::SyncFolder { path: path.to_owned() },
        };
        journal::note_file(op)
    });
}

/// Tells the story of the laptop from its first start, with `people` vaccinated on each day.
pub fn of_a_laptop(seed: u64, people: u64) -> Story {
    let world = World::seeded(seed);
    let other = world.laptop("chung cu A");
    journal::begin(&world.folder().join("laptop-1"), None);
    let laptop = world.laptop("hem 42");
    journal::promise(Promise::Enrolled);
    let device = a_campaign(&world, &laptop, &other, people);
    let ops = journal::end();
    Story { laptop: laptop.folder, ops, world, device }
}

/// The same with the server's disk in view. Its founding is no part of it.
pub fn of_a_server(seed: u64, people: u64) -> (Story, crate::disk::Disk, crate::disk::Disk) {
    let world = World::seeded(seed);
    let server = world.folder().join("nation");
    let before = |rule| crate::disk::Disk::of(&server, rule).expect("the server's folder");
    let disks = (before(crate::disk::Names::WithTheNextSync), before(crate::disk::Names::OnlyWhenAsked));
    journal::begin(&server, None);
    let (other, laptop) = (world.laptop("chung cu A"), world.laptop("hem 42"));
    let device = a_campaign(&world, &laptop, &other, people);
    let ops = journal::end();
    (Story { laptop: laptop.folder, ops, world, device }, disks.0, disks.1)
}

fn a_campaign(world: &World, laptop: &Team, other: &Team, people: u64) -> String {
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let citizen = laptop.scans(&khai);
    let dose = gives(laptop, &citizen, &astrazeneca(1));
    laptop.corrects_lot(&dose, "PV46665");
    syncs(laptop);
    other.gives(&khai, &pfizer(1));
    other.syncs();
    for n in 0..people {
        let person = world.citizen("Lê Văn An", "1970-01-01");
        let citizen = laptop.scans(&person);
        gives(laptop, &citizen, &astrazeneca(1));
        laptop.edits(&citizen, "phone", &format!("09{n:08}"));
        if n % 2 == 1 {
            locks_and_unlocks(laptop);
        }
    }
    // A conflict comes down, is settled, and the answer comes down.
    let nation = world.nation();
    syncs(laptop);
    if let Some(case) = nation.open_cases().into_iter().next() {
        let sides = nation.get(&format!("cases/{}", case.id));
        let first = sides["sides"][0]["statement"].as_str().map(ToOwned::to_owned);
        nation.settles(&case, "same_dose", first.as_deref());
    }
    syncs(laptop);
    locks_and_unlocks(laptop);
    let mistaken = gives(laptop, &citizen, &pfizer(2));
    laptop.withdraws(&mistaken, "mistake");
    for _ in 0..people {
        let citizen = laptop.scans(&world.citizen("Lê Thị Bình", "1971-01-01"));
        gives(laptop, &citizen, &pfizer(1));
    }
    syncs(laptop);
    laptop.desk.status().expect("a laptop").device
}

/// At every break: the database is closed, its journal emptied, and opened again.
fn locks_and_unlocks(laptop: &Team) {
    laptop.desk.lock().expect("locked");
    laptop.desk.unlock(Unlock { pin: PIN.to_owned() }).expect("unlocked");
}

fn gives(laptop: &Team, citizen: &str, jab: &world::Jab) -> String {
    let statement = laptop.gives_to(citizen, jab);
    journal::promise(Promise::Saved { citizen: citizen.to_owned(), statement: statement.clone() });
    statement
}

fn syncs(laptop: &Team) {
    let state = laptop.syncs();
    journal::promise(Promise::Received { held_to: state.durable_to });
}

/// Where an image of a folder is looked at.
pub fn bench(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    base.join(format!("so-tiem-power-{}-{name}", std::process::id()))
}
