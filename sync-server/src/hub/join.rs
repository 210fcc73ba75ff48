//! A server joins a campaign as a hub, with a one-time code that the nation made for one.

use std::path::Path;

use ed25519_dalek::SigningKey;
use roads::courier::Courier;
use roads::http::Http;
use roads::road::{Road, RoadError};
use shared_model::certificate::{HubCertificate, NotGenuine};
use shared_model::envelope::PublicKey;
use shared_model::sync::Trouble;
use shared_model::sync::hub::{HubEnrol, HubEnrolled};

use super::{KEY, Membership, device_of, keep};
use crate::disk::private_directory;
use crate::drawer::Drawer;
use crate::edge::Edge;
use crate::keys::{self, CAMPAIGN_KEY, KEYS, KeysError};
use crate::seal::Seal;

#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("the address can't be used: https://host or http://host")]
    Address(#[from] RoadError),
    #[error("the nation did not take the code: {0}")]
    Trouble(#[from] Trouble),
    #[error("what came back is not about this hub")]
    WrongAnswer(#[from] NotGenuine),
    /// It serves laptops of that campaign already, or is to; another one wants another data directory.
    #[error("this hub belongs to another campaign than the nation at this address")]
    OtherCampaign,
}

/// What is asked of the nation, and where its answer is kept.
pub struct Joining<'a> {
    pub data: &'a Path,
    /// Of the server that the directory will be; see [`crate::settings::Settings::seal`].
    pub seal: Option<Seal>,
    /// Of which campaign it must be, where that is known beforehand.
    pub campaign: Option<PublicKey>,
    /// Where the nation answers.
    pub upstream: &'a str,
    pub code: &'a str,
    /// As people call the hub.
    pub name: &'a str,
}

/// Joins over HTTP. Asking again with the same code gets the same answer.
pub fn join(joining: Joining<'_>, edge: &dyn Edge) -> Result<HubCertificate, JoinError> {
    join_over(&mut Http::to(joining.upstream)?, joining, edge)
}

/// As [`join`], over any road.
pub fn join_over(road: &mut dyn Road, joining: Joining<'_>, edge: &dyn Edge) -> Result<HubCertificate, JoinError> {
    let Joining { data, seal, campaign, upstream, code, name } = joining;
    private_directory(data).map_err(KeysError::Files)?;
    let drawer = Drawer::open(data.join(KEYS), seal).map_err(KeysError::Files)?;
    if drawer.holds(CAMPAIGN_KEY) {
        return Err(KeysError::IsNation.into());
    }
    // On disk before the code is spent: an answer lost on the way can be asked for again.
    let seed = keys::read_or_make(&drawer, KEY, edge)?;
    let key = SigningKey::from_bytes(&seed);
    let hub = device_of(&key);
    let question = HubEnrol {
        code: code.trim().to_owned(),
        hub,
        key: PublicKey::of(&key),
        name: name.trim().to_owned(),
        stick: Some(keys::read_or_draw(&drawer)?.recipient()),
    };
    let enrolled: HubEnrolled = Courier::new(road, hub, key.clone()).ask_unsigned("/hub/enrol", &question)?;
    let certificate: HubCertificate = enrolled.certificate.open(enrolled.campaign_key)?;
    if certificate.hub != hub || certificate.key != PublicKey::of(&key) {
        return Err(NotGenuine::Malformed.into());
    }
    let known = super::Hub::open(&drawer)?.map(|known| known.campaign());
    if [known, campaign].into_iter().flatten().any(|expected| expected != enrolled.campaign_key) {
        return Err(JoinError::OtherCampaign);
    }
    let membership = Membership {
        campaign_name: enrolled.campaign_name,
        campaign_key: enrolled.campaign_key,
        certificate: enrolled.certificate,
        rules: enrolled.rules,
        upstream: upstream.trim().to_owned(),
        last_nonce: None,
        last_contact_ms: None,
        last_try: None,
    };
    keep(&drawer, &membership).map_err(KeysError::Files)?;
    Ok(certificate)
}
