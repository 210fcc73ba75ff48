//! The filters this laptop holds, those that are coming, and what is still to be fetched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use shared_model::envelope::PublicKey;
use shared_model::ids::{CitizenId, PriorId, from_hex};
use shared_model::prior::{Filter, Filters, Manifest, Prior, PriorAnswer};
use shared_model::sync::bundle::PriorPiece;
use shared_model::time::Date;

use super::sealed::{BLOCK_BYTES, Coming, Damaged, FilesKey, Sealed, path_of};
use crate::edge::{Edge, NoDice, draw};
use crate::files::{self, FileError};
use crate::store::{Store, StoreError, setting};

/// The filters in force here, with their key.
const HELD: &str = "prior_held";
/// Filters that are coming and will take their place.
const COMING: &str = "prior_coming";
const FILES_KEY: &str = "prior_files_key";

/// Why filters that were announced are not taken. Those held go on answering.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error("not this campaign's filters, or none that go together")]
    NotGenuine,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] FileError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

/// Locked away with the laptop.
pub struct Shelf {
    folder: PathBuf,
    campaign: PublicKey,
    key: Option<FilesKey>,
    held: Option<PriorAnswer>,
    coming: Option<PriorAnswer>,
    filters: Option<Filters<Sealed>>,
    damaged: Damaged,
    /// When servers were last asked.
    pub asked: Asked,
}

/// Monotonic milliseconds at which a server was last asked; never since the app started. A hub may know less than the
/// nation, so each is asked for itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub nation_ms: Option<u64>,
    pub hub_ms: Option<u64>,
}

impl Asked {
    pub fn of(&mut self, is_nation: bool) -> &mut Option<u64> {
        if is_nation { &mut self.nation_ms } else { &mut self.hub_ms }
    }
}

/// A segment to fetch: what is needed to write it without the laptop being held.
pub struct Wanted {
    pub sha256: [u8; 32],
    pub bytes: u64,
    number: u16,
    manifest: Filter<Vec<u8>>,
    folder: PathBuf,
    key: FilesKey,
}

impl Wanted {
    pub fn resume(&self) -> Result<Coming, FileError> {
        Ok(Coming::resume(&self.folder, &self.key, self.sha256)?)
    }

    /// Takes the whole content for the segment it should be, or gives it up. Tells which.
    pub fn finish(mut self, mut coming: Coming) -> Result<bool, FileError> {
        let is_right = match coming.content()? {
            Some(content) => self.manifest.put(self.number, &content, Vec::new()).is_ok(),
            None => false,
        };
        if is_right {
            coming.keep()?
        } else {
            coming.give_up()?
        }
        Ok(is_right)
    }
}

/// What a screen is told of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfState {
    /// The last day that had ended when the newest filter in force was written.
    pub as_of: Option<Date>,
    pub citizens: u64,
    /// Of the filters in force.
    pub bytes: u64,
    /// Still to be fetched.
    pub bytes_missing: u64,
}

impl Shelf {
    pub fn open(laptop: &Path, conn: &Connection, campaign: PublicKey) -> Result<Self, StoreError> {
        let key = setting::get(conn, FILES_KEY)?.and_then(|bytes| bytes.try_into().ok()).map(FilesKey::new);
        let mut shelf = Self {
            folder: laptop.join("prior"),
            campaign,
            key,
            held: setting::get_cbor(conn, HELD)?,
            coming: setting::get_cbor(conn, COMING)?,
            filters: None,
            damaged: Damaged::default(),
            asked: Asked::default(),
        };
        shelf.stack();
        Ok(shelf)
    }

    /// What the filters in force say; `NoneKnown` where there are none.
    pub fn look_up(&self, citizen: CitizenId) -> Prior {
        self.filters.as_ref().map_or(Prior::NoneKnown, |filters| filters.look_up(citizen))
    }

    /// The last day that had ended when the newest filter in force was written.
    pub fn as_of(&self) -> Option<Date> {
        self.filters.as_ref().map(Filters::as_of)
    }

    pub fn state(&self) -> Option<ShelfState> {
        if self.held.is_none() && self.coming.is_none() {
            return None;
        }
        let sum = |of: fn(&Manifest) -> u64| {
            let filters = self.filters.iter().flat_map(Filters::all);
            filters.map(|filter| of(filter.manifest())).fold(0, u64::saturating_add)
        };
        let missing = self.missing().map(|(_, _, _, bytes)| bytes).fold(0, u64::saturating_add);
        Some(ShelfState {
            as_of: self.as_of(),
            citizens: sum(|manifest| manifest.citizens),
            bytes: sum(Manifest::bytes),
            bytes_missing: missing,
        })
    }

    /// As [`announced`](Self::announced), by somebody who hands on what he once got: only newer filters than those known
    /// here count. A nation that was put back to an older copy counts again from an old number, and says so itself.
    pub fn brought(&mut self, store: &mut Store, edge: &dyn Edge, answer: PriorAnswer) -> Result<(), ShelfError> {
        let brought = self.newest(&answer).ok_or(ShelfError::NotGenuine)?;
        let known = self.held.iter().chain(&self.coming).filter_map(|known| self.newest(known)).max();
        if known.is_some_and(|known| brought <= known) {
            return Ok(());
        }
        self.announced(store, edge, answer)
    }

    /// Remembers which filters the nation has. They are fetched segment by segment and take the place of those held once
    /// their base is whole.
    pub fn announced(&mut self, store: &mut Store, edge: &dyn Edge, answer: PriorAnswer) -> Result<(), ShelfError> {
        let filters = self.opened(&answer).ok_or(ShelfError::NotGenuine)?;
        let base = filters.all().next().map(Filter::id);
        let held = self.held.as_ref().and_then(|held| self.opened(held));
        let on_what_is_held = held.is_some_and(|held| held.all().next().map(Filter::id) == base);
        files::make_folder(&self.folder)?;
        let fresh = match self.key {
            None => Some(draw::<32>(edge)?),
            Some(_) => None,
        };
        let name = if on_what_is_held { HELD } else { COMING };
        let kept = store.transact(|conn| -> Result<(), StoreError> {
            if let Some(bytes) = &fresh {
                setting::put(conn, FILES_KEY, bytes)?;
            }
            if on_what_is_held {
                setting::remove(conn, COMING)?;
            }
            setting::put_cbor(conn, name, &answer)
        })?;
        let () = kept.into_inner();
        if let Some(bytes) = fresh {
            self.key = Some(FilesKey::new(bytes));
        }
        if on_what_is_held {
            (self.held, self.coming) = (Some(answer), None);
        } else {
            self.coming = Some(answer);
        }
        self.settle(store)
    }

    /// The first segment that is not here: of the base first, then of the deltas.
    pub fn next_wanted(&self) -> Option<Wanted> {
        self.wanted(|_| true)
    }

    fn wanted(&self, is_it: impl Fn([u8; 32]) -> bool) -> Option<Wanted> {
        let (manifest, number, sha256, bytes) = self.missing().find(|(_, _, sha256, _)| is_it(*sha256))?;
        Some(Wanted { sha256, bytes, number, manifest, folder: self.folder.clone(), key: self.key.clone()? })
    }

    /// Filters that are wholly here: of those that are coming, or of those in force where none are.
    pub fn whole(&self) -> Vec<PriorId> {
        let answer = self.coming.as_ref().or(self.held.as_ref());
        let filters = answer.and_then(|answer| self.opened(answer));
        let is_whole =
            |filter: &&Filter<Vec<u8>>| filter.manifest().segments.iter().all(|one| self.is_here(one.sha256));
        filters.iter().flat_map(Filters::all).filter(is_whole).map(Filter::id).collect()
    }

    /// Takes a piece of a file that is missing here, where it goes on what has come of it. Tells whether it did.
    pub fn take_piece(&mut self, store: &mut Store, piece: &PriorPiece) -> Result<bool, ShelfError> {
        let Some(wanted) = self.wanted(|sha256| sha256 == piece.sha256) else { return Ok(false) };
        let mut coming = wanted.resume()?;
        let end = piece.from.saturating_add(piece.bytes.len() as u64);
        let is_whole_blocks = piece.bytes.len().is_multiple_of(BLOCK_BYTES) || end == wanted.bytes;
        if piece.from != coming.bytes() || end > wanted.bytes || !is_whole_blocks {
            return Ok(false);
        }
        coming.add(&piece.bytes).map_err(FileError::from)?;
        if end == wanted.bytes && wanted.finish(coming)? {
            self.settle(store)?;
        }
        Ok(true)
    }

    /// Looks at what is here: new segments answer from now on, a whole base takes the place of the one before, and files that
    /// nobody needs any more go.
    pub fn settle(&mut self, store: &mut Store) -> Result<(), ShelfError> {
        let is_whole = |answer: &PriorAnswer| {
            let base = self.opened(answer).and_then(|filters| filters.all().next().cloned());
            base.is_some_and(|base| base.manifest().segments.iter().all(|one| self.is_here(one.sha256)))
        };
        if self.coming.as_ref().is_some_and(is_whole) {
            let held = self.coming.take();
            let kept = store.transact(|conn| -> Result<(), StoreError> {
                setting::remove(conn, COMING)?;
                held.iter().try_for_each(|held| setting::put_cbor(conn, HELD, held))
            });
            match kept {
                Ok(kept) => kept.into_inner(),
                Err(wrong) => {
                    self.coming = held;
                    return Err(wrong.into());
                }
            }
            self.held = held;
        }
        // Nothing may be open that is removed.
        self.filters = None;
        let removed = self.damaged.take().into_iter();
        let removed = removed.map(|file| files::remove_if_there(&path_of(&self.folder, file)));
        let swept = removed.collect::<Result<(), FileError>>().and_then(|()| self.sweep());
        self.stack();
        Ok(swept?)
    }

    /// A block did not read back since this was last asked.
    pub fn is_damaged(&self) -> bool {
        self.damaged.is_any()
    }

    fn is_here(&self, sha256: [u8; 32]) -> bool {
        path_of(&self.folder, sha256).is_file()
    }

    /// Filters with no segment yet, as the campaign signed them and as they stand on one another.
    fn opened(&self, answer: &PriorAnswer) -> Option<Filters<Vec<u8>>> {
        answer.open(self.campaign)
    }

    /// The number of the newest filter; they are counted up by the nation.
    fn newest(&self, answer: &PriorAnswer) -> Option<u32> {
        self.opened(answer)?.all().map(|filter| filter.manifest().number).max()
    }

    fn missing(&self) -> impl Iterator<Item = (Filter<Vec<u8>>, u16, [u8; 32], u64)> + '_ {
        let answer = self.coming.as_ref().or(self.held.as_ref());
        let filters: Vec<_> =
            answer.and_then(|answer| self.opened(answer)).iter().flat_map(Filters::all).cloned().collect();
        filters.into_iter().flat_map(move |filter| {
            let words = filter.manifest().segments.clone();
            let absent = words.into_iter().zip(0_u16..).filter(|(word, _)| !self.is_here(word.sha256));
            absent.map(move |(word, number)| (filter.clone(), number, word.sha256, word.bytes)).collect::<Vec<_>>()
        })
    }

    /// Removes files of filters that are neither held nor coming.
    fn sweep(&self) -> Result<(), FileError> {
        let answers = self.held.iter().chain(&self.coming);
        let named: BTreeSet<[u8; 32]> = answers
            .filter_map(|answer| self.opened(answer))
            .flat_map(|filters| filters.all().flat_map(|filter| filter.manifest().segments.clone()).collect::<Vec<_>>())
            .map(|word| word.sha256)
            .collect();
        let Ok(files) = fs::read_dir(&self.folder) else { return Ok(()) };
        for file in files {
            let path = file?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| from_hex::<32>(stem).ok());
            if name.is_some_and(|name| !named.contains(&name)) {
                files::remove_if_there(&path)?;
            }
        }
        Ok(())
    }

    /// Lays what is here on one another. Before the first base is whole, as much of it as has come; of the deltas,
    /// those that are whole up to the first that is not.
    fn stack(&mut self) {
        self.filters = self.held.as_ref().or(self.coming.as_ref()).and_then(|answer| self.stacked(answer));
    }

    fn stacked(&self, answer: &PriorAnswer) -> Option<Filters<Sealed>> {
        let (base, deltas) = answer.manifests.split_first()?;
        let mut filters =
            Filters::new(answer.key()?, self.laid_out(Manifest::open(base, self.campaign).ok()?)?).ok()?;
        for signed in deltas {
            let delta = self.laid_out(Manifest::open(signed, self.campaign).ok()?)?;
            if delta.missing().next().is_some() || filters.add(delta).is_err() {
                break;
            }
        }
        let someone_is_here = filters.all().any(|filter| filter.missing().count() < filter.manifest().segments.len());
        someone_is_here.then_some(filters)
    }

    fn laid_out(&self, manifest: (shared_model::ids::PriorId, Manifest)) -> Option<Filter<Sealed>> {
        let key = self.key.as_ref()?;
        let mut filter = Filter::new(manifest)?;
        for (word, number) in filter.manifest().segments.clone().into_iter().zip(0_u16..) {
            let Ok(sealed) = Sealed::open(&self.folder, key, word.sha256, self.damaged.clone()) else { continue };
            if let Some(head) = sealed.block(0) {
                // One that does not fit is as good as one that is not here.
                let _ = filter.put_kept(number, &head, sealed);
            }
        }
        Some(filter)
    }
}
