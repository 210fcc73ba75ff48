//! What a crash and a log may tell: what happened and where, and nothing of anybody.
//!
//! The words of a panic may quote what lay on the desk: a name cut in the middle of a letter is printed whole. A core
//! file is everything this process knows, on a disk that is otherwise encrypted. And at their most talkative other
//! people's crates write down every byte that travels, the campaign's key among them.

use std::panic;

use tracing::{Level, Metadata};

/// From here on no crash of this process tells a name. The first thing a program does that opens a laptop.
pub fn crash_without_names() {
    no_core_file();
    panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
        tracing::error!(file, line, "a panic");
    }));
}

/// Crates whose every line is written here, with ids and never names.
const OURS: [&str; 4] = ["field_client", "field_scan", "desktop_app", "shared_model"];

/// Whether a line may be written to the log, however much was asked for.
pub fn may_be_logged(line: &Metadata<'_>) -> bool {
    let of = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::WARN || OURS.contains(&of)
}

#[cfg(unix)]
fn no_core_file() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let maximum = getrlimit(Resource::Core).maximum;
    // Lowering a limit is always allowed.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
}

/// Windows keeps a dump only where an administrator has asked for one.
#[cfg(not(unix))]
fn no_core_file() {}
