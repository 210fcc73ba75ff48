//! One sync from hello to finish. The store is held only while something is read or kept, never while a road is waited on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::{LogHead, PublicKey};
use shared_model::ids::{DeviceId, Epoch, Seq, to_hex};
use shared_model::limits;
use shared_model::rules::Bundle;
use shared_model::sync::conversation::{Action, Conversation, Event, Myself, Outcome, Trouble};
use shared_model::sync::feed::CheckedPage;
use shared_model::sync::message::{Introduce, Introduced, Page, Push, Receipt, refusal};
use shared_model::sync::segment::{CheckedChunk, Stretch};
use shared_model::sync::speaker::Speaker;
use shared_model::time::Moment;

use super::courier::Courier;
use super::road::Road;
use super::{prior, seal, segment};
use crate::edge::draw;
use crate::identity::Membership;
use crate::laptop::Laptop;
use crate::stick::recipients;
use crate::store::{StoreError, attention, cursor, envelope, hub, log, person, rules, visitor};
use crate::{clock, intake};

/// Raw bytes of envelopes in one push: folded they stay well under what a request may hold.
const PUSH_BYTES: usize = 192 * 1024;

/// Where the laptop is while a sync runs: gone when somebody locks it in the middle.
pub type Holder = Mutex<Option<Laptop>>;

fn held(holder: &Holder) -> MutexGuard<'_, Option<Laptop>> {
    // A panic elsewhere leaves the store as its last commit left it.
    holder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a sync went, and with whom.
pub struct Synced {
    pub outcome: Outcome,
    /// Nothing where nobody answered.
    pub speaker: Option<Speaker>,
}

/// Runs one sync. Ends early, without loss, when the laptop is locked meanwhile.
pub fn sync(holder: &Holder, road: &mut dyn Road) -> Outcome {
    sync_with_whoever_answers(holder, road).outcome
}

/// As [`sync`], and tells whether the nation was met on this road or a hub.
pub fn sync_with_whoever_answers(holder: &Holder, road: &mut dyn Road) -> Synced {
    let mut speaker = None;
    let outcome = converse(holder, road, &mut speaker).unwrap_or_else(|trouble| Outcome {
        pushed: 0,
        pulled: 0,
        complete: false,
        trouble: Some(trouble),
    });
    Synced { outcome, speaker }
}

fn converse(holder: &Holder, road: &mut dyn Road, met: &mut Option<Speaker>) -> Result<Outcome, Trouble> {
    let (seed, membership) =
        with(holder, |laptop| (laptop.seed.clone(), laptop.membership.clone())).ok_or(Trouble::Store)?;
    let mut courier = Courier::new(road, seed.device, seed.device_key());
    let (speaker, shown) = meet(&mut courier, &membership)?;
    *met = Some(speaker.clone());
    if let (Speaker::Hub(certificate), Some(shown)) = (&speaker, shown) {
        if store(holder, |laptop| hub::is_ended(laptop.store.read(), certificate.hub))? {
            return Err(Trouble::NotGenuine);
        }
        store(holder, |laptop| laptop.note_met(&shown))?;
    }
    let (me, wall) = store(holder, |laptop| laptop.introduce(speaker.clone()))?;
    let mut conversation = Conversation::begin(me, wall);
    while let Some(action) = conversation.poll() {
        if let Action::Finished(outcome) = action {
            if outcome.complete {
                with(holder, |laptop| laptop.store.transact(|conn| cursor::set_all_ready(conn, &speaker)).map(|_| ()));
                if speaker.is_nation()
                    && let Some(Err(error)) = with(holder, Laptop::evict_visitors)
                {
                    tracing::warn!(%error, "visitors of long ago are still here until the next sync");
                }
                prior::fetch(holder, &mut courier, speaker.is_nation());
            }
            return Ok(outcome);
        }
        let event = act(holder, &mut courier, &speaker, action).unwrap_or_else(Event::Trouble);
        let now = with(holder, |laptop| laptop.now()).unwrap_or(wall);
        conversation.handle(event, now);
    }
    Err(Trouble::BadAnswer)
}

/// Learns who answers on this road. A hub that has not heard of this laptop is shown its certificates, and so is a
/// nation put back to a copy from before it was enrolled.
pub(super) fn meet(courier: &mut Courier<'_>, membership: &Membership) -> Result<(Speaker, Option<Signed>), Trouble> {
    let shown = match courier.meet() {
        Err(Trouble::Refused { code, .. }) if code == refusal::UNKNOWN_DEVICE => {
            let (devices, authors) = (vec![membership.device.clone()], vec![membership.author.clone()]);
            courier.ask_unsigned::<Introduced>("/device/introduce", &Introduce { devices, authors })?;
            courier.meet()?
        }
        met => met?,
    };
    let speaker = Speaker::shown(shown.as_ref(), membership.campaign_key).map_err(|_| Trouble::NotGenuine)?;
    Ok((speaker, shown))
}

pub(super) fn with<T>(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> T) -> Option<T> {
    held(holder).as_mut().map(deed)
}

/// A deed on the store; locked or failed, it ends the sync.
pub(super) fn store<T>(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> Result<T, StoreError>) -> Result<T, Trouble> {
    with(holder, deed).ok_or(Trouble::Store)?.map_err(|_| Trouble::Store)
}

fn act(holder: &Holder, courier: &mut Courier<'_>, speaker: &Speaker, action: Action) -> Result<Event, Trouble> {
    Ok(match action {
        Action::SayHello(hello) => Event::Hello(courier.ask("/device/hello", &hello)?),
        Action::ReadLog { from } => Event::Log(store(holder, |laptop| laptop.read_log(from, PUSH_BYTES))?),
        Action::Push(push) => Event::Receipt(courier.ask("/device/push", &push)?),
        Action::NoteReceipt(receipt) => store(holder, |laptop| laptop.note_receipt(&receipt)).map(|()| Event::Done)?,
        Action::NoteHeldByHub(receipt) => {
            store(holder, |laptop| laptop.note_held_by_hub(speaker, &receipt)).map(|()| Event::Done)?
        }
        Action::NoteBrought(receipt) => store(holder, |laptop| laptop.note_brought(&receipt)).map(|()| Event::Done)?,
        Action::NoteEndedHubs(hubs) => store(holder, |laptop| laptop.note_ended_hubs(&hubs)).map(|()| Event::Done)?,
        Action::StartEpoch(epoch) => Event::EpochStarted(store(holder, |laptop| laptop.start_epoch(epoch))?),
        Action::NoteRules(bundles) => store(holder, |laptop| laptop.note_rules(&bundles)).map(|()| Event::Done)?,
        Action::NoteTime { server, at } => {
            store(holder, |laptop| laptop.note_time(server, at)).map(|()| Event::Done)?
        }
        Action::FindSegments(ask) => segment::find(courier, &ask)?,
        Action::KeepSegment(stretch) => keep_segment(holder, courier, speaker, &stretch)?,
        Action::Pull(pull) => Event::Page(courier.ask::<Page>("/device/pull", &pull)?),
        Action::KeepPage { page, authors, devices } => {
            store(holder, |laptop| laptop.keep_page(speaker, &page, &authors, &devices)).map(|()| Event::Done)?
        }
        Action::Finished(_) => Event::Done,
    })
}

fn keep_segment(
    holder: &Holder,
    courier: &mut Courier<'_>,
    speaker: &Speaker,
    stretch: &Stretch,
) -> Result<Event, Trouble> {
    let taken = with(holder, |laptop| (std::mem::take(&mut laptop.begun), laptop.membership.campaign_key));
    let (mut begun, campaign) = taken.ok_or(Trouble::Store)?;
    let fetched = segment::fetch(courier, stretch, &mut begun, campaign);
    with(holder, |laptop| laptop.begun = begun);
    let Some(chunks) = fetched? else {
        tracing::warn!(
            file = to_hex(&stretch.segment.sha256),
            "a file of a feed is gone, or is not what was announced"
        );
        return Ok(Event::SegmentDamaged);
    };
    let mut cursor = stretch.at.clone();
    for CheckedChunk { page, authors, devices } in chunks {
        store(holder, |laptop| laptop.keep_page(speaker, &page, &authors, &devices))?;
        cursor = page.cursor;
    }
    Ok(Event::SegmentKept(cursor))
}

/// Notes who is behind certificates; those that this version can't read are stepped over.
pub(super) fn put_people(
    conn: &Connection,
    campaign: PublicKey,
    authors: &[Signed],
    devices: &[Signed],
) -> Result<(), StoreError> {
    for signed in authors.iter().take(limits::CERTIFICATES_MAX) {
        if let Ok(certificate) = signed.open::<AuthorCertificate>(campaign) {
            person::put_author(conn, &certificate)?;
        }
    }
    for signed in devices.iter().take(limits::CERTIFICATES_MAX) {
        if let Ok(certificate) = signed.open::<DeviceCertificate>(campaign) {
            person::put_device(conn, &certificate)?;
        }
    }
    Ok(())
}

impl Laptop {
    /// What this laptop says of itself at the start of a sync.
    fn introduce(&mut self, speaker: Speaker) -> Result<(Myself, Moment), StoreError> {
        self.seal_all()?;
        let conn = self.store.read();
        let epoch = log::current(conn)?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        let me = Myself {
            device: self.device(),
            campaign: self.campaign_key(),
            epoch: epoch.epoch,
            head: epoch.head,
            cursors: cursor::all(conn, &speaker)?,
            speaker,
            rules: self.rules.bundles().iter().map(Bundle::id).collect(),
            leans_on: log::leans_on(conn)?,
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            nonce: draw(self.edge.as_ref()).map_err(|_| StoreError::Nonsense { table: "dice" })?,
        };
        Ok((me, self.now()))
    }

    pub(crate) fn campaign_key(&self) -> PublicKey {
        self.membership.campaign_key
    }

    /// The next range to push: whole seals where they fit, a seal of its own where they don't.
    pub(crate) fn read_log(&mut self, from: Seq, bytes_max: usize) -> Result<Option<Push>, StoreError> {
        let conn = self.store.read();
        let epoch = log::current(conn)?.ok_or(StoreError::Nonsense { table: "log_epoch" })?;
        // Entries made since the sync began wait for the next one, under their own seal.
        let sealed_to = log::sealed_to(conn, epoch.epoch)?;
        let mut entries = log::read(conn, epoch.epoch, from, limits::PUSH_ENTRIES_MAX, bytes_max)?;
        entries.retain(|entry| entry.seq <= sealed_to);
        let Some(last) = entries.last() else { return Ok(None) };
        let to = LogHead { seq: last.seq, chain: last.chain };
        let mut seals = log::seals(conn, epoch.epoch, from, to.seq)?;
        if seals.last().is_none_or(|seal| seal.to_seq < to.seq) {
            let cut = seal::make(&self.seed, epoch.epoch, to);
            let kept = self.store.transact(|conn| log::put_seal(conn, &cut))?;
            let () = kept.into_inner();
            seals.push(cut);
        }
        let previous = log::chain_at(self.store.read(), self.device(), epoch.epoch, from - 1)?
            .ok_or(StoreError::Nonsense { table: "log" })?;
        let entries = entries.into_iter().map(|entry| entry.envelope.into()).collect();
        // The conversation draws the nonce.
        Ok(Some(Push { device: self.device(), epoch: epoch.epoch, from, previous, entries, seals, nonce: [0; 16] }))
    }

    /// The nation's word, as it was given just now.
    fn note_receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let device = self.device();
        let noted = self.store.transact(|conn| -> Result<(), StoreError> {
            log::heard_of(conn, receipt.epoch, receipt.now_ms)?;
            // A number alone may be the length of a twin's log: only the same chain is this log.
            let ours = log::chain_at(conn, device, receipt.epoch, receipt.held.seq)? == Some(receipt.held.chain);
            let held_to = if ours { receipt.held.seq } else { 0 };
            let before = log::epochs(conn)?.into_iter().find(|one| one.epoch == receipt.epoch);
            let went_back = before.is_some_and(|before| held_to < before.national_to);
            if went_back || (receipt.fresh_epoch.is_some() && held_to == 0) {
                // A server that lost this of the log may have lost as much of the numbers before.
                log::forget_receipts(conn)?;
            }
            if went_back && receipt.fresh_epoch.is_none() {
                log::say_again(conn, device)?;
            }
            log::note_national(conn, receipt.epoch, receipt.national_to.min(held_to))?;
            for notice in &receipt.quarantined {
                let position = format!("{device}/{}/{}", notice.epoch, notice.seq);
                attention::put(conn, &position, &notice.code, true)?;
            }
            Ok(())
        })?;
        let () = noted.into_inner();
        Ok(())
    }

    /// A word of the nation's that lay at a hub. One from before the last that was heard is about the past.
    pub(crate) fn note_brought(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        if log::last_heard(self.store.read(), receipt.epoch)? < Some(receipt.now_ms) {
            self.note_receipt(receipt)?;
        }
        Ok(())
    }

    fn note_held_by_hub(&mut self, speaker: &Speaker, receipt: &Receipt) -> Result<(), StoreError> {
        let Speaker::Hub(hub) = speaker else { return Ok(()) };
        let device = self.device();
        let noted = self.store.transact(|conn| -> Result<(), StoreError> {
            let ours = log::chain_at(conn, device, receipt.epoch, receipt.held.seq)? == Some(receipt.held.chain);
            let held_to = if ours { receipt.held.seq } else { 0 };
            if held_to < log::held_by_hub(conn, hub.hub, receipt.epoch)? {
                hub::note_went_back(conn, hub.hub, receipt.now_ms)?;
            }
            log::note_held_by_hub(conn, hub.hub, receipt.epoch, held_to)
        })?;
        let () = noted.into_inner();
        Ok(())
    }

    fn note_met(&mut self, shown: &Signed) -> Result<(), StoreError> {
        let campaign = self.campaign_key();
        let noted = self.store.transact(|conn| recipients::met(conn, shown, campaign))?;
        let () = noted.into_inner();
        Ok(())
    }

    fn note_ended_hubs(&mut self, hubs: &[DeviceId]) -> Result<(), StoreError> {
        let noted = self.store.transact(|conn| hub::note_ended(conn, hubs))?;
        let () = noted.into_inner();
        Ok(())
    }

    /// Goes on in a new epoch: what the nation is not known to hold is said again there, word for word.
    pub(crate) fn start_epoch(&mut self, epoch: Epoch) -> Result<LogHead, StoreError> {
        let seed = self.seed.clone();
        let begun = self.store.transact(|conn| -> Result<LogHead, StoreError> {
            let again = log::not_held_by_nation(conn)?;
            log::begin_epoch(conn, seed.device, epoch)?;
            let mut head = LogHead::empty(seed.device, epoch);
            for statement in again {
                head = log::append(conn, seed.device, statement)?;
            }
            if head.seq > 0 {
                log::put_seal(conn, &seal::make(&seed, epoch, head))?;
            }
            Ok(head)
        })?;
        Ok(begun.into_inner())
    }

    fn note_rules(&mut self, signed: &[Signed]) -> Result<(), StoreError> {
        let campaign = self.campaign_key();
        // A bundle that is not this campaign's, or that this version can't read, is left where it is.
        let bundles: Vec<(Bundle, &Signed)> =
            signed.iter().filter_map(|one| Some((one.open::<Bundle>(campaign).ok()?, one))).collect();
        let kept = self.store.transact(|conn| -> Result<(), StoreError> {
            bundles.iter().try_for_each(|(bundle, signed)| rules::put(conn, bundle.id(), signed))
        })?;
        let () = kept.into_inner();
        for (bundle, _) in bundles {
            self.rules = std::mem::take(&mut self.rules).with(bundle);
        }
        Ok(())
    }

    fn note_time(&mut self, server: Moment, at: Moment) -> Result<(), StoreError> {
        let (edge, run) = (self.edge.as_ref(), self.run);
        let noted = self.store.transact(|conn| clock::heard_server(conn, edge, run, server, at))?;
        let () = noted.into_inner();
        Ok(())
    }

    /// Entries, people and cursor in one transaction: a feed is never half read.
    pub(crate) fn keep_page(
        &mut self,
        speaker: &Speaker,
        page: &CheckedPage,
        authors: &[Signed],
        devices: &[Signed],
    ) -> Result<(), StoreError> {
        let (campaign, wall, rules) = (self.campaign_key(), self.now(), &self.rules);
        let kept = self.store.transact(|conn| -> Result<(), StoreError> {
            put_people(conn, campaign, authors, devices)?;
            let believed = intake::keep::keep(conn, &page.envelopes, speaker.is_nation(), wall)?;
            intake::apply::apply(conn, &believed, rules).map_err(|error| match error {
                crate::laptop::SayError::Store(error) => error,
                _ => StoreError::Nonsense { table: "envelope" },
            })?;
            // A hub hears of whoever is spoken of in its areas, and not what is said of them elsewhere.
            if speaker.is_nation() && visitor::are_here(conn)? {
                for card in believed.iter().filter_map(envelope::told_by) {
                    visitor::forget(conn, card)?;
                }
            }
            cursor::put(conn, speaker, &page.cursor)
        })?;
        let () = kept.into_inner();
        Ok(())
    }
}
