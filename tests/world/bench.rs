//! A real laptop without a window, set up from the environment: for child processes and bridges.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use field_client::desk::{CameraFrom, CameraMaker, nobody_nearby};
use field_client::edge::Machine;
use field_client::sync::http::Http;
use field_client::{Desk, DeskSettings};
use site_hub::HostedHub;

/// `SO_TIEM_DATA` is the laptop's folder, `SO_TIEM_CAMERA` a folder of pictures,
/// `SO_TIEM_SYNC=1` lets it sync by itself, `SO_TIEM_ROAD` leads to another server than the one it was enrolled at.
pub fn desk_from_environment() -> Desk {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folder = path("SO_TIEM_DATA").unwrap_or_else(|| std::env::temp_dir().join("so-tiem-headless"));
    // Many laptops run on one machine: each hub on a port of its own, and no network hears of it.
    let site_hub = HostedHub::new(&folder.join("hub"), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), true);
    Desk::open(DeskSettings {
        folder,
        edge: Arc::new(Machine::new()),
        roads: Box::new(|address| {
            let led = std::env::var("SO_TIEM_ROAD");
            Ok(Box::new(Http::to(led.as_deref().unwrap_or(address))?))
        }),
        camera: CameraMaker {
            from: path("SO_TIEM_CAMERA").map_or(CameraFrom::Webcam, CameraFrom::Path),
            worker: field_scan::WorkerProgram::this_one(),
        },
        nearby: nobody_nearby(),
        site_hub: Some(Box::new(site_hub)),
        sync_by_itself: std::env::var_os("SO_TIEM_SYNC").is_some(),
    })
}
