//! A device's log: entries numbered 1, 2, 3 … without holes, each chained to the one before it.

use crate::hash;
use crate::ids::{Chain, DeviceId, Epoch, Position, Seq, StatementId};

/// A statement's place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    pub position: Position,
    pub statement: StatementId,
    pub previous: Chain,
}

impl LogEntry {
    /// The chain up to and including this entry.
    pub fn chain(&self) -> Chain {
        let Position { device, epoch, seq } = self.position;
        Chain(hash::sha256(
            hash::CHAIN,
            &[
                device.as_bytes(),
                &epoch.to_be_bytes(),
                &seq.to_be_bytes(),
                self.statement.as_bytes(),
                self.previous.as_bytes(),
            ],
        ))
    }
}

/// The end of a log as one node knows it. `seq` 0 is the empty log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
pub struct LogHead {
    #[n(0)]
    pub seq: Seq,
    #[n(1)]
    pub chain: Chain,
}

impl LogHead {
    pub fn empty(device: DeviceId, epoch: Epoch) -> Self {
        Self { seq: 0, chain: Chain(hash::sha256(hash::LOG, &[device.as_bytes(), &epoch.to_be_bytes()])) }
    }

    /// The head after one more statement.
    pub fn append(self, device: DeviceId, epoch: Epoch, statement: StatementId) -> Self {
        // A stranger may claim to stand at the last number there is.
        let seq = self.seq.saturating_add(1);
        let position = Position { device, epoch, seq };
        Self { seq, chain: LogEntry { position, statement, previous: self.chain }.chain() }
    }
}
