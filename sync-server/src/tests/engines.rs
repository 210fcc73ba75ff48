//! Two engines, one story: the tables have the same shape, and the second one is believed only with its safeties on.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_model::rules::Rulebook;
use tempfile::TempDir;

use crate::store::{OpenStoreError, Store, StoreError};

/// Columns by table, by name alone: the types are each engine's own.
type Shape = BTreeMap<String, Vec<String>>;

fn shape_of_file(directory: &TempDir) -> Shape {
    let conn = rusqlite::Connection::open(directory.path().join("national.db")).unwrap();
    let sql = "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
               ORDER BY t.name, c.cid";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    gather(rows.map(Result::unwrap))
}

fn gather(columns: impl Iterator<Item = (String, String)>) -> Shape {
    let mut shape = Shape::new();
    for (table, column) in columns {
        shape.entry(table).or_default().push(column);
    }
    shape
}

#[tokio::test]
async fn both_engines_have_the_same_tables_with_the_same_columns() {
    let directory = TempDir::new().unwrap();
    let Some(url) = trial::database_of(directory.path()) else { return };
    let rules = || Arc::new(Rulebook::default());
    drop(Store::in_file(&directory.path().join("national.db"), rules(), 1).await.unwrap());
    drop(Store::at(&url, rules(), 1).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT table_name::text, column_name::text FROM information_schema.columns
               WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    let rows = client.query(sql, &[]).await.unwrap();
    let mut here = gather(rows.iter().map(|row| (row.get(0), row.get(1))));
    // What the file keeps as its `user_version`.
    here.remove("schema_step").unwrap();
    assert_eq!(here, shape_of_file(&directory));
}

#[tokio::test]
async fn a_database_that_does_not_wait_for_its_disk_is_refused() {
    let directory = TempDir::new().unwrap();
    let Some(url) = trial::database_of(directory.path()) else { return };
    let careless = format!("{url}?options=-c%20full_page_writes%3Doff");
    let refused = Store::at(&careless, Arc::new(Rulebook::default()), 1).await;
    // Only a superuser may set it for a session, and then it is seen; anybody else is refused by the database.
    assert!(matches!(refused, Err(OpenStoreError::Settings | OpenStoreError::Store(_))));
    // What a session can loosen is fastened again.
    let loosened = format!("{url}?options=-c%20synchronous_commit%3Doff");
    Store::at(&loosened, Arc::new(Rulebook::default()), 1).await.unwrap();
}

#[tokio::test]
async fn an_address_nobody_answers_at_is_unavailable_and_one_that_cannot_be_read_is_said_so() {
    let nobody = Store::at("postgresql://nobody@127.0.0.1:1/none", Arc::new(Rulebook::default()), 1).await;
    assert!(matches!(nobody, Err(OpenStoreError::Store(StoreError::Unavailable(_)))));
    let unreadable = Store::at("postgresql//?!", Arc::new(Rulebook::default()), 1).await;
    assert!(matches!(unreadable, Err(OpenStoreError::Address)));
}

#[tokio::test]
async fn tables_of_a_later_version_are_left_alone() {
    let directory = TempDir::new().unwrap();
    let Some(url) = trial::database_of(directory.path()) else { return };
    drop(Store::at(&url, Arc::new(Rulebook::default()), 1).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("INSERT INTO schema_step VALUES (99, 99)").await.unwrap();
    let refused = Store::at(&url, Arc::new(Rulebook::default()), 1).await;
    assert!(matches!(refused, Err(OpenStoreError::FromTheFuture)));
}
