//! Placing one range: the same judgement as over the line, and a name for whatever became of it.

use std::collections::BTreeMap;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::LogHead;
use shared_model::ids::{DeviceId, Epoch, Seq};
use shared_model::sync::bundle::Certificates;
use shared_model::sync::message::Push;
use shared_model::sync::series::PushRefused;

use crate::intake::keep::{KeepError, keep};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AuthorRow, DeviceRow, Enrolment};

/// Where a range lies in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPlace {
    pub device: DeviceId,
    pub epoch: Epoch,
    pub from: Seq,
    pub to: Seq,
}

/// What became of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// On disk, so many entries of it for the first time, and so many of them not believed.
    Kept { fresh: u64, doubted: u64 },
    /// All of it was here.
    HeldAlready,
    /// Entries before it are not here. Nothing of it is lost while the stick or the laptop is there.
    Waits { missing_from: Seq, missing_to: Seq },
    /// Nobody here knows the device, and no certificate of this campaign names it.
    UnknownDevice,
    /// Its seals do not hold, or it is no range.
    Refused(PushRefused),
}

/// How a log stood after the last range of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stood {
    pub held: LogHead,
    pub fresh_epoch: Option<Epoch>,
}

/// Ranges of one taking. Remembers who was introduced and how the logs stand.
pub(super) struct Placing<'a> {
    office: &'a Office,
    /// Certificates met on the stick, of devices nobody here knew.
    met: BTreeMap<DeviceId, (Signed, DeviceCertificate)>,
    people: BTreeMap<DeviceId, (Signed, AuthorCertificate)>,
    pub introduced: Vec<DeviceId>,
    pub stood: BTreeMap<(DeviceId, Epoch), Stood>,
}

impl<'a> Placing<'a> {
    pub fn at(office: &'a Office) -> Self {
        let (met, people) = (BTreeMap::new(), BTreeMap::new());
        Self { office, met, people, introduced: Vec::new(), stood: BTreeMap::new() }
    }

    /// Remembers whom the campaign's own signature names, in case they are not known here.
    pub async fn meet(&mut self, certificates: &Certificates) -> Result<(), StoreError> {
        let campaign = self.office.keys.campaign_public();
        for signed in &certificates.devices {
            let Ok(certificate) = signed.open::<DeviceCertificate>(campaign) else { continue };
            if self.office.store.device(certificate.device).await?.is_none() {
                self.met.insert(certificate.device, (signed.clone(), certificate));
            }
        }
        for signed in &certificates.authors {
            let Ok(certificate) = signed.open::<AuthorCertificate>(campaign) else { continue };
            self.people.insert(certificate.device, (signed.clone(), certificate));
        }
        self.people.retain(|device, _| self.met.contains_key(device));
        Ok(())
    }

    /// The device, introduced by its certificate where this server had not heard of it: whom the campaign signed was
    /// enrolled, and a server put back to an older copy has only forgotten it. The console's own key comes on no stick.
    pub async fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        let store = &self.office.store;
        if let Some(known) = store.device(id).await? {
            return Ok(Some(known).filter(|device| !device.is_console));
        }
        let Some((signed, certificate)) = self.met.get(&id) else { return Ok(None) };
        let at = self.office.now();
        let device = DeviceRow::of(certificate, signed.clone(), at, false);
        let author = self.people.get(&id).map(|(signed, certificate)| AuthorRow::of(certificate, signed.clone()));
        store.enrol(Enrolment { code: None, device, author, at }).await?;
        self.introduced.push(id);
        store.device(id).await
    }

    pub async fn place(&mut self, push: Push) -> Result<Placed, StoreError> {
        let Some(device) = self.device(push.device).await? else { return Ok(Placed::UnknownDevice) };
        let (id, epoch, from) = (push.device, push.epoch, push.from);
        let before = self.office.store.log(id, epoch).await?.get().head;
        match keep(self.office, &device, push).await {
            Ok(kept) => {
                let held = kept.held.into_inner();
                let earlier = self.stood.get(&(id, epoch)).and_then(|stood| stood.fresh_epoch);
                let fresh_epoch = kept.fresh_epoch.max(earlier);
                self.stood.insert((id, epoch), Stood { held, fresh_epoch });
                Ok(match kept.last_lseq {
                    None => Placed::HeldAlready,
                    Some(_) => Placed::Kept {
                        fresh: held.seq.saturating_sub(before.seq),
                        doubted: kept.quarantined.len() as u64,
                    },
                })
            }
            Err(KeepError::Refused { refused: PushRefused::Hole, held }) => {
                Ok(Placed::Waits { missing_from: held.seq.saturating_add(1), missing_to: from.saturating_sub(1) })
            }
            Err(KeepError::Refused { refused, .. }) => Ok(Placed::Refused(refused)),
            Err(KeepError::Store(wrong)) => Err(wrong),
        }
    }
}
