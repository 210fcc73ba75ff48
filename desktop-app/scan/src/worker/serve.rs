//! The decoding process's side: frames come in, reads go out, until the scanner hangs up.

use std::env;
use std::io::{self, BufWriter, Read, Write};
use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::decode::{Cascade, Reader, Symbols};
use crate::worker::wire::{GREETING, WireError, read_frame, write_reads};

/// The argument that turns a program into a decoding process.
pub(crate) const WORKER_ARGUMENT: &str = "--so-tiem-decode-frames";

/// A scanner that was killed itself cannot kill its worker; one stuck in a frame for this long has
/// been forgotten. Far above any limit a scanner sets.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30);

/// Enough for the largest frame many times over, and not enough to make a laptop swap. It comes on
/// top of what the program has mapped when it starts: a browser engine alone may reserve gigabytes.
#[cfg(unix)]
const WORKER_MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Serves as a decoding process if this program was started as one. An application calls this
/// first thing in `main`, before it opens anything, and returns when the answer is true.
#[must_use]
pub fn run_if_worker() -> bool {
    if !is_worker() {
        return false;
    }
    limit_harm();
    // The scanner sees a closed pipe and nobody else is listening, so the reason is not kept.
    let _ = serve(&mut io::stdin().lock(), &mut BufWriter::new(io::stdout().lock()));
    true
}

/// Whether this program was started to decode frames.
pub(crate) fn is_worker() -> bool {
    env::args_os().nth(1).is_some_and(|argument| argument == WORKER_ARGUMENT)
}

/// Greets, then answers each frame with what can be read on it.
///
/// # Errors
/// When the other side breaks off in the middle of a frame or sends what is not one.
pub fn serve(from: &mut impl Read, to: &mut impl Write) -> Result<(), WireError> {
    to.write_all(&GREETING).and_then(|()| to.flush()).map_err(WireError::Pipe)?;
    let (beat, beats) = channel();
    thread::Builder::new().spawn(move || leave_when_forgotten(&beats)).map_err(WireError::Pipe)?;
    let (qr, qr_and_data_matrix) = (Cascade::for_video(Symbols::Qr), Cascade::for_video(Symbols::QrAndDataMatrix));
    while let Some((symbols, frame)) = read_frame(from)? {
        let _ = beat.send(Beat::Began);
        let reads = match symbols {
            Symbols::Qr => qr.read(&frame),
            Symbols::QrAndDataMatrix => qr_and_data_matrix.read(&frame),
        };
        let _ = beat.send(Beat::Ended);
        write_reads(to, &reads)?;
    }
    Ok(())
}

enum Beat {
    Began,
    Ended,
}

fn leave_when_forgotten(beats: &Receiver<Beat>) {
    while let Ok(beat) = beats.recv() {
        if matches!(beat, Beat::Ended) {
            continue;
        }
        if let Err(RecvTimeoutError::Timeout) = beats.recv_timeout(FORGOTTEN_AFTER) {
            process::exit(1);
        }
    }
}

/// A frame holds somebody's card: a crash must not write it to a core file. And a code that makes
/// the decoder ask for ever more memory gets none.
#[cfg(unix)]
fn limit_harm() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let lowered = |resource, bytes: u64| {
        let maximum = getrlimit(resource).maximum;
        let current = Some(maximum.map_or(bytes, |maximum| maximum.min(bytes)));
        let _ = setrlimit(resource, Rlimit { current, maximum });
    };
    lowered(Resource::Core, 0);
    if let Some(mapped) = mapped_bytes() {
        lowered(Resource::As, mapped.saturating_add(WORKER_MEMORY_BYTES_MAX));
    }
}

/// The address space in use, where the system says.
#[cfg(unix)]
fn mapped_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    let kilobytes: u64 = size.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(not(unix))]
fn limit_harm() {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{QrStyle, qr_frame};
    use crate::frame::Luma;
    use crate::worker::wire::{read_reads, write_frame};

    #[test]
    fn frames_are_answered_in_turn_until_the_scanner_hangs_up() -> Result<(), Box<dyn std::error::Error>> {
        let mut frames = Vec::new();
        write_frame(&mut frames, Symbols::Qr, &qr_frame("Trần Ổn".as_bytes(), &QrStyle::default())?)?;
        write_frame(&mut frames, Symbols::Qr, &Luma::wall())?;
        let mut answers = Vec::new();
        serve(&mut frames.as_slice(), &mut answers)?;
        let mut answers = answers.strip_prefix(&GREETING).ok_or("no greeting")?;
        assert_eq!(read_reads(&mut answers)?[0].bytes, "Trần Ổn".as_bytes());
        assert_eq!(read_reads(&mut answers)?, []);
        assert!(answers.is_empty());
        Ok(())
    }

    #[test]
    fn a_broken_frame_ends_the_conversation() {
        assert!(serve(&mut &[0xFF; 9][..], &mut Vec::new()).is_err());
        assert!(serve(&mut &[10, 0][..], &mut Vec::new()).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_says_how_much_is_mapped() {
        assert!(mapped_bytes().is_some_and(|bytes| bytes > 1024 * 1024));
    }

    #[test]
    fn a_test_run_is_no_worker() {
        assert!(!run_if_worker());
    }
}
