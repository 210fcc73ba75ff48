//! The keys of a server: the campaign's at the nation, a hub's own at a hub. They lie in files of their own, readable
//! by the server alone, never in the database; made on the first start.

use std::io;

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::envelope::PublicKey;
use shared_model::ids::{AuthorId, DeviceId};
use stick::Identity;
use zeroize::Zeroizing;

use crate::drawer::{Drawer, DrawerError};
use crate::edge::{Edge, NoDice};
use crate::hub::Hub;

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the key directory can't be used")]
    Files(#[from] io::Error),
    /// Damage, or a directory that another laptop's hub filled.
    #[error("{name} was encrypted under another key, or is damaged")]
    Sealed { name: String },
    #[error("a key file does not hold a key")]
    NotAKey,
    #[error("the hub's membership can't be read; join again with a new code")]
    NotAMembership,
    /// A hub's data directory is another one.
    #[error("this data directory holds the campaign's key: it is the nation's, and no hub's")]
    IsNation,
    #[error("this server joined no campaign yet: `sync-server hub join` with a code of the nation's")]
    NotJoined,
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

impl From<DrawerError> for KeysError {
    fn from(wrong: DrawerError) -> Self {
        match wrong {
            DrawerError::Files(wrong) => Self::Files(wrong),
            DrawerError::Sealed { name } => Self::Sealed { name },
        }
    }
}

/// The keys that make a server the nation.
pub struct Campaign {
    /// Signs certificates, receipts, feeds: the word of the campaign.
    pub key: SigningKey,
    /// Turns scanned card numbers into citizen ids; given to every enrolled laptop, and to no hub.
    pub citizen: Zeroizing<[u8; 32]>,
}

/// Whose words this server's are.
pub enum Seat {
    Nation(Box<Campaign>),
    Hub(Box<Hub>),
}

pub struct Keys {
    drawer: Drawer,
    pub seat: Seat,
    /// Makes nonces and the hashes of enrolment codes; known to this server alone.
    pub secret: Zeroizing<[u8; 32]>,
    /// The console's own log is a device's log.
    pub console: SigningKey,
    /// Opens sticks that were sealed to this server; in a file that any tool of age reads.
    pub stick: Identity,
}

impl Keys {
    /// A hub's where somebody joined a campaign as one; the nation's otherwise, made on the first start.
    pub(crate) fn open(drawer: Drawer, edge: &dyn Edge) -> Result<Self, KeysError> {
        let key = |name: &str| read_or_make(&drawer, name, edge);
        let seat = match Hub::open(&drawer)? {
            Some(hub) => Seat::Hub(Box::new(hub)),
            None => Seat::Nation(Box::new(Campaign {
                key: SigningKey::from_bytes(&*key(CAMPAIGN_KEY)?),
                citizen: key("citizen.key")?,
            })),
        };
        Ok(Self {
            seat,
            secret: key("secret.key")?,
            console: SigningKey::from_bytes(&*key("console.key")?),
            stick: read_or_draw(&drawer)?,
            drawer,
        })
    }

    /// The public key that laptops and hubs believe.
    pub fn campaign_public(&self) -> PublicKey {
        match &self.seat {
            Seat::Nation(campaign) => PublicKey::of(&campaign.key),
            Seat::Hub(hub) => hub.campaign(),
        }
    }

    /// Under this server's own words: receipts, answers, sums of feeds.
    pub fn voice(&self) -> &SigningKey {
        match &self.seat {
            Seat::Nation(campaign) => &campaign.key,
            Seat::Hub(hub) => &hub.key,
        }
    }

    /// Only the nation vouches for anybody.
    pub fn nation(&self) -> Option<&Campaign> {
        match &self.seat {
            Seat::Nation(campaign) => Some(campaign),
            Seat::Hub(_) => None,
        }
    }

    pub fn hub(&self) -> Option<&Hub> {
        match &self.seat {
            Seat::Nation(_) => None,
            Seat::Hub(hub) => Some(hub),
        }
    }

    /// Named by its key, so that the same key never speaks under two names.
    pub fn console_device(&self) -> DeviceId {
        named_by_its_key(b"so-tiem/console-device/1\0", &self.console)
    }

    /// Under which name this server reads and writes sticks: a hub under its own.
    pub fn stick_node(&self) -> DeviceId {
        match &self.seat {
            Seat::Nation(_) => named_by(b"so-tiem/stick-node/1\0", self.stick.recipient().as_bytes()),
            Seat::Hub(hub) => hub.device,
        }
    }

    /// The key an admin's settlements are sealed with; made when first asked for.
    pub fn author(&self, author: AuthorId, edge: &dyn Edge) -> Result<SigningKey, KeysError> {
        let bytes = read_or_make(&self.drawer, &format!("author-{author}.key"), edge)?;
        Ok(SigningKey::from_bytes(&bytes))
    }
}

pub(crate) fn named_by_its_key(domain: &[u8], key: &SigningKey) -> DeviceId {
    named_by(domain, &PublicKey::of(key).0)
}

fn named_by(domain: &[u8], key: &[u8]) -> DeviceId {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(key);
    let hash: [u8; 32] = hasher.finalize().into();
    let mut id = [0; DeviceId::BYTES];
    id.copy_from_slice(&hash[..DeviceId::BYTES]);
    DeviceId(id)
}

/// The folder of keys in a data directory.
pub(crate) const KEYS: &str = "keys";
/// Where it lies, this is the nation.
pub(crate) const CAMPAIGN_KEY: &str = "campaign.key";

const STICK_KEY: &str = "stick.key";

/// The key that opens sticks; drawn when it is first wanted.
pub(crate) fn read_or_draw(drawer: &Drawer) -> Result<Identity, KeysError> {
    if let Some(text) = drawer.read(STICK_KEY)? {
        let text = std::str::from_utf8(&text).map_err(|_| KeysError::NotAKey)?;
        return Identity::parse(text).map_err(|_| KeysError::NotAKey);
    }
    let drawn = Identity::draw();
    drawer.write(STICK_KEY, drawn.to_text().as_bytes())?;
    Ok(drawn)
}

pub(crate) fn read_or_make(drawer: &Drawer, name: &str, edge: &dyn Edge) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    if let Some(key) = read(drawer, name)? {
        return Ok(key);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    edge.fill_random(bytes.as_mut_slice())?;
    drawer.write(name, bytes.as_slice())?;
    Ok(bytes)
}

/// Nothing where there is no such file.
pub(crate) fn read(drawer: &Drawer, name: &str) -> Result<Option<Zeroizing<[u8; 32]>>, KeysError> {
    let Some(bytes) = drawer.read(name)? else { return Ok(None) };
    let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeysError::NotAKey)?;
    Ok(Some(Zeroizing::new(key)))
}
