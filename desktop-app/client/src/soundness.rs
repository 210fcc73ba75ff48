//! Looks a store over: every page, the whole log, every envelope of it. For support calls and for tests
//! that cut the power; a laptop at work need not do it.

use std::fmt;

use shared_model::envelope::LogHead;
use shared_model::ids::{Seq, StatementId};

use crate::laptop::Laptop;
use crate::store::{StoreError, envelope, log};

/// What is wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// A page is not what was written, or tables do not fit together.
    Tables(String),
    /// An entry is missing, or is not what the chain says.
    Log { epoch: u32, seq: Seq },
    /// The log names an envelope that is not here, or that is another one.
    Envelope(StatementId),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tables(what) => write!(f, "a page or a table is damaged: {what}"),
            Self::Log { epoch, seq } => write!(f, "entry {seq} of log {epoch} is missing or changed"),
            Self::Envelope(statement) => write!(f, "the envelope of {statement} is missing or changed"),
        }
    }
}

impl Laptop {
    /// Everything that is wrong with this laptop's store; nothing when it is sound.
    pub fn flaws(&self) -> Result<Vec<Flaw>, StoreError> {
        let conn = self.store.read();
        // Reads every page in use the way work does, through the journal, and the cipher proves each. The cipher's own
        // check reads the file behind the journal's back and calls a page damaged that the journal holds whole.
        let tables = lines(conn, "PRAGMA quick_check")?.into_iter().filter(|line| line != "ok");
        let mut flaws: Vec<Flaw> = tables.map(Flaw::Tables).collect();
        for epoch in log::epochs(conn)? {
            let mut head = LogHead::empty(self.device(), epoch.epoch);
            while head.seq < epoch.head.seq {
                let seq = head.seq + 1;
                let Some((statement, chain)) = log::entry(conn, epoch.epoch, seq)? else {
                    flaws.push(Flaw::Log { epoch: epoch.epoch, seq });
                    break;
                };
                head = head.append(self.device(), epoch.epoch, statement);
                if head.chain != chain {
                    flaws.push(Flaw::Log { epoch: epoch.epoch, seq });
                    break;
                }
                if envelope::get(conn, statement)?.is_none_or(|envelope| envelope.statement_id() != statement) {
                    flaws.push(Flaw::Envelope(statement));
                }
            }
            if head != epoch.head && !flaws.iter().any(|flaw| matches!(flaw, Flaw::Log { .. })) {
                flaws.push(Flaw::Log { epoch: epoch.epoch, seq: epoch.head.seq });
            }
        }
        Ok(flaws)
    }

    /// Whether a statement is kept here.
    pub fn holds(&self, statement: StatementId) -> Result<bool, StoreError> {
        Ok(envelope::get(self.store.read(), statement)?.is_some())
    }
}

fn lines(conn: &rusqlite::Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(row.get(0)?);
    }
    Ok(lines)
}
