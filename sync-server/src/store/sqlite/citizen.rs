//! ⑩ The register of people, their doses and their identifiers, as last drawn.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params};
use shared_model::citizen::{Birth, BirthPrecision, Register};
use shared_model::conflict::Holder;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::{Dose, DoseState};
use shared_model::time::{Date, Moment};

use super::device;
use super::sql::{all, one, write};
use crate::intake::apply::{CitizenRow, IdentifierRow};
use crate::intake::raise::HOLDERS_MAX;
use crate::store::StoreError;

/// What the fast road needs to know of a card.
pub(super) struct PlainCard {
    pub(super) plain: bool,
    pub(super) born: Option<Date>,
}

pub(super) fn plain_card(conn: &Connection, card: CitizenId) -> Result<Option<PlainCard>, StoreError> {
    let sql = "SELECT plain, birth_days FROM citizen WHERE card = ?1";
    one(conn, sql, [card.0], |row| {
        Ok(PlainCard { plain: row.get(0)?, born: row.get::<_, Option<i32>>(1)?.map(Date::from_days) })
    })
}

/// Writes a line of the register and tells where its card is at home.
pub(super) fn put(conn: &Connection, citizen: &CitizenRow) -> Result<String, StoreError> {
    let first_area = match citizen.first_device {
        Some(device) => device::area_of(conn, device)?,
        None => String::new(),
    };
    let has_home = !citizen.unit.is_empty() && device::is_area(conn, &citizen.unit)?;
    let home_area = if has_home { citizen.unit.clone() } else { first_area.clone() };
    let sql = "INSERT OR REPLACE INTO citizen (card, person, name, name_key, birth_days, birth_precision, unit,
                   first_area, home_area, doses_given, last_given_at, plain)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    write(
        conn,
        sql,
        params![
            citizen.card.0,
            citizen.person.0,
            citizen.name,
            citizen.name_key,
            citizen.birth.map(|birth| birth.date.days()),
            citizen.birth.map(|birth| precision_number(birth.precision)),
            citizen.unit,
            first_area,
            home_area,
            citizen.doses_given,
            citizen.last_given_at.map(|at| at.0),
            citizen.plain
        ],
    )?;
    Ok(home_area)
}

/// A further dose of a plain card; its line exists.
pub(super) fn count_dose(conn: &Connection, card: CitizenId, given_at: Moment) -> Result<(), StoreError> {
    let sql = "UPDATE citizen SET doses_given = doses_given + 1,
                   last_given_at = max(coalesce(last_given_at, ?2), ?2) WHERE card = ?1";
    write(conn, sql, params![card.0, given_at.0]).map(drop)
}

pub(super) fn put_dose(conn: &Connection, lseq: i64, dose: &Dose) -> Result<(), StoreError> {
    let sql = "INSERT INTO dose (citizen, lseq, statement, product, lot, number, given_at, site, state)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    let state = match dose.state {
        DoseState::Given => "given",
        DoseState::Withdrawn => "withdrawn",
        DoseState::EchoOf(_) => "echo",
    };
    write(
        conn,
        sql,
        params![
            dose.citizen.0,
            lseq,
            dose.statement.0,
            dose.product.as_str(),
            dose.lot.as_str(),
            dose.number,
            dose.given_at.0,
            dose.site,
            state
        ],
    )
    .map(drop)
}

/// Takes away what was drawn of these cards, before it is drawn anew.
pub(super) fn clear(conn: &Connection, cards: &BTreeSet<CitizenId>) -> Result<(), StoreError> {
    for card in cards {
        write(conn, "DELETE FROM dose WHERE citizen = ?1", [card.0])?;
        write(conn, "DELETE FROM identifier WHERE card = ?1", [card.0])?;
    }
    Ok(())
}

pub(super) fn put_identifier(conn: &Connection, row: &IdentifierRow) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO identifier (register, value, card, statement) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    write(conn, sql, params![row.register.number(), row.value, row.card.0, row.statement.0]).map(drop)
}

/// For every identifier of these cards, all who claim it.
pub(super) fn holders(conn: &Connection, cards: &BTreeSet<CitizenId>) -> Result<Vec<Vec<Holder>>, StoreError> {
    let mut identifiers = BTreeSet::new();
    for card in cards {
        let sql = "SELECT register, value FROM identifier WHERE card = ?1";
        identifiers.extend(all(conn, sql, [card.0], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, String>(1)?)))?);
    }
    let mut crowds = Vec::with_capacity(identifiers.len());
    for (register, value) in identifiers {
        let sql = "SELECT i.card, i.statement, coalesce(c.name_key, ''), c.birth_days, c.birth_precision
                   FROM identifier i LEFT JOIN citizen c ON c.card = i.card
                   WHERE i.register = ?1 AND i.value = ?2 ORDER BY i.card, i.statement LIMIT ?3";
        let max = i64::try_from(HOLDERS_MAX + cards.len()).unwrap_or(i64::MAX);
        crowds.push(all(conn, sql, params![register, value, max], |row| {
            Ok(Holder {
                card: CitizenId(row.get(0)?),
                statement: StatementId(row.get(1)?),
                register: Register::from_number(register),
                name_key: row.get(2)?,
                birth: read_birth(row, 3, 4)?,
            })
        })?);
    }
    Ok(crowds)
}

pub(super) fn names(conn: &Connection, cards: &BTreeSet<CitizenId>) -> Result<BTreeMap<CitizenId, String>, StoreError> {
    let mut names = BTreeMap::new();
    for card in cards {
        let name = one(conn, "SELECT name FROM citizen WHERE card = ?1", [card.0], |row| Ok(row.get(0)?))?;
        names.extend(name.map(|name| (*card, name)));
    }
    Ok(names)
}

fn read_birth(row: &Row<'_>, days: usize, precision: usize) -> Result<Option<Birth>, StoreError> {
    let days: Option<i32> = row.get(days)?;
    let precision: Option<u8> = row.get(precision)?;
    Ok(days.zip(precision).map(|(days, precision)| Birth {
        date: Date::from_days(days),
        precision: PRECISIONS.get(usize::from(precision)).copied().unwrap_or(BirthPrecision::Estimated),
    }))
}

const PRECISIONS: [BirthPrecision; 4] =
    [BirthPrecision::Day, BirthPrecision::Month, BirthPrecision::Year, BirthPrecision::Estimated];

fn precision_number(precision: BirthPrecision) -> u8 {
    match precision {
        BirthPrecision::Day => 0,
        BirthPrecision::Month => 1,
        BirthPrecision::Year => 2,
        BirthPrecision::Estimated => 3,
    }
}

/// What a rebuild begins with.
pub(super) fn forget(conn: &Connection) -> Result<(), StoreError> {
    for table in ["citizen", "dose", "identifier"] {
        write(conn, &format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}
