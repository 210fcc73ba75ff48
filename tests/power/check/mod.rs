//! Opens what the power left behind with the real code, and holds it to everything that was promised.

mod content;
mod first_start;
mod laptop;
mod server;
mod snapshot;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use field_client::vault::{StoreKey, Vault};
use world::PIN;

pub use content::Contents;
pub use first_start::FirstStart;
pub use laptop::{Enrolled, kept, laptop, one_more_dose};
pub use server::Nation;
pub use snapshot::Fresh;

use crate::town;

type Wrapped = (Vec<u8>, Vec<u8>);
type Unwrapped = ([u8; 32], [u8; 16]);

/// Keys that were unwrapped before, by what they were wrapped in: unwrapping is slow on purpose.
#[derive(Default)]
pub struct Keys(Mutex<BTreeMap<Wrapped, Unwrapped>>);

impl Keys {
    pub fn of(&self, folder: &Path) -> anyhow::Result<StoreKey> {
        let wrapped = (std::fs::read(folder.join("vault.cbor"))?, std::fs::read(folder.join("device.secret"))?);
        let known = self.0.lock().expect("the keys").get(&wrapped).copied();
        let (key, salt) = match known {
            Some(known) => known,
            None => {
                let key = Vault::at(folder).open(PIN, town::edge().as_ref()).context("the vault does not open")?;
                self.0.lock().expect("the keys").insert(wrapped, (*key.key, key.salt));
                (*key.key, key.salt)
            }
        };
        Ok(StoreKey { key: zeroize::Zeroizing::new(key), salt })
    }
}
