//! Connecting: over TLS unless the database is on this machine, with settings that make a commit worth its name, and
//! tables brought up to date one step at a time.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Transaction};
use migrations::{Migration, SERVER_POSTGRES};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::conn::failed;
use super::writer::LOCK_SCHEMA;
use crate::store::{OpenStoreError, StoreError};

const READERS_MAX: usize = 16;
/// One for the log, one for the projector.
const WRITERS_MAX: usize = 2;
const WAIT: Duration = Duration::from_secs(10);
/// The oldest version whose planner and locks were tried.
const VERSION_MIN: i32 = 150_000;

/// Set for every connection: nobody's commit is told before it is on the disk, here and on a synchronous standby, and
/// nobody holds a moment of the database open for ever.
const SESSION: &str = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=60s -c jit=off";

/// Set for those who write: whatever they ask, they ask by key, for some hundreds of rows. A planner that knows nothing
/// yet of a table that grew by millions since the morning would rather read the whole of it.
const BY_KEY: &str = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

/// Connections for reading and for writing; the one kind never waits for the other.
pub(super) fn pools(url: &str) -> Result<(Pool, Pool), OpenStoreError> {
    let mut config = Config::from_str(url).map_err(|_| OpenStoreError::Address)?;
    let asked = config.get_options().unwrap_or_default().to_owned();
    config.options([asked.as_str(), SESSION].join(" ").trim()).connect_timeout(WAIT).application_name("so-tiem");
    if config.get_ssl_mode() == SslMode::Prefer {
        config.ssl_mode(if is_here(&config) { SslMode::Disable } else { SslMode::Require });
    }
    let mut writing = config.clone();
    writing.options([asked.as_str(), SESSION, BY_KEY].join(" ").trim());
    Ok((pool(&config, READERS_MAX)?, pool(&writing, WRITERS_MAX)?))
}

/// A socket of this machine, or its loopback.
fn is_here(config: &Config) -> bool {
    let is_loopback = |name: &str| name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_loopback(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn pool(config: &Config, size: usize) -> Result<Pool, OpenStoreError> {
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = if config.get_ssl_mode() == SslMode::Disable {
        Manager::from_config(config.clone(), NoTls, settings)
    } else {
        Manager::from_config(config.clone(), MakeRustlsConnect::new(tls()?), settings)
    };
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .recycle_timeout(Some(WAIT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| OpenStoreError::Settings)
}

/// The server's certificate is one that this machine trusts, or the connection is none.
fn tls() -> Result<ClientConfig, OpenStoreError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let verifier = versions.and_then(BuilderVerifierExt::with_platform_verifier);
    Ok(verifier.map_err(|_| OpenStoreError::Settings)?.with_no_client_auth())
}

/// Looks whether a commit here is durable, then takes the steps that are missing.
pub(super) async fn prepare(pool: &Pool, feed_epoch: i64) -> Result<(), OpenStoreError> {
    let mut client = pool.get().await.map_err(StoreError::from)?;
    let transaction = client.transaction().await.map_err(failed)?;
    settings_hold(&transaction).await?;
    let lock = format!("SELECT pg_advisory_xact_lock({LOCK_SCHEMA})");
    transaction.batch_execute(&lock).await.map_err(failed)?;
    // Together in one transaction, as this engine can: tables of half a version are never seen.
    migrate(&transaction, SERVER_POSTGRES, feed_epoch).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(())
}

async fn settings_hold(conn: &Transaction<'_>) -> Result<(), OpenStoreError> {
    let sql = "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
                   AND current_setting('synchronous_commit') = 'on' AND current_setting('server_encoding') = 'UTF8'
                   AND current_setting('server_version_num')::int >= $1";
    let row = conn.query_one(sql, &[&VERSION_MIN]).await.map_err(failed)?;
    if row.get::<_, bool>(0) { Ok(()) } else { Err(OpenStoreError::Settings) }
}

async fn migrate(conn: &Transaction<'_>, steps: &[Migration], feed_epoch: i64) -> Result<(), OpenStoreError> {
    let here = "CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, readable_since INTEGER NOT NULL)";
    conn.batch_execute(here).await.map_err(failed)?;
    let sql = "SELECT number, readable_since FROM schema_step ORDER BY number DESC LIMIT 1";
    let last = conn.query_opt(sql, &[]).await.map_err(failed)?.map(|row| (row.get::<_, i32>(0), row.get::<_, i32>(1)));
    let newest = steps.last().map_or(0, |step| step.number);
    let number = last.map_or(0, |(number, _)| u32::try_from(number).unwrap_or(u32::MAX));
    if number > newest {
        let may_read = last.is_some_and(|(_, since)| u32::try_from(since).is_ok_and(|since| since <= newest));
        return if may_read { Ok(()) } else { Err(OpenStoreError::FromTheFuture) };
    }
    for step in steps.iter().filter(|step| step.number > number) {
        conn.batch_execute(step.sql).await.map_err(failed)?;
        let (number, since) = (i64::from(step.number), i64::from(step.readable_since));
        let sql = format!("INSERT INTO schema_step (number, readable_since) VALUES ({number}, {since})");
        conn.batch_execute(&sql).await.map_err(failed)?;
    }
    if number == 0 {
        // Feeds made anew are told from those that a lost database once handed out.
        let sql = "INSERT INTO meta (key, value) VALUES ('feed_epoch', $1)";
        conn.execute(sql, &[&feed_epoch.to_be_bytes().as_slice()]).await.map_err(failed)?;
    }
    Ok(())
}
