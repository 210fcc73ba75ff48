//! The key to the store, wrapped under the PIN and a secret of this device.
//!
//! A PIN alone protects nothing from whoever can copy the disk: a million of them are tried in
//! an hour. So the wrapping key needs the device secret too, which lives apart from the store
//! (a file only this user may read; an operating system's key store where there is one).
//! The salt of the encrypted database is kept here and not in its header, where one torn page would lose it.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::edge::{Edge, NoDice, draw};
use crate::files::{self, FileError};

/// Opens the store: SQLCipher's key and salt.
pub struct StoreKey {
    pub key: Zeroizing<[u8; 32]>,
    pub salt: [u8; 16],
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the PIN does not open this laptop")]
    WrongPin,
    #[error("another PIN may be tried in {wait_s} s")]
    Wait { wait_s: u32 },
    #[error("a PIN has six digits at least")]
    PinTooShort,
    #[error("the key file is damaged")]
    Damaged,
    #[error("the key files can't be read or written")]
    Files(#[from] FileError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

pub const PIN_DIGITS_MIN: usize = 6;

pub fn check_new_pin(pin: &str) -> Result<(), VaultError> {
    let digits = pin.chars().filter(char::is_ascii_digit).count();
    if digits < PIN_DIGITS_MIN || !pin.is_ascii() { Err(VaultError::PinTooShort) } else { Ok(()) }
}

/// OWASP's first choice for argon2id: 19 MiB, two passes; about 20 ms on a small laptop.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

#[derive(Encode, Decode)]
#[cbor(map)]
struct VaultFile {
    #[n(0)]
    version: u8,
    #[cbor(n(1), with = "minicbor::bytes")]
    pin_salt: [u8; 16],
    #[n(2)]
    memory_kib: u32,
    #[n(3)]
    passes: u32,
    #[cbor(n(4), with = "minicbor::bytes")]
    nonce: [u8; 12],
    #[cbor(n(5), with = "minicbor::bytes")]
    wrapped: Vec<u8>,
    #[cbor(n(6), with = "minicbor::bytes")]
    store_salt: [u8; 16],
}

/// Wrong PINs in a row. On disk, so that starting the app anew forgets nothing.
#[derive(Default, Encode, Decode)]
#[cbor(map)]
struct Tries {
    #[n(0)]
    wrong: u32,
    #[n(1)]
    last_ms: i64,
}

pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("vault.cbor")
    }

    pub fn exists(&self) -> bool {
        self.file().exists()
    }

    /// Draws a new store key and wraps it under this PIN.
    pub fn create(&self, pin: &str, edge: &dyn Edge) -> Result<StoreKey, VaultError> {
        check_new_pin(pin)?;
        files::make_folder(&self.folder)?;
        let key = Zeroizing::new(draw::<32>(edge)?);
        let mut file = VaultFile {
            version: 1,
            pin_salt: draw(edge)?,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            nonce: draw(edge)?,
            wrapped: Vec::new(),
            store_salt: draw(edge)?,
        };
        files::write_private(&self.folder.join("device.secret"), &draw::<32>(edge)?)?;
        let cipher = self.wrapping_cipher(pin, &file)?;
        file.wrapped = cipher.encrypt(&Nonce::from(file.nonce), key.as_slice()).map_err(|_| VaultError::Damaged)?;
        files::write_private(&self.file(), &to_cbor(&file))?;
        Ok(StoreKey { key, salt: file.store_salt })
    }

    /// Unwraps the store key, slowing down after a few wrong PINs.
    pub fn open(&self, pin: &str, edge: &dyn Edge) -> Result<StoreKey, VaultError> {
        let tries = self.tries();
        let wait_s = self.wait_s(edge);
        if wait_s > 0 {
            return Err(VaultError::Wait { wait_s });
        }
        let file: VaultFile = minicbor::decode(&files::read_small(&self.file())?).map_err(|_| VaultError::Damaged)?;
        let cipher = self.wrapping_cipher(pin, &file)?;
        let Ok(key) = cipher.decrypt(&Nonce::from(file.nonce), file.wrapped.as_slice()).map(Zeroizing::new) else {
            self.note_tries(&Tries { wrong: tries.wrong.saturating_add(1), last_ms: edge.now().0 })?;
            return Err(VaultError::WrongPin);
        };
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| VaultError::Damaged)?;
        if tries.wrong > 0 {
            self.note_tries(&Tries::default())?;
        }
        Ok(StoreKey { key: Zeroizing::new(key), salt: file.store_salt })
    }

    fn tries(&self) -> Tries {
        files::read_small(&self.folder.join("tries.cbor"))
            .ok()
            .and_then(|bytes| minicbor::decode(&bytes).ok())
            .unwrap_or_default()
    }

    fn note_tries(&self, tries: &Tries) -> Result<(), FileError> {
        files::write_private(&self.folder.join("tries.cbor"), &to_cbor(tries))
    }

    /// Seconds to wait: none for the first wrong PINs, then 15 s doubling to 15 minutes.
    /// Where the clock was set back, the wait begins again by the time it shows: nobody waits a year for it to catch up.
    pub fn wait_s(&self, edge: &dyn Edge) -> u32 {
        let tries = self.tries();
        let free = shared_model::limits::PIN_TRIES_BEFORE_WAIT;
        if tries.wrong < free {
            return 0;
        }
        let full_s = (15_i64 << (tries.wrong - free).min(6)).min(900);
        let now_ms = edge.now().0;
        let passed_s = if now_ms < tries.last_ms {
            // Where it can't be noted, the whole wait stands until it can.
            let _ = self.note_tries(&Tries { last_ms: now_ms, ..tries });
            0
        } else {
            now_ms.saturating_sub(tries.last_ms) / 1_000
        };
        u32::try_from((full_s - passed_s).max(0)).unwrap_or(900)
    }

    fn wrapping_cipher(&self, pin: &str, file: &VaultFile) -> Result<ChaCha20Poly1305, VaultError> {
        // A forged file must not make us allocate what it says.
        if file.version != 1 || file.memory_kib > 256 * 1024 || file.passes > 10 {
            return Err(VaultError::Damaged);
        }
        let params = argon2::Params::new(file.memory_kib, file.passes, 1, Some(32)).map_err(|_| VaultError::Damaged)?;
        let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let mut stretched = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(pin.as_bytes(), &file.pin_salt, stretched.as_mut_slice())
            .map_err(|_| VaultError::Damaged)?;
        let secret = Zeroizing::new(files::read_small(&self.folder.join("device.secret"))?);
        let mut wrapping = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&secret), stretched.as_slice())
            .expand(b"so-tiem/vault/1", wrapping.as_mut_slice())
            .map_err(|_| VaultError::Damaged)?;
        Ok(ChaCha20Poly1305::new((&*wrapping).into()))
    }
}

fn to_cbor(value: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}
