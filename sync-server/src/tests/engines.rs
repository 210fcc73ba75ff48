//! Two engines, one story: the tables have the same shape, and the second one is believed only with its safeties on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared_model::rules::Rulebook;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_postgres::{Client, NoTls};

use super::laptop::{Laptop, citizen};
use super::nation::{Nation, store_of};
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

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The control: a number drawn before its commit is seen after a later one, and a reader has gone by.
#[tokio::test]
async fn a_cursor_over_numbers_of_a_sequence_loses_what_a_slow_writer_brings() {
    let directory = TempDir::new().unwrap();
    let Some(url) = trial::database_of(directory.path()) else { return };
    let (mut slow, mut quick, reader) = (client(&url).await, client(&url).await, client(&url).await);
    reader.batch_execute("CREATE TABLE naive (seq BIGSERIAL PRIMARY KEY, what TEXT NOT NULL)").await.unwrap();
    let insert = "INSERT INTO naive (what) VALUES ($1)";
    let slowly = slow.transaction().await.unwrap();
    slowly.execute(insert, &[&"slow"]).await.unwrap();
    let quickly = quick.transaction().await.unwrap();
    quickly.execute(insert, &[&"quick"]).await.unwrap();
    quickly.commit().await.unwrap();
    let after = "SELECT seq, what FROM naive WHERE seq > $1 ORDER BY seq";
    let read = reader.query(after, &[&0_i64]).await.unwrap();
    let cursor: i64 = read[0].get(0);
    slowly.commit().await.unwrap();
    let late = reader.query(after, &[&cursor]).await.unwrap();
    let all = reader.query(after, &[&0_i64]).await.unwrap();
    assert_eq!((read.len(), late.len(), all.len()), (1, 0, 2), "if nothing is lost, the test beside it proves nothing");
}

/// Two servers share the tables; one of them is slow to commit what it numbered. Whoever reads meanwhile, and goes on
/// from where he stood, has read everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_of_a_feed_misses_nothing_of_a_slow_writer() {
    let nation = Nation::found().await;
    if trial::database_of(nation.directory.path()).is_none() {
        // A file has one writer, and no commit overtakes another.
        return;
    }
    let (mut alley, mut tower) =
        (Laptop::enrolled(&nation, 1, "26734").await, Laptop::enrolled(&nation, 2, "26734").await);
    let other = Arc::new(store_of(&nation.directory, Rulebook::default()).await.unwrap());
    alley.register(nation.now(), citizen(1), "Lê Thị Ba", "079190000001");
    alley.push(&nation, 1).await.unwrap();
    let (go_on, until) = oneshot::channel();
    let store = Arc::clone(nation.server.store());
    let slow = tokio::spawn(async move { store.project_slowly(until).await });
    tower.register(nation.now(), citizen(2), "Lê Thị Tư", "079190000002");
    tower.push(&nation, 1).await.unwrap();
    let quick = tokio::spawn(async move { other.project(100).await });
    // Long enough for the quick one to overtake, if anything lets it.
    let _ = tokio::time::timeout(Duration::from_millis(500), async {
        while !quick.is_finished() {
            tokio::task::yield_now().await
        }
    })
    .await;
    let mut read = read_on(&nation, 0).await;
    go_on.send(()).unwrap();
    slow.await.unwrap().unwrap();
    quick.await.unwrap().unwrap();
    nation.server.catch_up().await.unwrap();
    read.extend(read_on(&nation, read.len() as u64).await);
    let whole = read_on(&nation, 0).await;
    assert_eq!(whole.len(), 2);
    assert_eq!(read, whole, "read in two goes and in one");
}

async fn read_on(nation: &Nation, after: u64) -> Vec<Vec<u8>> {
    let page = nation.server.store().feed_page("26734".to_owned(), after, 100).await.unwrap();
    page.envelopes.into_iter().map(|envelope| envelope.header).collect()
}
