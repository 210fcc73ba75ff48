//! Arrows only point down, and each room does only its own work.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::{files, read, root};

/// What each room may build on, of our own rooms.
const ARROWS: &[(&str, &[&str])] = &[
    ("shared-model", &[]),
    ("migrations", &[]),
    ("roads", &["shared-model"]),
    ("field-scan", &[]),
    ("stick", &["shared-model"]),
    ("field-client", &["shared-model", "migrations", "roads", "field-scan", "stick"]),
    ("site-hub", &["field-client", "shared-model", "sync-server"]),
    ("desktop-app", &["field-client", "field-scan", "site-hub", "shared-model"]),
    ("sync-server", &["shared-model", "migrations", "roads", "stick"]),
];

/// What a room must not know, of other people's crates.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("shared-model", &["tokio", "rusqlite", "axum", "ureq", "tauri", "getrandom", "rand", "uuid", "chrono", "tracing"]),
    ("migrations", &["rusqlite", "tokio", "shared-model"]),
    ("roads", &["rusqlite", "tokio", "tauri", "axum", "automerge"]),
    ("stick", &["tokio", "rusqlite", "axum", "ureq", "tauri", "automerge", "migrations"]),
    ("field-scan", &["shared-model", "rusqlite", "tauri", "ureq"]),
    ("field-client", &["tauri", "axum", "automerge", "ureq", "tokio-postgres", "sync-server"]),
    ("site-hub", &["tauri", "axum", "rusqlite", "automerge", "ureq", "minicbor", "field-scan"]),
    ("desktop-app", &["rusqlite", "automerge", "ureq", "migrations"]),
    ("sync-server", &["tauri", "nokhwa", "automerge", "field-client", "field-scan"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let names = package["dependencies"].as_array().unwrap().iter();
        let names = names.filter(|dependency| dependency["kind"].is_null());
        let names = names.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        found.insert(package["name"].as_str().unwrap().to_owned(), names.collect());
    }
    found
}

#[test]
fn arrows_only_point_down() {
    let dependencies = dependencies();
    let ours: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    for (room, allowed) in ARROWS {
        for dependency in &dependencies[*room] {
            let is_ours = ours.contains(&dependency.as_str());
            assert!(!is_ours || allowed.contains(&dependency.as_str()), "{room} must not build on {dependency}");
        }
    }
}

#[test]
fn no_room_knows_what_it_must_not() {
    let dependencies = dependencies();
    for (room, forbidden) in FORBIDDEN {
        for dependency in &dependencies[*room] {
            assert!(!forbidden.contains(&dependency.as_str()), "{room} must not know {dependency}");
        }
    }
}

/// Files below `folder` that hold `word`, those whose path ends in one of `except` left out.
fn holding(folder: &str, endings: &[&str], word: &str, except: &[&str]) -> Vec<String> {
    files(&root().join(folder), endings)
        .into_iter()
        .filter(|path| !except.iter().any(|exception| path.to_string_lossy().contains(exception)))
        .filter(|path| read(path).contains(word))
        .map(|path| path.display().to_string())
        .collect()
}

const NONE: Vec<String> = Vec::new();

#[test]
fn only_the_document_names_the_merge_engine() {
    for folder in ["shared-model/src", "desktop-app", "sync-server", "migrations"] {
        assert_eq!(holding(folder, &[".rs"], "use automerge", &["record/document.rs"]), NONE);
    }
}

#[test]
fn the_agreement_touches_no_file_socket_or_clock() {
    for word in ["std::fs", "std::net", "std::process", "std::env", "SystemTime", "Instant::now", "HashMap", "HashSet"]
    {
        assert_eq!(holding("shared-model/src", &[".rs"], word, &[]), NONE, "{word}");
    }
}

#[test]
fn sql_is_written_in_stores_only() {
    for folder in ["desktop-app/client/src", "sync-server/src"] {
        for word in ["SELECT ", "INSERT INTO", "DELETE FROM"] {
            assert_eq!(holding(folder, &[".rs"], word, &["/store/", "/tests"]), NONE, "{word}");
        }
    }
}

#[test]
fn writes_that_return_rows_are_not_used() {
    for folder in ["desktop-app", "sync-server", "migrations"] {
        assert_eq!(holding(folder, &[".rs", ".sql"], " RETURNING ", &[]), NONE);
        assert_eq!(holding(folder, &[".rs"], "execute_batch(", &["/tests"]), NONE);
    }
}

#[test]
fn one_file_of_each_front_end_speaks_to_the_other_side() {
    let code = &[".ts", ".svelte"];
    assert_eq!(holding("desktop-app/ui/src", code, "@tauri-apps/api", &["ipc.ts", ".test.ts"]), NONE);
    assert_eq!(holding("sync-server/console/src", code, "fetch(", &["api.ts", ".test.ts"]), NONE);
    for folder in ["desktop-app/ui/src", "sync-server/console/src", "shared-model/web"] {
        assert_eq!(holding(folder, &[".svelte"], "{@html", &[]), NONE, "text is shown as text");
    }
}

#[test]
fn there_is_one_list_of_bans() {
    let found: Vec<_> = files(&root(), &["clippy.toml"]);
    assert_eq!(found, [root().join("clippy.toml")]);
}
