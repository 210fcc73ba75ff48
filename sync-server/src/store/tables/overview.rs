//! The figures of the live picture, each as fresh as the projector.

use shared_model::time::Moment;

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::project;
use crate::store::rows::Overview;
use crate::store::value::{small, values};

pub(in crate::store) async fn overview(conn: &Conn<'_>, silent_since: Moment) -> Result<Overview, StoreError> {
    let plain = |sql: &'static str| conn.count(sql, Vec::new());
    let silent = "SELECT count(*) FROM device
                  WHERE is_console = 0 AND revoked_at IS NULL AND coalesce(last_contact, 0) < ?1";
    let missing = "SELECT CAST(sum(claimed_head - durable_to) AS BIGINT) FROM log WHERE claimed_head > durable_to";
    Ok(Overview {
        doses: plain("SELECT count(*) FROM dose WHERE state = 'given'").await?,
        people: plain("SELECT count(DISTINCT person) FROM citizen").await?,
        devices: small(plain("SELECT count(*) FROM device WHERE is_console = 0 AND revoked_at IS NULL").await?),
        devices_silent: small(conn.count(silent, values![silent_since.0]).await?),
        statements_missing: plain(missing).await?,
        cases_open: small(plain("SELECT count(*) FROM case_file WHERE status IN ('open', 'sent_back')").await?),
        quarantined: small(plain("SELECT count(*) FROM entry WHERE quarantine IS NOT NULL").await?),
        behind: project::progress(conn).await?.behind,
    })
}
