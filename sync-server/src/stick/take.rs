//! Taking a stick: everything readable is placed, the rest is named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use shared_model::certificate::Signed;
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{Content, NotOpened, ReturnAsked, Told};
use stick::{Found, OUTWARD, ReadThrough, Reading, StickError, list};

use super::give::{Given, NotGiven, give};
use super::place::{LogPlace, Placed, Placing};
use crate::intake::projector;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::AuditLine;

#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    #[error("the stick can't be read")]
    Stick(#[from] StickError),
    /// What was placed so far stays; taking the stick again goes on.
    #[error("the record can't be written")]
    Store(#[from] StoreError),
    #[error("the folder for return sticks is not there")]
    NoReturnFolder,
}

/// One file, taken.
#[derive(Debug)]
pub struct StickTaken {
    pub path: PathBuf,
    pub through: ReadThrough,
    pub told: Vec<Told>,
    pub ranges: BTreeMap<LogPlace, Placed>,
    /// Whole frames of a kind that a later version knows.
    pub later: u64,
    /// Whole frames that are not what they say.
    pub malformed: u64,
}

/// Everything that one call took and gave.
#[derive(Debug, Default)]
pub struct Taken {
    pub sticks: Vec<StickTaken>,
    pub introduced: Vec<DeviceId>,
    pub given: Vec<(DeviceId, Result<Given, NotGiven>)>,
}

/// Takes one file, or every outward one of a folder.
pub async fn take(office: &Office, path: &Path, return_to: Option<&Path>) -> Result<Taken, TakeError> {
    if return_to.is_some_and(|folder| !folder.is_dir()) {
        return Err(TakeError::NoReturnFolder);
    }
    let mut taking = Taking { office, placing: Placing::at(office), wishes: BTreeMap::new(), sticks: BTreeMap::new() };
    let paths = list(path, OUTWARD)?;
    // Of several sticks one may hold what another one waits for.
    for _ in 0..=paths.len() {
        let waiting = taking.waiting();
        for path in &paths {
            taking.read(path).await?;
        }
        let left = taking.waiting();
        if left == 0 || (waiting > 0 && left >= waiting) {
            break;
        }
    }
    projector::catch_up(office).await?;
    taking.note().await?;
    let mut given = Vec::new();
    if let Some(folder) = return_to {
        for asked in taking.wishes.values() {
            given.push((asked.device, give(office, asked, &taking.placing.stood, folder).await?));
        }
    }
    let Taking { placing, sticks, .. } = taking;
    Ok(Taken { sticks: sticks.into_values().collect(), introduced: placing.introduced, given })
}

struct Taking<'a> {
    office: &'a Office,
    placing: Placing<'a>,
    /// Who wants an answer, by the bundle it stands in.
    wishes: BTreeMap<BundleId, ReturnAsked>,
    sticks: BTreeMap<PathBuf, StickTaken>,
}

impl Taking<'_> {
    fn waiting(&self) -> usize {
        let ranges = self.sticks.values().flat_map(|stick| stick.ranges.values());
        ranges.filter(|placed| matches!(placed, Placed::Waits { .. })).count()
    }

    /// Reads a file from its beginning to its end. A second time only what waited is placed.
    async fn read(&mut self, path: &Path) -> Result<(), TakeError> {
        let file = File::open(path).map_err(StickError::from)?;
        let keys = &self.office.keys;
        let mut reading = Reading::of(file, &keys.stick, keys.campaign_public());
        let earlier = self.sticks.remove(path).map(|stick| stick.ranges).unwrap_or_default();
        let (mut ranges, mut later, mut malformed) = (earlier, 0, 0);
        loop {
            // A bad stick answers slowly.
            let found = tokio::task::spawn_blocking(move || {
                let found = reading.next();
                (reading, found)
            });
            let (rest, found) = found.await.map_err(|_| TakeError::Store(StoreError::Closed))?;
            reading = rest;
            let Some(Found { bundle, content, .. }) = found else { break };
            match content {
                Ok(Content::Certificates(certificates)) => self.placing.meet(&certificates).await?,
                Ok(Content::Push(push)) => {
                    let to = push.from.saturating_add(push.entries.len() as u64).saturating_sub(1);
                    let place = LogPlace { device: push.device, epoch: push.epoch, from: push.from, to };
                    if matches!(ranges.get(&place), None | Some(Placed::Waits { .. })) {
                        ranges.insert(place, self.placing.place(push).await?);
                    }
                }
                Ok(Content::ReturnAsked(signed)) => self.hear(bundle, &signed).await?,
                // What goes home is for laptops, and a manifest is read where frames are.
                Ok(
                    Content::Manifest(_)
                    | Content::Feed(_)
                    | Content::Returned(_)
                    | Content::Prior(_)
                    | Content::PriorPiece(_),
                ) => {}
                Err(NotOpened::LaterKind(_) | NotOpened::Folded(_)) => later += 1,
                Err(NotOpened::Malformed | NotOpened::BeyondLimits) => malformed += 1,
            }
        }
        let through = reading.finish();
        let told = self.tell(&through).await?;
        let stick = StickTaken { path: path.to_owned(), through, told, ranges, later, malformed };
        self.sticks.insert(path.to_owned(), stick);
        Ok(())
    }

    async fn tell(&self, through: &ReadThrough) -> Result<Vec<Told>, StoreError> {
        let mut before = BTreeSet::new();
        for read in &through.bundles.bundles {
            if self.office.store.stick_was_taken(read.bundle).await? {
                before.insert(read.bundle);
            }
        }
        Ok(through.bundles.told(|bundle| before.contains(&bundle), self.office.now()))
    }

    /// Only a device of this campaign, by its own signature, may name whom the answer is sealed to.
    async fn hear(&mut self, bundle: BundleId, signed: &Signed) -> Result<(), StoreError> {
        let Some(id) = ReturnAsked::claimed_by(signed) else { return Ok(()) };
        let Some(device) = self.placing.device(id).await? else { return Ok(()) };
        let campaign = self.office.keys.campaign_public();
        if let Ok(asked) = ReturnAsked::open(signed, device.key, campaign)
            && asked.bundle == bundle
        {
            self.wishes.insert(bundle, asked);
        }
        Ok(())
    }

    /// Remembers what was taken, and writes down that it was.
    async fn note(&self) -> Result<(), StoreError> {
        for stick in self.sticks.values() {
            for read in &stick.through.bundles.bundles {
                let maker = read.maker.map(|maker| maker.0).unwrap_or_default();
                let what = [&read.bundle.0[..], &maker].concat();
                let line = AuditLine { at: self.office.now(), who: "stick".to_owned(), deed: "take_stick", what };
                let placed = !stick.ranges.values().any(|placed| matches!(placed, Placed::Waits { .. }));
                self.office.store.note_stick(read.bundle, read.is_complete() && placed, line).await?;
            }
        }
        Ok(())
    }
}
