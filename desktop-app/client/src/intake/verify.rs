//! Whether an envelope from a feed may be believed. The campaign's signature over the page has
//! been checked already; here each envelope must be one at all, and within its limits.

use shared_model::envelope::{Envelope, Said};
use shared_model::sync::Quarantine;

pub fn verify(envelope: &Envelope) -> Result<Said, Quarantine> {
    envelope.open().map_err(Quarantine::from)
}
