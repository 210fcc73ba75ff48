//! Writing a stick: everything the nation has given no receipt for, sealed by its authors, sealed to its readers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use shared_model::envelope::LogHead;
use shared_model::ids::BundleId;
use shared_model::sync::Speaker;
use shared_model::sync::bundle::{Certificates, Content, HubCursors, LogRange, Manifest, ReturnAsked};
use shared_model::sync::message::EarlierEnd;
use shared_model::sync::recipients::StickRecipient;
use stick::{
    Bundle, NotARecipient, OUTWARD, Recipients, SealedWriter, StickError, clear_leftovers, name_of, write_file,
};

use super::recipients;
use crate::edge::{NoDice, draw};
use crate::laptop::Laptop;
use crate::store::log::EpochState;
use crate::store::stick::Made;
use crate::store::{self, StoreError, cursor, log};
use crate::sync::run::Holder;

/// Raw bytes of envelopes in one frame: a bad sector costs a few of these and the rest of the log can be placed around
/// them once they come again.
const PUSH_BYTES: usize = 24 * 1024;
/// Heads, certificates and manifests of an empty stick, with room.
const LEAST_BYTES: u64 = 16 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Sync once with a line: a server that reads sticks is known from then on.
    #[error("nobody is known who may read sticks")]
    NoReaders,
    /// It would have been so large.
    #[error("the stick was not written")]
    Stick {
        #[source]
        error: StickError,
        bytes: u64,
    },
    /// Somebody locked the laptop meanwhile.
    #[error("the laptop is locked")]
    Locked,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

/// What can go wrong before there is a stick: nothing fits into frames.
impl From<StickError> for ExportError {
    fn from(error: StickError) -> Self {
        Self::Stick { error, bytes: 0 }
    }
}

impl From<NotARecipient> for ExportError {
    fn from(_: NotARecipient) -> Self {
        Self::NoReaders
    }
}

/// A stick that was written and read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub path: PathBuf,
    pub bytes: u64,
    /// Entries of this laptop's log on it.
    pub entries: u64,
    /// Names of those who can read it.
    pub readers: Vec<String>,
}

/// What a stick would hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToCarry {
    pub entries: u64,
    /// No stick needs more room than this.
    pub bytes_max: u64,
}

/// What is to lie on the stick.
struct Prepared {
    bundle: BundleId,
    entries: u64,
    readers: Vec<String>,
    sealed: Vec<u8>,
}

/// Writes a stick into this folder. The laptop is held while it is made and not while the stick takes it: sticks are
/// slow, and somebody is waiting for an injection.
pub fn export(holder: &Holder, folder: &Path) -> Result<Exported, ExportError> {
    let Prepared { bundle, entries, readers, sealed } = with(holder, Laptop::prepare_stick)??;
    clear_leftovers(folder);
    let written = write_file(folder, &name_of(bundle, OUTWARD), |out| out.write_all(&sealed).map_err(StickError::from));
    let written = written.map_err(|error| ExportError::Stick { error, bytes: sealed.len() as u64 })?;
    with(holder, |laptop| laptop.note_written(bundle))??;
    Ok(Exported { path: written.path, bytes: written.bytes, entries, readers })
}

fn with<T>(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> T) -> Result<T, ExportError> {
    // A panic elsewhere leaves the store as its last commit left it.
    let mut held = holder.lock().unwrap_or_else(PoisonError::into_inner);
    held.as_mut().map(deed).ok_or(ExportError::Locked)
}

impl Laptop {
    /// What no receipt of the nation names.
    pub fn to_carry(&self) -> Result<ToCarry, StoreError> {
        let epoch = self.current_epoch()?;
        let (entries, bytes) = log::size(self.store.read(), epoch.epoch, epoch.national_to.saturating_add(1))?;
        // Sealing and escapes cost less than three parts in a hundred; frames around little ones somewhat more.
        Ok(ToCarry { entries, bytes_max: bytes.saturating_add(bytes / 8).saturating_add(LEAST_BYTES) })
    }

    /// Names of those who could read a stick written now.
    pub fn stick_readers(&self) -> Result<Vec<String>, StoreError> {
        let readers = recipients::readers(self.store.read(), self.campaign_key(), self.now())?;
        Ok(readers.into_iter().map(|one| one.name).collect())
    }

    /// Seals what is to be carried, in memory: a laptop's whole log is a few megabytes. The bundle is remembered before
    /// any of it leaves.
    fn prepare_stick(&mut self) -> Result<Prepared, ExportError> {
        let readers = recipients::readers(self.store.read(), self.campaign_key(), self.now())?;
        if readers.is_empty() {
            return Err(ExportError::NoReaders);
        }
        let sealed_to = Recipients::parse(readers.iter().map(|one| one.recipient.as_str()))?;
        self.seal_all()?;
        let epoch = self.current_epoch()?;
        let made = self.remember_stick(&epoch)?;
        let manifest = self.manifest(&epoch, &made)?;
        let asked = self.ask_for_return(&made, &readers)?;
        let mut out = SealedWriter::new(Vec::new(), self.campaign_key(), sealed_to);
        self.fill(manifest, &asked, &epoch, &mut out)?;
        let readers = readers.into_iter().map(|one| one.name).collect();
        Ok(Prepared { bundle: made.bundle, entries: made.entries, readers, sealed: out.finish()? })
    }

    fn note_written(&mut self, bundle: BundleId) -> Result<(), StoreError> {
        let noted = self.store.transact(|conn| store::stick::set_written(conn, bundle))?;
        let () = noted.into_inner();
        Ok(())
    }

    fn current_epoch(&self) -> Result<EpochState, StoreError> {
        log::current(self.store.read())?.ok_or(StoreError::Nonsense { table: "log_epoch" })
    }

    fn remember_stick(&mut self, epoch: &EpochState) -> Result<Made, ExportError> {
        let bundle = BundleId(draw(self.edge.as_ref())?);
        let made_ms = self.now().0;
        let remembered = self.store.transact(|conn| -> Result<Made, StoreError> {
            let mut known = Vec::new();
            for one in log::epochs(conn)?.iter().filter(|one| one.national_to > 0) {
                let (_, chain) =
                    log::entry(conn, one.epoch, one.national_to)?.ok_or(StoreError::Nonsense { table: "log" })?;
                let head = LogHead { seq: one.national_to, chain };
                known.push(EarlierEnd { epoch: one.epoch, head });
            }
            let entries = epoch.head.seq.saturating_sub(epoch.national_to);
            let made = Made { bundle, made_ms, entries, known };
            store::stick::remember(conn, &made)?;
            Ok(made)
        })?;
        Ok(remembered.into_inner())
    }

    fn manifest(&self, epoch: &EpochState, made: &Made) -> Result<Manifest, StoreError> {
        let (device, from) = (self.device(), epoch.national_to.saturating_add(1));
        let previous = log::chain_at(self.store.read(), device, epoch.epoch, epoch.national_to)?
            .ok_or(StoreError::Nonsense { table: "log" })?;
        let range = LogRange { device, epoch: epoch.epoch, from, to: epoch.head.seq, previous };
        Ok(Manifest {
            bundle: made.bundle,
            campaign: self.campaign_key(),
            maker: device,
            made_ms: made.made_ms,
            ranges: if made.entries > 0 { vec![range] } else { Vec::new() },
            feeds: Vec::new(),
            frames: None,
        })
    }

    /// The device's own word about who is to read the answer.
    fn ask_for_return(&mut self, made: &Made, readers: &[StickRecipient]) -> Result<Content, StoreError> {
        let identity = self.store.transact(recipients::identity)?.into_inner();
        let mut at_hubs = Vec::new();
        for hub in readers.iter().map(|one| one.node) {
            let cursors = cursor::of_hub(self.store.read(), hub)?;
            if !cursors.is_empty() {
                at_hubs.push(HubCursors { hub, cursors });
            }
        }
        let asked = ReturnAsked {
            bundle: made.bundle,
            campaign: self.campaign_key(),
            device: self.device(),
            recipient: identity.recipient(),
            cursors: cursor::all(self.store.read(), &Speaker::Nation)?,
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            known: made.known.clone(),
            prior: Some(self.prior.whole()),
            at_hubs: Some(at_hubs).filter(|hubs| !hubs.is_empty()),
        };
        Ok(Content::ReturnAsked(asked.sign(&self.seed.device_key())))
    }

    fn fill(
        &mut self,
        manifest: Manifest,
        asked: &Content,
        epoch: &EpochState,
        out: &mut SealedWriter<Vec<u8>>,
    ) -> Result<(), ExportError> {
        let mut bundle = Bundle::begin(manifest, out)?;
        let (authors, devices) = (vec![self.membership.author.clone()], vec![self.membership.device.clone()]);
        bundle.add(&Content::Certificates(Certificates { authors, devices, hubs: None }))?;
        bundle.add(asked)?;
        let mut from = epoch.national_to.saturating_add(1);
        while from <= epoch.head.seq {
            let Some(push) = self.read_log(from, PUSH_BYTES)? else { break };
            from = from.saturating_add(push.entries.len() as u64);
            bundle.add(&Content::Push(push))?;
        }
        Ok(bundle.close()?)
    }
}
