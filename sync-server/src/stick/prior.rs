//! Filters of prior doses on a return stick: those in force, but for what the laptop holds wholly, where there is room.
//!
//! They come last, so that a stick pulled out early has brought everything else.

use std::fs;
use std::path::{Path, PathBuf};

use shared_model::prior::{Filter, PriorAnswer};
use shared_model::sync::bundle::{Content, PAYLOAD_BYTES_MAX, PriorPiece, ReturnAsked};
use stick::free_bytes;
use tokio::sync::mpsc;

use crate::named_file::path_of;
use crate::office::Office;
use crate::prior::in_force;
use crate::store::StoreError;

/// What a bad sector costs: sixteen of the blocks in which a laptop keeps them.
const PIECE_BYTES: usize = 16 * 4_080;
/// What must stay free: word and feed of an area, with seals and escapes.
const ROOM_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct OnStick {
    answer: PriorAnswer,
    files: Vec<([u8; 32], PathBuf)>,
}

/// What is to lie on the stick; nothing for an app that takes none, and where the stick is too small.
pub(super) async fn wanted(office: &Office, asked: &ReturnAsked, folder: &Path) -> Result<Option<OnStick>, StoreError> {
    let Some(held) = &asked.prior else { return Ok(None) };
    let Some(answer) = in_force(office).await? else { return Ok(None) };
    let Some(filters) = answer.open(office.keys.campaign_public()) else { return Ok(None) };
    let missing: Vec<&Filter<Vec<u8>>> = filters.all().filter(|filter| !held.contains(&filter.id())).collect();
    let bytes: u64 = missing.iter().map(|filter| filter.manifest().bytes()).sum();
    // Sealing and escapes cost less than three parts in a hundred.
    let needed = bytes.saturating_add(bytes / 32).saturating_add(ROOM_BYTES);
    let has_room = free_bytes(folder).is_none_or(|free| free >= needed);
    let segments = missing.iter().flat_map(|filter| &filter.manifest().segments);
    let files = segments.map(|word| (word.sha256, path_of(&office.prior, word.sha256))).collect();
    // It stands in one frame, escapes included.
    let fits = Content::Prior(answer.clone()).to_cbor().len() <= PAYLOAD_BYTES_MAX / 2;
    Ok((has_room && fits && !missing.is_empty()).then_some(OnStick { answer, files }))
}

impl OnStick {
    /// What can't be read is left out: a sync brings it. A writer that has stopped says itself why.
    pub async fn send(self, send: &mpsc::Sender<Option<Content>>) {
        if send.send(Some(Content::Prior(self.answer))).await.is_err() {
            return;
        }
        for (sha256, path) in self.files {
            let Ok(Ok(bytes)) = tokio::task::spawn_blocking(move || fs::read(path)).await else { continue };
            let mut from = 0;
            for piece in bytes.chunks(PIECE_BYTES) {
                let content = Content::PriorPiece(PriorPiece { sha256, from, bytes: piece.to_vec() });
                if send.send(Some(content)).await.is_err() {
                    return;
                }
                from += piece.len() as u64;
            }
        }
    }
}
