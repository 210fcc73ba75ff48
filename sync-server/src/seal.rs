//! A server on a machine that is carried about: everything of it that lies on the disk is encrypted under a key that
//! comes from outside and lies nowhere beside it.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use shared_model::ids::to_hex;
use zeroize::Zeroizing;

const OF_DATABASE: &[u8] = b"so-tiem/server-seal/database/1\0";
const OF_FILES: &[u8] = b"so-tiem/server-seal/files/1\0";
const OF_NONCES: &[u8] = b"so-tiem/server-seal/nonces/1\0";
const NONCE_BYTES: usize = 12;

/// The key from outside.
#[derive(Clone)]
pub struct Seal(Arc<Zeroizing<[u8; 32]>>);

impl fmt::Debug for Seal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Seal(…)")
    }
}

impl Seal {
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(key))
    }

    fn derive<const N: usize>(&self, domain: &[u8]) -> Zeroizing<[u8; N]> {
        let mut derived = Zeroizing::new([0; N]);
        // Forty-eight bytes are never too long.
        let _ = Hkdf::<Sha256>::new(None, self.0.as_slice()).expand(domain, derived.as_mut_slice());
        derived
    }

    /// SQLCipher's key, and the salt that would otherwise lie in the first bytes of the file alone.
    pub(crate) fn database_key(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("x'{}'", to_hex(self.derive::<48>(OF_DATABASE).as_slice())))
    }

    /// What is written of a small file. Its nonce is made from its name and content, so that two contents never meet
    /// one nonce, and nothing has to be drawn.
    pub(crate) fn close(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let nonce = self.nonce(name, content);
        let payload = Payload { msg: content, aad: name.as_bytes() };
        // A few kilobytes are never too long.
        let closed = self.cipher().encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
        [nonce.as_slice(), &closed].concat()
    }

    /// Nothing where another key, another name or damage is.
    pub(crate) fn open(&self, name: &str, closed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, closed) = closed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: closed, aad: name.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*self.derive::<32>(OF_FILES)).into())
    }

    fn nonce(&self, name: &str, content: &[u8]) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.derive::<32>(OF_NONCES).as_slice()) {
            mac.update(&(name.len() as u64).to_be_bytes());
            mac.update(name.as_bytes());
            mac.update(content);
            nonce.copy_from_slice(&mac.finalize().into_bytes()[..NONCE_BYTES]);
        }
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(n: u8) -> Seal {
        Seal::new(Zeroizing::new([n; 32]))
    }

    #[test]
    fn what_was_closed_is_opened_under_its_own_key_and_name_alone() {
        let closed = seal(1).close("hub.key", b"thirty-two bytes");
        assert_eq!(seal(1).open("hub.key", &closed).unwrap().as_slice(), b"thirty-two bytes");
        assert!(seal(2).open("hub.key", &closed).is_none());
        assert!(seal(1).open("secret.key", &closed).is_none());
        for at in 0..closed.len() {
            let mut damaged = closed.clone();
            damaged[at] ^= 1;
            assert!(seal(1).open("hub.key", &damaged).is_none(), "byte {at}");
            assert!(seal(1).open("hub.key", &closed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn other_contents_have_other_nonces() {
        let nonces = [("a", "b"), ("a", "c"), ("b", "b"), ("ab", ""), ("", "ab")];
        let nonces: std::collections::BTreeSet<_> =
            nonces.iter().map(|(name, content)| seal(1).nonce(name, content.as_bytes())).collect();
        assert_eq!(nonces.len(), 5);
    }

    #[test]
    fn a_log_line_tells_no_key() {
        assert_eq!(format!("{:?}", seal(7)), "Seal(…)");
    }
}
