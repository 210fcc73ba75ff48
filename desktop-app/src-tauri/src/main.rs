#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use desktop_app::settings::{Deed, Settings};
use field_client::Desk;
use field_client::desk::view::Enrol;

fn main() -> anyhow::Result<()> {
    // The decoder of hostile pictures is this same program, in a process that may die.
    if field_scan::run_if_worker() {
        return Ok(());
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("SO_TIEM_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let settings = Settings::parse();
    match settings.deed.clone() {
        Some(Deed::Enrol { server, code, device, user, pin }) => {
            let desk = Desk::open(field_client::DeskSettings { sync_by_itself: false, ..settings.desk() });
            let args = Enrol { server_url: server, code, device_name: device, user_name: user, pin };
            match desk.enrol(args) {
                Err(failure) if failure.code != "already_enrolled" => anyhow::bail!("not enrolled: {}", failure.code),
                _ => Ok(()),
            }
        }
        None => desktop_app::open_window(&settings),
    }
}
