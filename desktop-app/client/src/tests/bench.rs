//! A laptop on the bench: really enrolled, really encrypted; only its clock, its dice and its server are pretend.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::Value;
use shared_model::view::{RegistrationForm, ValueView};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::pretend::{BenchEdge, Office};
use crate::desk::view::{
    CitizenRef, DoseAnswer, DoseDraft, Enrol, Failure, GiveDose, Register, Registered, StatusView, Unlock,
};
use crate::desk::{CameraFrom, CameraMaker, RoadMaker, nobody_nearby};
use crate::vault::StoreKey;
use crate::{Desk, DeskSettings};

pub const PIN: &str = "908172";
pub const TEAM: &str = "Đội tiêm hẻm 42";

pub struct Bench {
    pub desk: Desk,
    pub edge: Arc<BenchEdge>,
    pub folder: PathBuf,
    /// Where this laptop and its copies lie.
    shelf: Arc<TempDir>,
}

impl Bench {
    pub fn new(seed: u32) -> Self {
        let shelf = Arc::new(tempfile::tempdir().unwrap());
        let folder = shelf.path().join("laptop");
        Self::at(folder, Arc::new(BenchEdge::new(seed)), shelf, Box::new(|_| Ok(Box::new(Office))))
    }

    /// In a folder that outlives it, on a road of its own.
    pub fn on_road(seed: u32, folder: PathBuf, roads: RoadMaker) -> Self {
        let shelf = Arc::new(tempfile::tempdir().unwrap());
        Self::at(folder, Arc::new(BenchEdge::new(seed)), shelf, roads)
    }

    pub fn enrolled(seed: u32) -> Self {
        let bench = Self::new(seed);
        bench.enrol(PIN).unwrap();
        bench
    }

    fn at(folder: PathBuf, edge: Arc<BenchEdge>, shelf: Arc<TempDir>, roads: RoadMaker) -> Self {
        let desk = Desk::open(DeskSettings {
            folder: folder.clone(),
            edge: edge.clone(),
            roads,
            camera: CameraMaker { from: CameraFrom::Path(folder.clone()), worker: None },
            nearby: nobody_nearby(),
            site_hub: None,
            sync_by_itself: false,
        });
        Self { desk, edge, folder, shelf }
    }

    /// What a power cut at this moment would leave, started as a laptop that is still locked.
    pub fn after_a_power_cut(&self, name: &str) -> Self {
        let folder = self.shelf.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        put_back(&folder, &files_in(&self.folder));
        // What other processes share in memory does not survive.
        let _ = fs::remove_file(folder.join("store.db-shm"));
        Self::at(folder, self.edge.clone(), self.shelf.clone(), Box::new(|_| Ok(Box::new(Office))))
    }

    pub fn enrol(&self, pin: &str) -> Result<StatusView, Failure> {
        self.desk.enrol(Enrol {
            server_url: "http://nation.test".to_owned(),
            code: "CODE-1".to_owned(),
            device_name: "Laptop 1".to_owned(),
            user_name: TEAM.to_owned(),
            pin: pin.to_owned(),
        })
    }

    pub fn unlock(&self, pin: &str) -> Result<StatusView, Failure> {
        self.desk.unlock(Unlock { pin: pin.to_owned() })
    }

    pub fn sql<T>(&self, deed: impl FnOnce(&Connection) -> T) -> T {
        deed(self.desk.laptop.lock().unwrap().as_ref().unwrap().store.read())
    }

    pub fn registers(&self, fields: &[(&str, &str)]) -> Result<String, Failure> {
        let values = fields.iter().map(|(register, text)| value(register, text)).collect();
        let form = RegistrationForm { values, source: "typed".to_owned(), ..RegistrationForm::default() };
        match self.desk.register(Register { form, in_spite_of_lookalikes: true })? {
            Registered::Citizen { citizen } => Ok(citizen),
            other => panic!("not registered: {other:?}"),
        }
    }

    pub fn registers_khai(&self) -> String {
        self.registers(&[("name", "Nguyễn Thị Minh Khai"), ("birth", "1990-05-01"), ("sex", "female")]).unwrap()
    }

    /// Gives a dose, confirming every finding on screen.
    pub fn gives(&self, citizen: &str) -> Result<String, Failure> {
        let draft = DoseDraft {
            citizen: citizen.to_owned(),
            product: "astrazeneca".to_owned(),
            lot: "PV46664".to_owned(),
            lot_expiry: None,
            number: 1,
            body_site: "left_arm".to_owned(),
            route: "im".to_owned(),
        };
        let checked = self.desk.check_dose(draft.clone())?;
        let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
        match self.desk.give_dose(GiveDose { draft, in_spite_of })? {
            DoseAnswer::Saved { statement, .. } => Ok(statement),
            DoseAnswer::LookAgain { checked } => panic!("not saved: {checked:?}"),
        }
    }

    /// Every dose on the card, sorted.
    pub fn doses_of(&self, citizen: &str) -> Result<Vec<String>, Failure> {
        let view = self.desk.open_citizen(CitizenRef { citizen: citizen.to_owned() })?;
        let mut doses: Vec<String> = view.doses.into_iter().map(|dose| dose.statement).collect();
        doses.sort_unstable();
        Ok(doses)
    }
}

pub fn value(register: &str, text: &str) -> ValueView {
    ValueView { register: register.to_owned(), text: text.to_owned(), ..ValueView::default() }
}

pub fn key(byte: u8) -> StoreKey {
    StoreKey { key: Zeroizing::new([byte; 32]), salt: [byte; 16] }
}

/// Files right in a folder, by name.
pub fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// The database and its journal as they lie on disk; an empty journal is none.
pub fn store_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files_in(folder);
    files.retain(|name, bytes| name == "store.db" || (name == "store.db-wal" && !bytes.is_empty()));
    files
}

pub fn put_back(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// The rows of these tables, sorted; of all tables where none is named.
pub fn dump(conn: &Connection, tables: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut names: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
    if names.is_empty() {
        let mut statement = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        names = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    }
    let rows_of = |table: &String| {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..columns).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>());
        let mut rows: Vec<String> = rows.unwrap().map(|row| format!("{:?}", row.unwrap())).collect();
        rows.sort_unstable();
        rows
    };
    names.iter().map(|table| (table.clone(), rows_of(table))).collect()
}
