//! Small files that must be there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::OnceLock;

use shared_model::planted::{Bug, is_alive};

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the disk is full")]
    DiskFull(#[source] io::Error),
    #[error("the folder can't be written to")]
    ReadOnly(#[source] io::Error),
    #[error("a file could not be read or written")]
    Io(#[source] io::Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(error),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly(error),
            _ => Self::Io(error),
        }
    }
}

/// Nothing kept in a small file is larger.
const SMALL_BYTES_MAX: u64 = 64 * 1024;

pub fn read_small(path: &Path) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SMALL_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Something about to be done to a file that is no database.
#[derive(Debug, Clone, Copy)]
pub enum FileDeed<'a> {
    Create(&'a Path),
    Write(&'a Path, &'a [u8]),
    Sync(&'a Path),
    Rename(&'a Path, &'a Path),
    Remove(&'a Path),
    SyncFolder(&'a Path),
}

/// Hears of every deed before it is done, and may make it fail.
pub type Watch = fn(FileDeed<'_>) -> io::Result<()>;

static WATCH: OnceLock<Watch> = OnceLock::new();

/// Lets tests cut the power between two deeds. The first watch stays; an app sets none.
pub fn watch(watch: Watch) {
    WATCH.get_or_init(|| watch);
}

fn about_to(deed: FileDeed<'_>) -> io::Result<()> {
    WATCH.get().map_or(Ok(()), |watch| watch(deed))
}

/// Written beside, made durable, then renamed: a power cut leaves the old file or the new one.
/// On Unix only this user may read it.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    about_to(FileDeed::Create(&beside))?;
    let mut file = options.open(&beside)?;
    about_to(FileDeed::Write(&beside, bytes))?;
    file.write_all(bytes)?;
    if !is_alive(Bug::FileNotSynced) {
        about_to(FileDeed::Sync(&beside))?;
        file.sync_all()?;
    }
    rename(&beside, path)
}

pub fn make_folder(path: &Path) -> Result<(), FileError> {
    Ok(fs::create_dir_all(path)?)
}

/// Durable when it returns.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    about_to(FileDeed::Rename(from, to))?;
    fs::rename(from, to)?;
    sync_folder_of(to)
}

/// Renames what is there; what is not there stays so.
pub fn rename_if_there(from: &Path, to: &Path) -> Result<(), FileError> {
    if from.try_exists()? { rename(from, to) } else { Ok(()) }
}

/// Removes what is there. Durable with the next change of a name in its folder.
pub fn remove_if_there(path: &Path) -> Result<(), FileError> {
    if !path.try_exists()? {
        return Ok(());
    }
    about_to(FileDeed::Remove(path))?;
    Ok(fs::remove_file(path)?)
}

/// Makes what is in a file durable, whoever wrote it.
pub fn sync(path: &Path) -> Result<(), FileError> {
    about_to(FileDeed::Sync(path))?;
    Ok(File::open(path)?.sync_all()?)
}

/// Makes changes of names durable. Windows has no such call and needs none for NTFS metadata.
pub fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|_| !is_alive(Bug::FolderNotSynced)) {
        about_to(FileDeed::SyncFolder(folder))?;
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
