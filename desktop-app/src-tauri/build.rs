//! Declares every command, so that a window may call only those its capability names.

const COMMANDS: &[&str] = &[
    "status",
    "enrol",
    "unlock",
    "lock",
    "set_language",
    "camera_start",
    "camera_stop",
    "camera_retry",
    "camera_next",
    "look",
    "look_elsewhere",
    "open_citizen",
    "register",
    "edit_citizen",
    "dose_sheet",
    "check_dose",
    "give_dose",
    "withdraw",
    "correct_dose",
    "today",
    "sync_state",
    "sync_now",
    "set_hubs",
    "stick_state",
    "stick_export",
    "stick_import",
    "site_hub",
    "site_hub_join",
    "site_hub_start",
    "site_hub_stop",
];

fn main() -> anyhow::Result<()> {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
}
