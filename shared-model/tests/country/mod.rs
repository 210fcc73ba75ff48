//! A pretend country for the tests of this crate: real envelopes, real keys drawn from seeds,
//! no dice and no clock. The same story gives the same bytes on every machine.

#![allow(dead_code, reason = "each test binary takes what it needs")]

pub mod deeds;
pub mod desk;
pub mod people;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use shared_model::citizen::CampaignKey;
use shared_model::envelope::PublicKey;
use shared_model::ids::{AuthorId, CitizenId, DeviceId, RulesId, SessionId};
use shared_model::time::{Date, MS_PER_HOUR, Moment};

/// The one key of a seed, made once: the same few are asked for again and again.
pub fn key(seed: u64) -> SigningKey {
    static MADE: Mutex<BTreeMap<u64, SigningKey>> = Mutex::new(BTreeMap::new());
    let make = || {
        let mut bytes = [0x5e; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        SigningKey::from_bytes(&bytes)
    };
    MADE.lock().unwrap_or_else(PoisonError::into_inner).entry(seed).or_insert_with(make).clone()
}

pub fn campaign() -> SigningKey {
    key(0xca3)
}

pub fn campaign_public() -> PublicKey {
    PublicKey::of(&campaign())
}

/// Signs for another campaign: nothing it signs may be believed here.
pub fn foreign_campaign() -> SigningKey {
    key(0xbad)
}

pub fn campaign_key() -> CampaignKey {
    CampaignKey::new([0x7e; 32])
}

pub fn device(n: u8) -> DeviceId {
    DeviceId([0xd0 ^ n; 16])
}

pub fn author(n: u8) -> AuthorId {
    AuthorId([0xa0 ^ n; 16])
}

pub fn card(n: u8) -> CitizenId {
    CitizenId([0xc0 ^ n; 16])
}

pub fn session() -> SessionId {
    SessionId([0x5e; 16])
}

pub fn rules_id() -> RulesId {
    RulesId([0x12; 16])
}

/// Half past eight on the morning of 30 September 2021, in Vietnam.
pub fn morning() -> Moment {
    Date::new(2021, 9, 30).unwrap().starts_at().plus_ms(8 * MS_PER_HOUR + MS_PER_HOUR / 2)
}

/// CBOR of anything.
pub fn cbor(value: &impl minicbor::Encode<()>) -> Vec<u8> {
    minicbor::to_vec(value).unwrap()
}
