//! What is in the tables and how it gets there: one file a noun, each a handful of questions and writes, to be asked
//! inside a transaction of whichever engine.

pub(super) mod arrival;
mod branch;
pub(super) mod case;
pub(super) mod citizen;
pub(super) mod device;
pub(super) mod feed;
pub(super) mod hub;
pub(super) mod log;
pub(super) mod meta;
pub(super) mod overview;
pub(super) mod prior;
pub(super) mod quarantine;
pub(super) mod segment;
pub(super) mod staff;
pub(super) mod standing;
pub(super) mod statement;
pub(super) mod stick;

#[cfg(test)]
pub(super) async fn dump(conn: &super::conn::Conn<'_>) -> Result<Vec<String>, super::StoreError> {
    let mut lines = Vec::new();
    let tables = [
        "statement",
        "said",
        "withdrawal",
        "link",
        "citizen",
        "dose",
        "identifier",
        "case_file",
        "case_citizen",
        "feed",
        "feed_entry",
        "citizen_feed",
        "undrawn",
    ];
    for table in tables {
        let sql = format!("SELECT * FROM {table}");
        lines.extend(conn.all(&sql, Vec::new(), |row| Ok(format!("{table} {:?}", row.cells()))).await?);
    }
    lines.sort();
    Ok(lines)
}
