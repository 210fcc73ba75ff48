//! Who answers: the nation by the campaign's key, or a hub by a key that the campaign vouches for.

use crate::certificate::{CampaignWord, HubCertificate, NotGenuine, Signed};
use crate::envelope::PublicKey;

/// Whose words are heard. A hub's word is worth what a hub is: it holds a copy, and tells its areas what it knows.
/// What the nation holds, only the nation's own word says, whoever brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    Nation,
    Hub(Box<HubCertificate>),
}

impl Speaker {
    /// By what a server shows of itself before anything is asked of it.
    ///
    /// No time is compared: a laptop with a wrong clock must still be able to hand over its doses. A hub that was
    /// ended is known by the nation's list of such hubs.
    pub fn shown(certificate: Option<&Signed>, campaign: PublicKey) -> Result<Self, NotGenuine> {
        let Some(signed) = certificate else { return Ok(Self::Nation) };
        Ok(Self::Hub(Box::new(signed.open(campaign)?)))
    }

    pub fn is_nation(&self) -> bool {
        matches!(self, Self::Nation)
    }

    /// The key under this speaker's words.
    pub fn key(&self, campaign: PublicKey) -> PublicKey {
        match self {
            Self::Nation => campaign,
            Self::Hub(certificate) => certificate.key,
        }
    }

    /// Whether it may speak of a feed at all.
    pub fn may_tell(&self, feed: &str) -> bool {
        match self {
            Self::Nation => true,
            Self::Hub(certificate) => certificate.areas.iter().any(|area| area == feed),
        }
    }

    /// A word of this speaker's.
    pub fn open<T: CampaignWord>(&self, word: &Signed, campaign: PublicKey) -> Result<T, NotGenuine> {
        word.open(self.key(campaign))
    }
}
