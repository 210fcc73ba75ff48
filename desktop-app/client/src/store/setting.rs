//! Single values by name.

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;

pub fn get(conn: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(conn.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()?)
}

pub fn put(conn: &Connection, name: &str, value: &[u8]) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )?;
    Ok(())
}

pub fn remove(conn: &Connection, name: &str) -> Result<(), StoreError> {
    conn.execute("DELETE FROM setting WHERE name = ?1", [name])?;
    Ok(())
}

/// A value kept as CBOR; nothing where it is missing or of another form.
pub fn get_cbor<T: for<'b> minicbor::Decode<'b, ()>>(conn: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    Ok(get(conn, name)?.and_then(|bytes| minicbor::decode(&bytes).ok()))
}

pub fn put_cbor<T: minicbor::Encode<()>>(conn: &Connection, name: &str, value: &T) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    put(conn, name, &bytes)
}
