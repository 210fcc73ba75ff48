//! The names behind authors and devices, asked for once before a view is drawn.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::ids::{AuthorId, DeviceId, StatementId};
use shared_model::view::{Acquaintances, Copies};

use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::Kept;

#[derive(Debug, Default)]
pub struct Met {
    authors: BTreeMap<(AuthorId, DeviceId), String>,
    devices: BTreeMap<DeviceId, (String, String)>,
}

/// Everyone who speaks in these statements.
pub async fn met<'a>(office: &Office, kept: impl Iterator<Item = &'a Kept>) -> Result<Met, StoreError> {
    let wanted: BTreeSet<_> = kept.map(|kept| (kept.said.header.author, kept.said.header.device)).collect();
    let mut met = Met::default();
    for device in wanted.iter().map(|(_, device)| *device).collect::<BTreeSet<_>>() {
        if let Some(row) = office.store.device(device).await? {
            met.devices.insert(device, (row.name, row.site));
        }
    }
    for row in office.store.authors(wanted.into_iter().collect()).await? {
        met.authors.insert((row.author, row.device), row.name);
    }
    Ok(met)
}

impl Acquaintances for Met {
    fn author_name(&self, author: AuthorId, device: DeviceId) -> Option<String> {
        self.authors.get(&(author, device)).cloned()
    }

    fn device(&self, device: DeviceId) -> Option<(String, String)> {
        self.devices.get(&device).cloned()
    }

    /// Whatever is here is held by the nation.
    fn copies(&self, _: StatementId) -> Copies {
        Copies::Nation
    }
}
