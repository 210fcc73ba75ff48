//! ⑨ to ⑪ on each engine: pushes made beforehand go through the whole of the server, then the record is drawn.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use field_client::sync::road::Parcel;
use rusqlite::Connection;
use shared_model::sync::message::Push;

use crate::clock::{timed, timed_waiting};
use crate::cpu::Cpu;
use crate::fleet::{Nation, Pushes, Scales, Team, carry};
use crate::table::Table;

/// People a laptop registers and vaccinates before it finds a line: as many as one push carries.
const PEOPLE: u32 = 250;
/// Pushes on their way at one time.
const AT_ONCE: usize = 8;

pub fn measure(table: &mut Table, laptops: u16, disk: &Path, postgres: Option<&str>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    let rows = 2 * u32::from(laptops) * PEOPLE;
    let bare = bare_rows(&folder.path().join("bare.db"), rows, 2 * PEOPLE)?;
    ingest(table, "SQLite", &nation, laptops, bare)?;
    drop(nation);
    let Some(server) = postgres else { return Ok(()) };
    let nation = Nation::on(&folder.path().join("nation-on-postgres"), Some(fresh_database(server, "server")?))?;
    let bare = nation.runtime.block_on(bare_rows_unnest(server, rows, 2 * PEOPLE))?;
    ingest(table, "PostgreSQL", &nation, laptops, bare)
}

/// A database of its own on the server.
pub fn fresh_database(server: &str, what: &str) -> anyhow::Result<String> {
    let name = format!("bench_{what}_{}", std::process::id());
    let (host, _) = server.rsplit_once('/').context("the URL names no database")?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        anyhow::Ok(())
    })?;
    Ok(format!("{host}/{name}"))
}

/// `bare` is rows a second of the same size written with no more than durability.
fn ingest(table: &mut Table, engine: &str, nation: &Nation, laptops: u16, bare: f64) -> anyhow::Result<()> {
    // Laptops are made where making them costs no disk.
    let shelf = tempfile::tempdir()?;
    let held = Pushes::default();
    for number in 0..laptops {
        let code = format!("FLEET-{number}");
        let mut team = Team::enrol(nation, &shelf.path().join(&code), &code, Scales::Hold(Arc::clone(&held)))?;
        for _ in 0..PEOPLE {
            team.vaccinate(u32::from(number) * 1_000 + 11)?;
        }
        team.sync()?;
    }
    let parcels = std::mem::take(&mut *held.lock().ok().context("a road broke")?);
    let doses = f64::from(u32::from(laptops) * PEOPLE);
    let carried: usize = parcels.iter().map(entries_in).sum::<anyhow::Result<usize>>()?;
    ensure!(carried == 2 * usize::from(laptops) * PEOPLE as usize, "the pushes carry {carried} statements");
    let bytes: usize = parcels.iter().map(|parcel| parcel.body.as_ref().map_or(0, Vec::len)).sum();

    let before = Cpu::now();
    let (time, sent) = timed(|| send(nation, parcels));
    sent?;
    let pushed = doses / time.as_secs_f64();
    let spent = Cpu::since(before);
    table.row(
        format!("⑨ stage 1 on {engine}: doses acknowledged durably, each with its registration, whole HTTP path"),
        format!("{pushed:.0} a second ({:.0} statements)", 2.0 * pushed),
        format!(
            "{:.0} % of bare rows, 500 a transaction: {bare:.0} a second; CPU a dose: {:.0} µs here, {:.0} µs in the database",
            200.0 * pushed / bare,
            spent.here / doses,
            spent.database / doses
        ),
    );
    table.row(
        "⑧ bytes on the wire for a registration and a dose",
        format!("{:.0}", f64::from(u32::try_from(bytes)?) / doses),
        format!("{laptops} laptops, {PEOPLE} people each"),
    );
    let before = Cpu::now();
    let (time, drawn) = timed(|| nation.runtime.block_on(nation.server.catch_up()));
    drawn?;
    let spent = Cpu::since(before);
    table.row(
        format!("⑩⑪ stage 2 on {engine}: drawn into the record, with conflicts and feeds"),
        format!(
            "{:.0} doses a second ({:.0} statements)",
            doses / time.as_secs_f64(),
            2.0 * doses / time.as_secs_f64()
        ),
        format!(
            "{:.0} % of the same bare rows; CPU a dose: {:.0} µs here, {:.0} µs in the database",
            200.0 * doses / time.as_secs_f64() / bare,
            spent.here / doses,
            spent.database / doses
        ),
    );
    Ok(())
}

/// Sends pushes that were made beforehand, some at a time.
pub fn send(nation: &Nation, parcels: Vec<Parcel>) -> anyhow::Result<()> {
    let router = nation.router();
    nation.runtime.block_on(async {
        let queue = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        let mut tasks = Vec::new();
        for parcel in parcels {
            let (router, queue) = (router.clone(), queue.clone());
            tasks.push(tokio::spawn(async move {
                let _turn = queue.acquire().await?;
                let reply = carry(router, &parcel).await?;
                ensure!(reply.status == 200, "refused with {}", reply.status);
                Ok(())
            }));
        }
        for task in tasks {
            task.await??;
        }
        anyhow::Ok(())
    })
}

fn entries_in(parcel: &Parcel) -> anyhow::Result<usize> {
    let body = zstd::decode_all(parcel.body.as_deref().unwrap_or_default())?;
    Ok(minicbor::decode::<Push>(&body)?.entries.len())
}

/// Rows of an envelope's size a second, written in transactions of a push's size and fsynced.
fn bare_rows(path: &Path, rows: u32, batch: u32) -> anyhow::Result<f64> {
    let conn = Connection::open(path)?;
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    conn.execute("PRAGMA synchronous = FULL", [])?;
    conn.execute("CREATE TABLE entry (device INT, seq INT, body BLOB, PRIMARY KEY (device, seq)) WITHOUT ROWID", [])?;
    let (time, done) = timed(|| -> anyhow::Result<()> {
        let mut insert = conn.prepare("INSERT INTO entry VALUES (?1, ?2, ?3)")?;
        for first in (0..rows).step_by(batch as usize) {
            conn.execute("BEGIN IMMEDIATE", [])?;
            for seq in first..(first + batch).min(rows) {
                insert.execute((first / batch, seq, [7_u8; 330]))?;
            }
            conn.execute("COMMIT", [])?;
        }
        Ok(())
    });
    done?;
    Ok(f64::from(rows) / time.as_secs_f64())
}

/// As [`bare_rows`], in PostgreSQL: one `INSERT … SELECT FROM unnest` a transaction.
async fn bare_rows_unnest(server: &str, rows: u32, batch: u32) -> anyhow::Result<f64> {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let table = "DROP TABLE IF EXISTS bare_entry;
                 CREATE TABLE bare_entry (device INTEGER, seq INTEGER, body BYTEA, PRIMARY KEY (device, seq))";
    client.batch_execute(table).await?;
    let sql = "INSERT INTO bare_entry SELECT * FROM unnest($1::int4[], $2::int4[], $3::bytea[])";
    let insert = client.prepare(sql).await?;
    let rows = i32::try_from(rows)?;
    let batch = i32::try_from(batch)?;
    let bodies = vec![vec![7_u8; 330]; usize::try_from(batch)?];
    let deed = async {
        for first in (0..rows).step_by(usize::try_from(batch)?) {
            let seqs: Vec<i32> = (first..(first + batch).min(rows)).collect();
            let devices = vec![first / batch; seqs.len()];
            client.execute(&insert, &[&devices, &seqs, &&bodies[..seqs.len()]]).await?;
        }
        anyhow::Ok(())
    };
    let (time, done) = timed_waiting(deed).await;
    done?;
    client.batch_execute("DROP TABLE bare_entry").await?;
    Ok(f64::from(rows) / time.as_secs_f64())
}
