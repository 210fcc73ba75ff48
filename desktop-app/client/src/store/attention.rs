//! Entries somebody kept and did not believe.

use rusqlite::Connection;

use super::StoreError;

pub struct Attention {
    pub position: String,
    pub code: String,
    pub from_here: bool,
}

pub fn put(conn: &Connection, position: &str, code: &str, from_here: bool) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO attention (position, code, from_here) VALUES (?1, ?2, ?3)
         ON CONFLICT (position) DO UPDATE SET code = excluded.code",
        (position, code, from_here),
    )?;
    Ok(())
}

pub fn all(conn: &Connection) -> Result<Vec<Attention>, StoreError> {
    let mut statement = conn.prepare("SELECT position, code, from_here FROM attention ORDER BY position LIMIT 200")?;
    let rows = statement
        .query_map([], |row| Ok(Attention { position: row.get(0)?, code: row.get(1)?, from_here: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
