//! A laptop joins a campaign with a one-time code, and from then on works without a line.

use std::path::Path;
use std::sync::Arc;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate};
use shared_model::envelope::PublicKey;
use shared_model::rules::Bundle;
use shared_model::sync::Trouble;
use shared_model::sync::message::{Enrol, Enrolled};
use shared_model::time::Moment;

use super::courier::Courier;
use super::road::Road;
use crate::clock;
use crate::desk::view::Enrol as EnrolArgs;
use crate::edge::{Edge, NoDice, draw};
use crate::files;
use crate::identity::{self, Membership, Seed};
use crate::laptop::{Laptop, OpenError};
use crate::stick::recipients;
use crate::store::{Store, StoreError, log, person, rules};
use crate::vault::{self, StoreKey, Vault, VaultError};

#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the server did not take the code")]
    Trouble(#[from] Trouble),
    #[error("what the server sent back is not about this laptop")]
    WrongAnswer,
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    NoDice(#[from] NoDice),
}

/// Makes the store, asks the server, keeps the answer. The keys are on disk before the code is
/// spent, so that an answer lost on the way can be asked for again with the same PIN.
pub fn enrol(folder: &Path, args: &EnrolArgs, road: &mut dyn Road, edge: Arc<dyn Edge>) -> Result<Laptop, EnrolError> {
    let key = store_key(folder, &args.pin, edge.as_ref())?;
    let mut store = Store::open_or_make(folder, &key)?;
    if identity::membership(store.read())?.is_some() {
        // The answer came and was kept; the app ended before it could say so.
        drop(store);
        return Ok(Laptop::open(folder, &key, edge)?);
    }
    let seed = seed(&mut store, args, edge.as_ref())?;
    let question = Enrol {
        code: args.code.trim().to_owned(),
        device: seed.device,
        device_key: PublicKey::of(&seed.device_key()),
        device_name: seed.device_name.clone(),
        author: seed.author,
        author_key: PublicKey::of(&seed.author_key()),
        author_name: seed.author_name.clone(),
    };
    let asked_at = edge.now();
    let enrolled: Enrolled =
        Courier::new(road, seed.device, seed.device_key()).ask_unsigned("/device/enrol", &question)?;
    keep(&mut store, &seed, &enrolled, edge.as_ref(), asked_at)?;
    drop(store);
    Ok(Laptop::open(folder, &key, edge)?)
}

/// A vault left by an enrolment that did not finish is used again if the PIN fits. If not, it and its
/// store are put aside, never removed: nobody can look inside to see whether that loses anything.
fn store_key(folder: &Path, pin: &str, edge: &dyn Edge) -> Result<StoreKey, EnrolError> {
    // A slip of the finger must not put aside the keys that the code was spent on.
    vault::check_new_pin(pin)?;
    let vault = Vault::at(folder);
    if vault.exists() {
        match vault.open(pin, edge) {
            Err(VaultError::WrongPin | VaultError::Damaged) => put_aside(folder, edge)?,
            opened => return Ok(opened?),
        }
    }
    Ok(vault.create(pin, edge)?)
}

fn put_aside(folder: &Path, edge: &dyn Edge) -> Result<(), StoreError> {
    let aside = folder.join(format!("aside-{}", edge.now().0));
    files::make_folder(&aside)?;
    for name in ["vault.cbor", "device.secret", "tries.cbor", "store.db", "store.db-wal", "store.db-shm"] {
        files::rename_if_there(&folder.join(name), &aside.join(name))?;
    }
    Ok(files::sync_folder_of(&aside)?)
}

/// Says that this laptop is enrolled to whoever has no PIN to look inside with.
pub fn enrolled_marker(folder: &Path) -> std::path::PathBuf {
    folder.join("enrolled")
}

fn seed(store: &mut Store, args: &EnrolArgs, edge: &dyn Edge) -> Result<Seed, EnrolError> {
    let kept = identity::seed(store.read())?;
    let mut seed = match kept {
        Some(seed) => seed,
        None => Seed::draw(edge, &args.server_url, &args.device_name, &args.user_name)?,
    };
    args.server_url.trim().clone_into(&mut seed.server_url);
    args.device_name.trim().clone_into(&mut seed.device_name);
    args.user_name.trim().clone_into(&mut seed.author_name);
    let kept = store.transact(|conn| identity::put_seed(conn, &seed))?;
    let () = kept.into_inner();
    Ok(seed)
}

fn keep(
    store: &mut Store,
    seed: &Seed,
    enrolled: &Enrolled,
    edge: &dyn Edge,
    asked_at: Moment,
) -> Result<(), EnrolError> {
    let device: DeviceCertificate = enrolled.device.open(enrolled.campaign_key).map_err(|_| EnrolError::WrongAnswer)?;
    let author: AuthorCertificate = enrolled.author.open(enrolled.campaign_key).map_err(|_| EnrolError::WrongAnswer)?;
    if device.device != seed.device || author.author != seed.author || author.device != seed.device {
        return Err(EnrolError::WrongAnswer);
    }
    let mut bundles = Vec::new();
    for signed in &enrolled.rules {
        let bundle: Bundle = signed.open(enrolled.campaign_key).map_err(|_| EnrolError::WrongAnswer)?;
        bundles.push((bundle.id(), signed));
    }
    let membership = Membership::new(enrolled, &device);
    let run = draw(edge)?;
    let kept = store.transact(|conn| -> Result<(), StoreError> {
        identity::put_membership(conn, &membership)?;
        log::begin_epoch(conn, seed.device, enrolled.epoch)?;
        person::put_device(conn, &device)?;
        person::put_author(conn, &author)?;
        for (id, signed) in &bundles {
            rules::put(conn, *id, signed)?;
        }
        if let Some(signed) = &enrolled.stick_recipients {
            recipients::keep(conn, signed, enrolled.campaign_key, asked_at)?;
        }
        clock::heard_server(conn, edge, run, Moment(enrolled.now_ms), asked_at)
    })?;
    let () = kept.into_inner();
    Ok(())
}
