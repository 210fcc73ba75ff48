//! Hubs: at the nation what they said, at a hub what the nation said.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::certificate::Signed;
use shared_model::ids::{DeviceId, Epoch, Seq};
use shared_model::sync::hub::LogEnd;

use super::rows::{AuthorRow, DeviceRow, HubContact, HubContactNoted, LogRange, NationalWord, UpstreamFeed};
use super::tables::{device, feed, hub, quarantine};
use super::{Durable, Store, StoreError, deed};
use crate::hub::status::WaitingLog;

impl Store {
    pub async fn note_hub_contact(&self, contact: HubContact) -> Result<Durable<HubContactNoted>, StoreError> {
        self.together(deed!(conn => hub::note_contact(conn, &contact))).await
    }

    pub async fn ended_hubs(&self) -> Result<Vec<DeviceId>, StoreError> {
        self.read(deed!(conn => device::ended_hubs(conn))).await
    }

    /// Takes in devices and people the campaign vouches for. Tells how many devices are new.
    pub async fn introduce(
        &self,
        devices: Vec<DeviceRow>,
        authors: Vec<AuthorRow>,
    ) -> Result<Durable<u32>, StoreError> {
        self.together(deed!(conn => hub::introduce(conn, &devices, &authors))).await
    }

    /// Certificates of these devices, and of their people.
    pub async fn certificates(&self, ids: BTreeSet<DeviceId>) -> Result<(Vec<Signed>, Vec<Signed>), StoreError> {
        self.read(deed!(conn => hub::certificates(conn, &ids))).await
    }

    /// The end of every laptop's log that holds something.
    pub async fn log_ends(&self) -> Result<Vec<LogEnd>, StoreError> {
        self.read(deed!(conn => hub::log_ends(conn))).await
    }

    pub async fn log_range(&self, id: DeviceId, epoch: Epoch, from: Seq) -> Result<Option<LogRange>, StoreError> {
        self.read(deed!(conn => hub::range(conn, id, epoch, from))).await
    }

    pub async fn national_word(&self, id: DeviceId, epoch: Epoch) -> Result<Option<NationalWord>, StoreError> {
        self.read(deed!(conn => hub::word(conn, id, epoch))).await
    }

    pub async fn put_national_word(&self, word: NationalWord) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => hub::put_word(conn, &word))).await
    }

    pub async fn upstream_feeds(&self) -> Result<Vec<UpstreamFeed>, StoreError> {
        self.read(deed!(conn => hub::upstream_feeds(conn))).await
    }

    /// A feed of the nation's is read from its start, into a log of its own; tells the number of the reading.
    pub async fn begin_reading(&self, name: String, epoch: u64) -> Result<Durable<u32>, StoreError> {
        self.together(deed!(conn => hub::begin_reading(conn, &name, epoch))).await
    }

    pub async fn feeds_are_ready(&self) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => hub::feeds_are_ready(conn))).await
    }

    /// Gives every feed another epoch and other sums; each laptop reads them again.
    pub async fn renew_feeds(&self, epoch: u32) -> Result<Durable<()>, StoreError> {
        self.alone(deed!(conn => feed::renew(conn, u64::from(epoch)))).await
    }

    /// Hubs that tell the feed of this unit.
    pub async fn hubs_of(&self, area: String) -> Result<Vec<DeviceRow>, StoreError> {
        self.read(deed!(conn => device::hubs_of(conn, &area))).await
    }

    /// A certificate that says more than the one before.
    pub async fn put_certificate(&self, id: DeviceId, certificate: Signed) -> Result<Durable<()>, StoreError> {
        self.together(deed!(conn => device::put_certificate(conn, id, &certificate))).await
    }

    /// Every word of the nation's about a log.
    pub async fn national_words(&self) -> Result<Vec<NationalWord>, StoreError> {
        self.read(deed!(conn => hub::words(conn))).await
    }

    /// Logs of which the nation is not known to hold all.
    pub async fn waiting_upstream(&self) -> Result<Vec<WaitingLog>, StoreError> {
        self.read(deed!(conn => hub::waiting(conn))).await
    }

    /// Entries that are kept and not believed, by code.
    pub async fn doubted(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.read(deed!(conn => quarantine::by_code(conn))).await
    }
}
