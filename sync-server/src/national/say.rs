//! ⑬ The console's own voice: an admin's statement, sealed by the admin's key on the console device,
//! handed to the same intake as everybody's.

use shared_model::envelope::{Authority, Envelope, EnvelopeError, Header, Seal, SigningKeys};
use shared_model::ids::{BodyHash, RulesId, StatementId};
use shared_model::statement::{Body, Statement, Subject};
use shared_model::sync::message::Push;
use shared_model::time::{ClockEvidence, Hlc};

use crate::edge::{self, NoDice};
use crate::intake::keep::{self, KeepError};
use crate::intake::projector;
use crate::keys::KeysError;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::StaffRow;

#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("a note or a list is beyond its limit")]
    BeyondLimits,
    /// The intake believes this author less than the console did.
    #[error("kept, and not believed")]
    NotBelieved,
    #[error("only the nation settles")]
    NotAtAHub,
    #[error("the console's log did not take it")]
    NotKept,
    #[error(transparent)]
    NoDice(#[from] NoDice),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeepError> for SayError {
    fn from(wrong: KeepError) -> Self {
        match wrong {
            KeepError::Refused { .. } => Self::NotKept,
            KeepError::Store(wrong) => Self::Store(wrong),
        }
    }
}

/// Says it, and waits until it is in the record. The caller holds `office.console`.
/// `known` are the statements on the screen: this one is said after them.
pub async fn say(
    office: &Office,
    staff: &StaffRow,
    subject: Subject,
    statement: Statement,
    known: Vec<StatementId>,
) -> Result<StatementId, SayError> {
    let now = office.now();
    if office.keys.hub().is_some() {
        return Err(SayError::NotAtAHub);
    }
    let device = office.keys.console_device();
    let row = office.store.device(device).await?.ok_or(SayError::NotKept)?;
    let epoch = office.store.log(device, 1).await?.get().epoch_max.max(1);
    let head = office.store.log(device, epoch).await?.get().head;
    let mut last = Hlc(office.store.last_hlc(device).await?);
    for kept in office.store.statements(known).await? {
        last = last.observe(kept.said.header.hlc, now);
    }
    let header = Header {
        kind: statement.kind(),
        subject,
        author: staff.author,
        device,
        hlc: last.tick(now),
        evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(0), went_backwards: false },
        rules: office.rules_today().map_or(RulesId([0; 16]), |rules| rules.id()),
        authority: Authority::National,
        body_bytes: 0,
        body_hash: BodyHash([0; 32]),
    };
    let salt = edge::draw(office.edge.as_ref())?;
    let body = Body { salt, statement, seen: Vec::new(), based_on: Vec::new() };
    let envelope = Envelope::compose(header, &body).map_err(|wrong| match wrong {
        EnvelopeError::TooLarge | EnvelopeError::Body(_) => SayError::BeyondLimits,
        EnvelopeError::Header(_) | EnvelopeError::BodyHash | EnvelopeError::Erased => SayError::NotKept,
    })?;
    let id = envelope.statement_id();
    let after = head.append(device, epoch, id);
    let author = office.keys.author(staff.author, office.edge.as_ref())?;
    let keys = SigningKeys { device: &office.keys.console, author: &author };
    let push = Push {
        device,
        epoch,
        from: after.seq,
        previous: head.chain,
        entries: vec![envelope.into()],
        seals: vec![Seal::make(device, epoch, after.seq, after.chain, staff.author, &keys)],
        nonce: [0; 16],
    };
    let kept = keep::keep(office, &row, push).await?;
    if !kept.quarantined.is_empty() {
        return Err(SayError::NotBelieved);
    }
    if let Some(lseq) = kept.last_lseq {
        projector::catch_up_to(office, lseq).await?;
    }
    tracing::info!(statement = %id, author = %staff.author, "the console spoke");
    Ok(id)
}
