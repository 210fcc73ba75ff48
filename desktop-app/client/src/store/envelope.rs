//! Envelopes as they came, and which cards they concern.

use rusqlite::{Connection, OptionalExtension};
use shared_model::envelope::{Envelope, Said};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::statement::kind;

use super::{StoreError, bytes, int};

/// Keeps an envelope; keeping it again changes nothing. Tells whether it is new here.
pub fn keep(
    conn: &Connection,
    statement: StatementId,
    envelope: &Envelope,
    said: Option<&Said>,
    from_nation: bool,
    quarantine: Option<&str>,
) -> Result<bool, StoreError> {
    let header = said.map(|said| &said.header);
    let nothing = [0_u8; 16];
    let rows = conn
        .prepare_cached(
            "INSERT INTO envelope (statement, kind, subject_tag, subject, author, device, hlc, header, body, from_nation, quarantine)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (statement) DO NOTHING",
        )?
        .execute((
            statement.as_bytes(),
            header.map_or(0, |header| header.kind),
            header.map_or(0, |header| header.subject.tag()),
            header.map_or(&nothing[..], |header| &header.subject.bytes()[..]),
            header.map_or(&nothing[..], |header| header.author.as_bytes()),
            header.map_or(&nothing[..], |header| header.device.as_bytes()),
            header.map_or(0, |header| int(header.hlc.0)),
            &envelope.header,
            &envelope.body,
            from_nation,
            quarantine,
        ))?;
    if rows == 0 && from_nation {
        conn.prepare_cached("UPDATE envelope SET from_nation = 1 WHERE statement = ?1 AND from_nation = 0")?
            .execute([statement.as_bytes()])?;
    }
    Ok(rows > 0)
}

/// Notes that a statement enters a card's record. Tells whether it had not entered it before.
pub fn concern(conn: &Connection, citizen: CitizenId, statement: StatementId) -> Result<bool, StoreError> {
    let rows = conn
        .prepare_cached("INSERT INTO concern (citizen, statement) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((citizen.as_bytes(), statement.as_bytes()))?;
    Ok(rows > 0)
}

/// The cards whose records a statement enters.
pub fn concerned_by(conn: &Connection, statement: StatementId) -> Result<Vec<CitizenId>, StoreError> {
    let mut cards = conn.prepare_cached("SELECT citizen FROM concern WHERE statement = ?1")?;
    let mut rows = cards.query([statement.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "concern")?));
    }
    Ok(found)
}

/// Notes that a statement was taken back, known here or not.
pub fn withdraw(conn: &Connection, target: StatementId, withdrawal: StatementId) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO withdrawal (target, statement) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((target.as_bytes(), withdrawal.as_bytes()))?;
    Ok(())
}

/// What took a statement back.
pub fn withdrawals_of(conn: &Connection, target: StatementId) -> Result<Vec<StatementId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT statement FROM withdrawal WHERE target = ?1")?;
    let mut rows = statement.query([target.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(StatementId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "withdrawal")?));
    }
    Ok(found)
}

pub fn get(conn: &Connection, statement: StatementId) -> Result<Option<Envelope>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT header, body FROM envelope WHERE statement = ?1")?
        .query_row([statement.as_bytes()], |row| Ok(Envelope { header: row.get(0)?, body: row.get(1)? }))
        .optional()?)
}

/// Everything believed about these cards, opened.
pub fn said_about(conn: &Connection, citizens: &[CitizenId]) -> Result<Vec<Said>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT envelope.header, envelope.body FROM concern JOIN envelope USING (statement)
         WHERE concern.citizen = ?1 AND envelope.quarantine IS NULL",
    )?;
    let mut said = Vec::new();
    for citizen in citizens {
        let mut rows = statement.query([citizen.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let envelope = Envelope { header: row.get(0)?, body: row.get(1)? };
            // It was opened when it was kept; an erased body alone can stop it from opening now.
            said.extend(envelope.open().ok());
        }
    }
    Ok(said)
}

/// The card whose own story a statement tells: its registration, an edit or a dose of its holder. A settlement, or what
/// takes one back, may come with somebody else's story and only name the card.
pub fn told_by(said: &Said) -> Option<CitizenId> {
    let own = [kind::CITIZEN_EDITED, kind::DOSE_GIVEN, kind::DOSE_AMENDED];
    said.header.subject.citizen().filter(|_| own.contains(&said.header.kind))
}

/// Whether something of a card's own story came down the feed: then the whole of it does. A visitor's was fetched once.
pub fn came_down_about(conn: &Connection, citizen: CitizenId) -> Result<bool, StoreError> {
    // The kinds that `told_by` names; 1 is a subject that is a citizen.
    let sql = "SELECT 1 FROM concern JOIN envelope USING (statement)
               WHERE concern.citizen = ?1 AND envelope.from_nation = 1
               AND envelope.subject_tag = 1 AND envelope.subject = ?1 AND envelope.kind IN (?2, ?3, ?4)
               AND NOT EXISTS (SELECT 1 FROM visitor WHERE visitor.citizen = concern.citizen) LIMIT 1";
    let own = (citizen.as_bytes(), kind::CITIZEN_EDITED, kind::DOSE_GIVEN, kind::DOSE_AMENDED);
    Ok(conn.prepare_cached(sql)?.exists(own)?)
}

/// Whether the nation said every word about a card, and none is this laptop's own.
pub fn all_are_the_nations(conn: &Connection, citizen: CitizenId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM concern JOIN envelope USING (statement) WHERE concern.citizen = ?1
               AND (envelope.from_nation = 0 OR EXISTS (SELECT 1 FROM log WHERE log.statement = envelope.statement))
               LIMIT 1";
    Ok(!conn.prepare_cached(sql)?.exists([citizen.as_bytes()])?)
}

/// Removes what is said of a card and of nobody else who is known here. What is said of somebody else too, a settlement
/// about both, goes on entering the card: no feed tells it again when its holder comes to stay.
pub fn forget_about(conn: &Connection, citizen: CitizenId) -> Result<(), StoreError> {
    let of_it_alone = "SELECT statement FROM concern AS one WHERE one.citizen = ?1
        AND NOT EXISTS (SELECT 1 FROM concern AS o JOIN citizen USING (citizen)
                        WHERE o.statement = one.statement AND o.citizen <> ?1)";
    for sql in [
        format!("DELETE FROM withdrawal WHERE statement IN ({of_it_alone})"),
        format!("DELETE FROM envelope WHERE statement IN ({of_it_alone})"),
        format!("DELETE FROM concern WHERE statement IN ({of_it_alone})"),
    ] {
        conn.execute(&sql, [citizen.as_bytes()])?;
    }
    Ok(())
}

/// Everything believed, opened, whether or not it is noted anywhere whom it concerns.
pub fn all_said(conn: &Connection) -> Result<Vec<Said>, StoreError> {
    let mut statement = conn.prepare("SELECT header, body FROM envelope WHERE quarantine IS NULL")?;
    let mut rows = statement.query([])?;
    let mut said = Vec::new();
    while let Some(row) = rows.next()? {
        said.extend(Envelope { header: row.get(0)?, body: row.get(1)? }.open().ok());
    }
    Ok(said)
}

/// Every card any statement concerns, for drawing everything again.
pub fn all_citizens(conn: &Connection) -> Result<Vec<CitizenId>, StoreError> {
    let mut statement = conn.prepare("SELECT DISTINCT citizen FROM concern")?;
    let mut rows = statement.query([])?;
    let mut citizens = Vec::new();
    while let Some(row) = rows.next()? {
        citizens.push(CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "concern")?));
    }
    Ok(citizens)
}

/// Whether the nation is known to hold a statement because it came down a feed.
pub fn came_from_nation(conn: &Connection, statement: StatementId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT from_nation FROM envelope WHERE statement = ?1")?
        .query_row([statement.as_bytes()], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}
