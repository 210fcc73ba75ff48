//! A district hub: the same server, standing between laptops and the nation.
//!
//! It keeps logs as they came and forwards them under their own seals, reads the feeds of its areas, and hands the
//! nation's receipts on to the laptops they belong to. It signs with a key of its own, for which the campaign vouches,
//! and so can say what it holds and never what the nation holds. [`join`] makes a server a hub, [`upstream`] is its
//! side of a sync with the nation, [`prior`] hands the nation's filters on, [`status`] tells how it stands.

pub mod join;
pub mod prior;
pub mod status;
pub mod upstream;

use std::io;
use std::sync::{PoisonError, RwLock};

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use shared_model::certificate::{HubCertificate, Signed};
use shared_model::envelope::PublicKey;
use shared_model::ids::{DeviceId, RulesId};
use shared_model::rules::{Bundle, Rulebook};

use crate::drawer::Drawer;
use crate::keys::{self, KeysError};

/// What joining brought, and what the nation said since that must outlive a restart.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Membership {
    #[n(0)]
    pub campaign_name: String,
    #[n(1)]
    pub campaign_key: PublicKey,
    /// A [`HubCertificate`], shown to whoever greets.
    #[n(2)]
    pub certificate: Signed,
    #[n(3)]
    pub rules: Vec<Signed>,
    /// Where the nation answers.
    #[n(4)]
    pub upstream: String,
    /// The nonce that the nation answered last.
    #[n(5)]
    pub last_nonce: Option<minicbor::bytes::ByteArray<16>>,
    /// When the nation last answered, by this hub's clock.
    #[n(6)]
    pub last_contact_ms: Option<i64>,
    #[n(7)]
    pub last_try: Option<status::Tried>,
}

pub struct Hub {
    pub key: SigningKey,
    pub device: DeviceId,
    /// The nation's filters of prior doses, as this hub hands them on.
    pub prior: prior::Handed,
    drawer: Drawer,
    membership: RwLock<Membership>,
}

const KEY: &str = "hub.key";
/// Where it lies, this is a hub.
pub(crate) const MEMBERSHIP: &str = "hub.cbor";

fn device_of(key: &SigningKey) -> DeviceId {
    keys::named_by_its_key(b"so-tiem/hub/1\0", key)
}

impl Hub {
    /// `None` where nobody joined a campaign as a hub.
    pub(crate) fn open(drawer: &Drawer) -> Result<Option<Self>, KeysError> {
        let Some(bytes) = drawer.read(MEMBERSHIP)? else { return Ok(None) };
        let membership = minicbor::decode(&bytes).map_err(|_| KeysError::NotAMembership)?;
        let seed = keys::read(drawer, KEY)?.ok_or(KeysError::NotAKey)?;
        let key = SigningKey::from_bytes(&seed);
        let device = device_of(&key);
        let (prior, drawer) = (prior::Handed::open(drawer), drawer.clone());
        Ok(Some(Self { key, device, prior, drawer, membership: RwLock::new(membership) }))
    }

    pub(crate) fn has_joined(drawer: &Drawer) -> bool {
        drawer.holds(MEMBERSHIP)
    }

    pub fn membership(&self) -> Membership {
        // Whoever panicked while holding it had not begun to change it.
        self.membership.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is remembered, on disk first.
    pub fn remember(&self, change: impl FnOnce(&mut Membership)) -> io::Result<()> {
        let mut held = self.membership.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = held.clone();
        change(&mut next);
        keep(&self.drawer, &next)?;
        *held = next;
        Ok(())
    }

    pub fn campaign(&self) -> PublicKey {
        self.membership().campaign_key
    }

    /// The areas whose feeds this hub may tell; none where the certificate can't be read.
    pub fn areas(&self) -> Vec<String> {
        let Membership { certificate, campaign_key, .. } = self.membership();
        certificate.open::<HubCertificate>(campaign_key).map(|certificate| certificate.areas).unwrap_or_default()
    }

    /// The rules the nation gave, as far as this version can read them.
    pub fn rules(&self) -> (Rulebook, Vec<(RulesId, Signed)>) {
        let Membership { rules, campaign_key, .. } = self.membership();
        let read = |signed: Signed| Some((signed.open::<Bundle>(campaign_key).ok()?, signed));
        let (bundles, signed): (Vec<_>, Vec<_>) = rules
            .into_iter()
            .filter_map(read)
            .map(|(bundle, signed)| {
                let id = bundle.id();
                (bundle, (id, signed))
            })
            .unzip();
        (Rulebook::of(bundles), signed)
    }
}

fn keep(drawer: &Drawer, membership: &Membership) -> io::Result<()> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(membership, &mut bytes);
    drawer.write(MEMBERSHIP, &bytes)
}
