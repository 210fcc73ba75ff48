//! A real laptop without a window, set up from the environment: for child processes and bridges.

use std::path::PathBuf;
use std::sync::Arc;

use field_client::desk::{CameraFrom, CameraMaker, nobody_nearby};
use field_client::edge::Machine;
use field_client::sync::http::Http;
use field_client::{Desk, DeskSettings};

/// `SO_TIEM_DATA` is the laptop's folder, `SO_TIEM_CAMERA` a folder of pictures,
/// `SO_TIEM_SYNC=1` lets it sync by itself, `SO_TIEM_ROAD` leads to another server than the one it was enrolled at.
pub fn desk_from_environment() -> Desk {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
    Desk::open(DeskSettings {
        folder: path("SO_TIEM_DATA").unwrap_or_else(|| std::env::temp_dir().join("so-tiem-headless")),
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
        sync_by_itself: std::env::var_os("SO_TIEM_SYNC").is_some(),
    })
}
