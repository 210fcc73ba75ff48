//! What must be true at every moment, whatever goes wrong. The numbers are those of `reliability.md` §5; stock (I6)
//! does not exist yet, and what a store holds in clear (I9) is looked for where stores are files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use shared_model::envelope::LogHead;
use shared_model::ids::{DeviceId, StatementId};
use shared_model::sync::Trouble;
use shared_model::sync::message::{Push, Receipt};
use shared_model::time::Moment;

use crate::country::card;
use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::laptop::{Fate, NATION, server_id};

/// Something that was promised and is not so.
#[derive(Debug, Clone)]
pub struct Violation {
    pub invariant: &'static str,
    pub what: String,
}

pub type Checked<T = ()> = Result<T, Violation>;

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

pub fn broken<T>(invariant: &'static str, what: impl Into<String>) -> Checked<T> {
    Err(Violation { invariant, what: what.into() })
}

impl Fleet<'_> {
    /// I1 on a laptop: what its team was told is saved is there, in the store and in the log.
    pub fn disk_keeps_its_word(&self, who: usize) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        let logged: BTreeSet<StatementId> = laptop.tables.log.values().map(|(id, _)| *id).collect();
        match laptop.acked.iter().find(|id| !logged.contains(id) || !laptop.tables.envelopes.contains_key(id)) {
            Some(lost) => broken("I1", format!("laptop {who} said \"saved\" of {lost:?} and does not have it")),
            None => Ok(()),
        }
    }

    /// I12: whatever happened, the next dose can be written down.
    pub fn can_give_a_dose(&mut self, who: usize) -> Checked {
        let citizen = card(self.dice.below(self.plan.citizens));
        let Some(laptop) = self.laptops.get(who).filter(|laptop| !laptop.gone) else { return Ok(()) };
        let seen = self.looks_up(laptop, citizen);
        let words = self.gives(who, citizen, &seen);
        let (salt, now, rules) = (self.dice.roll(), self.now, self.campaign.rules_id);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        match laptop.say(words, salt, now, rules, Fate::Kept) {
            Ok(Some(_)) => {
                self.tally.statements += 1;
                self.tally.doses += 1;
                Ok(())
            }
            _ => broken("I12", format!("laptop {who} started again and cannot record a dose")),
        }
    }

    /// I1 between the two: what a laptop believes the nation to hold, the nation holds.
    pub fn what_is_receipted_is_held(&self, who: usize) -> Checked {
        // A server put back to an old copy has not told this laptop yet.
        if self.reference.restored && !self.reference.heard_since_restore.contains(&who) {
            return Ok(());
        }
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        for state in &laptop.tables.epochs {
            let receipted = laptop.tables.log.range((state.epoch, 0)..=(state.epoch, state.national_to));
            for ((epoch, seq), (id, _)) in receipted {
                if !self.nation.holds(*id) {
                    return broken("I1", format!("laptop {who} takes {epoch}/{seq} {id:?} for held by the nation"));
                }
            }
        }
        Ok(())
    }

    /// I1 between a laptop and a hub: what a hub says it holds of a log, it holds.
    pub fn what_a_hub_says_it_holds(&self, who: usize, hub: Server) -> Checked {
        let (Some(laptop), id) = (self.laptops.get(who), server_id(&self.speaker(hub))) else { return Ok(()) };
        for ((_, epoch), to) in laptop.tables.hub_held.iter().filter(|((of, _), _)| *of == id) {
            let told_now = laptop.tables.current().epoch == *epoch;
            for (seq, (statement, _)) in laptop.tables.log.range((*epoch, 0)..=(*epoch, *to)) {
                if told_now && !self.store(hub).holds(*statement) {
                    return broken("I1", format!("laptop {who} takes {seq:?} {statement:?} for held by {hub:?}"));
                }
            }
        }
        Ok(())
    }

    /// I1 by way of a hub: what the nation's word says was held when it was given, unless its disk was lost since.
    pub fn what_was_brought_is_held(&self, who: usize, receipt: &Receipt) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        let tables = &laptop.tables;
        let ours = tables.chain_at(laptop.me.device, receipt.epoch, receipt.held.seq) == Some(receipt.held.chain);
        if ours && !self.is_from_before_the_restore(Moment(receipt.now_ms)) {
            for (seq, (id, _)) in tables.log.range((receipt.epoch, 0)..=(receipt.epoch, receipt.held.seq)) {
                if !self.nation.holds(*id) {
                    return broken("I1", format!("the word brought to laptop {who} says {seq:?} is held: {id:?}"));
                }
            }
        }
        self.what_is_receipted_is_held(who)
    }

    /// I1 at hubs, once everything is mended: what lies in a log there lies at the nation.
    pub fn every_hub_has_forwarded(&self) -> Checked {
        for (which, hub) in self.hubs.iter().enumerate() {
            for end in hub.store.log_ends() {
                let lacks = |seq| {
                    let entry = hub.store.entry_at(end.device, end.epoch, seq);
                    entry.map(|entry| entry.statement).filter(|id| !self.nation.holds(*id))
                };
                if let Some(lost) = (1..=end.head.seq).find_map(lacks) {
                    return broken("I1", format!("{lost:?} of {end:?} never left hub {which}"));
                }
            }
        }
        Ok(())
    }

    /// I1 at the server: a receipt is for what is kept, every entry of it, on whichever branch.
    pub fn receipt_is_true(&self, server: Server, push: Option<&Push>, answer: &Result<Vec<u8>, Trouble>) -> Checked {
        let (Some(push), Ok(_)) = (push, answer) else { return Ok(()) };
        let mut head = LogHead { seq: push.from - 1, chain: push.previous };
        for wire in &push.entries {
            let id = shared_model::envelope::Envelope::from(wire.clone()).statement_id();
            head = head.append(push.device, push.epoch, id);
            if !self.store(server).lies_at(push.device, push.epoch, head) {
                return broken("I1", format!("a receipt was given for {id:?}, which was not kept where it was said"));
            }
        }
        Ok(())
    }

    /// I8: whoever was taken back is not listened to any more.
    pub fn nobody_revoked_was_heard(
        &self,
        server: Server,
        device: DeviceId,
        answer: &Result<Vec<u8>, Trouble>,
    ) -> Checked {
        if answer.is_ok() && self.store(server).revoked.contains_key(&device) {
            return broken("I8", format!("{device:?} was revoked, and answered"));
        }
        Ok(())
    }

    pub fn ensure_steps(&self, who: usize, steps: u64, most: u64) -> Checked {
        if steps > most { broken("I10", format!("the sync of laptop {who} does not end")) } else { Ok(()) }
    }

    /// Every night.
    pub fn night_watch(&self) -> Checked {
        for who in self.living() {
            self.what_is_receipted_is_held(who)?;
            self.feeds_are_whole(who)?;
        }
        self.no_feed_repeats()
    }

    /// I5: what a laptop kept of a feed is the feed up to its cursor, each statement once.
    fn feeds_are_whole(&self, who: usize) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        for ((server, name), cursor) in &laptop.tables.cursors {
            let kept = laptop.tables.read.get(&(*server, name.clone())).map_or(&[][..], Vec::as_slice);
            if kept.len() as u64 != cursor.seq {
                return broken(
                    "I5",
                    format!("laptop {who} stands at {} of {name} and kept {}", cursor.seq, kept.len()),
                );
            }
            let hub = self.hubs.iter().find(|hub| hub.device == *server).map(|hub| &hub.store);
            let store = if *server == NATION { Some(&self.nation) } else { hub };
            let Some(feed) = store.and_then(|store| store.feeds.get(name)) else { continue };
            let here = usize::try_from(cursor.seq).ok().and_then(|seq| feed.entries.get(seq.checked_sub(1)?));
            let same = here.is_some_and(|(.., sum)| *sum == cursor.sum);
            if same && !feed.entries.iter().map(|(_, id, _)| id).take(kept.len()).eq(kept) {
                return broken("I5", format!("laptop {who} kept another {name} than the one its cursor is of"));
            }
        }
        Ok(())
    }

    fn no_feed_repeats(&self) -> Checked {
        let of_hubs = self.hubs.iter().flat_map(|hub| &hub.store.feeds);
        for (name, feed) in self.nation.feeds.iter().chain(of_hubs) {
            let ids: BTreeSet<StatementId> = feed.entries.iter().map(|(_, id, _)| *id).collect();
            if ids.len() != feed.entries.len() {
                return broken("I5", format!("a statement stands twice in feed {name}"));
            }
        }
        Ok(())
    }

    /// I7: every log the nation holds is a chain from its first entry to its head.
    pub fn chains_hold(&self) -> Checked {
        let mut heads: BTreeMap<_, LogHead> = BTreeMap::new();
        let mut in_order: Vec<_> = self.nation.entries.iter().filter(|entry| !entry.on_a_branch).collect();
        in_order.sort_by_key(|entry| entry.position);
        for entry in in_order {
            let log = (entry.position.device, entry.position.epoch);
            let head = heads.entry(log).or_insert_with(|| LogHead::empty(log.0, log.1));
            *head = head.append(log.0, log.1, entry.statement);
            if *head != (LogHead { seq: entry.position.seq, chain: entry.chain }) {
                return broken("I7", format!("the chain breaks at {}", entry.position));
            }
        }
        let differs = self.nation.logs.iter().find(|((device, epoch), standing)| {
            let head = heads.get(&(*device, *epoch)).copied().unwrap_or_else(|| LogHead::empty(*device, *epoch));
            head != standing.head
        });
        match differs {
            Some((log, _)) => broken("I7", format!("the head of {log:?} is not the end of its chain")),
            None => Ok(()),
        }
    }
}
