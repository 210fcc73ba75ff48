//! Protocol bundles as the campaign signed them.

use rusqlite::Connection;
use shared_model::certificate::Signed;
use shared_model::ids::RulesId;

use super::StoreError;

pub fn put(conn: &Connection, id: RulesId, signed: &Signed) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(signed, &mut bytes);
    conn.execute("INSERT INTO rules (rules, signed) VALUES (?1, ?2) ON CONFLICT DO NOTHING", (id.as_bytes(), bytes))?;
    Ok(())
}

pub fn all(conn: &Connection) -> Result<Vec<Signed>, StoreError> {
    let mut statement = conn.prepare("SELECT signed FROM rules ORDER BY rules")?;
    let mut rows = statement.query([])?;
    let mut bundles = Vec::new();
    while let Some(row) = rows.next()? {
        let signed = minicbor::decode(row.get_ref(0)?.as_blob().unwrap_or_default());
        bundles.push(signed.map_err(|_| StoreError::Nonsense { table: "rules" })?);
    }
    Ok(bundles)
}
