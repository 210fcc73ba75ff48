//! A laptop as the hub of its site: the district's server in the laptop's own process, its data encrypted under a key
//! from the laptop's store.
//!
//! It serves on when the laptop is locked, so that nobody at the site waits for whoever sits in front of it, and ends
//! with the program. Absent on purpose: screens, and any rule of sync.

mod addresses;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use field_client::site_hub::{HubKey, Serving, SiteHub, SiteHubError, Standing};
use shared_model::envelope::PublicKey;
use sync_server::edge::Machine;
use sync_server::hub::join::{JoinError, Joining, join};
use sync_server::keys::KeysError;
use sync_server::seal::Seal;
use sync_server::settings::{Listening, Settings};
use sync_server::store::{OpenStoreError, StoreError};
use sync_server::{OpenError, ServeError, Server, has_joined, open, serve_until};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Nobody begins anew more often.
const ASIDE_MAX: u32 = 100;

/// The hub that a laptop can be.
pub struct HostedHub {
    folder: PathBuf,
    listen: SocketAddr,
    quiet: bool,
    run: Mutex<Run>,
}

#[derive(Default)]
enum Run {
    #[default]
    Not,
    At(Box<Running>),
    /// By itself, and why.
    Ended(String),
}

struct Running {
    server: Server,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
    runtime: Runtime,
}

impl HostedHub {
    /// Its data lie in a folder of its own. `quiet`: laptops nearby are told nothing, and find it by its address.
    pub fn new(folder: &Path, listen: SocketAddr, quiet: bool) -> Self {
        Self { folder: folder.to_owned(), listen, quiet, run: Mutex::default() }
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        // Whoever panicked while holding it had not begun to change it.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settings(&self, key: HubKey) -> Settings {
        Settings { seal: Some(Seal::new(key)), ..Settings::in_directory(&self.folder) }
    }

    fn begin(&self, key: HubKey) -> Result<Running, SiteHubError> {
        if !self.has_joined() {
            return Err(SiteHubError::Damaged("no campaign was joined here".to_owned()));
        }
        let runtime = runtime()?;
        let server = runtime.block_on(open(self.settings(key), Arc::new(Machine))).map_err(why_not_open)?;
        match listen(&runtime, &server, self.listening(self.listen)) {
            // Another program has the port that laptops remember; any other serves too.
            Err(taken) if self.listen.port() != 0 => {
                tracing::warn!(error = taken, address = %self.listen, "the hub listens on another port");
                listen(&runtime, &server, self.listening(SocketAddr::new(self.listen.ip(), 0)))
            }
            listening => listening,
        }
        .map(|(address, stop, task)| Running { server, address, stop, task, runtime })
        .map_err(SiteHubError::Port)
    }

    fn put_aside(&self) -> Result<(), SiteHubError> {
        let place = |number: u32| self.folder.with_extension(format!("aside-{number}"));
        let free = (1..=ASIDE_MAX).map(place).find(|place| !place.exists());
        let free = free.ok_or_else(|| SiteHubError::Damaged("too many hubs were put aside here".to_owned()))?;
        std::fs::rename(&self.folder, &free).map_err(why_no_files)?;
        tracing::warn!(place = %free.display(), "a hub that can't be opened was put aside");
        Ok(())
    }

    fn listening(&self, listen: SocketAddr) -> Listening {
        Listening { listen, tls_cert: None, tls_key: None, quiet: self.quiet }
    }
}

/// Two threads: it is one of two things that this laptop does.
fn runtime() -> Result<Runtime, SiteHubError> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|wrong| SiteHubError::Port(wrong.to_string()))
}

type Listens = (SocketAddr, oneshot::Sender<()>, JoinHandle<Result<(), ServeError>>);

fn listen(runtime: &Runtime, server: &Server, listening: Listening) -> Result<Listens, String> {
    let (opened, heard) = oneshot::channel();
    let (stop, told) = oneshot::channel::<()>();
    let told = async move { drop(told.await) };
    let opened = move |address| {
        // Whoever waits for it is below.
        let _ = opened.send(address);
    };
    let task = runtime.spawn(serve_until(server.clone(), listening, opened, told));
    match runtime.block_on(heard) {
        Ok(address) => Ok((address, stop, task)),
        // It let go of the sender: it ended before it listened.
        Err(_) => Err(why_ended(runtime, task)),
    }
}

fn why_ended(runtime: &Runtime, task: JoinHandle<Result<(), ServeError>>) -> String {
    match runtime.block_on(task) {
        Ok(Err(ServeError::Listen(wrong) | ServeError::Tls(wrong))) => wrong.to_string(),
        Ok(Ok(())) => "it stopped".to_owned(),
        Err(wrong) => wrong.to_string(),
    }
}

impl SiteHub for HostedHub {
    fn has_joined(&self) -> bool {
        has_joined(&self.folder)
    }

    fn join(&self, key: HubKey, campaign: PublicKey, nation: &str, code: &str, name: &str) -> Result<(), SiteHubError> {
        if self.has_joined() {
            match self.start(key.clone()) {
                // What was there stays, for whoever can still make something of it.
                Err(SiteHubError::Damaged(_)) => self.put_aside()?,
                whole => return whole,
            }
        }
        let seal = Some(Seal::new(key));
        let joining = Joining { data: &self.folder, seal, campaign: Some(campaign), upstream: nation, code, name };
        join(joining, &Machine).map(drop).map_err(why_not_joined)
    }

    fn start(&self, key: HubKey) -> Result<(), SiteHubError> {
        let mut run = self.run();
        match &*run {
            Run::At(running) if !running.task.is_finished() => {}
            _ => *run = Run::At(Box::new(self.begin(key)?)),
        }
        Ok(())
    }

    fn stop(&self) {
        let Run::At(running) = std::mem::take(&mut *self.run()) else { return };
        let Running { stop, task, runtime, server, .. } = *running;
        // It may have ended by itself.
        let _ = stop.send(());
        let _ = runtime.block_on(task);
        drop(server);
        runtime.shutdown_background();
    }

    fn serving(&self) -> Serving {
        let mut run = self.run();
        if matches!(&*run, Run::At(running) if running.task.is_finished())
            && let Run::At(ended) = std::mem::take(&mut *run)
        {
            let Running { runtime, task, .. } = *ended;
            *run = Run::Ended(why_ended(&runtime, task));
            runtime.shutdown_background();
        }
        match &*run {
            Run::Not => Serving::No,
            Run::Ended(why) => Serving::Broke(why.clone()),
            Run::At(running) => {
                let port = running.address.port();
                let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
                let nearby = match running.address.ip() {
                    any if any.is_unspecified() => addresses::of_this_machine(),
                    one => vec![one],
                };
                let nearby = nearby.into_iter().map(|ip| format!("http://{}", SocketAddr::new(ip, port)));
                Serving::Yes { nearby: nearby.collect(), here: format!("http://{here}") }
            }
        }
    }

    fn standing(&self) -> Option<Standing> {
        let run = self.run();
        let Run::At(running) = &*run else { return None };
        let status = running.runtime.block_on(running.server.hub_status());
        let status = status.inspect_err(|wrong| tracing::warn!(error = %wrong, "how the hub stands is not known"));
        let status = status.ok().flatten()?;
        Some(Standing {
            hub: running.server.hub()?,
            name: status.name,
            areas: status.areas,
            waiting: status.entries_waiting,
            last_contact_ms: status.last_contact_ms,
        })
    }
}

impl Drop for HostedHub {
    fn drop(&mut self) {
        // A desk may be let go of on a thread of somebody's runtime, where another must not be waited for.
        if let Run::At(running) = std::mem::take(&mut *self.run()) {
            running.runtime.shutdown_background();
        }
    }
}

fn why_not_joined(wrong: JoinError) -> SiteHubError {
    match wrong {
        JoinError::Keys(wrong) => why_no_keys(wrong),
        JoinError::Address(wrong) => wrong.into(),
        JoinError::Trouble(trouble) => trouble.into(),
        JoinError::WrongAnswer(_) => shared_model::sync::Trouble::NotGenuine.into(),
        JoinError::OtherCampaign => SiteHubError::OtherCampaign,
    }
}

fn why_no_keys(wrong: KeysError) -> SiteHubError {
    match wrong {
        KeysError::Files(wrong) => why_no_files(wrong),
        wrong => SiteHubError::Damaged(wrong.to_string()),
    }
}

fn why_no_files(wrong: io::Error) -> SiteHubError {
    match wrong.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SiteHubError::DiskFull,
        _ => SiteHubError::Damaged(wrong.to_string()),
    }
}

fn why_not_open(wrong: OpenError) -> SiteHubError {
    match wrong {
        OpenError::Files(wrong) => why_no_files(wrong),
        OpenError::Keys(wrong) => why_no_keys(wrong),
        OpenError::Store(StoreError::Full(_)) | OpenError::OpenStore(OpenStoreError::Store(StoreError::Full(_))) => {
            SiteHubError::DiskFull
        }
        wrong => SiteHubError::Damaged(wrong.to_string()),
    }
}
