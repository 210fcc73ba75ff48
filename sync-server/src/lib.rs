//! The national copy of the record: what came, what is so, what cannot stand together.
//!
//! The journey of a dose through this crate: [`http`] `device/push` ⑧ → [`intake`] `keep`, `verify` ⑨
//! → `apply` ⑩ → `raise` ⑪ → [`national`] and [`http`] `console/cases` ⑫ → `settle` ⑬ (which hands its
//! statement to intake) → `device/pull` ⑭. Absent on purpose: cameras, screens, and any rule.

pub mod auth;
mod disk;
mod drawer;
pub mod edge;
pub mod http;
pub mod hub;
pub mod intake;
pub mod keys;
pub mod metrics;
mod named_file;
pub mod national;
pub mod office;
pub mod prior;
mod router;
pub mod seal;
mod segments;
pub mod settings;
pub mod stick;
pub mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use roads::road::Road;
use shared_model::certificate::{DeviceCertificate, HubCertificate, Signed};
use shared_model::envelope::PublicKey;
use shared_model::ids::DeviceId;
use shared_model::rules::{self, BundleError, Rulebook};
use shared_model::sync::{Outcome, Trouble};
use shared_model::time::{MS_PER_DAY, Moment};

use auth::code;
use auth::staff::StaffError;
use drawer::Drawer;
use edge::{Edge, NoDice};
use http::device::CERTIFICATE_LIFE_MS;
use hub::status::Status;
use hub::{Hub, upstream};
use intake::projector;
use keys::{Campaign, KEYS, Keys, KeysError};
use national::completeness::{Completeness, completeness};
use national::units::{Units, UnitsError};
use office::Office;
use prior::PriorError;
use roads::nearby::{Air, Announced, Announcement};
use settings::{Listening, Settings};
use stick::{TakeError, Taken};
use store::rows::{CodeRow, DeviceRow, Enrolment, PriorRow, Progress, Role};
use store::{OpenStoreError, Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory can't be used")]
    Files(#[from] io::Error),
    /// Correct the line, or leave `--units` out: sums are then by area alone.
    #[error(transparent)]
    Units(#[from] UnitsError),
    #[error("the rules can't be read")]
    Rules(#[from] BundleError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
    #[error(transparent)]
    OpenStore(#[from] OpenStoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the TLS certificate or key can't be used")]
    Tls(#[source] io::Error),
    #[error("can't listen")]
    Listen(#[source] io::Error),
}

/// An opened server. It answers through its router, with or without a port.
#[derive(Clone)]
pub struct Server {
    office: Arc<Office>,
    console_dir: Option<PathBuf>,
}

/// Opens the data directory: keys, database, rules, the console's own device.
pub async fn open(settings: Settings, edge: Arc<dyn Edge>) -> Result<Server, OpenError> {
    let book = Rulebook::of([rules::covid_2021()?]);
    open_with_rules(settings, edge, book).await
}

/// As [`open`], under other rules than those this version comes with.
pub async fn open_with_rules(settings: Settings, edge: Arc<dyn Edge>, rules: Rulebook) -> Result<Server, OpenError> {
    let Settings { data, database, campaign_name, console_dir, over_tls, units, upstream, seal } = settings;
    disk::private_directory(&data)?;
    let is_sealed = seal.is_some();
    let drawer = Drawer::open(data.join(KEYS), seal.clone())?;
    if upstream.is_some() && !Hub::has_joined(&drawer) {
        return Err(KeysError::NotJoined.into());
    }
    let keys = Keys::open(drawer, edge.as_ref())?;
    let (rules, campaign_name) = match keys.hub() {
        Some(hub) => (hub.rules().0, hub.membership().campaign_name),
        None => (rules, campaign_name),
    };
    if let Some((hub, upstream)) = keys.hub().zip(upstream) {
        hub.remember(|membership| membership.upstream = upstream)?;
    }
    let rules = Arc::new(rules);
    let feed_epoch = u32::from_be_bytes(edge::draw(edge.as_ref())?).max(1);
    let store = match database {
        Some(url) => Store::at(&url, Arc::clone(&rules), feed_epoch).await?,
        None => Store::in_sealed_file(&data.join("national.db"), seal, Arc::clone(&rules), feed_epoch).await?,
    };
    let store = Arc::new(store);
    let units = units.map_or_else(|| Ok(Units::default()), |file| Units::open(&file))?;
    let mut office = Office::new(edge, keys, store, rules, campaign_name, &data, over_tls);
    office.units = units;
    office.is_sealed = is_sealed;
    if let Some(campaign) = office.keys.nation() {
        enrol_console(&office, campaign).await?;
    }
    Ok(Server { office: Arc::new(office), console_dir })
}

/// Whether a hub lies in a data directory.
pub fn has_joined(data: &Path) -> bool {
    data.join(KEYS).join(hub::MEMBERSHIP).exists()
}

/// The console speaks through a log like everybody's.
async fn enrol_console(office: &Office, campaign: &Campaign) -> Result<(), StoreError> {
    let now = office.now();
    let certificate = DeviceCertificate {
        device: office.keys.console_device(),
        key: PublicKey::of(&office.keys.console),
        name: "console".to_owned(),
        site: String::new(),
        area: String::new(),
        not_before_ms: now.plus_ms(-MS_PER_DAY).0,
        not_after_ms: now.plus_ms(10 * CERTIFICATE_LIFE_MS).0,
    };
    if office.store.device(certificate.device).await?.is_none() {
        let signed = Signed::make(&certificate, &campaign.key);
        let device = DeviceRow::of(&certificate, signed, now, true);
        office.store.enrol(Enrolment { code: None, device, author: None, at: now }).await?;
    }
    Ok(())
}

impl Server {
    /// Everything this server answers. Drive it with `tower::ServiceExt::oneshot`; it needs no port.
    pub fn router(&self) -> Router {
        router::router(Arc::clone(&self.office), self.console_dir.as_deref())
    }

    /// The public key whose signatures laptops believe.
    pub fn campaign_key(&self) -> PublicKey {
        self.office.keys.campaign_public()
    }

    /// Draws everything that has arrived into the record. Without [`Server::follow`] nothing else does,
    /// but a settlement waits for itself.
    pub async fn catch_up(&self) -> Result<Progress, StoreError> {
        projector::catch_up(&self.office).await
    }

    /// Keeps the record up with the log, files of feeds with the feeds, and the filters of prior doses with the record,
    /// for as long as the returned task lives.
    pub fn follow(&self) -> tokio::task::JoinHandle<()> {
        let office = Arc::clone(&self.office);
        tokio::spawn(async move {
            let cutting = segments::follow(Arc::clone(&office));
            tokio::join!(projector::follow(Arc::clone(&office)), cutting, prior::follow(office)).0
        })
    }

    /// Writes the filter of prior doses that is due, if one is.
    pub async fn build_prior(&self, when: prior::When) -> Result<Option<PriorRow>, PriorError> {
        prior::build_if_due(&self.office, when).await
    }

    /// Forgets every conclusion and draws them again.
    pub async fn rebuild(&self) -> Result<(), StoreError> {
        self.office.store.rebuild().await
    }

    /// A one-time code, drawn here, and until when it may be used.
    pub async fn enrolment_code(&self, site: &str, area: &str) -> Result<(String, Moment), OpenError> {
        let code = code::draw(self.office.edge.as_ref())?;
        let until = self.add_code(&code, site, area).await?;
        Ok((code, until))
    }

    /// A one-time code that somebody else thought of: demonstrations and tests.
    pub async fn add_code(&self, code: &str, site: &str, area: &str) -> Result<Moment, StoreError> {
        let row = code::row(&self.office.keys.secret, code, site.to_owned(), area.to_owned(), self.office.now());
        let until = row.expires_at;
        self.office.store.add_code(row).await?;
        Ok(until)
    }

    /// A one-time code that lets one hub in, to tell the feeds of these units.
    pub async fn hub_code(&self, site: &str, areas: Vec<String>) -> Result<(String, Moment), OpenError> {
        let code = code::draw(self.office.edge.as_ref())?;
        let row = code::row(&self.office.keys.secret, &code, site.to_owned(), String::new(), self.office.now());
        let until = row.expires_at;
        self.office.store.add_code(CodeRow { hub_areas: Some(areas), ..row }).await?;
        Ok((code, until))
    }

    /// One sync of a hub with the nation, over a road.
    pub async fn sync_upstream(&self, mut road: Box<dyn Road>) -> Outcome {
        let (office, handle) = (Arc::clone(&self.office), tokio::runtime::Handle::current());
        let synced = tokio::task::spawn_blocking(move || upstream::sync(&office, &handle, road.as_mut()));
        synced.await.unwrap_or(Outcome { pushed: 0, pulled: 0, complete: false, trouble: Some(Trouble::Store) })
    }

    /// How a hub stands with the nation; nothing at the nation.
    pub async fn hub_status(&self) -> Result<Option<Status>, StoreError> {
        hub::status::status(&self.office).await
    }

    /// The name of a hub; nothing at the nation.
    pub fn hub(&self) -> Option<DeviceId> {
        self.office.keys.hub().map(|hub| hub.device)
    }

    pub fn is_hub(&self) -> bool {
        self.office.keys.hub().is_some()
    }

    pub async fn add_staff(&self, name: &str, role: Role, password: &str) -> Result<(), StaffError> {
        auth::staff::add(&self.office, name, role, password).await
    }

    /// What has arrived and what has not, as of now.
    pub async fn completeness(&self) -> Result<Completeness, StoreError> {
        let store = &self.office.store;
        let (standings, at_hubs) = (store.devices().await?, store.at_hubs().await?);
        Ok(completeness(standings, store.arrivals().await?, &at_hubs, self.office.now()))
    }

    /// What sticks for this server are sealed to.
    pub fn stick_recipient(&self) -> String {
        self.office.keys.stick.recipient()
    }

    /// Takes a stick, or every outward file in a folder, the same way in as a push over the line. Where `return_to` is
    /// given, return sticks for those who asked are written there.
    pub async fn take_stick(&self, path: &Path, return_to: Option<&Path>) -> Result<Taken, TakeError> {
        stick::take(&self.office, path, return_to).await
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.office.store
    }
}

/// Listens until the process is told to stop, then lets what was begun come to its end.
pub async fn serve(server: Server, listening: Listening) -> Result<(), ServeError> {
    serve_until(server, listening, |_| {}, told_to_stop()).await
}

/// As [`serve`], until somebody in this process says so. `opened` is told where it answers, once it does.
pub async fn serve_until(
    server: Server,
    listening: Listening,
    opened: impl FnOnce(SocketAddr) + Send + 'static,
    told_to_stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let follower = server.follow();
    let upstream = server.is_hub().then(|| tokio::spawn(upstream::follow(Arc::clone(&server.office))));
    let handle = Handle::new();
    let stopper = tokio::spawn(stop_when_told(handle.clone(), told_to_stop));
    let speaker = tokio::spawn(say_where(handle.clone(), announcement(&server, &listening), opened));
    let service = server.router().into_make_service_with_connect_info::<SocketAddr>();
    let Listening { listen, tls_cert, tls_key, .. } = listening;
    let served = match tls_cert.zip(tls_key) {
        Some((cert, key)) => {
            // A provider set by somebody else in this process serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let config = RustlsConfig::from_pem_file(cert, key).await.map_err(ServeError::Tls)?;
            axum_server::bind_rustls(listen, config).handle(handle).serve(service).await
        }
        None => axum_server::bind(listen).handle(handle).serve(service).await,
    };
    follower.abort();
    stopper.abort();
    speaker.abort();
    if let Some(upstream) = upstream {
        upstream.abort();
    }
    served.map_err(ServeError::Listen)
}

/// What a hub tells the networks it is part of; its port is known once it is open. A laptop that heard of an address
/// has no name to check a TLS certificate by.
fn announcement(server: &Server, listening: &Listening) -> Option<Announcement> {
    let hub = server.office.keys.hub()?;
    let speaks = !listening.quiet && listening.tls_cert.is_none() && !listening.listen.ip().is_loopback();
    let certificate = hub.membership().certificate.open::<HubCertificate>(hub.campaign()).ok().filter(|_| speaks)?;
    Some(Announcement { hub: hub.device, name: certificate.name, campaign: hub.campaign(), port: 0 })
}

/// Said once the port is open, so that whoever starts a server knows when to knock; and said to laptops nearby for as
/// long as it is.
async fn say_where(handle: Handle<SocketAddr>, announcement: Option<Announcement>, opened: impl FnOnce(SocketAddr)) {
    let Some(address) = handle.listening().await else { return };
    tracing::info!(%address, "listening");
    opened(address);
    let Some(announcement) = announcement else { return };
    match Announced::begin(Air::Local, &Announcement { port: address.port(), ..announcement }) {
        Ok(_announced) => std::future::pending().await,
        Err(wrong) => tracing::warn!(error = %wrong, "laptops must be told this hub's address by hand"),
    }
}

const GRACE: Duration = Duration::from_secs(20);

async fn stop_when_told(handle: Handle<SocketAddr>, told_to_stop: impl Future<Output = ()>) {
    told_to_stop.await;
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(GRACE));
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
