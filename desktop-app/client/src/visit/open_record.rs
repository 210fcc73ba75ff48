//! ④ A person's record as this laptop knows it.

use rusqlite::Connection;
use shared_model::conflict::{Holder, shared_identifiers};
use shared_model::ids::{AuthorId, CitizenId, DeviceId, StatementId};
use shared_model::merge::Merged;
use shared_model::record::Case;
use shared_model::view::{self, Acquaintances, CitizenView, Copies};

use crate::laptop::{Laptop, SayError};
use crate::store::{StoreError, citizen, envelope, log, person};

#[derive(Debug, thiserror::Error)]
pub enum OpenRecordError {
    #[error("nobody on this laptop has this id")]
    UnknownCitizen,
    #[error(transparent)]
    Say(#[from] SayError),
}

impl From<StoreError> for OpenRecordError {
    fn from(error: StoreError) -> Self {
        Self::Say(error.into())
    }
}

impl Laptop {
    pub fn open_citizen(&self, card: CitizenId) -> Result<CitizenView, OpenRecordError> {
        let merged = self.known(card)?;
        let cases = self.cases(&merged)?;
        let view = view::citizen_view(card, &merged.record, &cases, self.rules_today(), self.today(), self);
        Ok(CitizenView { prior: self.prior_of(&merged.record)?, ..view })
    }

    /// The record of somebody this laptop has met.
    pub(crate) fn known(&self, card: CitizenId) -> Result<Merged, OpenRecordError> {
        if citizen::line(self.store.read(), card)?.is_none() {
            return Err(OpenRecordError::UnknownCitizen);
        }
        Ok(self.merged(card)?)
    }

    /// The cases of a person, those about identifiers shared with other cards included.
    pub(crate) fn cases(&self, merged: &Merged) -> Result<Vec<Case>, SayError> {
        let conn = self.store.read();
        let mut elsewhere = Vec::new();
        for field in merged.record.fields.values() {
            let Some((register, value)) = field.shown.value.identifier() else { continue };
            let mut holders = Vec::new();
            for (card, statement) in citizen::holders(conn, register, value)? {
                let record = self.merged(card)?.record;
                holders.push(Holder {
                    card,
                    statement,
                    register,
                    name_key: record.name().map(shared_model::citizen::PersonName::search_key).unwrap_or_default(),
                    birth: record.birth(),
                });
            }
            elsewhere.extend(shared_identifiers(&holders, |one, other| {
                merged.record.cards.contains(&one) && merged.record.cards.contains(&other)
            }));
        }
        elsewhere.retain(|conflict| conflict.citizens.iter().any(|card| merged.record.cards.contains(card)));
        Ok(merged.cases(elsewhere))
    }
}

/// What this laptop can say of the people behind statements. A row that can't be read is a name not known.
impl Acquaintances for Laptop {
    fn author_name(&self, author: AuthorId, device: DeviceId) -> Option<String> {
        person::author_name(self.store.read(), author, device).ok().flatten()
    }

    fn device(&self, device: DeviceId) -> Option<(String, String)> {
        person::device(self.store.read(), device).ok().flatten()
    }

    fn copies(&self, statement: StatementId) -> Copies {
        copies(self.store.read(), statement).unwrap_or(Copies::Here)
    }
}

fn copies(conn: &Connection, statement: StatementId) -> Result<Copies, StoreError> {
    if envelope::came_from_nation(conn, statement)? {
        return Ok(Copies::Nation);
    }
    Ok(match log::copies(conn, statement)? {
        Some(2) => Copies::Nation,
        Some(1) => Copies::Hub,
        // Another device's statement reached this laptop through a hub that holds it.
        None => Copies::Hub,
        Some(_) => Copies::Here,
    })
}
