//! A page of the nation's feed on its way into a hub: kept as it came in a log of its own, believed or not, and drawn
//! with everything else. A feed is a log that the nation writes; its running sum is the chain.

use shared_model::envelope::LogHead;
use shared_model::ids::Chain;
use shared_model::sync::Quarantine;
use shared_model::sync::feed::{self, CheckedPage, Cursor};

use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AppendRun, Appended, KeptEntry};

/// The only epoch of a feed's log: what epochs are for, the log's name says.
const EPOCH: u32 = 1;

/// Keeps a page that was checked against the cursor before it.
pub async fn keep(office: &Office, page: &CheckedPage) -> Result<(), StoreError> {
    let Cursor { feed: name, epoch, seq: end, .. } = &page.cursor;
    let from = end.saturating_sub(page.envelopes.len() as u64);
    let known = office.store.upstream_feeds().await?.into_iter().find(|known| known.cursor.feed == *name);
    let goes_on = known.as_ref().filter(|known| (known.cursor.epoch, known.cursor.seq) == (*epoch, from));
    let (mut cursor, reading) = match (goes_on, from) {
        (Some(known), _) => (known.cursor.clone(), known.reading),
        (None, 0) => {
            let reading = office.store.begin_reading(name.clone(), *epoch).await?.into_inner();
            (Cursor::start(name.clone(), *epoch), reading)
        }
        // It was checked against a cursor that is not here any more.
        (None, _) => return Err(StoreError::BadRow),
    };
    if page.envelopes.is_empty() {
        return Ok(());
    }
    let device = feed::log_of(name, *epoch, reading);
    let known = match cursor.seq {
        0 => LogHead::empty(device, EPOCH),
        seq => LogHead { seq, chain: Chain(cursor.sum) },
    };
    let mut entries = Vec::with_capacity(page.envelopes.len());
    for (statement, envelope) in &page.envelopes {
        cursor = cursor.after(*statement);
        entries.push(KeptEntry {
            seq: cursor.seq,
            chain: Chain(cursor.sum),
            statement: *statement,
            envelope: envelope.clone(),
            quarantine: envelope.open().err().map(Quarantine::from),
        });
    }
    let (seals, forked_at, received_at) = (Vec::new(), None, office.now());
    let run = AppendRun { device, epoch: EPOCH, known, entries, seals, forked_at, received_at };
    match office.store.append(run).await? {
        Appended::Kept { .. } => {
            office.arrived.notify_one();
            Ok(())
        }
        Appended::Moved => Err(StoreError::Busy),
    }
}
