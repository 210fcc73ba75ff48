//! The window may ask exactly what the laptop answers: the table of commands, the window's own list
//! and the capability that allows them name the same ones.

use std::collections::BTreeSet;

use field_client::desk::COMMANDS;
use serde_json::Value;

use super::{read, root};

#[test]
fn the_window_declares_and_allows_every_command_and_no_other() {
    let commands: BTreeSet<String> = COMMANDS.iter().map(|name| (*name).to_owned()).collect();
    let window = root().join("desktop-app/src-tauri");
    let capability: Value = serde_json::from_str(&read(&window.join("capabilities/main.json"))).unwrap();
    let allowed: BTreeSet<String> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|permission| permission.as_str().unwrap().strip_prefix("allow-").unwrap().replace('-', "_"))
        .collect();
    assert_eq!(allowed, commands);
    let declared: BTreeSet<String> = read(&window.join("build.rs"))
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",").map(ToOwned::to_owned))
        .collect();
    assert_eq!(declared, commands);
}
