//! A stretch of a feed as a file: fetched in parts that can be resumed, unfolded, and checked as a page is.

use std::io::Read;

use sha2::{Digest, Sha256};
use shared_model::envelope::PublicKey;
use shared_model::ids::to_hex;
use shared_model::limits;
use shared_model::sync::message::refusal;
use shared_model::sync::segment::{CheckedChunk, Segment, SegmentsAsk, Stretch, check_segment};
use shared_model::sync::{Event, Trouble};

use crate::courier::Courier;

/// One part of the file: seconds of work on a bad line, and all that a cut costs.
const PART_BYTES: u64 = 256 * 1024;

/// Which files there are, as the conversation wants it told.
pub fn find(courier: &mut Courier<'_>, ask: &SegmentsAsk) -> Result<Event, Trouble> {
    match courier.ask("/device/segments", ask) {
        Ok(signed) => Ok(Event::SegmentsFound(signed)),
        // A server of an earlier version cuts no files.
        Err(Trouble::Refused { code, .. }) if code == refusal::NOT_FOUND => Ok(Event::NoSegments),
        Err(trouble) => Err(trouble),
    }
}

/// The beginning of a file, as far as it has come. It outlives the sync that was cut off.
#[derive(Default)]
pub struct Begun {
    sha256: [u8; 32],
    bytes: Vec<u8>,
}

/// Fetches a file, going on where an earlier try was cut off. `None` where it is gone, or is not what was announced.
pub fn fetch(
    courier: &mut Courier<'_>,
    stretch: &Stretch,
    begun: &mut Begun,
    campaign: PublicKey,
) -> Result<Option<Vec<CheckedChunk>>, Trouble> {
    let segment = &stretch.segment;
    if begun.sha256 != segment.sha256 {
        *begun = Begun { sha256: segment.sha256, bytes: Vec::new() };
    }
    match fetch_rest(courier, segment, &mut begun.bytes) {
        Ok(()) => {}
        Err(Trouble::Refused { code, .. }) if code == refusal::NOT_FOUND => return Ok(None),
        Err(trouble) => return Err(trouble),
    }
    // Whole or harmed, nothing of it is gone on with.
    Ok(check(stretch, &std::mem::take(begun).bytes, campaign))
}

fn fetch_rest(courier: &mut Courier<'_>, segment: &Segment, have: &mut Vec<u8>) -> Result<(), Trouble> {
    let path = format!("/device/segment/{}", to_hex(&segment.sha256));
    while (have.len() as u64) < segment.bytes {
        let from = have.len() as u64;
        let to = (from + PART_BYTES).min(segment.bytes) - 1;
        let part = courier.fetch(&path, from, to)?;
        if part.is_empty() || part.len() as u64 > to - from + 1 {
            return Err(Trouble::BadAnswer);
        }
        have.extend_from_slice(&part);
    }
    Ok(())
}

/// The chunks of a file, where it is the one that was announced.
pub fn check(stretch: &Stretch, file: &[u8], campaign: PublicKey) -> Option<Vec<CheckedChunk>> {
    if <[u8; 32]>::from(Sha256::digest(file)) != stretch.segment.sha256 {
        return None;
    }
    let most = limits::SEGMENT_UNFOLDED_BYTES_MAX;
    let mut unfolded = Vec::new();
    let unfolding =
        zstd::Decoder::new(file).and_then(|decoder| decoder.take(most as u64 + 1).read_to_end(&mut unfolded));
    unfolding.ok().filter(|bytes| *bytes <= most)?;
    check_segment(stretch, &unfolded, campaign)
}
