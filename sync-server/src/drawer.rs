//! A folder of small files, keys among them: each is written under another name, synced, renamed, so that it is the old
//! one or the new one, whole; and encrypted where the server is sealed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::disk::{private_directory, private_file, sync_directory};
use crate::seal::Seal;

/// Nothing that lies in a drawer is larger: rules are, in a hub's membership.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum DrawerError {
    #[error("the key directory can't be used")]
    Files(#[from] io::Error),
    /// Damage, or a directory of another machine's.
    #[error("{name} was encrypted under another key, or is damaged")]
    Sealed { name: String },
}

#[derive(Clone)]
pub(crate) struct Drawer {
    directory: PathBuf,
    seal: Option<Seal>,
}

impl Drawer {
    pub fn open(directory: PathBuf, seal: Option<Seal>) -> io::Result<Self> {
        private_directory(&directory)?;
        Ok(Self { directory, seal })
    }

    pub fn holds(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Nothing where there is no such file.
    pub fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, DrawerError> {
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(wrong) => return Err(wrong.into()),
        };
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let Some(seal) = &self.seal else { return Ok(Some(bytes)) };
        seal.open(name, &bytes).map(Some).ok_or_else(|| DrawerError::Sealed { name: name.to_owned() })
    }

    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let partial = path.with_extension("partial");
        let mut file = private_file(&partial)?;
        match &self.seal {
            Some(seal) => file.write_all(&seal.close(name, content))?,
            None => file.write_all(content)?,
        }
        file.sync_all()?;
        fs::rename(&partial, &path)?;
        path.parent().map_or(Ok(()), |parent: &Path| sync_directory(parent))
    }
}
