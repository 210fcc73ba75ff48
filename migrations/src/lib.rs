//! The shape of tables, in order, per dialect. A crate of text: no input, no output, no SQL library.
//!
//! Same number, same name, in every dialect that has the table. A file that has been shipped never
//! changes. Expand first, contract a release later.

/// One step from a shape of tables to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// 1, 2, 3 … without holes; kept in the database as `user_version`.
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
    /// The oldest number whose code may still open a database that has taken this step.
    pub readable_since: u32,
}

/// A laptop's database (SQLite under SQLCipher).
pub const DEVICE_SQLITE: &[Migration] = &[
    Migration { number: 1, name: "envelopes", sql: include_str!("../device/0001_envelopes.sql"), readable_since: 1 },
    Migration { number: 2, name: "derived", sql: include_str!("../device/0002_derived.sql"), readable_since: 2 },
    Migration {
        number: 3,
        name: "withdrawals",
        sql: include_str!("../device/0003_withdrawals.sql"),
        readable_since: 3,
    },
    Migration { number: 4, name: "hubs", sql: include_str!("../device/0004_hubs.sql"), readable_since: 4 },
    Migration { number: 5, name: "sticks", sql: include_str!("../device/0005_sticks.sql"), readable_since: 5 },
    Migration { number: 6, name: "visitors", sql: include_str!("../device/0006_visitors.sql"), readable_since: 6 },
];

/// The national server's database, or a hub's, on SQLite.
pub const SERVER_SQLITE: &[Migration] = &[
    Migration {
        number: 1,
        name: "envelopes",
        sql: include_str!("../server/sqlite/0001_envelopes.sql"),
        readable_since: 1,
    },
    Migration { number: 2, name: "devices", sql: include_str!("../server/sqlite/0002_devices.sql"), readable_since: 2 },
    Migration { number: 3, name: "record", sql: include_str!("../server/sqlite/0003_record.sql"), readable_since: 3 },
    Migration { number: 4, name: "feeds", sql: include_str!("../server/sqlite/0004_feeds.sql"), readable_since: 4 },
    Migration {
        number: 5,
        name: "stale_devices",
        sql: include_str!("../server/sqlite/0005_stale_devices.sql"),
        readable_since: 5,
    },
    Migration { number: 6, name: "hubs", sql: include_str!("../server/sqlite/0006_hubs.sql"), readable_since: 6 },
    Migration { number: 7, name: "sticks", sql: include_str!("../server/sqlite/0007_sticks.sql"), readable_since: 7 },
    Migration { number: 8, name: "prior", sql: include_str!("../server/sqlite/0008_prior.sql"), readable_since: 8 },
    Migration {
        number: 9,
        name: "arrivals",
        sql: include_str!("../server/sqlite/0009_arrivals.sql"),
        readable_since: 9,
    },
    Migration {
        number: 10,
        name: "segments",
        sql: include_str!("../server/sqlite/0010_segments.sql"),
        readable_since: 9,
    },
];

/// The national server's database on PostgreSQL.
pub const SERVER_POSTGRES: &[Migration] = &[
    Migration {
        number: 1,
        name: "envelopes",
        sql: include_str!("../server/postgres/0001_envelopes.sql"),
        readable_since: 1,
    },
    Migration {
        number: 2,
        name: "devices",
        sql: include_str!("../server/postgres/0002_devices.sql"),
        readable_since: 2,
    },
    Migration { number: 3, name: "record", sql: include_str!("../server/postgres/0003_record.sql"), readable_since: 3 },
    Migration { number: 4, name: "feeds", sql: include_str!("../server/postgres/0004_feeds.sql"), readable_since: 4 },
    Migration {
        number: 5,
        name: "stale_devices",
        sql: include_str!("../server/postgres/0005_stale_devices.sql"),
        readable_since: 5,
    },
    Migration { number: 6, name: "hubs", sql: include_str!("../server/postgres/0006_hubs.sql"), readable_since: 6 },
    Migration { number: 7, name: "sticks", sql: include_str!("../server/postgres/0007_sticks.sql"), readable_since: 7 },
    Migration { number: 8, name: "prior", sql: include_str!("../server/postgres/0008_prior.sql"), readable_since: 8 },
    Migration {
        number: 9,
        name: "arrivals",
        sql: include_str!("../server/postgres/0009_arrivals.sql"),
        readable_since: 9,
    },
    Migration {
        number: 10,
        name: "segments",
        sql: include_str!("../server/postgres/0010_segments.sql"),
        readable_since: 9,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_holes_and_nobody_is_shut_out_before_his_time() {
        for list in [DEVICE_SQLITE, SERVER_SQLITE, SERVER_POSTGRES] {
            for (migration, number) in list.iter().zip(1..) {
                assert_eq!(migration.number, number, "{}", migration.name);
                assert!(migration.readable_since <= number && !migration.sql.trim().is_empty());
            }
        }
    }
}
