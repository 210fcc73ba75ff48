//! Taking in the stick that comes home: how far the nation or a hub holds this laptop's log, and the news of its area.
//!
//! A word of a server is believed for a bundle that this laptop remembers to have made, once, and only while no
//! server was found to hold less than it had said. Pages of a feed are believed as over a line: as a whole, under the
//! signature of whose word lies beside them, and the cursor moves in the transaction that keeps them. A hub is known
//! by its certificate, which lies on the stick.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use shared_model::certificate::{HubCertificate, Signed};
use shared_model::ids::Epoch;
use shared_model::limits;
use shared_model::prior::PriorAnswer;
use shared_model::sync::Speaker;
use shared_model::sync::bundle::{
    Certificates, Content, FeedStretch, Homecoming, Issue, PriorPiece, Returned, ReturnedLog, Verdict,
};
use shared_model::sync::message::{EarlierEnd, Receipt};
use stick::{RETURN, ReadThrough, Reading, StickError, list};

use super::recipients;
use crate::laptop::Laptop;
use crate::store::{StoreError, attention, cursor, hub, log};
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
    /// Whose they are, where a hub gave them and not the nation.
    pub hub: Option<String>,
    /// Words about another laptop's bundles, or that nobody of this campaign signed.
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
            Ok(Content::Certificates(Certificates { hubs, .. })) => {
                with(holder, |laptop| laptop.meet(&mut coming, &hubs.unwrap_or_default()))?;
            }
            Ok(Content::Returned(signed)) => with(holder, |laptop| laptop.hear(&mut coming, &signed))?,
            Ok(Content::Feed(stretch)) => with(holder, |laptop| laptop.read_stretch(&mut coming, &stretch))?,
            Ok(Content::Prior(answer)) => with(holder, |laptop| {
                laptop.hear_of_filters(answer);
                Ok(())
            })?,
            Ok(Content::PriorPiece(piece)) => with(holder, |laptop| {
                laptop.take_piece(&piece);
                Ok(())
            })?,
            // For servers, or for a later version of this app.
            Ok(_) | Err(_) => {}
        }
    }
    with(holder, |laptop| laptop.end(&coming))?;
    let hub = match coming.speaker() {
        Speaker::Hub(hub) => Some(hub.name),
        Speaker::Nation => None,
    };
    let Homecoming { words, words_of_others, entries, pages_left, .. } = coming;
    Ok(Imported { path, through: reading.finish(), words, hub, words_of_others, entries, pages_left })
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
                log::heard_of(conn, now.epoch, word.issue.at_ms)?;
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
        self.go_on_in(fresh)
    }

    fn go_on_in(&mut self, fresh: Option<Epoch>) -> Result<(), StoreError> {
        let current = log::current(self.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        if let Some(fresh) = fresh.filter(|fresh| *fresh > current.epoch) {
            self.start_epoch(fresh)?;
        }
        Ok(())
    }

    /// A copy more, and no receipt; the nation's own receipts beside it count as those that a hub brings over a line.
    fn note_word_of_hub(&mut self, hub: &HubCertificate, word: &Returned) -> Result<(), StoreError> {
        let (me, campaign) = (self.device(), self.campaign_key());
        let logs: Vec<&ReturnedLog> = word.logs.iter().filter(|log| log.device == me).collect();
        let brought = logs.iter().filter_map(|log| log.national.as_ref()?.open::<Receipt>(campaign).ok());
        let brought: Vec<Receipt> = brought.filter(|receipt| receipt.device == me).collect();
        // Before the word counts as heard: a stick that is read again after a cut brings them again.
        brought.iter().try_for_each(|receipt| self.note_brought(receipt))?;
        let noted = self.store.transact(|conn| -> Result<(), StoreError> {
            crate::store::stick::note_answer(conn, word.answers, word.issuer, word.issue)?;
            for told in &logs {
                // A number alone may be the length of a twin's log: only the same chain is this log.
                let ours = log::chain_at(conn, me, told.epoch, told.held.seq)? == Some(told.held.chain);
                // What was heard since over a line may be more than the word knew, so nothing goes down by it.
                let held_to = log::held_by_hub(conn, hub.hub, told.epoch)?.max(if ours { told.held.seq } else { 0 });
                log::note_held_by_hub(conn, hub.hub, told.epoch, held_to)?;
            }
            Ok(())
        })?;
        let () = noted.into_inner();
        let current = log::current(self.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        let told = word.log_of(me, current.epoch).and_then(|log| log.fresh_epoch);
        let of_nation = brought.iter().filter(|receipt| receipt.epoch == current.epoch);
        self.go_on_in(told.into_iter().chain(of_nation.filter_map(|receipt| receipt.fresh_epoch)).max())
    }

    fn meet(&mut self, coming: &mut Homecoming, hubs: &[Signed]) -> Result<(), StoreError> {
        for signed in hubs.iter().take(limits::STICK_RECIPIENTS_MAX) {
            let Ok(hub) = signed.open::<HubCertificate>(self.campaign_key()) else { continue };
            if !hub::is_ended(self.store.read(), hub.hub)? {
                coming.meet(hub);
            }
        }
        Ok(())
    }

    fn hear(&mut self, coming: &mut Homecoming, signed: &Signed) -> Result<(), StoreError> {
        let Some(word) = coming.open(signed, self.device(), self.campaign_key()) else { return Ok(()) };
        let speaker = coming.speaker();
        let mut remembered = crate::store::stick::outward(self.store.read(), word.answers, word.issuer)?;
        if let (Speaker::Hub(hub), Some((outward, _))) = (&speaker, &mut remembered) {
            // Words it gave until it was found to hold less are about what it lost.
            let lost = hub::went_back_at(self.store.read(), hub.hub)?.map(|at_ms| Issue { at_ms, number: u64::MAX });
            outward.answered = outward.answered.max(lost);
        }
        let verdict = coming.judge(&word, remembered.as_ref().map(|(outward, _)| outward));
        // A hub's pages prove nothing of the nation whenever it gave them.
        let counts = speaker.is_nation() && matches!(verdict, Verdict::Answer | Verdict::Again);
        coming.is_past |= counts && word.is_past(log::last_heard_of_any(self.store.read())?);
        match (verdict, speaker) {
            (Verdict::Answer, Speaker::Hub(hub)) => self.note_word_of_hub(&hub, &word),
            (Verdict::Answer, Speaker::Nation) => {
                self.note_word(&word, &remembered.map(|(_, known)| known).unwrap_or_default())
            }
            (Verdict::Again | Verdict::Stale | Verdict::NotOurs | Verdict::BeyondLimits, _) => Ok(()),
        }
    }

    fn read_stretch(&mut self, coming: &mut Homecoming, stretch: &FeedStretch) -> Result<(), StoreError> {
        let speaker = coming.speaker();
        let cursors = cursor::all(self.store.read(), &speaker)?;
        let held = cursors.iter().find(|cursor| cursor.feed == stretch.from.feed);
        match coming.place(stretch, held, self.campaign_key()) {
            Some(page) => self.keep_page(&speaker, &page, &stretch.page.authors, &stretch.page.devices)?,
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
        let speaker = coming.speaker();
        if coming.is_read(&cursor::all(self.store.read(), &speaker)?) {
            let ready = self.store.transact(|conn| cursor::set_all_ready(conn, &speaker))?;
            let () = ready.into_inner();
        }
        Ok(())
    }

    /// Filters are the campaign's whoever wrote the stick, and older ones than those known count for nothing. What goes
    /// wrong here is no trouble of the stick: the next sync brings them.
    fn hear_of_filters(&mut self, answer: PriorAnswer) {
        let heard = self.prior.brought(&mut self.store, self.edge.as_ref(), answer);
        if let Err(wrong) = heard {
            tracing::info!(error = %wrong, "filters of prior doses on a stick were left");
        }
    }

    fn take_piece(&mut self, piece: &PriorPiece) {
        if let Err(wrong) = self.prior.take_piece(&mut self.store, piece) {
            tracing::info!(error = %wrong, "part of a filter of prior doses on a stick was left");
        }
    }
}
