//! Sticks carried by hand between laptops, hubs and the nation.

use std::path::{Path, PathBuf};

use field_client::desk::view::{Failure, StickExport, StickImport, StickRead, StickWritten};
use sha2::{Digest, Sha256};
use shared_model::ids::to_hex;
use sync_server::stick::{TakeError, Taken};

use crate::{Hub, Team, World};

fn text(path: &Path) -> String {
    path.display().to_string()
}

impl World {
    /// An empty stick.
    pub fn stick(&self, name: &str) -> PathBuf {
        let folder = self.folder().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// The nation takes what is there, and gives nothing back.
    pub fn takes(&self, path: &Path) -> Taken {
        self.tries_to_take(path, None).expect("a stick")
    }

    /// The nation takes what is there, and writes return sticks into the same folder.
    pub fn takes_and_answers(&self, folder: &Path) -> Taken {
        self.tries_to_take(folder, Some(folder)).expect("a stick")
    }

    pub fn tries_to_take(&self, path: &Path, return_to: Option<&Path>) -> Result<Taken, TakeError> {
        let server = self.server();
        self.country.runtime.block_on(server.take_stick(path, return_to))
    }

    /// A hub takes what is there, and writes return sticks into the same folder.
    pub fn hub_takes_and_answers(&self, hub: &Hub, folder: &Path) -> Taken {
        let server = hub.server();
        self.country.runtime.block_on(server.take_stick(folder, Some(folder))).expect("a stick")
    }

    pub fn revokes(&self, team: &Team) {
        let device = team.desk.status().expect("a status").device;
        let (status, _) = self.nation().post(&format!("devices/{device}/revoke"), serde_json::json!({ "note": "mất" }));
        assert_eq!(status, 204);
    }
}

impl Team {
    /// Writes a stick; it must go well.
    pub fn writes_stick(&self, folder: &Path) -> StickWritten {
        self.tries_to_write_stick(folder).unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    pub fn tries_to_write_stick(&self, folder: &Path) -> Result<StickWritten, Failure> {
        self.desk.stick_export(StickExport { folder: text(folder) })
    }

    /// Reads what came home; the disk of the laptop must not fail.
    pub fn reads_stick(&self, path: &Path) -> StickRead {
        self.desk.stick_import(StickImport { path: text(path) }).unwrap_or_else(|failure| panic!("{failure:?}"))
    }
}

/// The one file in a folder with this ending.
pub fn file_in(folder: &Path, ending: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A second folder with the same files.
pub fn copied(world: &World, folder: &Path, name: &str) -> PathBuf {
    let copy = world.folder().join(name);
    crate::copy_folder(folder, &copy);
    copy
}

/// What every file says, so that two moments can be compared.
pub fn fingerprint(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let sum = |path: &Path| to_hex(&Sha256::digest(std::fs::read(path).expect("a file")));
    let mut found: Vec<_> = entries.map(|path| (text(&path), sum(&path))).collect();
    found.sort();
    found
}
