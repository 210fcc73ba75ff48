//! Cards of the register as derived rows: lines for lists, words and identifiers for finding them, joins between them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use shared_model::citizen::Register;
use shared_model::ids::{CitizenId, StatementId};

use super::{StoreError, bytes};

/// A card's line as JSON of a `CitizenLine`.
pub fn line(conn: &Connection, citizen: CitizenId) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT line FROM citizen WHERE citizen = ?1")?
        .query_row([citizen.as_bytes()], |row| row.get(0))
        .optional()?)
}

pub fn put_line(conn: &Connection, citizen: CitizenId, line: &str, root: &[u8]) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO citizen (citizen, line, root) VALUES (?1, ?2, ?3)
         ON CONFLICT (citizen) DO UPDATE SET line = excluded.line, root = excluded.root",
    )?
    .execute((citizen.as_bytes(), line, root))?;
    Ok(())
}

pub fn count(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM citizen", [], |row| row.get(0))?)
}

/// Replaces what a card can be found by.
pub fn put_words(conn: &Connection, citizen: CitizenId, words: &BTreeSet<&str>) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM citizen_word WHERE citizen = ?1")?.execute([citizen.as_bytes()])?;
    let mut insert = conn.prepare_cached("INSERT INTO citizen_word (word, citizen) VALUES (?1, ?2)")?;
    for word in words {
        insert.execute((word, citizen.as_bytes()))?;
    }
    Ok(())
}

/// Cards whose name has a word beginning with each of these, at most `limit` of them.
pub fn with_words(conn: &Connection, words: &[&str], limit: usize) -> Result<Vec<CitizenId>, StoreError> {
    // The longest word is the rarest guess; the others narrow down what it finds.
    let Some(longest) = words.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
    let mut sql = String::from("SELECT DISTINCT citizen FROM citizen_word AS w WHERE word >= ?1 AND word < ?2");
    let mut params: Vec<String> = vec![(*longest).to_owned(), after(longest)];
    for word in words.iter().filter(|word| *word != longest) {
        let at = params.len() + 1;
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM citizen_word AS o WHERE o.citizen = w.citizen AND o.word >= ?{at} AND o.word < ?{})",
            at + 1
        ));
        params.extend([(*word).to_owned(), after(word)]);
    }
    sql.push_str(&format!(" LIMIT {limit}"));
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut citizens = Vec::new();
    while let Some(row) = rows.next()? {
        citizens.push(CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "citizen_word")?));
    }
    Ok(citizens)
}

/// The first text after every text that begins with `prefix`.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// Replaces the identifiers that stand on a card.
pub fn put_identifiers(
    conn: &Connection,
    citizen: CitizenId,
    identifiers: &[(Register, String, StatementId)],
) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM identifier WHERE citizen = ?1")?.execute([citizen.as_bytes()])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO identifier (register, value, citizen, statement) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (register, value, statement) in identifiers {
        insert.execute((register.number(), value, citizen.as_bytes(), statement.as_bytes()))?;
    }
    Ok(())
}

/// Cards with this identifier, and the statements that gave it to them.
pub fn holders(
    conn: &Connection,
    register: Register,
    value: &str,
) -> Result<Vec<(CitizenId, StatementId)>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT citizen, statement FROM identifier WHERE register = ?1 AND value = ?2 LIMIT 50")?;
    let mut rows = statement.query((register.number(), value))?;
    let mut holders = Vec::new();
    while let Some(row) = rows.next()? {
        holders.push((
            CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "identifier")?),
            StatementId(bytes(row.get_ref(1)?.as_blob().unwrap_or_default(), "identifier")?),
        ));
    }
    Ok(holders)
}

pub fn join(conn: &Connection, one: CitizenId, other: CitizenId) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT INTO joined (one, other) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    insert.execute((one.as_bytes(), other.as_bytes()))?;
    insert.execute((other.as_bytes(), one.as_bytes()))?;
    Ok(())
}

/// All cards that any chain of joins, standing or not, connects with this one.
pub fn ever_joined(conn: &Connection, citizen: CitizenId) -> Result<Vec<CitizenId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT other FROM joined WHERE one = ?1")?;
    let mut found = BTreeSet::from([citizen]);
    let mut frontier = vec![citizen];
    while let Some(one) = frontier.pop() {
        let mut rows = statement.query([one.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let other = CitizenId(bytes(row.get_ref(0)?.as_blob().unwrap_or_default(), "joined")?);
            if found.insert(other) {
                frontier.push(other);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Removes the line of one card, and what its holder can be found by.
pub fn erase(conn: &Connection, citizen: CitizenId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM citizen WHERE citizen = ?1",
        "DELETE FROM citizen_word WHERE citizen = ?1",
        "DELETE FROM identifier WHERE citizen = ?1",
    ] {
        conn.prepare_cached(sql)?.execute([citizen.as_bytes()])?;
    }
    Ok(())
}

/// Removes what is derived of one card.
pub fn forget(conn: &Connection, citizen: CitizenId) -> Result<(), StoreError> {
    erase(conn, citizen)?;
    conn.execute("DELETE FROM joined WHERE one = ?1 OR other = ?1", [citizen.as_bytes()])?;
    Ok(())
}

/// Empties everything derived; envelopes and the log stay.
pub fn empty_derived(conn: &Connection) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM citizen",
        "DELETE FROM citizen_word",
        "DELETE FROM identifier",
        "DELETE FROM joined",
        "DELETE FROM dose",
    ] {
        conn.execute(sql, [])?;
    }
    Ok(())
}
