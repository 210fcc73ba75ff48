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

/// The steps of a dialect, each in a file of its number and name.
macro_rules! steps {
    ($folder:literal: $($number:literal $file:literal $name:literal, readable since $since:literal;)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../", $folder, "/", $file, "_", $name, ".sql")),
            readable_since: $since,
        }),*]
    };
}

/// A laptop's database (SQLite under SQLCipher).
pub const DEVICE_SQLITE: &[Migration] = steps! { "device":
    1 "0001" "envelopes", readable since 1;
    2 "0002" "derived", readable since 2;
    3 "0003" "withdrawals", readable since 3;
    4 "0004" "hubs", readable since 4;
    5 "0005" "sticks", readable since 5;
    6 "0006" "visitors", readable since 6;
};

/// The national server's database, or a hub's, on SQLite.
pub const SERVER_SQLITE: &[Migration] = steps! { "server/sqlite":
    1 "0001" "envelopes", readable since 1;
    2 "0002" "devices", readable since 2;
    3 "0003" "record", readable since 3;
    4 "0004" "feeds", readable since 4;
    5 "0005" "stale_devices", readable since 5;
    6 "0006" "hubs", readable since 6;
    7 "0007" "sticks", readable since 7;
    8 "0008" "prior", readable since 8;
    9 "0009" "arrivals", readable since 9;
    10 "0010" "segments", readable since 9;
};

/// The national server's database on PostgreSQL.
pub const SERVER_POSTGRES: &[Migration] = steps! { "server/postgres":
    1 "0001" "envelopes", readable since 1;
    2 "0002" "devices", readable since 2;
    3 "0003" "record", readable since 3;
    4 "0004" "feeds", readable since 4;
    5 "0005" "stale_devices", readable since 5;
    6 "0006" "hubs", readable since 6;
    7 "0007" "sticks", readable since 7;
    8 "0008" "prior", readable since 8;
    9 "0009" "arrivals", readable since 9;
    10 "0010" "segments", readable since 9;
};

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
