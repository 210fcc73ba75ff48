//! Every input that was ever kept, answered again: seeds, what libFuzzer found worth keeping, and whatever broke something.

#![allow(clippy::unwrap_used, reason = "a test falls down where it stands")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fuzz::TARGETS;

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// One test, one input at a time: memory is counted for the whole process.
#[test]
#[allow(clippy::disallowed_methods, reason = "prints which input takes longest")]
fn every_input_that_was_ever_kept_is_answered() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let (mut count, mut slowest, mut which) = (0, Duration::ZERO, PathBuf::new());
        for path in corpus(target.name) {
            let began = Instant::now();
            if !target.stands(&fs::read(&path).unwrap()) {
                broken.push(path.clone());
            }
            count += 1;
            if began.elapsed() > slowest {
                (slowest, which) = (began.elapsed(), path);
            }
        }
        let which = which.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Past the harness, which would swallow it.
        writeln!(std::io::stdout(), "{}: {count} inputs, the slowest took {slowest:?} ({which})", target.name).unwrap();
        assert!(count > 0, "{} has no corpus", target.name);
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
