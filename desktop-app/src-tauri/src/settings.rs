//! Where this laptop keeps its files and where its pictures come from.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use field_client::DeskSettings;
use field_client::desk::{CameraFrom, CameraMaker, HubsNearby, nobody_nearby};
use field_client::edge::Machine;
use field_client::sync::http::Http;
use field_client::sync::nearby::{Air, Nearby};
use field_scan::WorkerProgram;
use site_hub::HostedHub;

/// Sổ Tiêm on a team's laptop.
#[derive(Debug, Clone, Parser)]
#[command(version)]
pub struct Settings {
    /// Folder for this laptop's encrypted store; the user's data folder where it is not given.
    #[arg(long, env = "SO_TIEM_DATA")]
    pub data: Option<PathBuf>,
    /// A folder of pictures, one picture, or a film (.y4m, .mjpeg) in place of the webcam.
    #[arg(long, env = "SO_TIEM_CAMERA")]
    pub camera: Option<PathBuf>,
    /// Listens for no hubs in the networks this laptop is part of; their addresses are typed in.
    #[arg(long, env = "SO_TIEM_QUIET")]
    pub quiet: bool,
    /// Where a hub on this laptop listens, once somebody makes it one; a port that the system chooses where this is taken.
    #[arg(long, env = "SO_TIEM_SITE_HUB", value_name = "ADDRESS", default_value = "0.0.0.0:8641")]
    pub site_hub: SocketAddr,
    #[command(subcommand)]
    pub deed: Option<Deed>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Deed {
    /// Enrols this laptop without a window, and ends. Does nothing where it is enrolled already.
    Enrol {
        #[arg(long)]
        server: String,
        #[arg(long)]
        code: String,
        #[arg(long)]
        device: String,
        #[arg(long)]
        user: String,
        #[arg(long, env = "SO_TIEM_PIN", hide_env_values = true)]
        pin: String,
    },
}

impl Settings {
    pub fn folder(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(default_folder)
    }

    pub fn desk(&self) -> DeskSettings {
        DeskSettings {
            folder: self.folder(),
            edge: Arc::new(Machine::new()),
            roads: Box::new(|address| Ok(Box::new(Http::to(address)?))),
            camera: CameraMaker {
                from: self.camera.clone().map_or(CameraFrom::Webcam, CameraFrom::Path),
                worker: WorkerProgram::this_one(),
            },
            site_hub: Some(Box::new(HostedHub::new(&self.folder().join("hub"), self.site_hub, self.quiet))),
            nearby: if self.quiet { nobody_nearby() } else { hubs_nearby() },
            sync_by_itself: true,
        }
    }
}

/// Listens from here on; where that can't be, addresses are typed in.
fn hubs_nearby() -> HubsNearby {
    match Nearby::listen(Air::Local) {
        Ok(nearby) => Box::new(move |campaign| nearby.hubs_of(campaign)),
        Err(wrong) => {
            tracing::warn!(error = %wrong, "no hub is heard");
            nobody_nearby()
        }
    }
}

/// The operating system's place for data of applications of this user.
fn default_folder() -> PathBuf {
    let home = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        home("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        home("XDG_DATA_HOME").or_else(|| home("HOME").map(|home| home.join(".local/share")))
    };
    base.unwrap_or_else(std::env::temp_dir).join("so-tiem")
}
