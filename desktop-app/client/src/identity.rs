//! Who this laptop is: its keys, its certificates, its campaign.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use rusqlite::Connection;
use shared_model::certificate::Signed;
use shared_model::citizen::CampaignKey;
use shared_model::envelope::PublicKey;
use shared_model::ids::{AuthorId, DeviceId};

use crate::edge::{Edge, NoDice, draw};
use crate::store::{StoreError, setting};

/// Keys and ids drawn on this laptop before anybody else knows of it.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub struct Seed {
    #[n(0)]
    pub device: DeviceId,
    #[cbor(n(1), with = "minicbor::bytes")]
    device_key: [u8; 32],
    #[n(2)]
    pub author: AuthorId,
    #[cbor(n(3), with = "minicbor::bytes")]
    author_key: [u8; 32],
    #[n(4)]
    pub device_name: String,
    #[n(5)]
    pub author_name: String,
    #[n(6)]
    pub server_url: String,
}

impl Seed {
    pub fn draw(edge: &dyn Edge, server_url: &str, device_name: &str, author_name: &str) -> Result<Self, NoDice> {
        Ok(Self {
            device: DeviceId(draw(edge)?),
            device_key: draw(edge)?,
            author: AuthorId(draw(edge)?),
            author_key: draw(edge)?,
            device_name: device_name.to_owned(),
            author_name: author_name.to_owned(),
            server_url: server_url.to_owned(),
        })
    }

    pub fn device_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.device_key)
    }

    pub fn author_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.author_key)
    }
}

/// What enrolment brought back.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub struct Membership {
    #[n(0)]
    pub campaign_name: String,
    #[n(1)]
    pub campaign_key: PublicKey,
    #[cbor(n(2), with = "minicbor::bytes")]
    citizen_key: [u8; 32],
    #[n(3)]
    pub device: Signed,
    #[n(4)]
    pub author: Signed,
    #[n(5)]
    pub site: String,
    #[n(6)]
    pub area: String,
}

impl Membership {
    pub fn new(
        enrolled: &shared_model::sync::message::Enrolled,
        certificate: &shared_model::certificate::DeviceCertificate,
    ) -> Self {
        Self {
            campaign_name: enrolled.campaign_name.clone(),
            campaign_key: enrolled.campaign_key,
            citizen_key: enrolled.citizen_key,
            device: enrolled.device.clone(),
            author: enrolled.author.clone(),
            site: certificate.site.clone(),
            area: certificate.area.clone(),
        }
    }

    pub fn citizen_key(&self) -> CampaignKey {
        CampaignKey::new(self.citizen_key)
    }
}

const SEED: &str = "seed";
const MEMBERSHIP: &str = "membership";

pub fn seed(conn: &Connection) -> Result<Option<Seed>, StoreError> {
    setting::get_cbor(conn, SEED)
}

pub fn put_seed(conn: &Connection, seed: &Seed) -> Result<(), StoreError> {
    setting::put_cbor(conn, SEED, seed)
}

pub fn membership(conn: &Connection) -> Result<Option<Membership>, StoreError> {
    setting::get_cbor(conn, MEMBERSHIP)
}

pub fn put_membership(conn: &Connection, membership: &Membership) -> Result<(), StoreError> {
    setting::put_cbor(conn, MEMBERSHIP, membership)
}
