//! Payloads made smaller on their way into a frame, and unfolded on their way out.

use std::io::Read;

use shared_model::limits;
use shared_model::sync::bundle::{Content, Folded, Folding, Frame, NotOpened};

/// Fast, and within a few per cent of the best for bodies of this size.
const ZSTD_LEVEL: i32 = 3;

/// Smaller where zstd makes it smaller.
pub(crate) fn fold(payload: Vec<u8>) -> Folded {
    match zstd::encode_all(payload.as_slice(), ZSTD_LEVEL) {
        Ok(bytes) if bytes.len() < payload.len() => Folded { folding: Folding::Zstd, bytes },
        _ => Folded::raw(payload),
    }
}

/// What a frame says, unfolded. Stops at the cap: a few bytes can claim to be gigabytes.
pub fn open(frame: &Frame) -> Result<Content, NotOpened> {
    match frame.folding {
        Folding::Raw | Folding::Other(_) => frame.open(),
        Folding::Zstd => {
            let most = limits::UNFOLDED_BYTES_MAX;
            let mut cbor = Vec::new();
            zstd::Decoder::new(frame.payload.as_slice())
                .and_then(|decoder| decoder.take(most as u64 + 1).read_to_end(&mut cbor))
                .map_err(|_| NotOpened::Malformed)?;
            Content::read(frame.kind, &cbor)
        }
    }
}
