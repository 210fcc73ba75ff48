//! Bundles that were taken from sticks, and words that went home on them.

use shared_model::ids::BundleId;

use super::{meta, staff};
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::AuditLine;
use crate::store::value::values;

pub(in crate::store) async fn was_taken(conn: &Conn<'_>, bundle: BundleId) -> Result<bool, StoreError> {
    conn.exists("SELECT 1 FROM stick_taken WHERE bundle = ?1 AND is_whole = 1", values![bundle.0]).await
}

/// A bundle that was whole once stays so, however damaged it comes again.
pub(in crate::store) async fn note(
    conn: &Conn<'_>,
    bundle: BundleId,
    is_whole: bool,
    line: &AuditLine,
) -> Result<(), StoreError> {
    staff::audit(conn, line).await?;
    let is_whole = is_whole || was_taken(conn, bundle).await?;
    let sql = "INSERT INTO stick_taken (bundle, taken_at, is_whole) VALUES (?1, ?2, ?3)
               ON CONFLICT (bundle) DO UPDATE SET taken_at = excluded.taken_at, is_whole = excluded.is_whole";
    conn.write(sql, values![bundle.0, line.at.0, is_whole]).await.map(drop)
}

pub(in crate::store) async fn next_issue(conn: &Conn<'_>) -> Result<u64, StoreError> {
    let last = meta::number(conn, meta::STICK_ISSUE).await?.unwrap_or(0);
    let next = last.saturating_add(1);
    meta::put_number(conn, meta::STICK_ISSUE, next).await?;
    u64::try_from(next).map_err(|_| StoreError::BadRow)
}
