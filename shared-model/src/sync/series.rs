//! Verifying a pushed range: numbers without holes, chain, seals, and each author's right to speak.
//!
//! A range is refused whole only when it cannot be placed: a hole, a broken chain, a missing or
//! false seal, another device's log. Everything placed is kept; what is not believed is quarantined.

use super::message::Push;
use super::quarantine::Quarantine;
use crate::certificate::{AuthorCertificate, DeviceCertificate};
use crate::envelope::{Authority, Envelope, LogHead, Said, Seal};
use crate::ids::{AuthorId, Chain, Position, Seq, StatementId};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::statement::{Statement, kind};

/// What a node knows of an author on a device.
#[derive(Debug, Clone)]
pub struct AuthorStanding {
    pub certificate: AuthorCertificate,
    pub revoked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushRefused {
    #[error("nothing in it")]
    Empty,
    #[error("more entries than one push may carry")]
    TooMany,
    #[error("another device's log")]
    WrongDevice,
    #[error("entries are missing before it")]
    Hole,
    #[error("the last entries are under no seal")]
    Unsealed,
    #[error("a seal is false or out of place")]
    BadSeal,
}

#[derive(Debug, Clone)]
pub struct VerifiedEntry {
    pub position: Position,
    pub statement: StatementId,
    pub chain: Chain,
    pub envelope: Envelope,
    /// What it says, or why that is not believed.
    pub said: Result<Said, Quarantine>,
}

/// A range whose place in the log is certain.
#[derive(Debug, Clone)]
pub struct SealedRun {
    /// Entries this node did not hold. Entries it held already are left out.
    pub fresh: Vec<VerifiedEntry>,
    pub seals: Vec<Seal>,
    pub head: LogHead,
    /// The range differs from what this node holds at a position: a second branch of the log.
    pub forked_at: Option<Seq>,
}

/// Checks a push against what this node holds of the log.
/// `held` tells the chain at a position up to `known.seq`; position 0 is the empty log's chain.
pub fn verify_push(
    push: &Push,
    device: &DeviceCertificate,
    known: LogHead,
    held: impl Fn(Seq) -> Option<Chain>,
    authors: impl Fn(AuthorId) -> Option<AuthorStanding>,
) -> Result<SealedRun, PushRefused> {
    if push.device != device.device {
        return Err(PushRefused::WrongDevice);
    }
    if push.entries.is_empty() || push.from == 0 {
        return Err(PushRefused::Empty);
    }
    if push.entries.len() > limits::PUSH_ENTRIES_MAX || push.seals.len() > limits::PUSH_SEALS_MAX {
        return Err(PushRefused::TooMany);
    }
    if push.from > known.seq + 1 && !is_alive(Bug::HoleAccepted) {
        return Err(PushRefused::Hole);
    }
    let entries = chained(push);
    check_seals(push, device, &entries)?;
    let mut forked_at = (held(push.from - 1) != Some(push.previous)).then_some(push.from - 1);
    let mut fresh = Vec::new();
    // Two signatures vouch for a whole run: each seal is judged once, not for each entry below it.
    let vouched: Vec<_> = push.seals.iter().map(|seal| (seal, vouch(seal, &authors))).collect();
    for (position, statement, chain, envelope) in entries {
        let held_here = if position.seq <= known.seq { held(position.seq) } else { None };
        match held_here {
            Some(same) if same == chain && forked_at.is_none() => continue,
            Some(_) if forked_at.is_none() => forked_at = Some(position.seq),
            _ => {}
        }
        let sealed_by = vouched.iter().find(|(seal, _)| seal.to_seq >= position.seq);
        let said = match sealed_by {
            Some((seal, Ok(authority))) => believe(&envelope, seal, *authority),
            Some((_, Err(why))) => Err(*why),
            None => Err(Quarantine::WrongAuthor),
        };
        let blocks = said.is_err() && is_alive(Bug::DoubtBlocks);
        fresh.push(VerifiedEntry { position, statement, chain, envelope, said });
        if blocks {
            break;
        }
    }
    let head = fresh.last().map_or(known, |last| LogHead { seq: last.position.seq, chain: last.chain });
    let forked_at = forked_at.filter(|_| !is_alive(Bug::ForkIgnored));
    Ok(SealedRun { fresh, seals: push.seals.clone(), head, forked_at })
}

fn chained(push: &Push) -> Vec<(Position, StatementId, Chain, Envelope)> {
    let mut head = LogHead { seq: push.from - 1, chain: push.previous };
    push.entries
        .iter()
        .map(|wire| {
            let envelope = Envelope::from(wire.clone());
            let statement = envelope.statement_id();
            head = head.append(push.device, push.epoch, statement);
            let position = Position { device: push.device, epoch: push.epoch, seq: head.seq };
            (position, statement, head.chain, envelope)
        })
        .collect()
}

/// Seals ascend, name chains of this very range, are signed by the device, and the last one covers the last entry.
fn check_seals(
    push: &Push,
    device: &DeviceCertificate,
    entries: &[(Position, StatementId, Chain, Envelope)],
) -> Result<(), PushRefused> {
    let mut sealed_to = push.from - 1;
    for seal in &push.seals {
        let here = entries.iter().find(|(position, ..)| position.seq == seal.to_seq);
        let in_place = seal.device == push.device && seal.epoch == push.epoch && seal.to_seq > sealed_to;
        let signed = seal.is_by_device(device.key) || is_alive(Bug::SealUnchecked);
        if !in_place || here.is_none_or(|(_, _, chain, _)| *chain != seal.chain) || !signed {
            return Err(PushRefused::BadSeal);
        }
        sealed_to = seal.to_seq;
    }
    match entries.last() {
        Some((last, ..)) if last.seq == sealed_to || is_alive(Bug::UnsealedRunAccepted) => Ok(()),
        _ => Err(PushRefused::Unsealed),
    }
}

/// The authority an author's seal carries: the certificate, the key, and that neither was revoked.
fn vouch(seal: &Seal, authors: &impl Fn(AuthorId) -> Option<AuthorStanding>) -> Result<Authority, Quarantine> {
    let standing = authors(seal.author).ok_or(Quarantine::UnknownAuthor)?;
    if standing.certificate.device != seal.device || !seal.is_by_author(standing.certificate.key) {
        return Err(Quarantine::UnknownAuthor);
    }
    if standing.revoked {
        return Err(Quarantine::Revoked);
    }
    Ok(standing.certificate.authority)
}

/// Whether an entry below a good seal may be believed: that it is whole, and its author's right to say this.
fn believe(envelope: &Envelope, seal: &Seal, authority: Authority) -> Result<Said, Quarantine> {
    let said = envelope.open()?;
    if said.header.author != seal.author || said.header.device != seal.device {
        return Err(Quarantine::WrongAuthor);
    }
    // No time is compared here: a certificate's end is enforced where the device is met, and a wrong
    // clock or a week without a line must not make a given dose unbelievable.
    let beyond = said.header.authority > authority && !is_alive(Bug::AuthorityUnchecked);
    if beyond || !has_right(&said) {
        return Err(Quarantine::NotAllowed);
    }
    Ok(said)
}

/// Who may say what, as far as one statement shows it.
fn has_right(said: &Said) -> bool {
    let national = said.header.authority == Authority::National;
    match &said.body.statement {
        Statement::Settled(settled) => {
            national && settled.answer.names().is_none_or(|named| settled.involved.contains(&named))
        }
        Statement::DoseGiven(_) => !national && said.header.subject.citizen().is_some(),
        Statement::CitizenEdited(_) | Statement::DoseAmended(_) => said.header.subject.citizen().is_some(),
        Statement::Linked(linked) => said.header.subject.citizen().is_some_and(|one| one != linked.other),
        Statement::Unknown { .. } => !is_alive(Bug::UnknownKindRefused),
        Statement::Withdrawn(_) => true,
    }
}

/// Kinds that belong to a citizen's record.
pub fn is_about_a_citizen(kind_number: u16) -> bool {
    matches!(
        kind_number,
        kind::CITIZEN_EDITED | kind::DOSE_GIVEN | kind::DOSE_AMENDED | kind::WITHDRAWN | kind::LINKED | kind::SETTLED
    )
}
