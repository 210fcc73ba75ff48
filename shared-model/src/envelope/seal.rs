//! Two signatures over a run of entries by one author: the device's and the author's.
//!
//! One rule everywhere: `verify_strict`. Lenient and batched verification can disagree on
//! crafted signatures, and two nodes would then believe different things.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};

use crate::ids::{AuthorId, Chain, DeviceId, Epoch, Seq};

/// A public key and the algorithm it belongs to: 1 is Ed25519; TPMs will bring others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(…)")
    }
}

const ED25519: u8 = 1;

macro_rules! algorithm_and_bytes {
    ($name:ident) => {
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.array(2)?.u8(ED25519)?.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                if d.array()? != Some(2) || d.u8()? != ED25519 {
                    return Err(minicbor::decode::Error::message("unknown signature algorithm"));
                }
                d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("wrong length"))
            }
        }
    };
}

algorithm_and_bytes!(PublicKey);
algorithm_and_bytes!(Signature);

pub fn sign(key: &SigningKey, domain: &[u8], content: &[u8]) -> Signature {
    Signature(key.sign(&[domain, content].concat()).to_bytes())
}

pub fn verify_signature(key: PublicKey, domain: &[u8], content: &[u8], signature: Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    VerifyingKey::from_bytes(&key.0).is_ok_and(|key| key.verify_strict(&[domain, content].concat(), &signature).is_ok())
}

impl PublicKey {
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }
}

/// The two keys a seal is made with: the laptop's, and the unlocked user's on this laptop.
pub struct SigningKeys<'a> {
    pub device: &'a SigningKey,
    pub author: &'a SigningKey,
}

/// Says: everything in this log up to `to_seq` that no earlier seal covers was said by `author` here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Seal {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub to_seq: Seq,
    #[n(3)]
    pub chain: Chain,
    #[n(4)]
    pub author: AuthorId,
    #[n(5)]
    pub by_device: Signature,
    #[n(6)]
    pub by_author: Signature,
}

const BY_DEVICE: &[u8] = b"so-tiem/seal/device/1\0";
const BY_AUTHOR: &[u8] = b"so-tiem/seal/author/1\0";

impl Seal {
    pub fn make(
        device: DeviceId,
        epoch: Epoch,
        to_seq: Seq,
        chain: Chain,
        author: AuthorId,
        keys: &SigningKeys<'_>,
    ) -> Self {
        let content = Self::content(device, epoch, to_seq, chain, author);
        Self {
            device,
            epoch,
            to_seq,
            chain,
            author,
            by_device: sign(keys.device, BY_DEVICE, &content),
            by_author: sign(keys.author, BY_AUTHOR, &content),
        }
    }

    fn content(device: DeviceId, epoch: Epoch, to_seq: Seq, chain: Chain, author: AuthorId) -> Vec<u8> {
        [
            device.as_bytes(),
            epoch.to_be_bytes().as_slice(),
            to_seq.to_be_bytes().as_slice(),
            chain.as_bytes(),
            author.as_bytes(),
        ]
        .concat()
    }

    fn own_content(&self) -> Vec<u8> {
        Self::content(self.device, self.epoch, self.to_seq, self.chain, self.author)
    }

    pub fn is_by_device(&self, key: PublicKey) -> bool {
        verify_signature(key, BY_DEVICE, &self.own_content(), self.by_device)
    }

    pub fn is_by_author(&self, key: PublicKey) -> bool {
        verify_signature(key, BY_AUTHOR, &self.own_content(), self.by_author)
    }
}
