//! A visitor from elsewhere, fetched by card: believed because the campaign says that it holds these statements.

use super::message::{Fetched, FetchedWord};
use crate::certificate::{AuthorCertificate, DeviceCertificate, NotGenuine};
use crate::envelope::{Envelope, PublicKey};
use crate::ids::{CitizenId, StatementId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisitorRefused {
    #[error("the answer, or a certificate in it, is not the campaign's")]
    NotGenuine(#[from] NotGenuine),
    #[error("somebody who was not asked for, or nobody")]
    SomebodyElse,
    #[error("an entry is missing, changed, or one too many")]
    WrongEntries,
}

/// An answer believed as a whole: whose stories these are, and the entries of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedVisitors {
    pub citizens: Vec<CitizenId>,
    pub envelopes: Vec<(StatementId, Envelope)>,
}

/// Checks an answer entry by entry against the word that was signed. An old answer says less and nothing false.
pub fn check_fetched(
    asked: &[CitizenId],
    fetched: &Fetched,
    campaign: PublicKey,
) -> Result<CheckedVisitors, VisitorRefused> {
    let FetchedWord { citizens, statements } = fetched.word.open(campaign)?;
    let genuine = fetched.authors.iter().all(|signed| signed.is_genuine::<AuthorCertificate>(campaign))
        && fetched.devices.iter().all(|signed| signed.is_genuine::<DeviceCertificate>(campaign));
    if !genuine {
        return Err(NotGenuine::Signature.into());
    }
    if citizens.is_empty() || citizens.iter().any(|citizen| !asked.contains(citizen)) {
        return Err(VisitorRefused::SomebodyElse);
    }
    let envelopes: Vec<(StatementId, Envelope)> = fetched
        .entries
        .iter()
        .map(|entry| Envelope::from(entry.envelope.clone()))
        .map(|envelope| (envelope.statement_id(), envelope))
        .collect();
    let are_those = envelopes.iter().map(|(statement, _)| statement).eq(&statements);
    if are_those && envelopes.iter().all(|(_, envelope)| envelope.is_whole()) {
        Ok(CheckedVisitors { citizens, envelopes })
    } else {
        Err(VisitorRefused::WrongEntries)
    }
}
