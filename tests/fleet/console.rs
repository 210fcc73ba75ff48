//! The admin's desk: mirrors `http/console/cases` and `national/say.rs`.

use shared_model::envelope::{Authority, Envelope, Header, Seal, SigningKeys};
use shared_model::ids::{BodyHash, StatementId};
use shared_model::record::{CaseState, answers};
use shared_model::statement::{Body, Settled, Statement, Subject, WithdrawReason, Withdrawn};
use shared_model::sync::message::Push;
use shared_model::time::ClockEvidence;

use crate::fleet::Fleet;
use crate::invariants::{Checked, broken};
use crate::nation::CaseRow;

impl Fleet<'_> {
    /// Looks at the queue: answers a case, answers one again, or takes an answer back.
    pub fn console_looks(&mut self) -> Checked {
        for _ in 0..1 + self.dice.below(4) {
            self.projector_comes_by()?;
            let rows: Vec<CaseRow> = self.nation.cases.values().filter(|row| row.state.is_some()).cloned().collect();
            let Some(row) = self.pick(&rows) else { return Ok(()) };
            let subject = row.conflict.citizens.first().map(|citizen| Subject::Citizen(*citizen));
            let Some(subject) = subject.or(row.device.map(Subject::Device)) else { continue };
            match (row.state, row.settlement) {
                (Some(CaseState::Settled), Some(target)) => {
                    let withdrawn = Withdrawn { target, reason: WithdrawReason::SettlementUndone, note: String::new() };
                    self.console_says(subject, Statement::Withdrawn(withdrawn), &[target])?;
                    self.tally.undone += 1;
                }
                (_, settlement) => self.settles(row, subject, settlement)?,
            }
        }
        self.projector_comes_by()
    }

    /// Everything that arrived is in the record, and every doubt in the queue.
    pub fn catch_up(&mut self) -> Checked {
        self.nation.catch_up();
        all_drawn(self.nation.look(&self.campaign.rules, || false))
    }

    /// It lags: of those that were touched it has drawn every second one.
    fn projector_comes_by(&mut self) -> Checked {
        self.nation.catch_up();
        let dice = &self.dice;
        all_drawn(self.nation.look(&self.campaign.rules, || dice.below(2) == 0))
    }

    fn settles(&mut self, row: CaseRow, subject: Subject, before: Option<StatementId>) -> Checked {
        let conflict = row.conflict;
        let Some(answer) = self.pick(&answers(&conflict)) else { return Ok(()) };
        let mut known = conflict.involved.clone();
        known.extend(before);
        let settled = Settled {
            case: conflict.id,
            kind: conflict.kind,
            involved: conflict.involved,
            citizens: conflict.citizens,
            key: conflict.key,
            answer,
            note: String::new(),
        };
        self.tally.settlements += 1;
        self.console_says(subject, Statement::Settled(settled), &known)
    }

    fn console_says(&mut self, subject: Subject, statement: Statement, known: &[StatementId]) -> Checked {
        let (now, me) = (self.now, self.console.clone());
        let epoch = self.nation.epoch_max(me.device).max(1);
        let head = self.nation.standing(me.device, epoch).head;
        let mut last = self.nation.last_hlc(me.device);
        for id in known {
            let entry = self.nation.statements.get(id).and_then(|place| self.nation.entries.get(*place));
            if let Some(said) = entry.and_then(|entry| entry.said.as_ref().ok()) {
                last = last.observe(said.header.hlc, now);
            }
        }
        let header = Header {
            kind: statement.kind(),
            subject,
            author: me.author,
            device: me.device,
            hlc: last.tick(now),
            evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(0), went_backwards: false },
            rules: self.campaign.rules_id,
            authority: Authority::National,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        let salt = self.dice.roll().to_be_bytes();
        let body = Body { salt, statement, seen: Vec::new(), based_on: Vec::new() };
        let Ok(envelope) = Envelope::compose(header, &body) else { return Ok(()) };
        let after = head.append(me.device, epoch, envelope.statement_id());
        let keys = SigningKeys { device: &me.key, author: &me.author_key };
        let push = Push {
            device: me.device,
            epoch,
            from: after.seq,
            previous: head.chain,
            entries: vec![envelope.into()],
            seals: vec![Seal::make(me.device, epoch, after.seq, after.chain, me.author, &keys)],
            nonce: [0; 16],
        };
        self.tally.statements += 1;
        match self.nation.keep(&push, now) {
            Ok(receipt) if receipt.quarantined.is_empty() && receipt.held == after => Ok(()),
            other => broken("I11", format!("the console was not believed: {other:?}")),
        }
    }
}

fn all_drawn(failed: usize) -> Checked {
    match failed {
        0 => Ok(()),
        failed => broken("I11", format!("{failed} people cannot be drawn")),
    }
}
