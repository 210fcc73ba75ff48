//! The pretend country: real laptops and a real server on pretend roads, by pretend clocks.
//!
//! Stores are real SQLite and SQLCipher, the server's router is the one that serves the nation, and
//! every deed goes through the same door as a screen's. Only time, chance and the network are ours.

#![expect(clippy::expect_used, clippy::panic, reason = "a test's country falls down where it stands")]

pub mod bench;
pub mod console;
pub mod deeds;
pub mod edge;
pub mod handmade;
pub mod headless;
pub mod hub;
pub mod nation;
pub mod people;
pub mod program;
pub mod road;
pub mod sticks;
pub mod team;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use shared_model::time::Date;
use sync_server::Server;
use sync_server::prior::When;
use sync_server::settings::Settings;
use sync_server::store::rows::{PriorRow, Role};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub use edge::{Clock, Dice};
pub use handmade::Handmade;
pub use hub::Hub;
pub use nation::Nation;
pub use people::Person;
pub use road::{Harm, Loss};
pub use team::{Jab, PIN, Team, astrazeneca, copy_folder, pfizer};

/// The ward all teams of the stories work in.
pub const AREA: &str = "26734";

/// News goes up, comes down, and may raise a case that goes down again; more rounds mean a quarrel without end.
const ROUNDS_TO_SETTLE_MAX: u32 = 6;

pub struct World {
    pub clock: Clock,
    pub(crate) country: team::Country,
    server: Mutex<Server>,
    edge: Arc<edge::PretendEdge>,
    people: AtomicU32,
    seed: u64,
    dir: TempDir,
}

impl World {
    pub fn seeded(seed: u64) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::on(Date::new(2021, 9, 30).expect("a day of the campaign"));
        let runtime = Arc::new(Runtime::new().expect("a runtime"));
        let edge = Arc::new(edge::PretendEdge::new(clock.clone(), seed));
        let server = open(&runtime, &dir.path().join("nation"), &edge);
        runtime.block_on(server.add_staff("admin", Role::Admin, program::PASSWORD)).expect("an admin");
        let router = Arc::new(Mutex::new(server.router()));
        let country = team::Country { runtime, router, laptops: Arc::default(), hubs: Arc::default() };
        Self { clock, country, server: Mutex::new(server), edge, people: AtomicU32::new(0), seed, dir }
    }

    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub fn server(&self) -> Server {
        self.server.lock().expect("a server").clone()
    }

    /// A laptop enrolled at a site of the ward. Site and laptop are called alike.
    pub fn laptop(&self, name: &str) -> Team {
        self.laptop_in(AREA, name)
    }

    /// A laptop that follows the feed of another area.
    pub fn laptop_in(&self, area: &str, name: &str) -> Team {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let code = format!("CODE-{number}");
        let site: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        self.country
            .runtime
            .block_on(self.server().add_code(&code, &format!("{site}-{number}"), area))
            .expect("a code");
        let folder = self.folder().join(format!("laptop-{number}"));
        let team = Team::at(self, folder, self.seed * 1_000 + u64::from(number));
        team.enrol(&code, name);
        team
    }

    /// A stranger's laptop tries a code.
    pub fn try_to_enrol(&self, code: &str) -> Result<(), field_client::desk::view::Failure> {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let team = Team::at(self, self.folder().join(format!("stranger-{number}")), 900 + u64::from(number));
        team.try_to_enrol(code, "stranger")
    }

    /// Sends a request again, as anybody could who listened on the road.
    pub fn replay(&self, parcel: &field_client::sync::road::Parcel) -> field_client::sync::road::Reply {
        let router = self.country.router.lock().expect("a router").clone();
        self.country.runtime.block_on(road::send(router, parcel)).expect("an answer")
    }

    /// No laptop reaches anybody.
    pub fn cut_all_roads(&self) {
        for laptop in self.country.laptops.lock().expect("the laptops").iter() {
            laptop.wire.cut.store(true, Ordering::Relaxed);
        }
    }

    /// Every road is mended, and everybody syncs until nobody has anything new for anybody.
    pub fn mend_roads_and_settle(&self) {
        for laptop in self.country.laptops.lock().expect("the laptops").iter() {
            laptop.wire.cut.store(false, Ordering::Relaxed);
            laptop.wire.lose_nothing();
        }
        for _ in 0..ROUNDS_TO_SETTLE_MAX {
            if !self.everybody_syncs() {
                return;
            }
        }
        panic!("the country does not come to rest");
    }

    /// One round; tells whether anything was still on its way.
    fn everybody_syncs(&self) -> bool {
        let laptops = self.country.laptops.lock().expect("the laptops");
        let mut moved = false;
        // Something may have come by another way than a laptop's sync.
        self.country.runtime.block_on(self.server().catch_up()).expect("the record");
        for desk in laptops.iter().filter_map(|laptop| laptop.desk.upgrade()) {
            // One that is locked, or was never let in, takes no part.
            let Ok(state) = desk.sync_and_wait() else { continue };
            assert_eq!(state.trouble, None, "{state:?}");
            moved |= state.pushed > 0 || state.pulled > 0;
            self.country.runtime.block_on(self.server().catch_up()).expect("the record");
        }
        moved
    }

    pub fn citizen(&self, name: &str, born: &str) -> Person {
        Person::new(name, born, 1 + self.people.fetch_add(1, Ordering::Relaxed))
    }

    /// The server writes the filter of prior doses that is due.
    pub fn writes_filter(&self, when: When) -> Option<PriorRow> {
        self.country.runtime.block_on(self.server().catch_up()).expect("the record");
        self.country.runtime.block_on(self.server().build_prior(when)).expect("a filter")
    }

    pub fn nation(&self) -> Nation<'_> {
        Nation::of(self)
    }

    /// A device played by hand: it may say what no laptop of this version would.
    pub fn handmade(&self, name: &str) -> Handmade {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let code = format!("CODE-{number}");
        self.country.runtime.block_on(self.server().add_code(&code, &format!("site-{number}"), AREA)).expect("a code");
        Handmade::enrolled(self, &code, name, self.seed * 1_000 + u64::from(number))
    }

    /// A copy of the server's data as it is now.
    pub fn back_up(&self, name: &str) -> PathBuf {
        let copy = self.folder().join(name);
        copy_folder(&self.folder().join("nation"), &copy);
        trial::back_up(&self.folder().join("nation"), &copy);
        copy
    }

    /// The server's disk is lost, and it starts again from an old copy.
    pub fn restore(&self, copy: &Path) {
        let server = open(&self.country.runtime, copy, &self.edge);
        *self.country.router.lock().expect("a router") = server.router();
        *self.server.lock().expect("a server") = server;
    }
}

fn open(runtime: &Runtime, data: &Path, edge: &Arc<edge::PretendEdge>) -> Server {
    let edge: Arc<dyn sync_server::edge::Edge> = edge.clone();
    let settings = Settings { database: trial::database_of(data), ..Settings::in_directory(data) };
    runtime.block_on(sync_server::open(settings, edge)).expect("a server")
}
