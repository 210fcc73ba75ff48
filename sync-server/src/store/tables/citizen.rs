//! ⑩ The register of people, their doses and their identifiers, as last drawn.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::citizen::{Birth, BirthPrecision, Register};
use shared_model::conflict::Holder;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::{Dose, DoseState};
use shared_model::time::{Date, Moment};

use crate::intake::apply::{CitizenRow, IdentifierRow};
use crate::intake::raise::HOLDERS_MAX;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::value::{Insert, Row, Value, values};

/// What the fast road needs to know of a card.
pub(in crate::store) struct PlainCard {
    pub(in crate::store) born: Option<Date>,
    pub(in crate::store) doses_given: u32,
    pub(in crate::store) last_given_at: Option<Moment>,
}

/// Of these cards, those of which nothing but doses and registrations was ever said.
pub(in crate::store) async fn plain_cards(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
) -> Result<BTreeMap<CitizenId, PlainCard>, StoreError> {
    let sql = "SELECT card, birth_days, doses_given, last_given_at FROM citizen
               WHERE card IN rarray(?1) AND plain = 1";
    let found = conn
        .all(sql, vec![Value::blobs(cards.iter().map(|card| card.0))], |row| {
            let born = row.get::<Option<i32>>(1)?.map(Date::from_days);
            let last_given_at = row.get::<Option<i64>>(3)?.map(Moment);
            Ok((CitizenId(row.get(0)?), PlainCard { born, doses_given: row.get(2)?, last_given_at }))
        })
        .await?;
    Ok(found.into_iter().collect())
}

/// A line of the register with the areas it was settled to belong to.
pub(in crate::store) struct Line {
    pub(in crate::store) citizen: CitizenRow,
    pub(in crate::store) first_area: String,
    pub(in crate::store) home_area: String,
}

const LINES: Insert = Insert {
    table: "citizen",
    columns: &[
        ("card", "bytea"),
        ("person", "bytea"),
        ("name", "text"),
        ("name_key", "text"),
        ("birth_days", "int4"),
        ("birth_precision", "int2"),
        ("unit", "text"),
        ("first_area", "text"),
        ("home_area", "text"),
        ("doses_given", "int8"),
        ("last_given_at", "int8"),
        ("plain", "int2"),
    ],
    conflict: "ON CONFLICT (card) DO UPDATE SET person = excluded.person, name = excluded.name,
                   name_key = excluded.name_key, birth_days = excluded.birth_days,
                   birth_precision = excluded.birth_precision, unit = excluded.unit,
                   first_area = excluded.first_area, home_area = excluded.home_area,
                   doses_given = excluded.doses_given, last_given_at = excluded.last_given_at,
                   plain = excluded.plain",
};

pub(in crate::store) async fn put(conn: &Conn<'_>, lines: &[Line]) -> Result<(), StoreError> {
    let rows = lines.iter().map(|Line { citizen, first_area, home_area }| {
        values![
            citizen.card.0,
            citizen.person.0,
            &citizen.name,
            &citizen.name_key,
            citizen.birth.map(|birth| birth.date.days()),
            citizen.birth.map(|birth| precision_number(birth.precision)),
            &citizen.unit,
            first_area,
            home_area,
            citizen.doses_given,
            citizen.last_given_at.map(|at| at.0),
            citizen.plain
        ]
    });
    conn.insert(&LINES, rows.collect()).await
}

/// Further doses of plain cards, whose lines exist: how many in all, and when the last was given.
pub(in crate::store) async fn count_doses(
    conn: &Conn<'_>,
    counts: BTreeMap<CitizenId, PlainCard>,
) -> Result<(), StoreError> {
    if matches!(conn, Conn::Postgres(_)) {
        let sql = "UPDATE citizen SET doses_given = n.doses, last_given_at = n.last
                   FROM (SELECT unnest(?1::bytea[]) AS card, unnest(?2::int8[]) AS doses, unnest(?3::int8[]) AS last) n
                   WHERE citizen.card = n.card";
        let cards = Value::blobs(counts.keys().map(|card| card.0));
        let doses = Value::ints(counts.values().map(|card| i64::from(card.doses_given)));
        let last = Value::ints(counts.values().map(|card| card.last_given_at.unwrap_or_default().0));
        return conn.write(sql, vec![cards, doses, last]).await.map(drop);
    }
    for (card, line) in counts {
        let sql = "UPDATE citizen SET doses_given = ?2, last_given_at = ?3 WHERE card = ?1";
        conn.write(sql, values![card.0, line.doses_given, line.last_given_at.map(|at| at.0)]).await?;
    }
    Ok(())
}

const DOSES: Insert = Insert {
    table: "dose",
    columns: &[
        ("citizen", "bytea"),
        ("lseq", "int8"),
        ("statement", "bytea"),
        ("product", "text"),
        ("lot", "text"),
        ("number", "int4"),
        ("given_at", "int8"),
        ("site", "text"),
        ("state", "text"),
    ],
    conflict: "ON CONFLICT DO NOTHING",
};

/// Each with the number of the entry that brought it.
pub(in crate::store) async fn put_doses(conn: &Conn<'_>, doses: &[(i64, &Dose)]) -> Result<(), StoreError> {
    let rows = doses.iter().map(|(lseq, dose)| {
        let state = match dose.state {
            DoseState::Given => "given",
            DoseState::Withdrawn => "withdrawn",
            DoseState::EchoOf(_) => "echo",
        };
        values![
            dose.citizen.0,
            *lseq,
            dose.statement.0,
            dose.product.as_str(),
            dose.lot.as_str(),
            dose.number,
            dose.given_at.0,
            &dose.site,
            state
        ]
    });
    conn.insert(&DOSES, rows.collect()).await
}

/// Takes away what was drawn of these cards, before it is drawn anew.
pub(in crate::store) async fn clear(conn: &Conn<'_>, cards: &BTreeSet<CitizenId>) -> Result<(), StoreError> {
    if cards.is_empty() {
        return Ok(());
    }
    let list = || vec![Value::blobs(cards.iter().map(|card| card.0))];
    conn.write("DELETE FROM dose WHERE citizen IN rarray(?1)", list()).await?;
    conn.write("DELETE FROM identifier WHERE card IN rarray(?1)", list()).await.map(drop)
}

const IDENTIFIERS: Insert = Insert {
    table: "identifier",
    columns: &[("register", "int4"), ("value", "text"), ("card", "bytea"), ("statement", "bytea")],
    conflict: "ON CONFLICT DO NOTHING",
};

pub(in crate::store) async fn put_identifiers(
    conn: &Conn<'_>,
    all: &BTreeSet<IdentifierRow>,
) -> Result<(), StoreError> {
    let rows = all.iter().map(|row| values![row.register.number(), &row.value, row.card.0, row.statement.0]);
    conn.insert(&IDENTIFIERS, rows.collect()).await
}

/// What somebody claims: a register and a value in it.
pub(in crate::store) type Claim = (u16, String);

const HOLDER: &str = "i.card, i.statement, coalesce(c.name_key, ''), c.birth_days, c.birth_precision";

fn read_holder(row: &mut Row, register: u16) -> Result<Holder, StoreError> {
    Ok(Holder {
        card: CitizenId(row.get(0)?),
        statement: StatementId(row.get(1)?),
        register: Register::from_number(register),
        name_key: row.get(2)?,
        birth: read_birth(row, 3, 4)?,
    })
}

/// Of these claims, those that were made more than once. Most people have their numbers for themselves.
async fn repeated(conn: &Conn<'_>, claims: &BTreeSet<Claim>) -> Result<BTreeSet<Claim>, StoreError> {
    let mut by_register: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for (register, value) in claims {
        by_register.entry(*register).or_default().push(value);
    }
    // The second row is enough: of a crowd no more is read.
    let sql = "SELECT asked.value FROM rarray(?2) AS asked
               WHERE (SELECT 1 FROM identifier i WHERE i.register = ?1 AND i.value = asked.value
                      ORDER BY i.card, i.statement LIMIT 1 OFFSET 1) IS NOT NULL";
    let mut repeated = BTreeSet::new();
    for (register, values) in by_register {
        let params = vec![register.into(), Value::texts(values)];
        let found = conn.all(sql, params, |row| Ok((register, row.get(0)?))).await?;
        repeated.extend(found);
    }
    Ok(repeated)
}

/// All who claim an identifier that others claim too, or the first of a crowd of them.
pub(in crate::store) async fn holders_of(
    conn: &Conn<'_>,
    claims: &BTreeSet<Claim>,
) -> Result<BTreeMap<Claim, Vec<Holder>>, StoreError> {
    let claims = &repeated(conn, claims).await?;
    if claims.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut found: BTreeMap<Claim, Vec<Holder>> = BTreeMap::new();
    if matches!(conn, Conn::Postgres(_)) {
        let sql = format!(
            "SELECT h.*, n.register, n.value
             FROM (SELECT unnest(?1::int4[]) AS register, unnest(?2::text[]) AS value) n,
             LATERAL (SELECT {HOLDER} FROM identifier i LEFT JOIN citizen c ON c.card = i.card
                      WHERE i.register = n.register AND i.value = n.value
                      ORDER BY i.card, i.statement LIMIT ?3) h"
        );
        let registers = Value::ints(claims.iter().map(|(register, _)| i64::from(*register)));
        let params = vec![registers, Value::texts(claims.iter().map(|(_, value)| value.as_str())), CROWD.into()];
        let rows = conn.all(&sql, params, |row| {
            let register = row.get(5)?;
            Ok(((register, row.get(6)?), read_holder(row, register)?))
        });
        for (claim, holder) in rows.await? {
            found.entry(claim).or_default().push(holder);
        }
        // The order inside LATERAL is not promised to come through.
        found.values_mut().for_each(|crowd| crowd.sort_by_key(|holder| (holder.card, holder.statement)));
        return Ok(found);
    }
    let sql = format!(
        "SELECT {HOLDER} FROM identifier i LEFT JOIN citizen c ON c.card = i.card
         WHERE i.register = ?1 AND i.value = ?2 ORDER BY i.card, i.statement LIMIT ?3"
    );
    for claim in claims {
        let params = values![claim.0, &claim.1, CROWD];
        found.insert(claim.clone(), conn.all(&sql, params, |row| read_holder(row, claim.0)).await?);
    }
    Ok(found)
}

/// Those who are compared, and as many cards as one person may hold.
const CROWD: usize = HOLDERS_MAX + super::statement::LINKED_CARDS_MAX;

/// For every identifier of these cards that others claim too, all who claim it, or the first of a crowd.
pub(in crate::store) async fn holders(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
) -> Result<Vec<Vec<Holder>>, StoreError> {
    let sql = "SELECT DISTINCT register, value FROM identifier WHERE card IN rarray(?1)";
    let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
    let claims = conn.all(sql, params, |row| Ok((row.get(0)?, row.get(1)?))).await?;
    Ok(holders_of(conn, &claims.into_iter().collect()).await?.into_values().collect())
}

pub(in crate::store) async fn names(
    conn: &Conn<'_>,
    cards: &BTreeSet<CitizenId>,
) -> Result<BTreeMap<CitizenId, String>, StoreError> {
    let sql = "SELECT card, name FROM citizen WHERE card IN rarray(?1)";
    let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
    Ok(conn.all(sql, params, |row| Ok((CitizenId(row.get(0)?), row.get(1)?))).await?.into_iter().collect())
}

fn read_birth(row: &mut Row, days: usize, precision: usize) -> Result<Option<Birth>, StoreError> {
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
pub(in crate::store) async fn forget(conn: &Conn<'_>) -> Result<(), StoreError> {
    for table in ["citizen", "dose", "identifier"] {
        conn.write(&format!("DELETE FROM {table}"), Vec::new()).await?;
    }
    Ok(())
}
