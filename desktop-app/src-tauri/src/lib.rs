//! The window of the laptop app: it opens, passes questions to the desk, and shows the answers.
//!
//! Absent on purpose: rules, SQL, sockets. A command here names a function of `field_client::Desk`.

mod commands;
pub mod settings;

use std::sync::Arc;

use field_client::Desk;
use settings::Settings;

/// Runs the window until it is closed.
pub fn open_window(settings: &Settings) -> anyhow::Result<()> {
    let desk = Arc::new(Desk::open(settings.desk()));
    tauri::Builder::default().manage(desk).invoke_handler(commands::handler()).run(tauri::generate_context!())?;
    Ok(())
}
