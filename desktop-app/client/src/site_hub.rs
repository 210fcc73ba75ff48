//! The hub that this laptop can be for its site, as the laptop sees it. What serves is the server's code, and whoever
//! opens a desk brings it: here it is named and no more.

use shared_model::envelope::PublicKey;
use shared_model::ids::DeviceId;
use shared_model::sync::Trouble;
use zeroize::Zeroizing;

use crate::sync::road::RoadError;

/// Everything of the hub on the disk is encrypted under it; it lies in the laptop's store alone.
pub type HubKey = Zeroizing<[u8; 32]>;

/// What can be done about a hub that does not serve.
#[derive(Debug, thiserror::Error)]
pub enum SiteHubError {
    #[error("the nation's address can't be used")]
    Road(#[from] RoadError),
    /// Ask for another code, or look after the line.
    #[error("the nation did not take the code: {0}")]
    Trouble(#[from] Trouble),
    #[error("this is not the campaign that the laptop is of")]
    OtherCampaign,
    /// Free some space.
    #[error("the disk is full")]
    DiskFull,
    /// Its folder was damaged, or is another laptop's. What it held is at the laptops that gave it.
    #[error("the hub's files can't be read: {0}")]
    Damaged(String),
    /// Another program has it, or the system forbids it.
    #[error("the hub can't listen: {0}")]
    Port(String),
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serving {
    No,
    /// Where laptops find it: addresses in the networks this laptop is part of, and the one on this laptop.
    Yes {
        nearby: Vec<String>,
        here: String,
    },
    /// It served, and stopped by itself.
    Broke(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub hub: DeviceId,
    pub name: String,
    pub areas: Vec<String>,
    /// Entries of which the nation is not known to hold anything.
    pub waiting: u64,
    /// When the nation last answered it.
    pub last_contact_ms: Option<i64>,
}

/// What a laptop asks of the hub it can be. Everything here waits until it is done.
pub trait SiteHub: Send + Sync {
    /// Whether somebody joined the campaign here with a code for a hub.
    fn has_joined(&self) -> bool;

    /// Joins with a one-time code that the nation made for a hub. One that is there and can't be opened is put aside; one
    /// that can is begun, and no code is spent.
    fn join(&self, key: HubKey, campaign: PublicKey, nation: &str, code: &str, name: &str) -> Result<(), SiteHubError>;

    fn start(&self, key: HubKey) -> Result<(), SiteHubError>;

    /// Lets what was begun come to its end.
    fn stop(&self);

    fn serving(&self) -> Serving;

    /// Nothing while it does not serve.
    fn standing(&self) -> Option<Standing>;
}
