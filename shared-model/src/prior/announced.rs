//! What a laptop is told of filters by its server, on a signed request and over TLS.

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::{Filter, Filters, Manifest, PriorKey};
use crate::certificate::Signed;
use crate::envelope::PublicKey;

/// Asks which filters are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PriorAsk {}

/// The filters in force and the key they are asked with. Each manifest names the key by its check, so that a key that was
/// changed on the way is noticed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PriorAnswer {
    #[cbor(n(0), with = "minicbor::bytes")]
    key: Vec<u8>,
    /// The base, then the deltas on it, oldest first.
    #[n(1)]
    pub manifests: Vec<Signed>,
}

impl PriorAnswer {
    pub fn new(key: &PriorKey, manifests: Vec<Signed>) -> Self {
        Self { key: key.bytes().to_vec(), manifests }
    }

    /// Filters with no segment yet, as the campaign signed them and as they stand on one another; `None` where they are
    /// not this campaign's, or do not go together.
    pub fn open(&self, campaign: PublicKey) -> Option<Filters<Vec<u8>>> {
        let mut filters: Option<Filters<Vec<u8>>> = None;
        for signed in &self.manifests {
            let filter = Filter::new(Manifest::open(signed, campaign).ok()?)?;
            match &mut filters {
                None => filters = Some(Filters::new(self.key()?, filter).ok()?),
                Some(filters) => filters.add(filter).ok()?,
            }
        }
        filters
    }

    /// `None` for bytes that are no key.
    pub fn key(&self) -> Option<PriorKey> {
        self.key.as_slice().try_into().ok().map(PriorKey::new)
    }
}

impl std::fmt::Debug for PriorAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PriorAnswer({} manifests)", self.manifests.len())
    }
}

impl Drop for PriorAnswer {
    fn drop(&mut self) {
        drop(Zeroizing::new(std::mem::take(&mut self.key)));
    }
}
