//! ⑪ ⑫ Cases: what is raised, what was answered, what is raised no longer.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::ids::{CaseId, CitizenId, DeviceId, StatementId};
use shared_model::record::Case;
use shared_model::time::Moment;
use shared_model::view::{CaseStatus, case_status};

use super::sql::{all, count, one, small, write};
use super::statement;
use crate::store::StoreError;
use crate::store::rows::{CasePage, CaseQuery, CaseRow};

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

fn read_case(row: &Row<'_>) -> Result<CaseRow, StoreError> {
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
        status: status_of(&row.get::<_, String>(2)?)?,
        device: row.get::<_, Option<[u8; 16]>>(6)?.map(DeviceId),
        settlement: row.get::<_, Option<[u8; 32]>>(7)?.map(StatementId),
        raised_at: Moment(row.get(8)?),
    })
}

pub(super) fn case(conn: &Connection, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
    one(conn, &format!("SELECT {COLUMNS} FROM case_file WHERE case_id = ?1"), [id.0], read_case)
}

/// Enters the cases of a person as they stand now; what was raised of these cards before and is
/// not among them any more is gone.
pub(super) fn put_all(
    conn: &Connection,
    cards: &BTreeSet<CitizenId>,
    cases: &[Case],
    received: &BTreeMap<StatementId, Moment>,
) -> Result<(), StoreError> {
    let mut before = BTreeSet::new();
    for card in cards {
        let sql = "SELECT case_id FROM case_citizen WHERE citizen = ?1";
        before.extend(all(conn, sql, [card.0], |row| Ok(CaseId(row.get(0)?)))?);
    }
    for case in cases {
        before.remove(&case.conflict.id);
        put(conn, case, None, received)?;
    }
    for gone in before {
        go(conn, gone)?;
    }
    Ok(())
}

/// As `put_all`, for the cases of a device.
pub(super) fn put_device(conn: &Connection, device: DeviceId, cases: &[Case]) -> Result<(), StoreError> {
    for case in cases {
        put(conn, case, Some(device), &BTreeMap::new())?;
    }
    Ok(())
}

pub(super) fn put(
    conn: &Connection,
    case: &Case,
    device: Option<DeviceId>,
    received: &BTreeMap<StatementId, Moment>,
) -> Result<(), StoreError> {
    let Conflict { id, kind, involved, citizens, key } = &case.conflict;
    let mut raised_at = Moment(0);
    for statement in involved {
        let at = match received.get(statement) {
            Some(at) => Some(*at),
            None => statement::received_at(conn, *statement)?,
        };
        raised_at = raised_at.max(at.unwrap_or_default());
    }
    let sql = "INSERT INTO case_file (case_id, kind, status, key, involved, citizens, device, settlement, raised_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, settlement = excluded.settlement,
                   raised_at = excluded.raised_at";
    let ends: Vec<u8> = involved.iter().flat_map(|id| id.0).collect();
    let cards: Vec<u8> = citizens.iter().flat_map(|id| id.0).collect();
    write(
        conn,
        sql,
        params![
            id.0,
            kind.number(),
            status_code(case_status(case.state)),
            key,
            ends,
            cards,
            device.map(|device| device.0),
            case.settlement.map(|settlement| settlement.0),
            raised_at.0
        ],
    )?;
    for citizen in citizens {
        let sql = "INSERT INTO case_citizen (citizen, case_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        write(conn, sql, params![citizen.0, id.0])?;
    }
    Ok(())
}

fn go(conn: &Connection, id: CaseId) -> Result<(), StoreError> {
    let sql = "UPDATE case_file SET status = 'gone', settlement = NULL WHERE case_id = ?1 AND status <> 'gone'";
    write(conn, sql, [id.0]).map(drop)
}

/// Newest first, so that `after` never skips one.
pub(super) fn list(conn: &Connection, query: &CaseQuery) -> Result<CasePage, StoreError> {
    let (before, before_id) = query.after.map_or((i64::MAX, CaseId([0xff; 32])), |(at, id)| (at.0, id));
    let sql = format!(
        "SELECT {COLUMNS} FROM case_file
         WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR kind = ?2) AND (raised_at, case_id) < (?3, ?4)
         ORDER BY raised_at DESC, case_id DESC LIMIT ?5"
    );
    let status = query.status.map(status_code);
    let kind = query.kind.map(ConflictKind::number);
    let max = i64::try_from(query.max).unwrap_or(i64::MAX);
    let cases = all(conn, &sql, params![status, kind, before, before_id.0, max], read_case)?;
    let of = |status| count(conn, "SELECT count(*) FROM case_file WHERE status = ?1", [status_code(status)]).map(small);
    Ok(CasePage {
        cases,
        open: of(CaseStatus::Open)?,
        sent_back: of(CaseStatus::SentBack)?,
        settled: of(CaseStatus::Settled)?,
    })
}

/// What a rebuild begins with. Cases that are gone have left no trace but their row, so it stays.
pub(super) fn forget(conn: &Connection) -> Result<(), StoreError> {
    write(
        conn,
        "DELETE FROM case_citizen WHERE case_id IN (SELECT case_id FROM case_file WHERE status <> 'gone')",
        [],
    )?;
    write(conn, "DELETE FROM case_file WHERE status <> 'gone'", []).map(drop)
}
