//! Second branches of logs: which of their ends are held with everything before them.

use std::collections::BTreeMap;

use shared_model::envelope::LogHead;
use shared_model::ids::{Chain, DeviceId, Epoch, Seq, StatementId};
use shared_model::sync::message::EarlierEnd;

use super::log;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::value::values;

/// Whether a log is held as far as this end without a hole, be it on a branch. A chain can't be walked back, so the
/// branches are followed forwards from where they leave the log.
pub(in crate::store) async fn reaches(
    conn: &Conn<'_>,
    device: DeviceId,
    epoch: Epoch,
    end: LogHead,
) -> Result<bool, StoreError> {
    if !log::holds(conn, device, EarlierEnd { epoch, head: end }).await? {
        return Ok(false);
    }
    let sql = "SELECT seq, chain, statement FROM entry
               WHERE device = ?1 AND epoch = ?2 AND seq <= ?3 AND branch <> 0 ORDER BY seq";
    let found = conn.all(sql, values![device.0, epoch, end.seq], |row| {
        Ok((row.get::<Seq>(0)?, Chain(row.get(1)?), StatementId(row.get(2)?)))
    });
    let branches = found.await?;
    let from = branches.first().map_or(end.seq, |(seq, ..)| seq.saturating_sub(1));
    let mut reached: BTreeMap<Seq, Vec<Chain>> = BTreeMap::new();
    for (seq, chain) in log::chains(conn, device, epoch, from, end.seq).await? {
        reached.entry(seq).or_default().push(chain);
    }
    for (seq, chain, statement) in branches {
        let before = seq.saturating_sub(1);
        let goes_on =
            |from: &Chain| LogHead { seq: before, chain: *from }.append(device, epoch, statement).chain == chain;
        if reached.get(&before).is_some_and(|chains| chains.iter().any(goes_on)) {
            reached.entry(seq).or_default().push(chain);
        }
    }
    Ok(reached.get(&end.seq).is_some_and(|chains| chains.contains(&end.chain)))
}
