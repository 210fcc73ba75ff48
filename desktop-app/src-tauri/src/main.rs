#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use desktop_app::settings::{Deed, Settings};
use field_client::desk::view::Enrol;
use field_client::{Desk, discretion};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

fn main() -> anyhow::Result<()> {
    // The decoder of hostile pictures is this same program, in a process that may die.
    if field_scan::run_if_worker() {
        return Ok(());
    }
    discretion::crash_without_names();
    tracing_subscriber::registry()
        .with(EnvFilter::try_from_env("SO_TIEM_LOG").unwrap_or_else(|_| "warn".into()))
        .with(fmt::layer().with_writer(std::io::stderr).with_filter(filter_fn(discretion::may_be_logged)))
        .init();
    let settings = Settings::parse();
    match settings.deed.clone() {
        Some(Deed::Enrol { server, code, device, user, pin }) => {
            let settings = Settings { quiet: true, ..settings };
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
