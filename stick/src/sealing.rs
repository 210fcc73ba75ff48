//! Sealing to readers and opening, in the file format of age: any of its tools opens a segment with the key.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519;
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use zeroize::Zeroizing;

/// A key that opens sticks.
#[derive(Clone)]
pub struct Identity(x25519::Identity);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an X25519 identity as age writes one")]
pub struct NotAnIdentity;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an X25519 recipient as age writes one")]
pub struct NotARecipient;

impl Identity {
    /// A new key, from the operating system's dice.
    pub fn draw() -> Self {
        Self(x25519::Identity::generate())
    }

    /// As [`Identity::to_text`] wrote it; white space around it does not count.
    pub fn parse(text: &str) -> Result<Self, NotAnIdentity> {
        x25519::Identity::from_str(text.trim()).map(Self).map_err(|_| NotAnIdentity)
    }

    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// What others seal to.
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Opens as much as is whole, up to the first chunk that was changed or is not all there.
    pub fn open(&self, sealed: &[u8]) -> Opened {
        let mut plain = Vec::new();
        let why = match self.read(sealed, &mut plain) {
            Ok(()) => None,
            Err(DecryptError::NoMatchingKeys) => Some(Unopened::NotForUs),
            Err(_) => Some(Unopened::Damaged),
        };
        Opened { plain, why }
    }

    fn read(&self, sealed: &[u8], plain: &mut Vec<u8>) -> Result<(), DecryptError> {
        let decryptor = Decryptor::new_buffered(sealed)?;
        let identity: &dyn age::Identity = &self.0;
        decryptor.decrypt(std::iter::once(identity))?.read_to_end(plain)?;
        Ok(())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.recipient())
    }
}

/// What came out of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Authenticated to the last byte.
    pub plain: Vec<u8>,
    /// Why that is not all.
    pub why: Option<Unopened>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// Sealed to other keys than this one.
    NotForUs,
    /// Changed, or cut off.
    Damaged,
}

/// Who is to read a stick; never nobody.
#[derive(Clone)]
pub struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotARecipient> {
        let parsed: Result<Vec<_>, _> = texts.into_iter().map(x25519::Recipient::from_str).collect();
        match parsed {
            Ok(recipients) if !recipients.is_empty() => Ok(Self(recipients)),
            _ => Err(NotARecipient),
        }
    }

    pub fn seal(&self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let readers = self.0.iter().map(|recipient| {
            let recipient: &dyn age::Recipient = recipient;
            recipient
        });
        let encryptor = Encryptor::with_recipients(readers).map_err(|error| match error {
            EncryptError::Io(error) => error,
            other => io::Error::other(other),
        })?;
        let mut sealed = Vec::with_capacity(plain.len() + 512);
        let mut stream = encryptor.wrap_output(&mut sealed)?;
        stream.write_all(plain)?;
        stream.finish()?;
        Ok(sealed)
    }
}
