//! A whole feed as a file: fetched in parts that can be resumed, checked, and kept page by page.

use std::io::Read;

use sha2::{Digest, Sha256};
use shared_model::ids::to_hex;
use shared_model::limits;
use shared_model::sync::Trouble;
use shared_model::sync::feed::{CheckedSnapshot, check_snapshot};
use shared_model::sync::message::Snapshot;

use crate::courier::Courier;

/// One part of the file: seconds of work on a bad line, and all that a cut costs.
const PART_BYTES: u64 = 256 * 1024;

/// The beginning of a file, as far as it has come. It outlives the sync that was cut off.
#[derive(Default)]
pub struct Begun {
    sha256: [u8; 32],
    pub bytes: Vec<u8>,
}

/// Fetches the file, going on where an earlier try was cut off.
pub fn fetch(courier: &mut Courier<'_>, snapshot: &Snapshot, begun: &mut Begun) -> Result<(), Trouble> {
    if begun.sha256 != snapshot.sha256 {
        *begun = Begun { sha256: snapshot.sha256, bytes: Vec::new() };
    }
    let have = &mut begun.bytes;
    let path = format!("/device/snapshot/{}", to_hex(&snapshot.sha256));
    while (have.len() as u64) < snapshot.bytes {
        let from = have.len() as u64;
        let to = (from + PART_BYTES).min(snapshot.bytes) - 1;
        let part = courier.fetch(&path, from, to)?;
        if part.is_empty() || part.len() as u64 > to - from + 1 {
            return Err(Trouble::BadAnswer);
        }
        have.extend_from_slice(&part);
    }
    Ok(())
}

/// Unfolds and checks the file as a whole.
pub fn check(snapshot: &Snapshot, file: &[u8]) -> Result<CheckedSnapshot, Trouble> {
    if <[u8; 32]>::from(Sha256::digest(file)) != snapshot.sha256 {
        return Err(Trouble::BadAnswer);
    }
    let most = limits::SNAPSHOT_BYTES_MAX;
    let mut unfolded = Vec::new();
    zstd::Decoder::new(file)
        .and_then(|decoder| decoder.take(most as u64 + 1).read_to_end(&mut unfolded))
        .map_err(|_| Trouble::BadAnswer)?;
    if unfolded.len() > most {
        return Err(Trouble::BadAnswer);
    }
    check_snapshot(&snapshot.sum, &unfolded).ok_or(Trouble::BadAnswer)
}
