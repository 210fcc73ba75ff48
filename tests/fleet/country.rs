//! The campaign: its keys and its rules, and names for whatever has a number.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::{Authority, PublicKey};
use shared_model::ids::{AuthorId, CitizenId, DeviceId, RulesId};
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::time::{Date, MS_PER_DAY, MS_PER_HOUR, Moment};

pub struct Campaign {
    pub key: SigningKey,
    pub public: PublicKey,
    /// Another country's, whose sticks are found too.
    pub foreign: PublicKey,
    pub rules: Arc<Rulebook>,
    pub rules_id: RulesId,
}

impl Campaign {
    pub fn new() -> Self {
        let key = key("campaign", 0);
        let bundle = covid_2021().expect("the rules of the campaign");
        let rules_id = bundle.id();
        let foreign = PublicKey::of(&self::key("campaign", 1));
        Self { public: PublicKey::of(&key), key, foreign, rules: Arc::new(Rulebook::of([bundle])), rules_id }
    }
}

/// A morning on which most rules of the campaign are in force.
pub fn first_morning() -> Moment {
    Date::new(2021, 9, 30).expect("a day").starts_at().plus_ms(8 * MS_PER_HOUR)
}

fn digest(what: &str, number: u64) -> [u8; 32] {
    Sha256::new().chain_update(what.as_bytes()).chain_update(number.to_be_bytes()).finalize().into()
}

fn sixteen(what: &str, number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&digest(what, number)[..16]);
    id
}

pub fn key(what: &str, number: u64) -> SigningKey {
    SigningKey::from_bytes(&digest(what, number))
}

pub fn card(number: u64) -> CitizenId {
    CitizenId(sixteen("card", number))
}

pub fn area(number: u64) -> String {
    format!("267{number:02}")
}

/// Somebody on some device: both keys, and what the campaign says of them.
#[derive(Clone)]
pub struct Identity {
    pub device: DeviceId,
    pub key: SigningKey,
    pub author: AuthorId,
    pub author_key: SigningKey,
    pub area: String,
    pub authority: Authority,
}

/// A device as the nation enrolled it.
#[derive(Clone)]
pub struct Enrolled {
    pub device: DeviceCertificate,
    pub author: AuthorCertificate,
    pub signed: (Signed, Signed),
}

impl Identity {
    pub fn numbered(number: u64, area: String, authority: Authority) -> Self {
        Self {
            device: DeviceId(sixteen("device", number)),
            key: key("device", number),
            author: AuthorId(sixteen("author", number)),
            author_key: key("author", number),
            area,
            authority,
        }
    }

    pub fn enrol(&self, campaign: &Campaign) -> Enrolled {
        let (from, to) = (first_morning().0, first_morning().plus_ms(400 * MS_PER_DAY).0);
        let name = format!("Laptop {}", self.device);
        let device = DeviceCertificate {
            device: self.device,
            key: PublicKey::of(&self.key),
            name: name.clone(),
            site: "TYT-5".to_owned(),
            area: self.area.clone(),
            not_before_ms: from,
            not_after_ms: to,
        };
        let author = AuthorCertificate {
            author: self.author,
            device: self.device,
            key: PublicKey::of(&self.author_key),
            name,
            authority: self.authority,
            not_before_ms: from,
            not_after_ms: to,
        };
        let signed = (Signed::make(&author, &campaign.key), Signed::make(&device, &campaign.key));
        Enrolled { device, author, signed }
    }
}
