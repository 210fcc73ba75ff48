//! Who is asking: a device by its key, a person by name and password.

pub mod code;
pub mod device;
pub mod nonce;
pub mod staff;
pub mod throttle;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A keyed hash under a domain.
pub(crate) fn keyed_hash(key: &[u8; 32], domain: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    keyed(key, domain, parts).finalize().into_bytes().into()
}

pub(crate) fn is_keyed_hash(key: &[u8; 32], domain: &[u8], parts: &[&[u8]], claimed: &[u8]) -> bool {
    keyed(key, domain, parts).verify_slice(claimed).is_ok()
}

fn keyed(key: &[u8; 32], domain: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC fills a shorter key up with zeros; done here, no length is left that could be wrong.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(domain);
    for part in parts {
        mac.update(part);
    }
    mac
}
