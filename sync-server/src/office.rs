//! What every request has at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shared_model::certificate::{HubCertificate, Signed};
use shared_model::envelope::PublicKey;
use shared_model::ids::RulesId;
use shared_model::limits;
use shared_model::rules::{Bundle, Rulebook};
use shared_model::sync::recipients::{StickRecipient, StickRecipients};
use shared_model::time::Moment;
use tokio::sync::{Mutex, Notify, Semaphore};

use crate::auth::throttle::Throttle;
use crate::edge::Edge;
use crate::http::device::CERTIFICATE_LIFE_MS;
use crate::keys::{Campaign, Keys};
use crate::metrics::Metrics;
use crate::national::units::Units;
use crate::store::rows::DeviceRow;
use crate::store::{Store, StoreError};

/// Requests that are worked on at one time; more are asked to come again.
const PUSHES_MAX: usize = 64;
const PULLS_MAX: usize = 32;
/// Password hashing is slow and hungry on purpose.
const PASSWORDS_MAX: usize = 2;

pub struct Office {
    pub edge: Arc<dyn Edge>,
    pub keys: Keys,
    pub store: Arc<Store>,
    pub rules: Arc<Rulebook>,
    signed_rules: Vec<(RulesId, Signed)>,
    pub campaign_name: String,
    /// Empty until a register is laid in.
    pub units: Units,
    pub segments: PathBuf,
    pub snapshots: PathBuf,
    pub prior: PathBuf,
    /// Cookies and headers are those of a connection nobody listens to.
    pub over_tls: bool,
    /// No file lies here but encrypted: none is cut from feeds.
    pub is_sealed: bool,
    pub metrics: Metrics,
    /// Something new lies in the log.
    pub arrived: Notify,
    /// Something new lies in a log that the nation does not hold yet.
    pub to_forward: Notify,
    /// One settlement at a time: the console's log has one head.
    pub console: Mutex<()>,
    /// One file of a feed at a time.
    pub cutting: Mutex<()>,
    /// One snapshot at a time: they are large, and asked for by many at once.
    pub snapshot: Mutex<()>,
    pub pushes: Semaphore,
    pub pulls: Semaphore,
    pub passwords: Arc<Semaphore>,
    pub throttle: Throttle,
}

impl Office {
    pub(crate) fn new(
        edge: Arc<dyn Edge>,
        keys: Keys,
        store: Arc<Store>,
        rules: Arc<Rulebook>,
        campaign_name: String,
        data: &Path,
        over_tls: bool,
    ) -> Self {
        let sign = |campaign: &Campaign| {
            rules.bundles().iter().map(|bundle| (bundle.id(), Signed::make(bundle, &campaign.key))).collect()
        };
        let signed_rules = keys.nation().map(sign).unwrap_or_default();
        Self {
            edge,
            keys,
            store,
            rules,
            signed_rules,
            campaign_name,
            units: Units::default(),
            segments: data.join("segments"),
            snapshots: data.join("snapshots"),
            prior: data.join("prior"),
            over_tls,
            is_sealed: false,
            metrics: Metrics::default(),
            arrived: Notify::new(),
            to_forward: Notify::new(),
            console: Mutex::new(()),
            cutting: Mutex::new(()),
            snapshot: Mutex::new(()),
            pushes: Semaphore::new(PUSHES_MAX),
            pulls: Semaphore::new(PULLS_MAX),
            passwords: Arc::new(Semaphore::new(PASSWORDS_MAX)),
            throttle: Throttle::default(),
        }
    }

    /// The rules as the nation signed them; a hub hands on what it was given.
    pub fn signed_rules(&self) -> Vec<(RulesId, Signed)> {
        self.keys.hub().map_or_else(|| self.signed_rules.clone(), |hub| hub.rules().1)
    }

    pub fn now(&self) -> Moment {
        self.edge.now()
    }

    /// Who may read sticks, as laptops of an area are told: the nation, and the hubs of that area. A hub signs no list.
    pub async fn stick_recipients(&self, area: &str) -> Result<Option<Signed>, StoreError> {
        let Some(campaign) = self.keys.nation() else { return Ok(None) };
        let (now, public) = (self.now(), self.keys.campaign_public());
        let not_after_ms = now.plus_ms(CERTIFICATE_LIFE_MS).0;
        let mut recipients = vec![StickRecipient {
            node: self.keys.stick_node(),
            name: self.campaign_name.clone(),
            recipient: self.keys.stick.recipient(),
            not_after_ms,
        }];
        let hubs = self.store.hubs_of(area.to_owned()).await?;
        recipients.extend(hubs.into_iter().filter_map(|hub| {
            let recipient = stick_of(&hub, public)?;
            Some(StickRecipient { node: hub.device, name: hub.name, recipient, not_after_ms })
        }));
        recipients.truncate(limits::STICK_RECIPIENTS_MAX);
        Ok(Some(Signed::make(&StickRecipients { recipients, issued_ms: now.0 }, &campaign.key)))
    }

    pub fn rules_today(&self) -> Option<&Bundle> {
        self.rules.in_force(self.now().campaign_date())
    }
}

/// What sticks for a hub are sealed to, as its certificate says.
pub(crate) fn stick_of(hub: &DeviceRow, campaign: PublicKey) -> Option<String> {
    hub.certificate.open::<HubCertificate>(campaign).ok()?.stick
}
