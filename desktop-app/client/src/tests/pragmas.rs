use rusqlite::Connection;
use rusqlite::types::Value;

use super::bench::Bench;

fn read(conn: &Connection, pragma: &str) -> String {
    match conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap() {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => panic!("{pragma}: {other:?}"),
    }
}

#[test]
fn the_open_store_runs_with_the_settings_that_durability_and_secrecy_rest_on() {
    let bench = Bench::enrolled(15);
    bench.registers_khai();
    bench.sql(|conn| {
        for (pragma, wanted) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("temp_store", "2"),
            ("trusted_schema", "0"),
            ("busy_timeout", "5000"),
            ("query_only", "0"),
            ("cipher_page_size", "4096"),
            ("cipher_use_hmac", "1"),
            ("cipher_plaintext_header_size", "0"),
            ("cipher_hmac_algorithm", "HMAC_SHA512"),
        ] {
            assert_eq!(read(conn, pragma), wanted, "{pragma}");
        }
        assert!(read(conn, "cipher_version").starts_with('4'), "this SQLite does not encrypt");
        let newest = migrations::DEVICE_SQLITE.last().unwrap().number;
        assert_eq!(read(conn, "user_version"), newest.to_string());
        assert_eq!(read(conn, "integrity_check"), "ok");
        let bad_pages =
            conn.prepare("PRAGMA cipher_integrity_check").unwrap().query([]).unwrap().next().unwrap().is_some();
        assert!(!bad_pages);
    });
}
