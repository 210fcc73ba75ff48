//! The figures of the live picture, each as fresh as the projector.

use rusqlite::Connection;
use shared_model::time::Moment;

use super::project;
use super::sql::{count, small};
use crate::store::StoreError;
use crate::store::rows::Overview;

pub(super) fn overview(conn: &Connection, silent_since: Moment) -> Result<Overview, StoreError> {
    let plain = |sql: &str| count(conn, sql, []);
    Ok(Overview {
        doses: plain("SELECT count(*) FROM dose WHERE state = 'given'")?,
        people: plain("SELECT count(DISTINCT person) FROM citizen")?,
        devices: small(plain("SELECT count(*) FROM device WHERE is_console = 0 AND revoked_at IS NULL")?),
        devices_silent: small(count(
            conn,
            "SELECT count(*) FROM device WHERE is_console = 0 AND revoked_at IS NULL AND coalesce(last_contact, 0) < ?1",
            [silent_since.0],
        )?),
        statements_missing: plain("SELECT sum(max(claimed_head - durable_to, 0)) FROM log")?,
        cases_open: small(plain("SELECT count(*) FROM case_file WHERE status IN ('open', 'sent_back')")?),
        quarantined: small(plain("SELECT count(*) FROM entry WHERE quarantine IS NOT NULL")?),
        behind: project::progress(conn)?.behind,
    })
}
