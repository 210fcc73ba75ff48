//! Taking in the stick that comes home: how far the nation holds this laptop's log, and the news of its area.
//!
//! A word of the nation is believed for a bundle that this laptop remembers to have made, once, and only while no
//! server was found to hold less than it had said. Pages of a feed are believed as over a line: as a whole, under the
//! campaign's signature, and the cursor moves in the transaction that keeps them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use shared_model::certificate::Signed;
use shared_model::sync::Speaker;
use shared_model::sync::bundle::{Content, FeedStretch, Homecoming, Returned, Verdict};
use shared_model::sync::message::EarlierEnd;
use stick::{RETURN, ReadThrough, Reading, StickError, list};

use super::recipients;
use crate::laptop::Laptop;
use crate::store::{StoreError, attention, cursor, log};
use crate::sync::run::Holder;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Stick(#[from] StickError),
    /// Somebody locked the laptop meanwhile; what was kept stays, and reading the stick again goes on.
    #[error("the laptop is locked")]
    Locked,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One file, read.
#[derive(Debug)]
pub struct Imported {
    pub path: PathBuf,
    pub through: ReadThrough,
    /// What each word of a server on it is worth.
    pub words: Vec<Verdict>,
    /// Words about another laptop's bundles, or that the campaign did not sign.
    pub words_of_others: u64,
    /// Entries of feeds that are kept.
    pub entries: u64,
    /// Pages that could not be placed or believed; a sync brings them.
    pub pages_left: u64,
}

/// Reads one file, or every return file of a folder. The laptop is held while something is kept and not while the stick
/// is waited for.
pub fn import(holder: &Holder, path: &Path) -> Result<Vec<Imported>, ImportError> {
    list(path, RETURN)?.into_iter().map(|path| import_file(holder, path)).collect()
}

fn import_file(holder: &Holder, path: PathBuf) -> Result<Imported, ImportError> {
    let file = File::open(&path).map_err(StickError::from)?;
    let (identity, campaign) = with(holder, |laptop| {
        let identity = laptop.store.transact(recipients::identity)?.into_inner();
        Ok((identity, laptop.campaign_key()))
    })?;
    let mut reading = Reading::of(file, &identity, campaign);
    let mut coming = Homecoming::default();
    for found in reading.by_ref() {
        match found.content {
            Ok(Content::Returned(signed)) => with(holder, |laptop| laptop.hear(&mut coming, &signed))?,
            Ok(Content::Feed(stretch)) => with(holder, |laptop| laptop.read_stretch(&mut coming, &stretch))?,
            // For servers, or for a later version of this app.
            Ok(_) | Err(_) => {}
        }
    }
    with(holder, |laptop| laptop.end(&coming))?;
    let Homecoming { words, words_of_others, entries, pages_left, .. } = coming;
    Ok(Imported { path, through: reading.finish(), words, words_of_others, entries, pages_left })
}

fn with<T>(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> Result<T, StoreError>) -> Result<T, ImportError> {
    // A panic elsewhere leaves the store as its last commit left it.
    let mut held = holder.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(deed(held.as_mut().ok_or(ImportError::Locked)?)?)
}

impl Laptop {
    fn note_word(&mut self, word: &Returned, known: &[EarlierEnd]) -> Result<(), StoreError> {
        let me = self.device();
        let noted = self.store.transact(|conn| -> Result<bool, StoreError> {
            crate::store::stick::note_answer(conn, word.answers, word.issuer, word.issue)?;
            if word.is_past(log::last_heard_of_any(conn)?) {
                return Ok(false);
            }
            let epochs = log::epochs(conn)?;
            let heard = word.hear(me, epochs.iter().map(|one| one.epoch), known, |epoch, seq| {
                log::chain_at(conn, me, epoch, seq)
            })?;
            if heard.went_back {
                // A server that lost this of the log may have lost as much of the numbers before.
                log::forget_receipts(conn)?;
            }
            if let Some(now) = log::current(conn)? {
                // What was heard since over a line may be more than the word knew, so nothing goes down by it.
                log::note_national(conn, now.epoch, heard.national_to.max(now.national_to))?;
                if word.by_nation {
                    log::heard_of(conn, now.epoch, word.issue.at_ms)?;
                }
            }
            if heard.went_back {
                log::say_again(conn, me)?;
            }
            for notice in word.logs.iter().filter(|log| log.device == me).flat_map(|log| &log.quarantined) {
                let position = format!("{me}/{}/{}", notice.epoch, notice.seq);
                attention::put(conn, &position, &notice.code, true)?;
            }
            Ok(true)
        })?;
        if !noted.into_inner() {
            return Ok(());
        }
        let current = log::current(self.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        let fresh = word.log_of(me, current.epoch).and_then(|log| log.fresh_epoch);
        if let Some(fresh) = fresh.filter(|fresh| *fresh > current.epoch) {
            self.start_epoch(fresh)?;
        }
        Ok(())
    }

    fn hear(&mut self, coming: &mut Homecoming, signed: &Signed) -> Result<(), StoreError> {
        let Some(word) = coming.open(signed, self.device(), self.campaign_key()) else { return Ok(()) };
        let remembered = crate::store::stick::outward(self.store.read(), word.answers, word.issuer)?;
        let verdict = coming.judge(&word, remembered.as_ref().map(|(outward, _)| outward));
        let counts = matches!(verdict, Verdict::Answer | Verdict::Again);
        coming.is_past |= counts && word.is_past(log::last_heard_of_any(self.store.read())?);
        match verdict {
            Verdict::Answer => self.note_word(&word, &remembered.map(|(_, known)| known).unwrap_or_default()),
            Verdict::Again | Verdict::Stale | Verdict::NotOurs | Verdict::BeyondLimits => Ok(()),
        }
    }

    fn read_stretch(&mut self, coming: &mut Homecoming, stretch: &FeedStretch) -> Result<(), StoreError> {
        let cursors = cursor::all(self.store.read(), &Speaker::Nation)?;
        let held = cursors.iter().find(|cursor| cursor.feed == stretch.from.feed);
        match coming.place(stretch, held, self.campaign_key()) {
            Some(page) => self.keep_page(&Speaker::Nation, &page, &stretch.page.authors, &stretch.page.devices)?,
            None => return Ok(()),
        }
        if coming.is_past {
            let doubted = self.store.transact(log::doubt_copies)?;
            let () = doubted.into_inner();
        }
        Ok(())
    }

    /// An area is ready once its feed was read to where the word said it goes.
    fn end(&mut self, coming: &Homecoming) -> Result<(), StoreError> {
        if coming.is_read(&cursor::all(self.store.read(), &Speaker::Nation)?) {
            let ready = self.store.transact(|conn| cursor::set_all_ready(conn, &Speaker::Nation))?;
            let () = ready.into_inner();
        }
        Ok(())
    }
}
