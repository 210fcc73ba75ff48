//! A hub's sync with the nation: the conversation of `shared_model::sync::forwarding` over a road, on the hub's store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use roads::courier::Courier;
use roads::http::Http;
use roads::road::Road;
use roads::segment::{self, Begun};
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, HubCertificate, Signed};
use shared_model::ids::{DeviceId, to_hex};
use shared_model::rules::Bundle;
use shared_model::sync::feed::CheckedPage;
use shared_model::sync::forwarding::{Errand, Forwarding, HubSelf};
use shared_model::sync::hub::LogEnd;
use shared_model::sync::message::{Introduce, Introduced, Page, Push, Receipt};
use shared_model::sync::segment::{CheckedChunk, Stretch};
use shared_model::sync::{Event, Outcome, Trouble};
use shared_model::time::Moment;
use tokio::runtime::Handle;

use super::status::{RefusedLog, Tried};
use super::{Hub, prior};
use crate::edge::{self, draw};
use crate::intake::downstream;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AuditLine, AuthorRow, DeviceRow, NationalWord};

/// With nothing new, the nation is asked this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// What arrives is gathered for this long before it is forwarded.
const GATHER: Duration = Duration::from_secs(3);
/// Logs the nation did not take, as they are remembered for whoever asks.
const REFUSED_REMEMBERED: usize = 100;
/// After trouble: at first soon, then ever later.
const WAIT_MIN: Duration = Duration::from_secs(5);
const WAIT_MAX: Duration = Duration::from_secs(300);

/// Syncs for as long as the server runs.
pub async fn follow(office: Arc<Office>) {
    let mut failures = 0_u32;
    loop {
        let Some(upstream) = office.keys.hub().map(|hub| hub.membership().upstream) else { return };
        let asked = Arc::clone(&office);
        let handle = Handle::current();
        let synced = tokio::task::spawn_blocking(move || match Http::to(&upstream) {
            Ok(mut road) => sync(&asked, &handle, &mut road),
            Err(_) => ended(Trouble::NoNetwork),
        });
        let outcome = synced.await.unwrap_or_else(|_| ended(Trouble::Store));
        let wait = match &outcome.trouble {
            None => {
                failures = 0;
                LOOK_EVERY
            }
            Some(trouble) => {
                failures = failures.saturating_add(1);
                tracing::warn!(error = %trouble, failures, "no sync with the nation");
                let asked = match trouble {
                    Trouble::Refused { retry_after_s: Some(seconds), .. } => u64::from(*seconds),
                    _ => 0,
                };
                later(failures).max(Duration::from_secs(asked)) + jitter(&office)
            }
        };
        let arrived = async {
            office.to_forward.notified().await;
            tokio::time::sleep(GATHER).await;
        };
        if failures == 0 {
            let _ = tokio::time::timeout(wait, arrived).await;
        } else {
            tokio::time::sleep(wait).await;
        }
    }
}

fn later(failures: u32) -> Duration {
    WAIT_MIN.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(WAIT_MAX)
}

/// Spreads hubs out that lost the nation together.
fn jitter(office: &Office) -> Duration {
    let dice = draw::<2>(office.edge.as_ref()).map_or(0, u16::from_be_bytes);
    Duration::from_millis(u64::from(dice % 5_000))
}

fn ended(trouble: Trouble) -> Outcome {
    Outcome { pushed: 0, pulled: 0, complete: false, trouble: Some(trouble) }
}

/// One sync with the nation, on a thread that may wait for a road.
pub fn sync(office: &Office, handle: &Handle, road: &mut dyn Road) -> Outcome {
    let Some(hub) = office.keys.hub() else { return ended(Trouble::Store) };
    let mut errands = Errands {
        office,
        hub,
        handle,
        courier: Courier::new(road, hub.device, hub.key.clone()),
        begun: Begun::default(),
        refused: Vec::new(),
    };
    let outcome = errands.run().unwrap_or_else(ended);
    let tried = Tried::of(&outcome, errands.refused, office.now());
    if let Err(wrong) = hub.remember(|membership| membership.last_try = Some(tried)) {
        tracing::warn!(error = %wrong, "how this sync went is not remembered");
    }
    outcome
}

struct Errands<'a> {
    office: &'a Office,
    hub: &'a Hub,
    handle: &'a Handle,
    courier: Courier<'a>,
    begun: Begun,
    /// Logs that the nation did not take.
    refused: Vec<RefusedLog>,
}

impl Errands<'_> {
    fn run(&mut self) -> Result<Outcome, Trouble> {
        let me = self.introduce()?;
        let mut forwarding = Forwarding::begin(me, self.office.now());
        while let Some(errand) = forwarding.poll() {
            if let Errand::Finished(outcome) = errand {
                let refused = forwarding.refused().iter().take(REFUSED_REMEMBERED).cloned();
                self.refused.extend(refused.map(|(log, code)| RefusedLog {
                    device: log.device,
                    epoch: log.epoch,
                    code,
                }));
                if outcome.complete {
                    self.store(self.office.store.feeds_are_ready())?;
                }
                // Logs that the nation refused keep nobody from being asked for his card.
                if matches!(outcome.trouble, None | Some(Trouble::Refused { .. })) {
                    let (campaign, now) = (self.hub.campaign(), self.office.now());
                    prior::fetch(&self.hub.prior, &self.office.prior, campaign, now, &mut self.courier);
                }
                return Ok(outcome);
            }
            let event = self.go(errand).unwrap_or_else(Event::Trouble);
            forwarding.handle(event, self.office.now());
        }
        Err(Trouble::BadAnswer)
    }

    fn store<T>(&self, deed: impl Future<Output = Result<T, StoreError>>) -> Result<T, Trouble> {
        self.handle.block_on(deed).map_err(|wrong| {
            tracing::warn!(error = %wrong, "the store did not do its deed");
            Trouble::Store
        })
    }

    fn introduce(&self) -> Result<HubSelf, Trouble> {
        let membership = self.hub.membership();
        let (_, rules) = self.hub.rules();
        let feeds = self.store(self.office.store.upstream_feeds())?;
        Ok(HubSelf {
            hub: self.hub.device,
            campaign: membership.campaign_key,
            logs: self.store(self.office.store.log_ends())?,
            cursors: feeds.into_iter().map(|feed| feed.cursor).collect(),
            rules: rules.into_iter().map(|(id, _)| id).collect(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            nonce: draw(self.office.edge.as_ref()).map_err(|_| Trouble::Store)?,
            last_nonce: membership.last_nonce.map(Into::into),
            stick: Some(self.office.keys.stick.recipient()),
        })
    }

    fn go(&mut self, errand: Errand) -> Result<Event, Trouble> {
        Ok(match errand {
            Errand::SayHello(hello) => Event::Hello(self.courier.ask("/hub/hello", &hello)?),
            Errand::NoteHeard { certificate, nonce, at, .. } => self.note_heard(certificate, nonce, at)?,
            Errand::NoteRules(rules) => self.note_rules(rules)?,
            Errand::NoteEnded(devices) => self.note_ended(&devices)?,
            Errand::NoteTwin => self.note_twin()?,
            Errand::NoteNational(word) => self.note_national(word.0, word.1)?,
            Errand::Introduce(devices) => self.introduce_devices(devices)?,
            Errand::ReadLog { log, from } => Event::Log(self.read_log(log, from)?),
            Errand::Push(push) => Event::Receipt(self.courier.ask("/hub/push", &push)?),
            Errand::FindSegments(ask) => segment::find(&mut self.courier, &ask)?,
            Errand::KeepSegment(stretch) => self.keep_segment(&stretch)?,
            Errand::Pull(pull) => Event::Page(self.courier.ask::<Page>("/device/pull", &pull)?),
            Errand::KeepPage { page, authors, devices } => self.keep_page(&page, &authors, &devices)?,
            Errand::Finished(_) => Event::Done,
        })
    }

    fn note_heard(&self, certificate: Signed, nonce: [u8; 16], at: Moment) -> Result<Event, Trouble> {
        let campaign = self.hub.campaign();
        let renewed: HubCertificate = certificate.open(campaign).map_err(|_| Trouble::NotGenuine)?;
        if renewed.hub != self.hub.device {
            return Err(Trouble::BadAnswer);
        }
        let kept = self.hub.remember(|membership| {
            membership.certificate = certificate;
            membership.last_nonce = Some(nonce.into());
            membership.last_contact_ms = Some(at.0);
        });
        kept.map(|()| Event::Done).map_err(|_| Trouble::Store)
    }

    /// They are handed on at once; this hub draws its own record under them from the next start on.
    fn note_rules(&self, rules: Vec<Signed>) -> Result<Event, Trouble> {
        let campaign = self.hub.campaign();
        let genuine: Vec<Signed> = rules.into_iter().filter(|signed| signed.is_genuine::<Bundle>(campaign)).collect();
        let kept = self.hub.remember(|membership| {
            for signed in genuine {
                if !membership.rules.contains(&signed) {
                    membership.rules.push(signed);
                }
            }
        });
        kept.map(|()| Event::Done).map_err(|_| Trouble::Store)
    }

    fn note_ended(&self, devices: &[DeviceId]) -> Result<Event, Trouble> {
        for device in devices {
            let known = self.store(self.office.store.device(*device))?;
            if known.is_some_and(|known| known.revoked_at.is_none()) {
                let (by, note) = ("nation".to_owned(), String::new());
                self.store(self.office.store.revoke(*device, self.office.now(), by, note))?;
            }
        }
        Ok(Event::Done)
    }

    /// Another machine tells feeds under this hub's name: under a new epoch nobody takes the two for one.
    fn note_twin(&self) -> Result<Event, Trouble> {
        let epoch = edge::draw(self.office.edge.as_ref()).map_err(|_| Trouble::Store)?;
        let epoch = u32::from_be_bytes(epoch).max(1);
        tracing::warn!(epoch, "another machine calls itself this hub; join again on one of the two");
        let now = self.office.now();
        let line = AuditLine { at: now, who: "nation".to_owned(), deed: "hub_has_twin", what: Vec::new() };
        self.store(self.office.store.audit(line))?;
        self.store(self.office.store.renew_feeds(epoch))?;
        Ok(Event::Done)
    }

    fn note_national(&self, receipt: Receipt, word: Signed) -> Result<Event, Trouble> {
        let Receipt { device, epoch, held, now_ms, .. } = receipt;
        let word = NationalWord { device, epoch, given_at_ms: now_ms, held, word };
        self.store(self.office.store.put_national_word(word))?;
        Ok(Event::Done)
    }

    fn introduce_devices(&mut self, devices: Vec<DeviceId>) -> Result<Event, Trouble> {
        for some in devices.chunks(shared_model::limits::CERTIFICATES_MAX / 2) {
            let ids: BTreeSet<DeviceId> = some.iter().copied().collect();
            let (devices, authors) = self.store(self.office.store.certificates(ids))?;
            self.courier.ask_unsigned::<Introduced>("/device/introduce", &Introduce { devices, authors })?;
        }
        Ok(Event::Done)
    }

    fn read_log(&self, log: LogEnd, from: u64) -> Result<Option<Push>, Trouble> {
        let LogEnd { device, epoch, .. } = log;
        let Some(range) = self.store(self.office.store.log_range(device, epoch, from))? else { return Ok(None) };
        let entries = range.entries.into_iter().map(Into::into).collect();
        // The conversation draws the nonce.
        Ok(Some(Push {
            device,
            epoch,
            from: range.from,
            previous: range.previous,
            entries,
            seals: range.seals,
            nonce: [0; 16],
        }))
    }

    fn keep_segment(&mut self, stretch: &Stretch) -> Result<Event, Trouble> {
        let Some(chunks) = segment::fetch(&mut self.courier, stretch, &mut self.begun, self.hub.campaign())? else {
            let file = to_hex(&stretch.segment.sha256);
            tracing::warn!(file, "a file of a feed is gone, or is not what was announced");
            return Ok(Event::SegmentDamaged);
        };
        let mut cursor = stretch.at.clone();
        for CheckedChunk { page, authors, devices } in chunks {
            self.keep_page(&page, &authors, &devices)?;
            cursor = page.cursor;
        }
        Ok(Event::SegmentKept(cursor))
    }

    /// People first, so that whoever draws an entry knows where its device is at home.
    fn keep_page(&self, page: &CheckedPage, authors: &[Signed], devices: &[Signed]) -> Result<Event, Trouble> {
        let (campaign, now) = (self.hub.campaign(), self.office.now());
        let devices = devices.iter().filter_map(|signed| {
            let certificate: DeviceCertificate = signed.open(campaign).ok()?;
            Some(DeviceRow::of(&certificate, signed.clone(), now, false))
        });
        let authors = authors.iter().filter_map(|signed| {
            let certificate: AuthorCertificate = signed.open(campaign).ok()?;
            Some(AuthorRow::of(&certificate, signed.clone()))
        });
        self.store(self.office.store.introduce(devices.collect(), authors.collect()))?;
        self.store(downstream::keep(self.office, page))?;
        Ok(Event::Done)
    }
}
