//! Sticks, as screens see them.

use std::path::{Path, PathBuf};

use stick::{StickError, free_bytes};

use super::view::{Failure, LastStickView, StickFileView, StickRead, StickView, StickWritten, VolumeView};
use crate::laptop::Laptop;
use crate::stick::export::{self, ExportError};
use crate::stick::import::{self, ImportError, Imported};
use crate::stick::volumes;
use crate::store::{self, StoreError, log};
use crate::sync::run::Holder;

/// A place somebody chose or typed. Half a path would be looked for wherever the app was started.
pub(super) fn place(typed: &str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(typed.trim());
    if path.is_absolute() { Ok(path) } else { Err(Failure::code("stick_gone")) }
}

pub(super) fn volumes() -> Vec<VolumeView> {
    let seen = |path: PathBuf| VolumeView {
        name: volumes::name(&path),
        free_bytes: free_bytes(&path),
        path: path.display().to_string(),
    };
    volumes::mounted().into_iter().map(seen).collect()
}

pub(super) fn state(laptop: &Laptop, volumes: Vec<VolumeView>) -> Result<StickView, StoreError> {
    let to_carry = laptop.to_carry()?;
    let last = store::stick::last(laptop.store.read())?;
    let last =
        last.map(|last| LastStickView { made_ms: last.made_ms, entries: last.entries, answered_ms: last.answered_ms });
    let readers = laptop.stick_readers()?;
    Ok(StickView { volumes, entries: to_carry.entries, bytes_max: to_carry.bytes_max, readers, last })
}

pub(super) fn export(holder: &Holder, folder: &Path) -> Result<StickWritten, Failure> {
    let written = export::export(holder, folder).map_err(|error| match error {
        ExportError::Stick { error: error @ StickError::Full(_), bytes } => {
            let free = free_bytes(folder).unwrap_or(0);
            Failure::from(error).with("needed_bytes", bytes).with("free_bytes", free)
        }
        error => error.into(),
    })?;
    Ok(StickWritten {
        file: name_of(&written.path),
        bytes: written.bytes,
        entries: written.entries,
        readers: written.readers,
    })
}

pub(super) fn import(holder: &Holder, path: &Path) -> Result<Vec<StickFileView>, ImportError> {
    Ok(import::import(holder, path)?.iter().map(file).collect())
}

/// How it stands with this laptop's log, once files were read.
pub(super) fn read(laptop: &Laptop, files: Vec<StickFileView>) -> Result<StickRead, StoreError> {
    let log = log::current(laptop.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
    Ok(StickRead { files, national_to: log.national_to, held_to: log.held_to, head: log.head.seq })
}

fn file(read: &Imported) -> StickFileView {
    let unread = read.through.unread().map(|why| why.code().to_owned());
    // A word for another laptop is as little for us as a stick sealed to it.
    let words = read.words.iter().map(|word| word.code().to_owned());
    let others = (0..read.words_of_others).map(|_| "not_ours".to_owned());
    StickFileView {
        file: name_of(&read.path),
        words: words.chain(others).take(16).collect(),
        hub: read.hub.clone(),
        entries: read.entries,
        is_damaged: unread.is_none() && (read.through.is_damaged() || read.pages_left > 0),
        unread,
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
