//! What every request has at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::ids::RulesId;
use shared_model::rules::{Bundle, Rulebook};
use shared_model::time::Moment;
use tokio::sync::{Mutex, Notify, Semaphore};

use crate::auth::throttle::Throttle;
use crate::edge::Edge;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::national::units::Units;
use crate::store::Store;

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
    pub signed_rules: Vec<(RulesId, Signed)>,
    pub campaign_name: String,
    /// Empty until a register is laid in.
    pub units: Units,
    pub snapshots: PathBuf,
    pub prior: PathBuf,
    /// Cookies and headers are those of a connection nobody listens to.
    pub over_tls: bool,
    pub metrics: Metrics,
    /// Something new lies in the log.
    pub arrived: Notify,
    /// One settlement at a time: the console's log has one head.
    pub console: Mutex<()>,
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
        let signed_rules =
            rules.bundles().iter().map(|bundle| (bundle.id(), Signed::make(bundle, &keys.campaign))).collect();
        Self {
            edge,
            keys,
            store,
            rules,
            signed_rules,
            campaign_name,
            units: Units::default(),
            snapshots: data.join("snapshots"),
            prior: data.join("prior"),
            over_tls,
            metrics: Metrics::default(),
            arrived: Notify::new(),
            console: Mutex::new(()),
            snapshot: Mutex::new(()),
            pushes: Semaphore::new(PUSHES_MAX),
            pulls: Semaphore::new(PULLS_MAX),
            passwords: Arc::new(Semaphore::new(PASSWORDS_MAX)),
            throttle: Throttle::default(),
        }
    }

    pub fn now(&self) -> Moment {
        self.edge.now()
    }

    pub fn rules_today(&self) -> Option<&Bundle> {
        self.rules.in_force(self.now().campaign_date())
    }
}
