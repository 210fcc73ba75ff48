//! The stick that comes home, as the laptop takes it that it is for: which words count, how far the log is held by
//! them, and which pages of a feed move the cursor.
//!
//! Files, keys and stores are the caller's: it says where it stands, keeps what it is given, and keeps it at once.

use std::collections::BTreeMap;

use super::content::FeedStretch;
use super::returned::{Outward, Returned, ReturnedLog, Verdict};
use crate::certificate::{HubCertificate, Signed};
use crate::envelope::PublicKey;
use crate::ids::{Chain, DeviceId, Epoch, Seq};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::sync::feed::{CheckedPage, Cursor, check_page_of};
use crate::sync::message::EarlierEnd;
use crate::sync::speaker::Speaker;

/// What one file has brought so far.
#[derive(Debug, Clone, Default)]
pub struct Homecoming {
    /// What each word of a server on it is worth.
    pub words: Vec<Verdict>,
    /// Words about another laptop's bundles, or that nobody of this campaign signed.
    pub words_of_others: u64,
    /// Entries of feeds that are to be kept.
    pub entries: u64,
    /// Pages that could not be placed or believed; a sync brings them.
    pub pages_left: u64,
    /// The nation was heard since its word was written: what its feeds held then, it may have lost.
    pub is_past: bool,
    /// Hubs that the campaign vouches for on this stick, and that count still.
    hubs: Vec<HubCertificate>,
    /// Whose word was heard; what lies beside it is told by the same.
    speaker: Option<Speaker>,
    /// How far the feeds went by a word that counts.
    promised: Option<Vec<Cursor>>,
    /// A word was on it that does not count: nor does what lies beside it.
    is_stale: bool,
    /// How far each feed was followed on this stick from its first number, without a gap.
    followed: BTreeMap<String, Cursor>,
}

/// How far the nation holds a log by its word on a stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Of the epoch that is being written. What one that is over had no receipt for was said again in the next one; a late
    /// word that raised it would be leant on by nothing, and a nation put back to an old copy could lose it unnoticed.
    pub national_to: Seq,
    /// The nation holds less than it had said when the bundle was made.
    pub went_back: bool,
}

impl Homecoming {
    /// A hub whose certificate is on the stick, and that was not ended.
    pub fn meet(&mut self, hub: HubCertificate) {
        if self.hubs.len() < limits::STICK_RECIPIENTS_MAX {
            self.hubs.push(hub);
        }
    }

    /// Whose word was heard, and whose pages lie beside it; the nation's where no word is left.
    pub fn speaker(&self) -> Speaker {
        self.speaker.clone().unwrap_or(Speaker::Nation)
    }

    /// A word of the nation or of a hub that was met, where it is for this laptop.
    pub fn open(&mut self, signed: &Signed, me: DeviceId, campaign: PublicKey) -> Option<Returned> {
        let said = self.said(signed, campaign);
        match said.filter(|(word, _)| word.maker == me || is_alive(Bug::WordOfAnother)) {
            Some((word, speaker)) => {
                self.speaker = Some(speaker);
                Some(word)
            }
            None => {
                self.words_of_others += 1;
                None
            }
        }
    }

    fn said(&self, signed: &Signed, campaign: PublicKey) -> Option<(Returned, Speaker)> {
        if let Ok(word) = Returned::of_nation(signed, campaign) {
            return Some((word, Speaker::Nation));
        }
        let of_hub = |hub: &HubCertificate| Some((Returned::of_hub(signed, hub).ok()?, hub.clone()));
        self.hubs.iter().find_map(of_hub).map(|(word, hub)| (word, Speaker::Hub(Box::new(hub))))
    }

    /// Judges it by what is remembered of the bundle it answers. Where it is an answer, [`Returned::hear`] says to what.
    pub fn judge(&mut self, word: &Returned, remembered: Option<&Outward>) -> Verdict {
        let verdict = word.judge(remembered);
        self.words.push(verdict);
        match verdict {
            Verdict::Answer | Verdict::Again => {
                let speaker = self.speaker();
                let feeds = word.feeds.iter().filter(|sum| speaker.may_tell(&sum.feed)).cloned();
                let to = feeds.map(|sum| Cursor { feed: sum.feed, epoch: sum.epoch, seq: sum.seq, sum: sum.sum });
                self.promised = Some(to.collect());
            }
            Verdict::Stale | Verdict::NotOurs | Verdict::BeyondLimits => self.is_stale = true,
        }
        verdict
    }

    /// The entries of a stretch and the cursor to keep in the same transaction, where it can be placed and believed.
    /// `held` is how far this laptop has read the feed.
    pub fn place(&mut self, stretch: &FeedStretch, held: Option<&Cursor>, campaign: PublicKey) -> Option<CheckedPage> {
        if !self.may_place(stretch, held) {
            self.pages_left += u64::from(!self.is_stale);
            return None;
        }
        let key = self.speaker().key(campaign);
        let Ok(page) = check_page_of(&stretch.from, &stretch.page, campaign, key) else {
            self.pages_left += 1;
            return None;
        };
        let start = || Cursor::start(stretch.from.feed.clone(), stretch.from.epoch);
        let held = held.filter(|cursor| cursor.epoch == stretch.from.epoch).cloned().unwrap_or_else(start);
        let follows = stretch.from.seq == 0 || self.followed.get(&stretch.from.feed) == Some(&stretch.from);
        if follows {
            self.followed.insert(stretch.from.feed.clone(), page.cursor.clone());
        }
        let cursor = match at_number(stretch, &page, held.seq) {
            // The same feed: it goes on.
            Some(here) if here == held => page.cursor,
            // Another feed than was read here, and this is it from its start.
            Some(_) if follows => page.cursor,
            // Something lies between, or all of it was here: what it says is kept, and the cursor stays.
            Some(_) | None => held,
        };
        self.pages_left += u64::from(cursor.seq < stretch.from.seq);
        self.entries += page.envelopes.len() as u64;
        Some(CheckedPage { envelopes: page.envelopes, cursor })
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

    /// Whether every feed that is followed was read to where the word said it goes.
    pub fn is_read(&self, held: &[Cursor]) -> bool {
        let Some(promised) = self.promised.as_ref().filter(|promised| !promised.is_empty()) else { return false };
        let reached =
            |to: &Cursor| held.iter().any(|at| (&at.feed, at.epoch) == (&to.feed, to.epoch) && at.seq >= to.seq);
        promised.iter().all(reached) && held.len() == promised.len()
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

impl Returned {
    /// Whether the nation was heard since it was written: over a line, by way of a hub, or on a later stick. What was said
    /// then counts, also where it was less; of the log this word says nothing any more. Both times are the nation's.
    pub fn is_past(&self, heard_ms: Option<i64>) -> bool {
        heard_ms.is_some_and(|heard_ms| self.issue.at_ms < heard_ms)
    }

    /// What it says of this laptop's log, whose epochs come oldest first. `known` is how far the nation was known to hold them when the
    /// bundle was made, `chain_at` the laptop's own chain.
    pub fn hear<E>(
        &self,
        me: DeviceId,
        epochs: impl IntoIterator<Item = Epoch>,
        known: &[EarlierEnd],
        mut chain_at: impl FnMut(Epoch, Seq) -> Result<Option<Chain>, E>,
    ) -> Result<Heard, E> {
        let (mut national_to, mut went_back) = (0, false);
        for epoch in epochs {
            let told = self.log_of(me, epoch);
            // A number alone may be the length of a twin's log: only the same chain is this log.
            let held = match told {
                Some(log) if chain_at(epoch, log.held.seq)? == Some(log.held.chain) => log.held.seq,
                Some(log) if is_alive(Bug::WordOfAnother) => log.held.seq,
                _ => 0,
            };
            national_to = told.map_or(0, |log| log.national_to.min(held));
            let before = known.iter().find(|end| end.epoch == epoch).map_or(0, |end| end.head.seq);
            went_back |= self.by_nation && national_to < before;
        }
        Ok(Heard { national_to, went_back })
    }

    /// The last one where an epoch is named twice.
    pub fn log_of(&self, device: DeviceId, epoch: Epoch) -> Option<&ReturnedLog> {
        let is_meant =
            |log: &&ReturnedLog| log.epoch == epoch && (log.device == device || is_alive(Bug::WordOfAnother));
        self.logs.iter().rev().find(is_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::LogHead;
    use crate::ids::BundleId;
    use crate::sync::bundle::Issue;

    const ME: DeviceId = DeviceId([2; 16]);
    const OTHER: DeviceId = DeviceId([3; 16]);

    fn word(at_ms: i64, logs: Vec<ReturnedLog>) -> Returned {
        let (answers, issue) = (BundleId([1; 16]), Issue { at_ms, number: 1 });
        Returned { answers, maker: ME, issuer: DeviceId([4; 16]), issue, logs, feeds: Vec::new(), by_nation: true }
    }

    fn log(device: DeviceId, epoch: Epoch, seq: Seq, chain: u8) -> ReturnedLog {
        let held = LogHead { seq, chain: Chain([chain; 32]) };
        ReturnedLog {
            device,
            epoch,
            held,
            national_to: seq,
            quarantined: Vec::new(),
            fresh_epoch: None,
            national: None,
        }
    }

    /// The log of this laptop has two epochs, and chain 7 everywhere.
    fn heard(logs: Vec<ReturnedLog>, known: &[EarlierEnd]) -> Heard {
        word(10, logs).hear(ME, [1, 2], known, |_, _| Ok::<_, ()>(Some(Chain([7; 32])))).unwrap()
    }

    #[test]
    fn the_epoch_being_written_is_held_as_far_as_the_word_says_with_the_same_chain() {
        for (logs, national_to) in [
            (vec![log(ME, 1, 5, 7), log(ME, 2, 3, 7)], 3),
            (vec![log(ME, 1, 5, 7)], 0),
            (vec![log(ME, 2, 5, 8)], 0),
            (vec![log(OTHER, 2, 5, 7)], 0),
            (vec![log(ME, 2, 5, 7), log(ME, 2, 4, 7)], 4),
        ] {
            assert_eq!(heard(logs.clone(), &[]), Heard { national_to, went_back: false }, "{logs:?}");
        }
    }

    #[test]
    fn a_nation_that_holds_less_than_was_known_went_back() {
        let known = [EarlierEnd { epoch: 1, head: LogHead { seq: 4, chain: Chain([7; 32]) } }];
        for (logs, went_back) in [
            (vec![log(ME, 1, 4, 7)], false),
            (vec![log(ME, 1, 3, 7)], true),
            (vec![log(ME, 1, 4, 8)], true),
            (vec![log(ME, 2, 9, 7)], true),
        ] {
            assert_eq!(heard(logs.clone(), &known).went_back, went_back, "{logs:?}");
        }
    }

    #[test]
    fn a_word_says_nothing_of_the_log_once_the_nation_was_heard_later() {
        for (heard_ms, is_past) in [(None, false), (Some(9), false), (Some(10), false), (Some(11), true)] {
            assert_eq!(word(10, Vec::new()).is_past(heard_ms), is_past, "{heard_ms:?}");
        }
    }
}
