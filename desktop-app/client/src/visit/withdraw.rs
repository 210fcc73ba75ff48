//! A statement of this laptop taken back; the undo of a dose is one too.

use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::statement::{Statement, Subject, WithdrawReason, Withdrawn};
use shared_model::text;

use super::open_record::OpenRecordError;
use crate::laptop::{Laptop, SayError};
use crate::store::{Durable, StoreError, envelope};

#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    #[error("this laptop holds no such statement")]
    UnknownStatement,
    #[error("another team made this statement")]
    NotYours,
    #[error("it has been taken back already")]
    AlreadyWithdrawn,
    #[error("no reason is given, or the note is too long")]
    Reason,
    #[error(transparent)]
    Open(#[from] OpenRecordError),
    #[error(transparent)]
    Say(#[from] SayError),
}

impl From<StoreError> for WithdrawError {
    fn from(error: StoreError) -> Self {
        Self::Say(error.into())
    }
}

impl Laptop {
    /// Takes back a dose given on this laptop. Gives the citizen whose record it was in.
    pub fn withdraw_dose(
        &mut self,
        dose: StatementId,
        reason: &str,
        note: &str,
    ) -> Result<(CitizenId, Durable<StatementId>), WithdrawError> {
        let note = note_of(note).ok_or(WithdrawError::Reason)?;
        if reason.is_empty() || reason.len() > limits::CODE_CHARS_MAX {
            return Err(WithdrawError::Reason);
        }
        let card = self.own_dose(dose)?;
        let merged = self.known(card)?;
        if merged.record.history.dose(dose).is_none_or(|dose| !dose.counts()) {
            return Err(WithdrawError::AlreadyWithdrawn);
        }
        let reason = WithdrawReason::from_code(reason);
        let statement = Statement::Withdrawn(Withdrawn { target: dose, reason, note });
        let saved = self.say(Subject::Citizen(card), statement, Vec::new(), Vec::new())?;
        Ok((card, saved))
    }

    /// The card of a dose this laptop gave.
    pub(crate) fn own_dose(&self, dose: StatementId) -> Result<CitizenId, WithdrawError> {
        let said = envelope::get(self.store.read(), dose)?
            .and_then(|envelope| envelope.open().ok())
            .filter(|said| matches!(said.body.statement, Statement::DoseGiven(_)))
            .ok_or(WithdrawError::UnknownStatement)?;
        if said.header.device != self.device() {
            return Err(WithdrawError::NotYours);
        }
        said.header.subject.citizen().ok_or(WithdrawError::UnknownStatement)
    }
}

/// A note as it may be kept; empty is fine.
pub(crate) fn note_of(note: &str) -> Option<String> {
    if note.trim().is_empty() { Some(String::new()) } else { text::tidy(note, limits::NOTE_CHARS_MAX).ok() }
}
