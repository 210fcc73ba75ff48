//! Filters of prior doses: those that were handed out, and who belongs into the next one.

use std::collections::BTreeSet;

use shared_model::ids::{CitizenId, PriorId};
use shared_model::time::Moment;

use super::meta;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{PriorRow, PriorStanding, Taker};
use crate::store::value::{Insert, Row, Value, values};

/// Cards asked for at one time.
const CARDS_MAX: usize = 10_000;
/// Places of the log looked through at one time.
const PLACES_MAX: u64 = 10_000;

const COLUMNS: &str = "prior, number, base, built_at, after_lseq, to_lseq, citizens, bytes, salt, manifest";

fn read_filter(row: &mut Row) -> Result<PriorRow, StoreError> {
    let manifest: Vec<u8> = row.get(9)?;
    Ok(PriorRow {
        id: PriorId(row.get(0)?),
        number: row.get(1)?,
        base: row.get::<Option<[u8; 32]>>(2)?.map(PriorId),
        built_at: Moment(row.get(3)?),
        after_lseq: row.get(4)?,
        to_lseq: row.get(5)?,
        citizens: row.get(6)?,
        bytes: row.get(7)?,
        salt: row.get(8)?,
        manifest: minicbor::decode(&manifest).map_err(|_| StoreError::BadRow)?,
        files: Vec::new(),
    })
}

/// The newest base and the deltas on it, and what the next filter would be built from.
pub(in crate::store) async fn standing(conn: &Conn<'_>) -> Result<PriorStanding, StoreError> {
    let newest = format!("SELECT {COLUMNS} FROM prior_filter WHERE base IS NULL ORDER BY number DESC LIMIT 1");
    let base = conn.one(&newest, Vec::new(), read_filter).await?;
    let mut deltas = Vec::new();
    if let Some(base) = &base {
        let on = format!("SELECT {COLUMNS} FROM prior_filter WHERE base = ?1 ORDER BY number");
        deltas = conn.all(&on, values![base.id.0], read_filter).await?;
    }
    let mut current: Vec<PriorRow> = base.into_iter().chain(deltas).collect();
    for filter in &mut current {
        let sql = "SELECT sha256 FROM prior_file WHERE prior = ?1 ORDER BY segment";
        filter.files = conn.all(sql, values![filter.id.0], |row| row.get(0)).await?;
    }
    let drawn = conn.exists("SELECT 1 FROM citizen WHERE doses_given > 0 LIMIT 1", Vec::new()).await?;
    Ok(PriorStanding {
        number_last: conn.count("SELECT max(number) FROM prior_filter", Vec::new()).await?,
        current,
        projected_to: projected_to(conn).await?,
        wants_base: meta::number(conn, meta::PRIOR_WANTS_BASE).await?.unwrap_or(0) != 0,
        someone_is_held: drawn || conn.exists("SELECT 1 FROM undrawn LIMIT 1", Vec::new()).await?,
    })
}

async fn projected_to(conn: &Conn<'_>) -> Result<u64, StoreError> {
    let place = meta::number(conn, meta::PROJECTED_TO).await?.unwrap_or(0);
    u64::try_from(place).map_err(|_| StoreError::BadRow)
}

/// Tells everybody with a dose, card by card, as of one moment; a card may come twice, and then the greater number counts.
/// With `after`, only those of whom something was said after that place, and whoever is the same person as one of them.
/// Tells up to which place that is the whole truth.
pub(in crate::store) async fn citizens<T: Taker>(
    conn: &Conn<'_>,
    after: Option<u64>,
    mut taker: T,
) -> Result<(T, u64), StoreError> {
    let to = projected_to(conn).await?;
    match after {
        None => everybody(conn, &mut taker).await?,
        Some(after) => touched(conn, after, to, &mut taker).await?,
    }
    Ok((taker, to))
}

async fn everybody<T: Taker>(conn: &Conn<'_>, taker: &mut T) -> Result<(), StoreError> {
    let held = conn.count("SELECT count(*) FROM citizen WHERE doses_given > 0", Vec::new()).await?;
    taker.expect(held + conn.count("SELECT count(*) FROM undrawn", Vec::new()).await?);
    for sql in [
        "SELECT card, doses_given FROM citizen WHERE card > ?1 AND doses_given > 0 ORDER BY card LIMIT ?2",
        "SELECT card, doses FROM undrawn WHERE card > ?1 ORDER BY card LIMIT ?2",
    ] {
        let mut last: Vec<u8> = Vec::new();
        loop {
            let page = conn.all(sql, values![last, CARDS_MAX], read_count).await?;
            let Some((card, _)) = page.last() else { break };
            last = card.as_bytes().to_vec();
            page.into_iter().for_each(|(card, doses)| taker.take(card, doses));
        }
    }
    Ok(())
}

fn read_count(row: &mut Row) -> Result<(CitizenId, u32), StoreError> {
    Ok((CitizenId(row.get(0)?), row.get(1)?))
}

async fn touched<T: Taker>(conn: &Conn<'_>, after: u64, to: u64, taker: &mut T) -> Result<(), StoreError> {
    let sql = "SELECT count(DISTINCT citizen) FROM said WHERE lseq > ?1 AND lseq <= ?2";
    taker.expect(conn.count(sql, values![after, to]).await?);
    let mut from = after;
    while from < to {
        let until = to.min(from.saturating_add(PLACES_MAX));
        let sql = "SELECT DISTINCT citizen FROM said WHERE lseq > ?1 AND lseq <= ?2";
        let cards = conn.all(sql, values![from, until], |row| row.get::<[u8; 16]>(0)).await?;
        of_cards(conn, &cards, taker).await?;
        from = until;
    }
    Ok(())
}

/// These cards, and all cards of whoever holds them: a fresh link tells each of them the doses of the others.
async fn of_cards<T: Taker>(conn: &Conn<'_>, cards: &[[u8; 16]], taker: &mut T) -> Result<(), StoreError> {
    let list = || vec![Value::blobs(cards.iter().copied())];
    let sql = "SELECT card, doses FROM undrawn WHERE card IN rarray(?1)";
    let mut counts = conn.all(sql, list(), read_count).await?;
    let mut persons = BTreeSet::new();
    let sql = "SELECT card, doses_given, person FROM citizen WHERE card IN rarray(?1)";
    counts.extend(
        conn.all(sql, list(), |row| {
            persons.insert(row.get::<[u8; 16]>(2)?);
            read_count(row)
        })
        .await?,
    );
    for sql in [
        "SELECT card, doses_given FROM citizen WHERE card IN rarray(?1)",
        "SELECT card, doses_given FROM citizen WHERE person IN rarray(?1) AND person <> card",
    ] {
        counts.extend(conn.all(sql, vec![Value::blobs(persons.iter().copied())], read_count).await?);
    }
    counts.into_iter().filter(|(_, doses)| *doses > 0).for_each(|(card, doses)| taker.take(card, doses));
    Ok(())
}

const FILES: Insert = Insert {
    table: "prior_file",
    columns: &[("prior", "bytea"), ("segment", "int4"), ("sha256", "bytea")],
    conflict: "",
};

/// Long enough for the slowest line to finish the filter it began.
const OLD_MS: i64 = 3 * shared_model::time::MS_PER_DAY;

/// Remembers a filter whose files are in place, and forgets those that a base has long stood in for. Tells which files
/// nobody will ask for any more.
pub(in crate::store) async fn add(conn: &Conn<'_>, filter: &PriorRow) -> Result<Vec<[u8; 32]>, StoreError> {
    let manifest = minicbor::to_vec(&filter.manifest).map_err(|_| StoreError::BadRow)?;
    let sql = "INSERT INTO prior_filter
               (prior, number, base, built_at, after_lseq, to_lseq, citizens, bytes, salt, manifest)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let row = values![
        filter.id.0,
        filter.number,
        filter.base.map(|base| base.0),
        filter.built_at.0,
        filter.after_lseq,
        filter.to_lseq,
        filter.citizens,
        filter.bytes,
        filter.salt,
        manifest
    ];
    conn.write(sql, row).await?;
    let files = filter.files.iter().zip(0_u16..).map(|(sha256, segment)| values![filter.id.0, segment, *sha256]);
    conn.insert(&FILES, files.collect()).await?;
    if filter.base.is_none() {
        meta::put_number(conn, meta::PRIOR_WANTS_BASE, 0).await?;
    }
    forget_old(conn, filter.built_at).await
}

async fn forget_old(conn: &Conn<'_>, now: Moment) -> Result<Vec<[u8; 32]>, StoreError> {
    // Of the bases that had time to reach everybody, all before the newest are done with, and so is what stands on them.
    let settled = "SELECT max(number) FROM prior_filter WHERE base IS NULL AND built_at <= ?1";
    let settled = conn.count(settled, values![now.plus_ms(-OLD_MS).0]).await?;
    let old = "SELECT prior FROM prior_filter WHERE number < ?1";
    let old = conn.all(old, values![settled], |row| row.get::<[u8; 32]>(0)).await?;
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let list = || vec![Value::blobs(old.iter().copied())];
    let theirs = "SELECT DISTINCT sha256 FROM prior_file WHERE prior IN rarray(?1)";
    let theirs = conn.all(theirs, list(), |row| row.get::<[u8; 32]>(0)).await?;
    conn.write("DELETE FROM prior_file WHERE prior IN rarray(?1)", list()).await?;
    conn.write("DELETE FROM prior_filter WHERE prior IN rarray(?1)", list()).await?;
    // Two filters may have an empty segment in common.
    let params = vec![Value::blobs(theirs.iter().copied())];
    let kept = "SELECT DISTINCT sha256 FROM prior_file WHERE sha256 IN rarray(?1)";
    let kept: BTreeSet<[u8; 32]> = conn.all(kept, params, |row| row.get(0)).await?.into_iter().collect();
    Ok(theirs.into_iter().filter(|file| !kept.contains(file)).collect())
}

pub(in crate::store) async fn has_file(conn: &Conn<'_>, sha256: [u8; 32]) -> Result<bool, StoreError> {
    conn.exists("SELECT 1 FROM prior_file WHERE sha256 = ?1", values![sha256]).await
}

/// Of all cards whose turn it was and that may be noted, those that could not be drawn, each with the doses ever said of it.
pub(in crate::store) async fn note_undrawn(
    conn: &Conn<'_>,
    known: &BTreeSet<CitizenId>,
    undrawn: &[(CitizenId, u32)],
) -> Result<(), StoreError> {
    if !known.is_empty() {
        let cards = Value::blobs(known.iter().map(|card| card.0));
        conn.write("DELETE FROM undrawn WHERE card IN rarray(?1)", vec![cards]).await?;
    }
    let rows = undrawn.iter().map(|(card, doses)| values![card.0, *doses]);
    conn.insert(&UNDRAWN, rows.collect()).await
}

const UNDRAWN: Insert =
    Insert { table: "undrawn", columns: &[("card", "bytea"), ("doses", "int8")], conflict: "ON CONFLICT DO NOTHING" };

/// Everything is drawn again, maybe otherwise: what stands in the next filter is not told by what is said from now on.
pub(in crate::store) async fn forget(conn: &Conn<'_>) -> Result<(), StoreError> {
    conn.write("DELETE FROM undrawn", Vec::new()).await?;
    meta::put_number(conn, meta::PRIOR_WANTS_BASE, 1).await
}
