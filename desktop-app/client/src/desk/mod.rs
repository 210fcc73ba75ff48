//! What screens may ask, one function a question. Windows and tests call the same ones.
//!
//! A command reads its arguments, calls the laptop, and maps what went wrong to a code that a
//! screen acts on. No rule and no SQL is decided here.

mod camera;
mod commands;
mod failure;
mod site_hub;
mod stick;
pub mod view;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use camera::{CameraFrom, CameraMaker};
pub use commands::COMMANDS;
use roads::nearby::HubNearby;
use shared_model::envelope::PublicKey;
use view::{LaptopState, StatusView};

use crate::edge::Edge;
use crate::laptop::Laptop;
use crate::site_hub::SiteHub;
use crate::sync::enrol::enrolled_marker;
use crate::sync::road::{Road, RoadError};
use crate::vault::Vault;

/// Makes a road to a server's address: HTTP in the field, a pretend network in tests.
pub type RoadMaker = Box<dyn Fn(&str) -> Result<Box<dyn Road>, RoadError> + Send + Sync>;

/// Hubs that made themselves heard nearby and say they are of this campaign.
pub type HubsNearby = Box<dyn Fn(PublicKey) -> Vec<HubNearby> + Send + Sync>;

/// For whoever listens to no network.
pub fn nobody_nearby() -> HubsNearby {
    Box::new(|_| Vec::new())
}

/// How a desk is set up.
pub struct DeskSettings {
    /// Where this laptop keeps its files.
    pub folder: PathBuf,
    pub edge: Arc<dyn Edge>,
    pub roads: RoadMaker,
    pub camera: CameraMaker,
    pub nearby: HubsNearby,
    /// The hub that this laptop can be for its site, where there is one to bring.
    pub site_hub: Option<Box<dyn SiteHub>>,
    /// Sync by itself after deeds and from time to time; tests ask for each sync themselves.
    pub sync_by_itself: bool,
}

/// One laptop as its screens see it: new, locked or open.
pub struct Desk {
    folder: PathBuf,
    edge: Arc<dyn Edge>,
    roads: Arc<RoadMaker>,
    pub(crate) laptop: Arc<Mutex<Option<Laptop>>>,
    camera: camera::CameraDesk,
    nearby: HubsNearby,
    site_hub: Option<Box<dyn SiteHub>>,
    worker: worker::SyncWorker,
    rebuilt: AtomicBool,
}

impl Desk {
    pub fn open(settings: DeskSettings) -> Self {
        let DeskSettings { folder, edge, roads, camera, nearby, site_hub, sync_by_itself } = settings;
        let roads = Arc::new(roads);
        let laptop = Arc::new(Mutex::new(None));
        let worker = worker::SyncWorker::start(laptop.clone(), roads.clone(), edge.clone(), sync_by_itself);
        Self {
            folder,
            edge,
            roads,
            laptop,
            camera: camera::CameraDesk::new(camera),
            nearby,
            site_hub,
            worker,
            rebuilt: AtomicBool::new(false),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Laptop>> {
        // A panic elsewhere leaves the store as its last commit left it.
        self.laptop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vault(&self) -> Vault {
        Vault::at(&self.folder)
    }

    fn is_enrolled(&self) -> bool {
        enrolled_marker(&self.folder).exists()
    }

    fn status_view(&self) -> StatusView {
        let held = self.held();
        let state = match &*held {
            Some(_) => LaptopState::Open,
            None if self.is_enrolled() => LaptopState::Locked,
            None => LaptopState::New,
        };
        let text = |read: fn(&Laptop) -> &str| held.as_ref().map(read).unwrap_or_default().to_owned();
        StatusView {
            state,
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            device: held.as_ref().map(|laptop| laptop.device().to_string()).unwrap_or_default(),
            device_name: text(|laptop| &laptop.seed.device_name),
            site: text(|laptop| &laptop.membership.site),
            area: text(|laptop| &laptop.membership.area),
            user_name: text(|laptop| &laptop.seed.author_name),
            campaign: text(|laptop| &laptop.membership.campaign_name),
            language: language(&self.folder),
            wait_s: self.vault().wait_s(self.edge.as_ref()),
            unsealed: held.as_ref().map_or(0, |laptop| laptop.unsealed_at_unlock),
            notice: self.rebuilt.load(Ordering::Relaxed).then(|| "rebuilt".to_owned()),
        }
    }
}

const LANGUAGE: &str = "language";

/// The language is chosen before anybody unlocks, so it lies beside the store.
fn language(folder: &Path) -> String {
    match crate::files::read_small(&folder.join(LANGUAGE)).as_deref() {
        Ok(b"en") => "en".to_owned(),
        _ => "vi".to_owned(),
    }
}
