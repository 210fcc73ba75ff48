//! A team's laptop: the real desk over its real store, on a pretend road, by a pretend clock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Weak};

use field_client::desk::view::{
    CitizenRef, CorrectDose, DoseAnswer, DoseDraft, EditCitizen, Enrol, Failure, GiveDose, Look, LookAnswer, Register,
    Registered, SetHubs, SyncView, Unlock, Withdraw,
};
use field_client::desk::{CameraFrom, CameraMaker};
use field_client::sync::nearby::HubNearby;
use field_client::{Desk, DeskSettings};
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE, MS_PER_SECOND};
use shared_model::view::{CitizenView, DoseStateView, RegistrationForm, ValueView};

use crate::World;
use crate::edge::PretendEdge;
use crate::people::Person;
use crate::road::{PretendRoad, Wire};

pub const PIN: &str = "135790";

/// A dose as a team means to give it.
#[derive(Debug, Clone)]
pub struct Jab {
    pub product: &'static str,
    pub number: u8,
    pub lot: String,
}

pub fn astrazeneca(number: u8) -> Jab {
    Jab { product: "astrazeneca", number, lot: "PV46664".to_owned() }
}

pub fn pfizer(number: u8) -> Jab {
    Jab { product: "pfizer", number, lot: "FK9412".to_owned() }
}

pub struct Team {
    pub desk: Arc<Desk>,
    pub folder: PathBuf,
    pub wire: Arc<Wire>,
    /// Its way to any hub.
    pub near: Arc<Wire>,
    edge: Arc<PretendEdge>,
    country: Country,
}

/// What a laptop finds around it when it starts.
#[derive(Clone)]
pub(crate) struct Country {
    pub runtime: Arc<tokio::runtime::Runtime>,
    pub router: Arc<Mutex<axum::Router>>,
    pub laptops: Arc<Mutex<Vec<Started>>>,
    /// Routers of hubs, by address.
    pub hubs: Arc<Mutex<BTreeMap<String, Arc<Mutex<axum::Router>>>>>,
}

/// A laptop that was started, and may have lost its power since.
pub(crate) struct Started {
    pub desk: Weak<Desk>,
    pub wire: Arc<Wire>,
}

/// Every hub there is stands in the same building.
fn near_at(url: &str) -> HubNearby {
    HubNearby { url: url.to_owned(), name: None }
}

fn ok<T>(answer: Result<T, Failure>) -> T {
    answer.unwrap_or_else(|failure| panic!("{} {:?}", failure.code, failure.params))
}

impl Team {
    pub(crate) fn at(world: &World, folder: PathBuf, seed: u64) -> Self {
        let edge = Arc::new(PretendEdge::new(world.clock.clone(), seed));
        let wire = Arc::new(Wire::default());
        Self::with(folder, edge, wire, world.country.clone())
    }

    fn with(folder: PathBuf, edge: Arc<PretendEdge>, wire: Arc<Wire>, country: Country) -> Self {
        let near = Arc::new(Wire::default());
        let (around, heard) = (country.clone(), country.clone());
        let (far, beside) = (wire.clone(), near.clone());
        let desk = Arc::new(Desk::open(DeskSettings {
            folder: folder.clone(),
            edge: edge.clone(),
            roads: Box::new(move |address| {
                let hub = around.hubs.lock().expect("the hubs").get(address).cloned();
                let is_hub = hub.is_some();
                let router = hub.unwrap_or_else(|| around.router.clone());
                let wire = if is_hub { beside.clone() } else { far.clone() };
                Ok(Box::new(PretendRoad { runtime: around.runtime.clone(), router, wire }))
            }),
            camera: CameraMaker { from: CameraFrom::Path(folder.clone()), worker: None },
            nearby: Box::new(move |_| heard.hubs.lock().expect("the hubs").keys().map(|url| near_at(url)).collect()),
            site_hub: None,
            sync_by_itself: false,
        }));
        let started = Started { desk: Arc::downgrade(&desk), wire: wire.clone() };
        country.laptops.lock().expect("the laptops").push(started);
        Self { desk, folder, wire, near, edge, country }
    }

    pub(crate) fn enrol(&self, code: &str, name: &str) {
        ok(self.try_to_enrol(code, name));
    }

    pub(crate) fn try_to_enrol(&self, code: &str, name: &str) -> Result<(), Failure> {
        let args = Enrol {
            server_url: "http://nation.test".to_owned(),
            code: code.to_owned(),
            device_name: name.to_owned(),
            user_name: format!("Đội {name}"),
            pin: PIN.to_owned(),
        };
        self.desk.enrol(args).map(drop)
    }

    /// The power is cut: nothing is asked, nothing sealed, nothing flushed. Then it comes back.
    pub fn loses_power(self) -> Self {
        let Self { desk, folder, wire, edge, country, .. } = self;
        drop(desk);
        let again = Self::with(folder, edge, wire, country);
        ok(again.desk.unlock(Unlock { pin: PIN.to_owned() }));
        again
    }

    /// The disk is put back to what it was when this copy of it was made.
    pub fn is_put_back_to(self, copy: &Path) -> Self {
        std::fs::remove_dir_all(&self.folder).expect("a folder to clear");
        copy_folder(copy, &self.folder);
        self.loses_power()
    }

    /// A copy of the disk, started as a second laptop.
    pub fn cloned_to(&self, world: &World, name: &str) -> Self {
        let folder = world.folder().join(name);
        copy_folder(&self.folder, &folder);
        let clone = Self::at(world, folder, 4_711);
        ok(clone.desk.unlock(Unlock { pin: PIN.to_owned() }));
        clone
    }

    pub fn clock_is_off_by_days(&self, days: i64) {
        self.edge.off_ms.store(days * MS_PER_DAY, Ordering::Relaxed);
    }

    /// The clock gains so many seconds a day, or loses them.
    pub fn clock_gains_a_day(&self, seconds: i64) {
        self.edge.drifts(seconds * MS_PER_SECOND);
    }

    /// Somebody sets the clock: it jumps by so many minutes.
    pub fn clock_jumps_by_minutes(&self, minutes: i64) {
        self.edge.off_ms.fetch_add(minutes * MS_PER_MINUTE, Ordering::Relaxed);
    }

    /// Somebody typed the addresses of hubs.
    pub fn knows(&self, hubs: &[&crate::Hub]) {
        let urls = hubs.iter().map(|hub| hub.url.clone()).collect();
        ok(self.desk.set_hubs(SetHubs { urls }));
    }

    pub fn cut(&self, cut: bool) {
        self.wire.cut.store(cut, Ordering::Relaxed);
    }

    /// What the laptop says of a card shown to the camera; nobody is registered.
    pub fn looks_at(&self, person: &Person) -> LookAnswer {
        ok(self.desk.look(Look { text: person.card(), from_camera: true }))
    }

    /// Shows the card to the camera, and registers its holder where nobody here knows them.
    pub fn scans(&self, person: &Person) -> String {
        self.scans_text(&person.card())
    }

    pub fn scans_text(&self, text: &str) -> String {
        match ok(self.desk.look(Look { text: text.to_owned(), from_camera: true })) {
            LookAnswer::Citizen { citizen } => citizen,
            LookAnswer::NewCard { form, .. } | LookAnswer::People { form, .. } => self.registers(form),
            other => panic!("the card was not understood: {other:?}"),
        }
    }

    pub fn registers(&self, form: RegistrationForm) -> String {
        match ok(self.desk.register(Register { form, in_spite_of_lookalikes: true })) {
            Registered::Citizen { citizen } => citizen,
            other => panic!("not registered: {other:?}"),
        }
    }

    /// Types in somebody without a card.
    pub fn registers_walk_in(&self, fields: &[(&str, &str)]) -> String {
        let values = fields
            .iter()
            .map(|(register, text)| ValueView {
                register: (*register).to_owned(),
                text: (*text).to_owned(),
                ..ValueView::default()
            })
            .collect();
        self.registers(RegistrationForm { values, source: "typed".to_owned(), ..RegistrationForm::default() })
    }

    /// Gives a dose, confirming every finding on screen.
    pub fn gives(&self, person: &Person, jab: &Jab) -> String {
        let citizen = self.scans(person);
        self.gives_to(&citizen, jab)
    }

    pub fn gives_to(&self, citizen: &str, jab: &Jab) -> String {
        let draft = DoseDraft {
            citizen: citizen.to_owned(),
            product: jab.product.to_owned(),
            lot: jab.lot.clone(),
            lot_expiry: Some("2021-12-31".to_owned()),
            number: jab.number,
            body_site: "left_arm".to_owned(),
            route: "im".to_owned(),
        };
        let checked = ok(self.desk.check_dose(draft.clone()));
        let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
        match ok(self.desk.give_dose(GiveDose { draft, in_spite_of })) {
            DoseAnswer::Saved { statement, .. } => statement,
            DoseAnswer::LookAgain { checked } => panic!("not saved: {checked:?}"),
        }
    }

    pub fn withdraws(&self, dose: &str, reason: &str) {
        ok(self.desk.withdraw(Withdraw { statement: dose.to_owned(), reason: reason.to_owned(), note: String::new() }));
    }

    pub fn corrects_lot(&self, dose: &str, lot: &str) {
        ok(self.desk.correct_dose(CorrectDose {
            dose: dose.to_owned(),
            field: "lot".to_owned(),
            value: lot.to_owned(),
            note: "đọc lại trên lọ".to_owned(),
        }));
    }

    pub fn edits(&self, citizen: &str, register: &str, text: &str) {
        let values = vec![ValueView { register: register.to_owned(), text: text.to_owned(), ..ValueView::default() }];
        ok(self.desk.edit_citizen(EditCitizen { citizen: citizen.to_owned(), values }));
    }

    pub fn opens(&self, citizen: &str) -> CitizenView {
        ok(self.desk.open_citizen(CitizenRef { citizen: citizen.to_owned() }))
    }

    /// Statement ids of the doses that count.
    pub fn doses_of(&self, citizen: &str) -> Vec<String> {
        let doses = self.opens(citizen).doses.into_iter();
        doses.filter(|dose| dose.state == DoseStateView::Given).map(|dose| dose.statement).collect()
    }

    pub fn shows(&self, citizen: &str, register: &str) -> String {
        let fields = self.opens(citizen).fields;
        fields.into_iter().find(|field| field.register == register).map(|field| field.shown.text).unwrap_or_default()
    }

    /// Syncs and tells how it went.
    pub fn tries_to_sync(&self) -> SyncView {
        ok(self.desk.sync_and_wait())
    }

    /// Syncs; it must go well.
    pub fn syncs(&self) -> SyncView {
        let state = self.tries_to_sync();
        assert_eq!(state.trouble, None, "{state:?}");
        state
    }
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
