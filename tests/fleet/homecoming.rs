//! The stick that comes home, to the laptop it is for or to another one: as `client/src/stick/import.rs` takes it. What it
//! is worth is decided by `shared_model::sync::bundle::Homecoming`.

use std::collections::BTreeMap;

use shared_model::certificate::Signed;
use shared_model::ids::{Epoch, StatementId};
use shared_model::sync::bundle::{Content, FeedStretch, Homecoming, Returned, Verdict};
use shared_model::sync::feed::{CheckedPage, Cursor};
use shared_model::time::{MS_PER_DAY, Moment};

use crate::fleet::Fleet;
use crate::invariants::{Checked, broken};
use crate::laptop::{Fate, Laptop, NATION, NotKept, take_in};
use crate::medium::Stick;
use crate::tables::Made;

/// What was followed of a feed on this stick: from which number on, and what. The store needs none of it; that a cursor
/// may stand where it stands is judged by it.
#[derive(Default)]
struct Followed {
    from: u64,
    ids: Vec<StatementId>,
}

impl Fleet<'_> {
    /// What is not kept because the disk fails is read again another day.
    pub fn comes_home(&mut self, stick: Stick) -> Checked {
        let who = stick.who;
        let Some(device) = self.laptops.get(who).filter(|laptop| !laptop.gone).map(|laptop| laptop.me.device) else {
            return Ok(());
        };
        let is_for_us = self.keys.laptop(device).recipient() == self.keys.laptop(stick.device).recipient();
        let (found, through) = stick.read(self.keys.laptop(device), self.campaign);
        self.what_is_whole_is_read(&stick, &found, &through, is_for_us)?;
        self.tally.sticks_home += 1;
        let (mut coming, mut followed) = (Homecoming::default(), BTreeMap::new());
        for one in &found {
            let kept = match &one.content {
                Ok(Content::Returned(signed)) => self.hears(who, &mut coming, signed)?,
                Ok(Content::Feed(stretch)) => self.reads(who, &mut coming, stretch, &mut followed),
                Ok(_) => Ok(()),
                Err(why) => return broken("I10", format!("a whole frame cannot be opened at home: {why}")),
            };
            if let Err(NotKept(fate)) = kept {
                self.sticks.push(stick.arriving(self.now.plus_ms(MS_PER_DAY)));
                return if fate == Fate::TailLost { self.restart(who) } else { Ok(()) };
            }
        }
        self.tally.news_by_stick += coming.entries;
        for word in &coming.words {
            self.tally.fault("word on a stick", word.code());
        }
        self.tally.faults_by("word on a stick", "of another laptop", coming.words_of_others);
        self.tally.faults_by("page on a stick", "left for a sync", coming.pages_left);
        Ok(())
    }

    fn hears(&mut self, who: usize, coming: &mut Homecoming, signed: &Signed) -> Checked<Result<(), NotKept>> {
        let fate = self.fate(true);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Ok(())) };
        let Some(word) = coming.open(signed, laptop.me.device, self.campaign.public) else { return Ok(Ok(())) };
        let made = laptop.tables.sticks.get(&word.answers).cloned();
        if coming.judge(&word, made.as_ref().map(|made| &made.outward)) != Verdict::Answer {
            return Ok(Ok(()));
        }
        match laptop.note_word(&word, made, fate) {
            Ok(true) => {}
            Ok(false) => {
                self.tally.fault("word on a stick", "from before the nation was last heard");
                return Ok(Ok(()));
            }
            Err(not_kept) => return Ok(Err(not_kept)),
        }
        self.tally.sticks_answered += 1;
        self.note("word", &word.issue.number.to_be_bytes());
        self.what_a_word_says_is_held(who, &word)?;
        let fate = self.fate(true);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(Ok(())) };
        let current: Epoch = laptop.tables.current().epoch;
        let fresh = word.log_of(laptop.me.device, current).and_then(|log| log.fresh_epoch);
        if let Some(fresh) = fresh.filter(|fresh| *fresh > current) {
            self.tally.fault("log", "went on in a fresh epoch, by a word on a stick");
            return Ok(laptop.start_epoch(fresh, fate).map(|_| ()));
        }
        Ok(Ok(()))
    }

    /// I1 by stick: what the nation's word says was held when it was given, unless its disk was lost since.
    fn what_a_word_says_is_held(&self, who: usize, word: &Returned) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        let (tables, me) = (&laptop.tables, laptop.me.device);
        if !self.is_from_before_the_restore(Moment(word.issue.at_ms)) {
            for log in word.logs.iter().filter(|log| log.device == me) {
                let ours = tables.chain_at(me, log.epoch, log.held.seq) == Some(log.held.chain);
                for (seq, (id, _)) in tables.log.range((log.epoch, 0)..=(log.epoch, log.held.seq)).filter(|_| ours) {
                    if !self.nation.holds(*id) {
                        return broken("I1", format!("a stick tells laptop {who} that {seq:?} is held: {id:?}"));
                    }
                }
            }
        }
        self.what_is_receipted_is_held(who)
    }

    fn reads(
        &mut self,
        who: usize,
        coming: &mut Homecoming,
        stretch: &FeedStretch,
        followed: &mut BTreeMap<String, Followed>,
    ) -> Result<(), NotKept> {
        let (fate, now, campaign) = (self.fate(true), self.now, self.campaign.public);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        let held = laptop.tables.cursors.get(&(NATION, stretch.from.feed.clone())).cloned();
        let Some(page) = coming.place(stretch, held.as_ref(), campaign) else { return Ok(()) };
        let so_far = followed.entry(stretch.from.feed.clone()).or_default();
        if so_far.from + so_far.ids.len() as u64 != stretch.from.seq {
            *so_far = Followed { from: stretch.from.seq, ids: Vec::new() };
        }
        so_far.ids.extend(page.envelopes.iter().map(|(id, _)| *id));
        laptop.keep_stretch(&page, held.as_ref(), so_far, now, fate)
    }
}

impl Laptop {
    /// As `note_word` there: raises what is known to be held, or finds that the nation was put back. Tells whether it says
    /// anything of the log.
    fn note_word(&mut self, word: &Returned, made: Option<Made>, fate: Fate) -> Result<bool, NotKept> {
        let me = self.me.device;
        self.transact(fate, |tables| {
            if let Some(made) = tables.sticks.get_mut(&word.answers) {
                made.outward.answered = Some(word.issue);
            }
            if word.is_past(tables.epochs.iter().map(|one| one.national_ms).max()) {
                return Ok(false);
            }
            let known = made.map(|made| made.known).unwrap_or_default();
            let epochs: Vec<Epoch> = tables.epochs.iter().map(|one| one.epoch).collect();
            let chain_at = |epoch, seq| Ok::<_, NotKept>(tables.chain_at(me, epoch, seq));
            let heard = word.hear(me, epochs, &known, chain_at)?;
            if heard.went_back {
                tables.forget_receipts();
            }
            if let Some(now) = tables.epochs.last_mut() {
                now.national_to = heard.national_to.max(now.national_to).min(now.head.seq);
                now.national_ms = word.issue.at_ms;
            }
            if heard.went_back {
                tables.say_again(me);
            }
            Ok(true)
        })?
    }

    /// Entries and cursor in one transaction.
    fn keep_stretch(
        &mut self,
        page: &CheckedPage,
        before: Option<&Cursor>,
        followed: &Followed,
        now: Moment,
        fate: Fate,
    ) -> Result<(), NotKept> {
        let wall = self.wall(now);
        self.transact(fate, |tables| {
            take_in(tables, page.envelopes.iter(), true, wall);
            let read = tables.read.entry((NATION, page.cursor.feed.clone())).or_default();
            if before != Some(&page.cursor) {
                read.truncate(usize::try_from(followed.from).unwrap_or(usize::MAX));
                read.extend(&followed.ids);
                read.truncate(usize::try_from(page.cursor.seq).unwrap_or(usize::MAX));
            }
            tables.cursors.insert((NATION, page.cursor.feed.clone()), page.cursor.clone());
        })
    }
}
