//! Mirrors `sync-server/src/stick`: a stick goes the same road in as a push, and what goes home answers it.

use std::collections::BTreeMap;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::LogHead;
use shared_model::ids::{BundleId, DeviceId, Epoch, Seq};
use shared_model::limits;
use shared_model::sync::PushRefused;
use shared_model::sync::bundle::{Certificates, Content, FeedStretch, Issue, ReturnAsked, Returned, ReturnedLog};
use shared_model::sync::feed::Cursor;
use shared_model::sync::message::{Push, refusal};
use shared_model::time::Moment;
use sync_server::stick::{LogPlace, Placed};

use super::Nation;
use crate::country::{Campaign, Enrolled};

/// The node that signs words on sticks.
pub const ISSUER: DeviceId = DeviceId([0x5c; DeviceId::BYTES]);

/// What one taking has come to: everything readable on the sticks of one folder.
#[derive(Default)]
pub struct Taking {
    /// Certificates met on the stick.
    met: BTreeMap<DeviceId, Enrolled>,
    pub introduced: u64,
    stood: BTreeMap<(DeviceId, Epoch), Stood>,
    pub wishes: BTreeMap<BundleId, ReturnAsked>,
    pub placed: BTreeMap<LogPlace, Placed>,
}

#[derive(Clone, Copy)]
struct Stood {
    held: LogHead,
    fresh_epoch: Option<Epoch>,
}

impl Taking {
    pub fn waiting(&self) -> usize {
        self.placed.values().filter(|placed| matches!(placed, Placed::Waits { .. })).count()
    }

    /// A second time only what waited is placed.
    pub fn is_wanted(&self, place: &LogPlace) -> bool {
        matches!(self.placed.get(place), None | Some(Placed::Waits { .. }))
    }
}

pub fn place_of(push: &Push) -> LogPlace {
    let to = push.from.saturating_add(push.entries.len() as u64).saturating_sub(1);
    LogPlace { device: push.device, epoch: push.epoch, from: push.from, to }
}

impl Nation {
    pub fn meet(&self, taking: &mut Taking, certificates: &Certificates, campaign: &Campaign) {
        let opened = certificates.devices.iter().zip(&certificates.authors).filter_map(|(device, author)| {
            let signed = (author.clone(), device.clone());
            let device = device.open::<DeviceCertificate>(campaign.public).ok()?;
            Some(Enrolled { device, author: author.open::<AuthorCertificate>(campaign.public).ok()?, signed })
        });
        let strangers = opened.filter(|enrolled| !self.knows(enrolled.device.device));
        taking.met.extend(strangers.map(|enrolled| (enrolled.device.device, enrolled)));
    }

    /// Introduced by its certificate where this server had not heard of it. The console comes on no stick.
    fn knows_or_meets(&mut self, taking: &mut Taking, device: DeviceId) -> bool {
        if !self.knows(device)
            && let Some(enrolled) = taking.met.get(&device)
        {
            self.enrol(enrolled.clone());
            taking.introduced += 1;
        }
        self.knows(device) && self.console != Some(device)
    }

    pub fn place(&mut self, taking: &mut Taking, push: &Push, now: Moment) -> Placed {
        if !self.knows_or_meets(taking, push.device) {
            return Placed::UnknownDevice;
        }
        let log = (push.device, push.epoch);
        let (before, held_before) = (self.standing(log.0, log.1), self.entries.len());
        match self.keep(push, now) {
            Ok(receipt) => {
                let earlier = taking.stood.get(&log).and_then(|stood| stood.fresh_epoch);
                let fresh_epoch = receipt.fresh_epoch.max(earlier);
                taking.stood.insert(log, Stood { held: receipt.held, fresh_epoch });
                if self.entries.len() == held_before {
                    return Placed::HeldAlready;
                }
                let fresh = receipt.held.seq.saturating_sub(before.head.seq);
                Placed::Kept { fresh, doubted: receipt.quarantined.len() as u64 }
            }
            Err(refused) if refused.code == refusal::HOLE => {
                let missing_from = refused.held.map_or(0, |held| held.seq).saturating_add(1);
                Placed::Waits { missing_from, missing_to: push.from.saturating_sub(1) }
            }
            Err(refused) => Placed::Refused(match refused.code {
                refusal::BAD_SEAL => PushRefused::BadSeal,
                refusal::TOO_LARGE => PushRefused::TooMany,
                _ => PushRefused::Empty,
            }),
        }
    }

    /// Whether it was taken in whole before.
    pub fn took(&self, bundle: BundleId) -> bool {
        self.sticks_taken.contains(&bundle)
    }

    pub fn note_stick(&mut self, bundle: BundleId) {
        self.sticks_taken.insert(bundle);
    }

    /// Only a device of this campaign, by its own signature, may name whom the answer is sealed to.
    pub fn hear_wish(&mut self, taking: &mut Taking, bundle: BundleId, signed: &Signed, campaign: &Campaign) {
        let Some(id) = ReturnAsked::claimed_by(signed) else { return };
        if !self.knows_or_meets(taking, id) {
            return;
        }
        let Some(key) = self.devices.get(&id).map(|enrolled| enrolled.device.key) else { return };
        if let Ok(asked) = ReturnAsked::open(signed, key, campaign.public)
            && asked.bundle == bundle
        {
            taking.wishes.insert(bundle, asked);
        }
    }

    /// The word that goes home: the logs on the stick as they stand after it, and of every other one that the laptop
    /// was told is held, whether it still is.
    pub fn answer_to(&mut self, taking: &Taking, asked: &ReturnAsked, now: Moment) -> Returned {
        let device = asked.device;
        let mut stands: BTreeMap<Epoch, Stood> = BTreeMap::new();
        for end in &asked.known {
            let held =
                if self.lies_at(device, end.epoch, end.head) { end.head } else { LogHead::empty(device, end.epoch) };
            stands.insert(end.epoch, Stood { held, fresh_epoch: None });
        }
        let brought = taking.stood.iter().filter(|((of, _), _)| *of == device);
        stands.extend(brought.map(|((_, epoch), stood)| (*epoch, *stood)));
        let skip = stands.len().saturating_sub(limits::STICK_ANSWERS_MAX);
        let log = |(epoch, Stood { held, fresh_epoch })| ReturnedLog {
            device,
            epoch,
            held,
            national_to: held.seq,
            quarantined: Vec::new(),
            fresh_epoch,
            national: None,
        };
        self.stick_issues += 1;
        Returned {
            answers: asked.bundle,
            maker: device,
            issuer: ISSUER,
            issue: Issue { at_ms: now.0, number: self.stick_issues },
            logs: stands.into_iter().skip(skip).map(log).collect(),
            feeds: vec![self.feed_head(self.area_of(device)).into()],
            by_nation: true,
        }
    }

    /// The feed of the area the device works in, from where it has read; from the start where its cursor is not one of
    /// this feed as it is here.
    pub fn stretches_for(&self, asked: &ReturnAsked, entries_max: usize, campaign: &Campaign) -> Vec<Content> {
        let head = self.feed_head(self.area_of(asked.device));
        let here = |cursor: &&Cursor| {
            let at = usize::try_from(cursor.seq).ok().and_then(|seq| seq.checked_sub(1));
            let entries = self.feeds.get(&head.feed).map_or(&[][..], |feed| feed.entries.as_slice());
            at.and_then(|at| entries.get(at)).is_some_and(|(.., sum)| *sum == cursor.sum)
        };
        let held = asked.cursors.iter().find(|cursor| cursor.feed == head.feed && cursor.epoch == head.epoch);
        let mut from = held.filter(here).cloned().unwrap_or_else(|| Cursor::start(head.feed.clone(), head.epoch));
        let mut stretches = Vec::new();
        while from.seq < head.seq {
            let Some(page) = self.page(&from, entries_max, campaign, false) else { break };
            let next = page.entries.len() as Seq + from.seq;
            let Some(sum) = self.sum_at(&head.feed, next).filter(|_| next > from.seq) else { break };
            let after = Cursor { seq: next, sum, ..from.clone() };
            stretches.push(Content::Feed(FeedStretch { from, page }));
            from = after;
        }
        stretches
    }

    fn sum_at(&self, feed: &str, seq: Seq) -> Option<[u8; 32]> {
        let at = usize::try_from(seq).ok()?.checked_sub(1)?;
        self.feeds.get(feed)?.entries.get(at).map(|(.., sum)| *sum)
    }
}
