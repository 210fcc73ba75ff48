//! Opens what the power left behind with the real code, and holds it to everything that was promised.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail, ensure};
use field_client::desk::view::{DoseAnswer, DoseDraft, GiveDose, LaptopState};
use field_client::desk::{CameraFrom, CameraMaker};
use field_client::vault::{StoreKey, Vault};
use field_client::{Desk, DeskSettings, Laptop};
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::time::Date;
use sync_server::store::Store;
use sync_server::store::sqlite::SqliteStore;
use tokio::runtime::Runtime;
use world::edge::PretendEdge;
use world::{Clock, PIN};

use crate::journal::Promise;

type Wrapped = (Vec<u8>, Vec<u8>);
type Unwrapped = ([u8; 32], [u8; 16]);

/// Keys that were unwrapped before, by what they were wrapped in: unwrapping is slow on purpose.
#[derive(Default)]
pub struct Keys(Mutex<BTreeMap<Wrapped, Unwrapped>>);

pub fn edge() -> Arc<PretendEdge> {
    let day = Date::new(2021, 10, 2).expect("a day of the campaign");
    Arc::new(PretendEdge::new(Clock::on(day), 77))
}

impl Keys {
    pub fn of(&self, folder: &Path) -> anyhow::Result<StoreKey> {
        let wrapped = (std::fs::read(folder.join("vault.cbor"))?, std::fs::read(folder.join("device.secret"))?);
        let known = self.0.lock().expect("the keys").get(&wrapped).copied();
        let (key, salt) = match known {
            Some(known) => known,
            None => {
                let key = Vault::at(folder).open(PIN, edge().as_ref()).context("the vault does not open")?;
                self.0.lock().expect("the keys").insert(wrapped, (*key.key, key.salt));
                (*key.key, key.salt)
            }
        };
        Ok(StoreKey { key: zeroize::Zeroizing::new(key), salt })
    }
}

/// What a laptop's folder must be good for. `thorough` asks for a new dose as well.
pub fn laptop(folder: &Path, promises: &[Promise], keys: &Keys, thorough: bool) -> anyhow::Result<()> {
    if !folder.join("enrolled").exists() {
        ensure!(!promises.contains(&Promise::Enrolled), "the laptop has forgotten that it is enrolled");
        let desk = Desk::open(DeskSettings {
            folder: folder.to_owned(),
            edge: edge(),
            roads: Box::new(|_| Err(field_client::sync::road::RoadError::NoNetwork)),
            camera: CameraMaker { from: CameraFrom::Path(folder.to_owned()), worker: None },
            sync_by_itself: false,
        });
        let state = desk.status().map_err(|failure| anyhow::anyhow!("{}", failure.code))?.state;
        ensure!(state == LaptopState::New, "a laptop that never was enrolled is {state:?}");
        return Ok(());
    }
    let key = keys.of(folder)?;
    let mut laptop = Laptop::open(folder, &key, edge()).context("the store does not open")?;
    let flaws = laptop.flaws()?;
    ensure!(flaws.is_empty(), "the store is not sound: {flaws:?}");
    let mut saved = Vec::new();
    for promise in promises {
        if let Promise::Saved { citizen, statement } = promise {
            let statement = StatementId::parse(statement).ok().context("a statement's id")?;
            ensure!(laptop.holds(statement)?, "a dose that was called saved is gone: {statement}");
            saved.push((CitizenId::parse(citizen).ok().context("a citizen's id")?, statement));
        }
    }
    // Drawing a record takes longer than everything else here: the newest one always, all of them where it is thorough.
    let drawn = if thorough { 0 } else { saved.len().saturating_sub(1) };
    for (card, statement) in &saved[drawn..] {
        let record = laptop.merged(*card)?.record;
        ensure!(record.history.dose(*statement).is_some(), "the record has lost dose {statement}");
    }
    match saved.last() {
        Some((card, _)) if thorough => one_more_dose(&mut laptop, *card),
        _ => Ok(()),
    }
}

/// Whatever happened, work goes on.
pub fn one_more_dose(laptop: &mut Laptop, card: CitizenId) -> anyhow::Result<()> {
    let draft = DoseDraft {
        citizen: card.to_string(),
        product: "pfizer".to_owned(),
        lot: "FK9999".to_owned(),
        lot_expiry: Some("2022-12-31".to_owned()),
        number: 3,
        body_site: "left_arm".to_owned(),
        route: "im".to_owned(),
    };
    let checked = laptop.check_dose(&draft, card)?;
    let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
    match laptop.give_dose(&GiveDose { draft, in_spite_of }, card)? {
        DoseAnswer::Saved { .. } => Ok(()),
        DoseAnswer::LookAgain { checked } => bail!("no dose can be recorded any more: {checked:?}"),
    }
}

/// What the server's folder must be good for.
pub fn server(folder: &Path, device: &str, promises: &[Promise], runtime: &Runtime) -> anyhow::Result<()> {
    let rules = Arc::new(Rulebook::of([covid_2021()?]));
    let store = SqliteStore::open(&folder.join("national.db"), rules, 1).context("the store does not open")?;
    let promised = promises.iter().filter_map(|promise| match promise {
        Promise::Received { held_to } => Some(*held_to),
        _ => None,
    });
    let promised = promised.max().unwrap_or(0);
    if promised == 0 {
        return Ok(());
    }
    let device = DeviceId::parse(device).ok().context("a device's id")?;
    runtime.block_on(async {
        let held = store.log(device, 1).await?.get().head.seq;
        ensure!(held >= promised, "{promised} statements were acknowledged and {held} are here");
        while store.project(500).await?.behind > 0 {}
        anyhow::Ok(())
    })
}
