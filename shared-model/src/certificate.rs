//! What the campaign says of a device or a person: whose key this is, and how far it may go.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};

use crate::envelope::{Authority, PublicKey, Signature, sign, verify_signature};
use crate::ids::{AuthorId, DeviceId};

/// A laptop, hub or console that may append to a log of its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceCertificate {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub key: PublicKey,
    /// As people call it: "Laptop 3, Trạm y tế phường 5".
    #[n(2)]
    pub name: String,
    /// Code of the injection point or office.
    #[n(3)]
    pub site: String,
    /// Code of the administrative unit whose feed it follows.
    #[n(4)]
    pub area: String,
    #[n(5)]
    pub not_before_ms: i64,
    #[n(6)]
    pub not_after_ms: i64,
}

/// A person's key on one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AuthorCertificate {
    #[n(0)]
    pub author: AuthorId,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub key: PublicKey,
    #[n(3)]
    pub name: String,
    #[n(4)]
    pub authority: Authority,
    #[n(5)]
    pub not_before_ms: i64,
    #[n(6)]
    pub not_after_ms: i64,
}

/// A hub: it keeps logs as they came, forwards them, and tells its areas what it knows, under a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HubCertificate {
    #[n(0)]
    pub hub: DeviceId,
    #[n(1)]
    pub key: PublicKey,
    /// As people call it: "Trung tâm y tế quận 5".
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub site: String,
    /// Codes of the administrative units whose feeds it may tell.
    #[n(4)]
    pub areas: Vec<String>,
    #[n(5)]
    pub not_before_ms: i64,
    #[n(6)]
    pub not_after_ms: i64,
    /// The age recipient that sticks for it are sealed to; none for a hub of a version that read no sticks.
    #[n(7)]
    pub stick: Option<String>,
}

/// Bytes and the campaign's signature over them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub content: Vec<u8>,
    #[n(1)]
    pub signature: Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    #[error("not signed by this campaign")]
    Signature,
    #[error("not the form of what was signed")]
    Malformed,
}

/// What the campaign key signs, each under a domain of its own.
pub trait CampaignWord: Encode<()> + for<'b> Decode<'b, ()> {
    const DOMAIN: &'static [u8];
}

impl CampaignWord for DeviceCertificate {
    const DOMAIN: &'static [u8] = b"so-tiem/certificate/device/1\0";
}

impl CampaignWord for AuthorCertificate {
    const DOMAIN: &'static [u8] = b"so-tiem/certificate/author/1\0";
}

impl CampaignWord for HubCertificate {
    const DOMAIN: &'static [u8] = b"so-tiem/certificate/hub/1\0";
}

impl Signed {
    /// By the campaign's key, or by that of a hub for what a hub may say.
    pub fn make<T: CampaignWord>(word: &T, key: &SigningKey) -> Self {
        let mut content = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(word, &mut content);
        let signature = sign(key, T::DOMAIN, &content);
        Self { content, signature }
    }

    /// Whether the campaign signed it as such a word, be it of a version that can be read here or a later one.
    pub fn is_genuine<T: CampaignWord>(&self, campaign: PublicKey) -> bool {
        verify_signature(campaign, T::DOMAIN, &self.content, self.signature)
    }

    /// The word, once the campaign's signature holds.
    pub fn open<T: CampaignWord>(&self, campaign: PublicKey) -> Result<T, NotGenuine> {
        if !self.is_genuine::<T>(campaign) {
            return Err(NotGenuine::Signature);
        }
        minicbor::decode(&self.content).map_err(|_| NotGenuine::Malformed)
    }
}
