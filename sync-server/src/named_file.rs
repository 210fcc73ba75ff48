//! An immutable file, named by the hash of its bytes: written under another name, synced, renamed, so that whatever
//! bears such a name is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use shared_model::ids::to_hex;

use crate::disk::{private_file, sync_directory};

/// A file on its way to its name. Left where it is, it stays under the name it began with.
pub(crate) struct NamedFile {
    partial: PathBuf,
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl NamedFile {
    /// Begins under a name of its own: whoever was told to stop may still be writing another.
    pub fn begin(directory: &Path) -> io::Result<Self> {
        static BEGUN: AtomicU64 = AtomicU64::new(0);
        let (process, number) = (std::process::id(), BEGUN.fetch_add(1, Ordering::Relaxed));
        let partial = directory.join(format!("{process}-{number}.{PARTIAL}"));
        let file = BufWriter::new(private_file(&partial)?);
        Ok(Self { partial, file, hasher: Sha256::new(), bytes: 0 })
    }

    /// Tells the hash it lies under in `directory` from now on, and its length.
    pub fn finish(self, directory: &Path) -> io::Result<([u8; 32], u64)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let sha256: [u8; 32] = self.hasher.finalize().into();
        fs::rename(&self.partial, path_of(directory, sha256))?;
        sync_directory(directory)?;
        Ok((sha256, self.bytes))
    }
}

impl Write for NamedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

const PARTIAL: &str = "partial";

/// Removes what was begun here and never finished; what somebody is still writing fails, and is begun again.
pub(crate) fn sweep_begun(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == PARTIAL) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Where the file with this hash lies, if it does.
pub(crate) fn path_of(directory: &Path, sha256: [u8; 32]) -> PathBuf {
    directory.join(to_hex(&sha256))
}
