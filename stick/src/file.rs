//! A file on a stick: whole under its name, or not there.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use shared_model::ids::{BundleId, DeviceId, to_hex};

use crate::wrong::StickError;

/// How files with what a laptop or hub sends end.
pub const OUTWARD: &str = "outward";
/// How files with what comes back end.
pub const RETURN: &str = "return";

const BEGINNING: &str = "so-tiem-";
const UNFINISHED: &str = "part";
/// A stick with more files than this is somebody's archive.
const FILES_MAX: usize = 256;

/// What was written, and read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub path: PathBuf,
    pub bytes: u64,
}

/// The name of a bundle's file. Of an outward stick and its answer the names are the same but for the ending.
pub fn name_of(bundle: BundleId, ending: &str) -> String {
    let id = to_hex(&bundle.0);
    format!("{BEGINNING}{}.{ending}", id.get(..16).unwrap_or(&id))
}

/// The name of one server's answer, where several may answer one bundle.
pub fn name_by(bundle: BundleId, issuer: DeviceId, ending: &str) -> String {
    let short = |id: &[u8; 16]| to_hex(id).get(..16).map(str::to_owned).unwrap_or_default();
    format!("{BEGINNING}{}-{}.{ending}", short(&bundle.0), short(&issuer.0))
}

/// Files with this ending in a folder, by name; or the file itself, whatever it is called.
pub fn list(path: &Path, ending: &str) -> Result<Vec<PathBuf>, StickError> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new(ending)) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    found.truncate(FILES_MAX);
    Ok(found)
}

/// Removes what a stick that was pulled out left behind; what can't be removed stays.
pub fn clear_leftovers(folder: &Path) {
    for leftover in list(folder, UNFINISHED).unwrap_or_default() {
        if leftover.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(BEGINNING)) {
            let _ = fs::remove_file(leftover);
        }
    }
}

/// A file that is being written, and the sum of what was.
pub struct OnStick {
    file: BufWriter<File>,
    bytes: u64,
    sha256: Sha256,
}

impl Write for OnStick {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(bytes)?;
        self.bytes = self.bytes.saturating_add(taken as u64);
        self.sha256.update(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes under another name, makes it durable, gives it its name, and reads it back.
pub fn write_file<E: From<StickError>>(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut OnStick) -> Result<(), E>,
) -> Result<Written, E> {
    let path = folder.join(name);
    let beside = path.with_extension(UNFINISHED);
    let written = write(&beside, fill).and_then(|(bytes, sha256)| {
        put_in_place(&beside, &path, sha256)?;
        Ok(Written { path, bytes })
    });
    if written.is_err() {
        // A full stick wants its room back; one that is gone has nothing to remove.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write<E: From<StickError>>(
    beside: &Path,
    fill: impl FnOnce(&mut OnStick) -> Result<(), E>,
) -> Result<(u64, [u8; 32]), E> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(beside).map_err(StickError::from)?;
    let mut out = OnStick { file: BufWriter::new(file), bytes: 0, sha256: Sha256::new() };
    fill(&mut out)?;
    let OnStick { file, bytes, sha256 } = out;
    let file = file.into_inner().map_err(|error| StickError::from(error.into_error()))?;
    file.sync_all().map_err(StickError::from)?;
    forget_pages(&file);
    Ok((bytes, sha256.finalize().into()))
}

fn put_in_place(beside: &Path, path: &Path, sha256: [u8; 32]) -> Result<(), StickError> {
    if digest(beside)? != sha256 {
        return Err(StickError::ReadBack);
    }
    fs::rename(beside, path)?;
    sync_folder(path)
}

fn digest(path: &Path) -> Result<[u8; 32], StickError> {
    let (mut file, mut sha256, mut block) = (File::open(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(sha256.finalize().into()),
            Ok(bytes) => sha256.update(block.get(..bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// So that reading back asks the stick and not the memory it was written from.
#[cfg(unix)]
fn forget_pages(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // A hint: where it is not taken, the comparison is worth less and nothing breaks.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = file;
}

#[cfg(not(unix))]
fn forget_pages(_: &File) {}

/// Makes the name durable. Some drivers of sticks know no such call; the content is on the medium by then.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), StickError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => Ok(synced?),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), StickError> {
    Ok(())
}
