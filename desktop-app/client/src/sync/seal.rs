//! Seals on this laptop's log.

use shared_model::envelope::{LogHead, Seal, SigningKeys};
use shared_model::ids::Epoch;

use crate::identity::Seed;

pub fn make(seed: &Seed, epoch: Epoch, to: LogHead) -> Seal {
    let (device, author) = (seed.device_key(), seed.author_key());
    let keys = SigningKeys { device: &device, author: &author };
    Seal::make(seed.device, epoch, to.seq, to.chain, seed.author, &keys)
}
