//! One unlocked laptop: its store, who it is, and the rules it holds.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use shared_model::certificate::Signed;
use shared_model::envelope::{Authority, Envelope, EnvelopeError, Header, Said};
use shared_model::ids::{BodyHash, CitizenId, DeviceId, RulesId, StatementId};
use shared_model::merge::{Merged, merge};
use shared_model::record::DocumentError;
use shared_model::rules::{Bundle, Rulebook};
use shared_model::statement::{Body, Statement, Subject};
use shared_model::time::{Date, Moment};

use crate::clock::{self, Run};
use crate::edge::{Edge, NoDice, draw};
use crate::identity::{self, Membership, Seed};
use crate::intake;
use crate::prior::Shelf;
use crate::store::{Durable, Store, StoreError, envelope, log, rules};
use crate::sync::segment::Begun;
use crate::vault::{StoreKey, Vault, VaultError};
use crate::visit::elsewhere::Strangers;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("this laptop has not been enrolled")]
    NotEnrolled,
    #[error("a protocol bundle in the store is not this campaign's")]
    Rules,
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

/// Why a statement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the statement is beyond a limit")]
    Envelope(#[from] EnvelopeError),
    #[error("the record could not be drawn")]
    Record(#[from] DocumentError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

pub struct Laptop {
    pub(crate) store: Store,
    pub(crate) edge: Arc<dyn Edge>,
    pub(crate) seed: Seed,
    pub(crate) membership: Membership,
    pub(crate) rules: Rulebook,
    pub(crate) run: Run,
    /// Part of a feed's file, for the next sync to go on from. Locked away with the laptop.
    pub(crate) begun: Begun,
    /// What the nation's filters say of people from elsewhere.
    pub(crate) prior: Shelf,
    /// Cards the nation was asked about lately and knew nobody by.
    pub(crate) strangers: Strangers,
    /// Entries that the last run of the app left without their author's seal.
    pub unsealed_at_unlock: u32,
    /// Derived tables were drawn again because the app is newer than they are.
    pub rebuilt: bool,
}

/// Changes whenever derived tables would come out otherwise than before.
const DERIVED_VERSION: u32 = 3;

impl Laptop {
    /// Opens the enrolled laptop in this folder.
    pub fn unlock(folder: &Path, pin: &str, edge: Arc<dyn Edge>) -> Result<Self, OpenError> {
        let key = Vault::at(folder).open(pin, edge.as_ref())?;
        Self::open(folder, &key, edge)
    }

    /// Opens it with a key that a vault has given.
    pub fn open(folder: &Path, key: &StoreKey, edge: Arc<dyn Edge>) -> Result<Self, OpenError> {
        let store = Store::open(folder, key)?;
        let seed = identity::seed(store.read())?.ok_or(OpenError::NotEnrolled)?;
        let membership = identity::membership(store.read())?.ok_or(OpenError::NotEnrolled)?;
        let rules = rulebook(store.read(), &membership)?;
        let run = draw(edge.as_ref())?;
        let begun = Begun::default();
        let prior = Shelf::open(folder, store.read(), membership.campaign_key)?;
        let strangers = Strangers::default();
        let mut laptop = Self {
            store,
            edge,
            seed,
            membership,
            rules,
            run,
            begun,
            prior,
            strangers,
            unsealed_at_unlock: 0,
            rebuilt: false,
        };
        laptop.unsealed_at_unlock = match laptop.seal_all() {
            // What is here can be read all the same; the next deed says what is wrong with the disk.
            Err(StoreError::DiskFull(_) | StoreError::ReadOnly(_)) => 0,
            sealed => sealed?,
        };
        laptop.rebuilt = laptop.redraw_if_older()?;
        Ok(laptop)
    }

    fn redraw_if_older(&mut self) -> Result<bool, StoreError> {
        const DERIVED: &str = "derived_version";
        let drawn = crate::store::setting::get_cbor::<u32>(self.store.read(), DERIVED)?;
        if drawn == Some(DERIVED_VERSION) {
            return Ok(false);
        }
        let rules = &self.rules;
        let redrawn = self.store.transact(|conn| {
            intake::apply::redraw_everything(conn, rules)?;
            crate::store::setting::put_cbor(conn, DERIVED, &DERIVED_VERSION)
        })?;
        let () = redrawn.into_inner();
        Ok(drawn.is_some())
    }

    pub fn device(&self) -> DeviceId {
        self.seed.device
    }

    pub fn now(&self) -> Moment {
        self.edge.now()
    }

    pub fn today(&self) -> Date {
        self.now().campaign_date()
    }

    /// The rules of today; where the clock lies before all rules, the earliest ones.
    pub fn rules_today(&self) -> Option<&Bundle> {
        self.rules.in_force(self.today()).or_else(|| self.rules.bundles().first())
    }

    /// The person who holds this card, as far as this laptop knows.
    pub fn merged(&self, card: CitizenId) -> Result<Merged, SayError> {
        Ok(merged(self.store.read(), card, &self.rules)?)
    }

    /// Says something: numbered, chained, kept, applied, and on disk before this returns.
    pub(crate) fn say(
        &mut self,
        subject: Subject,
        statement: Statement,
        seen: Vec<StatementId>,
        based_on: Vec<StatementId>,
    ) -> Result<Durable<StatementId>, SayError> {
        let salt = draw(self.edge.as_ref())?;
        let body = Body { salt, statement, seen, based_on };
        let rules_id = self.rules_today().map_or(RulesId([0; 16]), Bundle::id);
        let (edge, seed, run, rules) = (self.edge.as_ref(), &self.seed, self.run, &self.rules);
        self.store.transact(|conn| {
            let stamp = clock::stamp(conn, edge, run)?;
            let header = Header {
                kind: 0,
                subject,
                author: seed.author,
                device: seed.device,
                hlc: stamp.hlc,
                evidence: stamp.evidence,
                rules: rules_id,
                authority: Authority::Team,
                body_bytes: 0,
                body_hash: BodyHash([0; 32]),
            };
            let envelope = Envelope::compose(header, &body)?;
            let said = envelope.open()?;
            append(conn, seed.device, &envelope, &said)?;
            intake::apply::apply(conn, std::slice::from_ref(&said), rules)?;
            Ok(said.id)
        })
    }

    /// Seals what its author has not sealed yet; tells how many entries that were.
    pub fn seal_all(&mut self) -> Result<u32, StoreError> {
        let Some(epoch) = log::current(self.store.read())? else { return Ok(0) };
        let sealed_to = log::sealed_to(self.store.read(), epoch.epoch)?;
        if sealed_to >= epoch.head.seq {
            return Ok(0);
        }
        let seed = &self.seed;
        let sealed =
            self.store.transact(|conn| log::put_seal(conn, &crate::sync::seal::make(seed, epoch.epoch, epoch.head)))?;
        let () = sealed.into_inner();
        Ok(u32::try_from(epoch.head.seq - sealed_to).unwrap_or(u32::MAX))
    }

    /// The last deed before the keys are forgotten.
    pub fn lock(mut self) -> Result<(), StoreError> {
        self.seal_all().map(|_| ())
    }
}

/// Keeps a statement of this laptop and gives it its place in the log.
fn append(conn: &Connection, device: DeviceId, envelope: &Envelope, said: &Said) -> Result<(), StoreError> {
    envelope::keep(conn, said.id, envelope, Some(said), false, None)?;
    log::append(conn, device, said.id)?;
    Ok(())
}

/// The record of whoever holds this card.
pub(crate) fn merged(conn: &Connection, card: CitizenId, rules: &Rulebook) -> Result<Merged, MergedError> {
    Ok(merge(card, &said_of_holder(conn, card)?, rules)?)
}

/// Everything believed about whoever holds this card, or ever was said to.
pub(crate) fn said_of_holder(conn: &Connection, card: CitizenId) -> Result<Vec<Said>, StoreError> {
    envelope::said_about(conn, &crate::store::citizen::ever_joined(conn, card)?)
}

/// What can go wrong between the tables and a record.
#[derive(Debug, thiserror::Error)]
pub enum MergedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Record(#[from] DocumentError),
}

impl From<MergedError> for SayError {
    fn from(error: MergedError) -> Self {
        match error {
            MergedError::Store(error) => Self::Store(error),
            MergedError::Record(error) => Self::Record(error),
        }
    }
}

pub(crate) fn rulebook(conn: &Connection, membership: &Membership) -> Result<Rulebook, OpenError> {
    let bundles: Result<Vec<Bundle>, _> =
        rules::all(conn)?.iter().map(|signed: &Signed| signed.open::<Bundle>(membership.campaign_key)).collect();
    Ok(Rulebook::of(bundles.map_err(|_| OpenError::Rules)?))
}
