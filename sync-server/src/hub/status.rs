//! How a hub stands with the nation: when they last spoke, what waits to be forwarded, and what was left behind and why.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use serde::Serialize;
use shared_model::certificate::HubCertificate;
use shared_model::envelope::PublicKey;
use shared_model::ids::{DeviceId, Epoch};
use shared_model::sync::message::Receipt;
use shared_model::sync::{Outcome, Trouble};
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE, Moment};

use crate::office::Office;
use crate::store::StoreError;

/// Logs told one by one; more are only counted.
const LOGS_TOLD: usize = 50;

/// The last try to talk to the nation, however it ended.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tried {
    #[n(0)]
    pub at_ms: i64,
    /// Why not everything is done.
    #[n(1)]
    pub trouble: Option<String>,
    /// Logs the nation would not take.
    #[n(2)]
    pub refused: Vec<RefusedLog>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct RefusedLog {
    #[n(0)]
    #[serde(serialize_with = "as_text")]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub code: String,
}

/// A log of which the nation is not known to hold all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingLog {
    #[serde(serialize_with = "as_text")]
    pub device: DeviceId,
    pub name: String,
    pub epoch: Epoch,
    pub entries: u64,
    /// When the oldest of them came here.
    pub oldest_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    pub name: String,
    pub areas: Vec<String>,
    pub upstream: String,
    pub now_ms: i64,
    /// By this hub's clock; nothing before the nation first answered.
    pub last_contact_ms: Option<i64>,
    pub days_without_upstream: Option<i64>,
    pub last_try_ms: Option<i64>,
    pub trouble: Option<String>,
    pub entries_waiting: u64,
    pub oldest_waiting_ms: Option<i64>,
    /// The oldest first.
    pub waiting: Vec<WaitingLog>,
    pub refused: Vec<RefusedLog>,
    /// Entries that are kept here and not believed, by code.
    pub doubted_here: BTreeMap<String, u64>,
    /// Entries that the nation keeps and does not believe, as far as its receipts name them.
    pub doubted_by_nation: BTreeMap<String, u64>,
}

fn as_text<S: serde::Serializer>(device: &DeviceId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(device)
}

impl Tried {
    pub(super) fn of(outcome: &Outcome, refused: Vec<RefusedLog>, now: Moment) -> Self {
        Self { at_ms: now.0, trouble: outcome.trouble.as_ref().map(code_of), refused }
    }
}

fn code_of(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused { code, .. } => code.clone(),
        Trouble::NoNetwork => "no_network".to_owned(),
        Trouble::NotGenuine => "not_genuine".to_owned(),
        Trouble::BadAnswer => "bad_answer".to_owned(),
        Trouble::Store => "store".to_owned(),
    }
}

/// `None` at the nation.
pub async fn status(office: &Office) -> Result<Option<Status>, StoreError> {
    let Some(hub) = office.keys.hub() else { return Ok(None) };
    let (membership, now) = (hub.membership(), office.now());
    let certificate = membership.certificate.open::<HubCertificate>(membership.campaign_key).ok();
    let mut waiting = office.store.waiting_upstream().await?;
    waiting.sort_by_key(|log| (log.oldest_ms, log.device, log.epoch));
    let tried = membership.last_try;
    let last_contact_ms = membership.last_contact_ms;
    Ok(Some(Status {
        name: certificate.as_ref().map(|hub| hub.name.clone()).unwrap_or_default(),
        areas: certificate.map(|hub| hub.areas).unwrap_or_default(),
        upstream: membership.upstream,
        now_ms: now.0,
        last_contact_ms,
        days_without_upstream: last_contact_ms.map(|at| now.ms_since(Moment(at)).max(0) / MS_PER_DAY),
        last_try_ms: tried.as_ref().map(|tried| tried.at_ms),
        trouble: tried.as_ref().and_then(|tried| tried.trouble.clone()),
        entries_waiting: waiting.iter().map(|log| log.entries).sum(),
        oldest_waiting_ms: waiting.first().map(|log| log.oldest_ms),
        waiting,
        refused: tried.map(|tried| tried.refused).unwrap_or_default(),
        doubted_here: office.store.doubted().await?,
        doubted_by_nation: doubted_by_nation(office, membership.campaign_key).await?,
    }))
}

async fn doubted_by_nation(office: &Office, campaign: PublicKey) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut doubted = BTreeMap::new();
    for word in office.store.national_words().await? {
        let Ok(receipt) = word.word.open::<Receipt>(campaign) else { continue };
        for notice in receipt.quarantined {
            *doubted.entry(notice.code).or_insert(0) += 1;
        }
    }
    Ok(doubted)
}

impl Status {
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}: a hub for {}", self.name, self.areas.join(", ")),
            format!("upstream: {}", self.upstream),
            self.contact(),
        ];
        if let Some(trouble) = &self.trouble {
            lines.push(format!("last try {}: {trouble}", on(self.last_try_ms)));
        }
        lines.push(match self.oldest_waiting_ms {
            None => "nothing waits to be forwarded".to_owned(),
            Some(_) => format!(
                "{} entries of {} logs wait to be forwarded, the oldest since {}",
                self.entries_waiting,
                self.waiting.len(),
                on(self.oldest_waiting_ms)
            ),
        });
        for WaitingLog { device, name, epoch, entries, oldest_ms } in self.waiting.iter().take(LOGS_TOLD) {
            lines.push(format!("  {name} ({device}), log {epoch}: {entries} since {}", on(Some(*oldest_ms))));
        }
        if self.waiting.len() > LOGS_TOLD {
            lines.push(format!("  and {} more logs", self.waiting.len() - LOGS_TOLD));
        }
        for RefusedLog { device, epoch, code } in self.refused.iter().take(LOGS_TOLD) {
            lines.push(format!("the nation did not take log {epoch} of device {device}: {code}"));
        }
        for (whose, doubted) in [("here", &self.doubted_here), ("by the nation", &self.doubted_by_nation)] {
            for (code, entries) in doubted {
                lines.push(format!("kept and not believed {whose}: {entries} entries ({code})"));
            }
        }
        lines
    }

    fn contact(&self) -> String {
        match self.days_without_upstream {
            None => "the nation has not answered yet".to_owned(),
            Some(0) => format!("last contact: {}", on(self.last_contact_ms)),
            Some(days) => format!("last contact: {}, {days} days without the nation", on(self.last_contact_ms)),
        }
    }
}

fn on(at_ms: Option<i64>) -> String {
    let Some(at) = at_ms.map(Moment) else { return "never".to_owned() };
    let day = at.campaign_date();
    let minutes = at.ms_since(day.starts_at()) / MS_PER_MINUTE;
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}
