//! Taking in the stick that comes home: how far the nation holds this laptop's log, and the news of its area.
//!
//! A word of the nation is believed for a bundle that this laptop remembers to have made, once, and only while no
//! server was found to hold less than it had said. Pages of a feed are believed as over a line: as a whole, under the
//! campaign's signature, and the cursor moves in the transaction that keeps them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use rusqlite::Connection;
use shared_model::certificate::Signed;
use shared_model::ids::{DeviceId, Epoch};
use shared_model::sync::Speaker;
use shared_model::sync::bundle::{Content, FeedStretch, Returned, ReturnedLog, Verdict};
use shared_model::sync::feed::{CheckedPage, Cursor, check_page};
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
    let mut taking = Taking::default();
    for found in reading.by_ref() {
        match found.content {
            Ok(Content::Returned(signed)) => with(holder, |laptop| taking.hear(laptop, &signed))?,
            Ok(Content::Feed(stretch)) => with(holder, |laptop| taking.read(laptop, &stretch))?,
            // For servers, or for a later version of this app.
            Ok(_) | Err(_) => {}
        }
    }
    with(holder, |laptop| taking.end(laptop))?;
    let Taking { words, words_of_others, entries, pages_left, .. } = taking;
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
        let mine: BTreeMap<Epoch, &ReturnedLog> =
            word.logs.iter().filter(|log| log.device == me).map(|log| (log.epoch, log)).collect();
        let noted = self.store.transact(|conn| -> Result<(), StoreError> {
            crate::store::stick::note_answer(conn, word.answers, word.issuer, word.issue)?;
            if note_held(conn, me, &mine, known, word.by_nation)? {
                // A server that lost this of the log may have lost as much of the numbers before.
                log::forget_receipts(conn)?;
                note_held(conn, me, &mine, &[], word.by_nation)?;
                log::say_again(conn, me)?;
            }
            for notice in mine.values().flat_map(|log| &log.quarantined) {
                let position = format!("{me}/{}/{}", notice.epoch, notice.seq);
                attention::put(conn, &position, &notice.code, true)?;
            }
            Ok(())
        })?;
        let () = noted.into_inner();
        let current = log::current(self.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        let fresh = mine.get(&current.epoch).and_then(|log| log.fresh_epoch);
        if let Some(fresh) = fresh.filter(|fresh| *fresh > current.epoch) {
            self.start_epoch(fresh)?;
        }
        Ok(())
    }
}

/// Raises what is known to be held; tells whether the nation holds less than it had said when the bundle was made.
/// What was heard since over a line may be more than the word knew, so nothing goes down by it.
fn note_held(
    conn: &Connection,
    me: DeviceId,
    told: &BTreeMap<Epoch, &ReturnedLog>,
    known: &[EarlierEnd],
    by_nation: bool,
) -> Result<bool, StoreError> {
    let mut went_back = false;
    for one in log::epochs(conn)? {
        // A number alone may be the length of a twin's log: only the same chain is this log.
        let held = match told.get(&one.epoch) {
            Some(log) if log::chain_at(conn, me, one.epoch, log.held.seq)? == Some(log.held.chain) => log.held.seq,
            _ => 0,
        };
        let national = told.get(&one.epoch).map_or(0, |log| log.national_to.min(held));
        let before = known.iter().find(|end| end.epoch == one.epoch).map_or(0, |end| end.head.seq);
        went_back |= by_nation && national < before;
        log::note_national(conn, one.epoch, national.max(one.national_to))?;
    }
    Ok(went_back)
}

/// What one file has brought so far.
#[derive(Default)]
struct Taking {
    words: Vec<Verdict>,
    words_of_others: u64,
    /// How far the feeds went by a word that counts.
    promised: Option<Vec<Cursor>>,
    /// A word was on it that does not count: nor does what lies beside it.
    is_stale: bool,
    /// How far each feed was followed on this stick from its first number, without a gap.
    followed: BTreeMap<String, Cursor>,
    entries: u64,
    pages_left: u64,
}

impl Taking {
    fn hear(&mut self, laptop: &mut Laptop, signed: &Signed) -> Result<(), StoreError> {
        let word = match signed.open::<Returned>(laptop.campaign_key()) {
            Ok(word) if word.maker == laptop.device() => word,
            _ => {
                self.words_of_others += 1;
                return Ok(());
            }
        };
        let remembered = crate::store::stick::outward(laptop.store.read(), word.answers, word.issuer)?;
        let verdict = word.judge(remembered.as_ref().map(|(outward, _)| outward));
        self.words.push(verdict);
        match verdict {
            Verdict::Answer => {
                let known = remembered.map(|(_, known)| known).unwrap_or_default();
                laptop.note_word(&word, &known)?;
            }
            Verdict::Again => {}
            Verdict::Stale | Verdict::NotOurs | Verdict::BeyondLimits => {
                self.is_stale = true;
                return Ok(());
            }
        }
        let feeds =
            word.feeds.into_iter().map(|sum| Cursor { feed: sum.feed, epoch: sum.epoch, seq: sum.seq, sum: sum.sum });
        self.promised = Some(feeds.collect());
        Ok(())
    }

    fn read(&mut self, laptop: &mut Laptop, stretch: &FeedStretch) -> Result<(), StoreError> {
        let held = cursor::all(laptop.store.read(), &Speaker::Nation)?
            .into_iter()
            .find(|cursor| cursor.feed == stretch.from.feed);
        if !self.may_place(stretch, held.as_ref()) {
            self.pages_left += u64::from(!self.is_stale);
            return Ok(());
        }
        let Ok(page) = check_page(&stretch.from, &stretch.page, laptop.campaign_key()) else {
            self.pages_left += 1;
            return Ok(());
        };
        let start = || Cursor::start(stretch.from.feed.clone(), stretch.from.epoch);
        let held = held.filter(|cursor| cursor.epoch == stretch.from.epoch).unwrap_or_else(start);
        let follows = stretch.from.seq == 0 || self.followed.get(&stretch.from.feed) == Some(&stretch.from);
        if follows {
            self.followed.insert(stretch.from.feed.clone(), page.cursor.clone());
        }
        let cursor = match at_number(stretch, &page, held.seq) {
            // The same feed: it goes on.
            Some(here) if here == held => page.cursor.clone(),
            // Another feed than was read here, and this is it from its start.
            Some(_) if follows => page.cursor.clone(),
            // Something lies between, or all of it was here: what it says is kept, and the cursor stays.
            Some(_) | None => held,
        };
        self.pages_left += u64::from(cursor.seq < stretch.from.seq);
        self.entries += page.envelopes.len() as u64;
        let kept = CheckedPage { envelopes: page.envelopes, cursor };
        laptop.keep_page(&Speaker::Nation, &kept, &stretch.page.authors, &stretch.page.devices)
    }

    /// A page beside a word that counts; or, where the word is lost, one that goes on exactly where this laptop stands.
    fn may_place(&self, stretch: &FeedStretch, held: Option<&Cursor>) -> bool {
        match &self.promised {
            Some(promised) => {
                promised.iter().any(|to| (&to.feed, to.epoch) == (&stretch.from.feed, stretch.from.epoch))
            }
            None => !self.is_stale && held == Some(&stretch.from),
        }
    }

    /// An area is ready once its feed was read to where the word said it goes.
    fn end(&self, laptop: &mut Laptop) -> Result<(), StoreError> {
        let Some(promised) = self.promised.as_ref().filter(|promised| !promised.is_empty()) else { return Ok(()) };
        let held = cursor::all(laptop.store.read(), &Speaker::Nation)?;
        let is_read =
            |to: &Cursor| held.iter().any(|at| (&at.feed, at.epoch) == (&to.feed, to.epoch) && at.seq >= to.seq);
        if promised.iter().all(is_read) && held.len() == promised.len() {
            let ready = laptop.store.transact(|conn| cursor::set_all_ready(conn, &Speaker::Nation))?;
            let () = ready.into_inner();
        }
        Ok(())
    }
}

/// How the feed of a stretch stands at a number, where the stretch reaches it.
fn at_number(stretch: &FeedStretch, page: &CheckedPage, number: u64) -> Option<Cursor> {
    let mut at = stretch.from.clone();
    if at.seq == number {
        return Some(at);
    }
    for (statement, _) in &page.envelopes {
        at = at.after(*statement);
        if at.seq == number {
            return Some(at);
        }
    }
    None
}
