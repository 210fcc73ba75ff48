//! ⑪ ⑫ Cases: what is raised, what was answered, what is raised no longer.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::ids::{CaseId, CitizenId, DeviceId, StatementId};
use shared_model::record::Case;
use shared_model::time::Moment;
use shared_model::view::{CaseStatus, case_status};

use super::statement;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::rows::{CasePage, CaseQuery, CaseRow};
use crate::store::value::{Insert, Row, Value, small, values};

fn status_code(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Open => "open",
        CaseStatus::SentBack => "sent_back",
        CaseStatus::Settled => "settled",
        CaseStatus::Gone => "gone",
    }
}

fn status_of(code: &str) -> Result<CaseStatus, StoreError> {
    [CaseStatus::Open, CaseStatus::SentBack, CaseStatus::Settled, CaseStatus::Gone]
        .into_iter()
        .find(|status| status_code(*status) == code)
        .ok_or(StoreError::BadRow)
}

const COLUMNS: &str = "case_id, kind, status, key, involved, citizens, device, settlement, raised_at";

fn read_case(row: &mut Row) -> Result<CaseRow, StoreError> {
    let involved: Vec<u8> = row.get(4)?;
    let citizens: Vec<u8> = row.get(5)?;
    let conflict = Conflict {
        id: CaseId(row.get(0)?),
        kind: ConflictKind::from_number(row.get(1)?),
        involved: involved.chunks(StatementId::BYTES).filter_map(StatementId::from_slice).collect(),
        citizens: citizens.chunks(CitizenId::BYTES).filter_map(CitizenId::from_slice).collect(),
        key: row.get(3)?,
    };
    Ok(CaseRow {
        conflict,
        status: status_of(&row.get::<String>(2)?)?,
        device: row.get::<Option<[u8; 16]>>(6)?.map(DeviceId),
        settlement: row.get::<Option<[u8; 32]>>(7)?.map(StatementId),
        raised_at: Moment(row.get(8)?),
    })
}

pub(in crate::store) async fn case(conn: &Conn<'_>, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
    conn.one(&format!("SELECT {COLUMNS} FROM case_file WHERE case_id = ?1"), values![id.0], read_case).await
}

/// What is raised now, and when the statements in it were first held here, as far as that is known.
#[derive(Default)]
pub(in crate::store) struct Raised {
    pub(in crate::store) cases: Vec<Case>,
    /// The device a case is about.
    pub(in crate::store) device: Option<DeviceId>,
    pub(in crate::store) received: BTreeMap<StatementId, Moment>,
}

/// Enters cases. Those that were raised of these cards before and are not among them any more are gone.
pub(in crate::store) async fn put_all(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
    raised: &Raised,
) -> Result<(), StoreError> {
    if cards.is_empty() {
        return put(conn, raised).await;
    }
    let sql = "SELECT DISTINCT case_id FROM case_citizen WHERE citizen IN rarray(?1)";
    let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
    let before = conn.all(sql, params, |row| Ok(CaseId(row.get(0)?))).await?;
    put(conn, raised).await?;
    let now: BTreeSet<CaseId> = raised.cases.iter().map(|case| case.conflict.id).collect();
    let gone: Vec<CaseId> = before.into_iter().filter(|id| !now.contains(id)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let gone = Value::blobs(gone.into_iter().map(|id| id.0));
    let sql = "UPDATE case_file SET status = 'gone', settlement = NULL
               WHERE case_id IN rarray(?1) AND status <> 'gone'";
    conn.write(sql, vec![gone]).await.map(drop)
}

const CASES: Insert = Insert {
    table: "case_file",
    columns: &[
        ("case_id", "bytea"),
        ("kind", "int4"),
        ("status", "text"),
        ("key", "text"),
        ("involved", "bytea"),
        ("citizens", "bytea"),
        ("device", "bytea"),
        ("settlement", "bytea"),
        ("raised_at", "int8"),
    ],
    conflict: "ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, settlement = excluded.settlement,
                   raised_at = excluded.raised_at",
};

const CITIZENS: Insert = Insert {
    table: "case_citizen",
    columns: &[("citizen", "bytea"), ("case_id", "bytea")],
    conflict: "ON CONFLICT DO NOTHING",
};

pub(in crate::store) async fn put(conn: &Conn<'_>, raised: &Raised) -> Result<(), StoreError> {
    if raised.cases.is_empty() {
        return Ok(());
    }
    let unknown = raised.cases.iter().flat_map(|case| &case.conflict.involved);
    let unknown: Vec<StatementId> = unknown.filter(|id| !raised.received.contains_key(id)).copied().collect();
    let elsewhere = statement::received_at(conn, &unknown).await?;
    let received = |id| raised.received.get(id).or_else(|| elsewhere.get(id)).copied().unwrap_or_default();
    // The same conflict may be raised from each of its cards; it is one row.
    let mut rows = BTreeMap::new();
    let mut citizens_of = BTreeSet::new();
    for case in &raised.cases {
        let Conflict { id, kind, involved, citizens, key } = &case.conflict;
        let ends: Vec<u8> = involved.iter().flat_map(|id| id.0).collect();
        let cards: Vec<u8> = citizens.iter().flat_map(|id| id.0).collect();
        let raised_at = involved.iter().map(received).max().unwrap_or_default();
        let row = values![
            id.0,
            kind.number(),
            status_code(case_status(case.state)),
            key.clone(),
            ends,
            cards,
            raised.device.map(|device| device.0),
            case.settlement.map(|settlement| settlement.0),
            raised_at.0
        ];
        rows.insert(*id, row);
        citizens_of.extend(citizens.iter().map(|citizen| (*citizen, *id)));
    }
    conn.insert(&CASES, rows.into_values().collect()).await?;
    let rows = citizens_of.into_iter().map(|(citizen, id)| values![citizen.0, id.0]).collect();
    conn.insert(&CITIZENS, rows).await
}

/// Newest first, so that `after` never skips one.
pub(in crate::store) async fn list(conn: &Conn<'_>, query: &CaseQuery) -> Result<CasePage, StoreError> {
    let (before, before_id) = query.after.map_or((i64::MAX, CaseId([0xff; 32])), |(at, id)| (at.0, id));
    let sql = format!(
        "SELECT {COLUMNS} FROM case_file
         WHERE (CAST(?1 AS TEXT) IS NULL OR status = ?1) AND (CAST(?2 AS BIGINT) IS NULL OR kind = ?2) AND (raised_at, case_id) < (?3, ?4)
         ORDER BY raised_at DESC, case_id DESC LIMIT ?5"
    );
    let status = query.status.map(status_code);
    let kind = query.kind.map(ConflictKind::number);
    let cases = conn.all(&sql, values![status, kind, before, before_id.0, query.max], read_case).await?;
    let sql = "SELECT status, count(*) FROM case_file WHERE status <> 'gone' GROUP BY status";
    let counts = conn.all(sql, Vec::new(), |row| Ok((row.get::<String>(0)?, row.get::<u64>(1)?))).await?;
    let of = |status| {
        let found = counts.iter().find(|(code, _)| code == status_code(status));
        small(found.map_or(0, |(_, count)| *count))
    };
    Ok(CasePage {
        cases,
        open: of(CaseStatus::Open),
        sent_back: of(CaseStatus::SentBack),
        settled: of(CaseStatus::Settled),
    })
}

/// What a rebuild begins with. Cases that are gone have left no trace but their row, so it stays.
pub(in crate::store) async fn forget(conn: &Conn<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM case_citizen WHERE case_id IN (SELECT case_id FROM case_file WHERE status <> 'gone')";
    conn.write(sql, Vec::new()).await?;
    conn.write("DELETE FROM case_file WHERE status <> 'gone'", Vec::new()).await.map(drop)
}
