//! What happens to machines between the days: clocks, clones, old copies, thieves, and a server's lost disk.

use shared_model::envelope::{Authority, Seal, SigningKeys};
use shared_model::sync::message::Push;

use crate::country::Identity;
use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::{Checked, broken};
use crate::laptop::{Fate, Laptop};
use crate::tables::Tables;

/// A fleet of nobody proves nothing.
const LAPTOPS_MIN: usize = 2;
/// Nights between two copies of the server's disk, on the average.
const NIGHTS_PER_BACKUP: u64 = 6;
/// The number of somebody who was never enrolled.
const STRANGER: u64 = 2_000_000;

impl Fleet<'_> {
    pub fn night(&mut self, old_disks: &mut Vec<Option<Tables>>) -> Checked {
        old_disks.resize_with(self.laptops.len(), || None);
        for who in self.living() {
            self.clock_goes_wrong(who);
            if self.happens(self.plan.put_back * 8) {
                let copy = self.laptops.get(who).map(|laptop| laptop.tables.clone());
                old_disks.get_mut(who).map(|old| std::mem::replace(old, copy));
            }
            if self.happens(self.plan.put_back)
                && let Some(old) = old_disks.get_mut(who).and_then(Option::take)
            {
                self.put_back(who, old)?;
            }
            if self.happens(self.plan.overreach) {
                self.is_refused(who)?;
            }
            if self.happens(self.plan.clone) {
                self.clone_disk(who);
            }
            if self.happens(self.plan.revoke) && self.living().len() > LAPTOPS_MIN {
                self.revoke(who)?;
            }
        }
        self.night_of_hubs();
        if self.plan.restore > 0 && self.dice.below(NIGHTS_PER_BACKUP) == 0 {
            self.backup = Some(self.nation.clone());
        }
        if self.happens(self.plan.restore) {
            self.restore();
        }
        Ok(())
    }

    fn clock_goes_wrong(&mut self, who: usize) {
        if !self.happens(self.plan.clocks) {
            return;
        }
        self.tally.fault("laptop", "clock jumps");
        let off = if self.dice.below(3) == 0 { 0 } else { self.years_off() };
        if let Some(laptop) = self.laptops.get_mut(who) {
            laptop.off_ms = off;
        }
    }

    /// The disk is put back to an old copy of it. What only the newer disk had is lost with it, and promised no more.
    fn put_back(&mut self, who: usize, old: Tables) -> Checked {
        self.tally.fault("laptop", "put back to an old copy");
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        laptop.acked.retain(|id| old.envelopes.contains_key(id));
        let own = laptop.tables.log.values().map(|(id, _)| *id);
        self.reference.gone_with_a_disk.extend(own.filter(|id| !old.envelopes.contains_key(id)));
        laptop.tables = old;
        // What it believes of the server may be older than what the server has lost since.
        self.reference.heard_since_restore.remove(&who);
        self.restart(who)
    }

    /// Both disks go on as the same device.
    fn clone_disk(&mut self, who: usize) {
        let Some(laptop) = self.laptops.get(who) else { return };
        let twin =
            Laptop { me: laptop.me.clone(), tables: laptop.tables.clone(), acked: laptop.acked.clone(), ..*laptop };
        if self.reference.heard_since_restore.contains(&who) {
            self.reference.heard_since_restore.insert(self.laptops.len());
        }
        self.tally.fault("laptop", "disk cloned");
        self.laptops.push(twin);
    }

    /// Somebody who holds none of its keys goes on with a laptop's log, under no seal or under one of their own; or
    /// the laptop itself leaves out what comes before.
    fn is_refused(&mut self, who: usize) -> Checked {
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        let (me, epoch) = (laptop.me.clone(), laptop.tables.current().epoch);
        let Some(kept) = laptop.tables.envelopes.values().next() else { return Ok(()) };
        let entry = kept.envelope.as_ref().clone();
        let mut head = self.nation.standing(me.device, epoch).head;
        let stranger = Identity::numbered(STRANGER, String::new(), Authority::Team);
        let (what, keys) = match self.dice.below(3) {
            0 => ("a stranger's push", None),
            1 => ("a stranger's push", Some(&stranger)),
            _ => {
                head = head.append(me.device, epoch, entry.statement_id());
                ("a push with a hole", Some(&me))
            }
        };
        let after = head.append(me.device, epoch, entry.statement_id());
        let seal = |by: &Identity| {
            let keys = SigningKeys { device: &by.key, author: &by.author_key };
            Seal::make(me.device, epoch, after.seq, after.chain, me.author, &keys)
        };
        let push = Push {
            device: me.device,
            epoch,
            from: after.seq,
            previous: head.chain,
            entries: vec![entry.into()],
            seals: keys.map(seal).into_iter().collect(),
            nonce: [0; 16],
        };
        self.tally.fault("road", what);
        match self.nation.push(&push, self.campaign, self.now) {
            Err(_) => Ok(()),
            Ok(_) => broken("I8", format!("{what} into the log of laptop {who} was taken")),
        }
    }

    /// A laptop is reported stolen; its team is given another one.
    fn revoke(&mut self, who: usize) -> Checked {
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        let stolen = laptop.read_log(1, 3, Fate::Kept);
        let (device, area) = (laptop.me.device, laptop.me.area.clone());
        self.tally.fault("laptop", "revoked, and another one enrolled");
        self.nation.revoked.insert(device, self.now);
        if let Ok(Some(push)) = stolen
            && self.nation.push(&push, self.campaign, self.now).is_ok()
        {
            return broken("I8", format!("laptop {who} was revoked, and its push was taken"));
        }
        for twin in self.laptops.iter_mut().filter(|laptop| laptop.me.device == device) {
            twin.gone = true;
        }
        let gone: Vec<usize> = self.talks.keys().copied().filter(|who| !self.living().contains(who)).collect();
        // One of those that was just talking is cut off by the server, not by us.
        if self.dice.below(2) == 0 {
            self.talks.retain(|who, _| !gone.contains(who));
        }
        self.enrol(area);
        Ok(())
    }

    /// The server's disk is lost, and it starts again from a copy. What an admin did by hand since, enrolling and
    /// revoking, is done again from the list on the wall; what an admin answered is answered no more.
    fn restore(&mut self) {
        let Some(copy) = self.backup.clone() else { return };
        self.tally.fault("server", "restored from an old backup");
        // A server that is being restored hangs up on everybody.
        self.talks.retain(|_, talk| talk.with != Server::Nation);
        let revoked = std::mem::take(&mut self.nation.revoked);
        self.nation = copy;
        self.nation.revoked = revoked;
        self.forwards.clear();
        self.reference.restored = true;
        self.reference.restored_at = Some(self.now);
        self.reference.heard_since_restore.clear();
    }
}
