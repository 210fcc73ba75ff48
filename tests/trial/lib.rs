//! The same tests for both engines: where `SO_TIEM_TEST_POSTGRES` names a PostgreSQL server that may be played with
//! (`tests/postgres.sh` starts one), every data directory has a database of its own there; otherwise a file.

#![expect(clippy::panic, reason = "a test's country falls down where it stands")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

/// A dump that a directory's database begins with.
const DUMP: &str = "database.sql";

fn server() -> Option<String> {
    std::env::var("SO_TIEM_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

fn name_of(data: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    format!("t_{:016x}", hasher.finish())
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let ran = Command::new(program).args(arguments).output().map_err(|wrong| format!("{program}: {wrong}"))?;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    if ran.status.success() { Ok(String::from_utf8_lossy(&ran.stdout).into_owned()) } else { Err(said) }
}

/// The URL of a directory's database, made if there is none yet; nothing where files are to be used.
pub fn database_of(data: &Path) -> Option<String> {
    let server = server()?;
    let name = name_of(data);
    let url = match server.rsplit_once('/') {
        Some((host, _)) => format!("{host}/{name}"),
        None => panic!("SO_TIEM_TEST_POSTGRES names no database: {server}"),
    };
    let psql = |url: &str, rest: &[&str]| {
        run("psql", &[&["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url], rest].concat())
    };
    match psql(&server, &["--command", &format!("CREATE DATABASE {name} TEMPLATE template0")]) {
        Ok(_) => {
            let dump = data.join(DUMP);
            if dump.exists()
                && let Err(wrong) = psql(&url, &["--file", &dump.display().to_string()])
            {
                panic!("the copy can't be read back: {wrong}");
            }
        }
        Err(wrong) if wrong.contains("already exists") => {}
        Err(wrong) => panic!("no database: {wrong}"),
    }
    Some(url)
}

/// Lays a copy of a directory's database, if it has one, into another directory.
pub fn back_up(data: &Path, copy: &Path) {
    let Some(url) = database_of(data) else { return };
    let file = copy.join(DUMP).display().to_string();
    if let Err(wrong) = run("pg_dump", &["--no-owner", "--file", &file, &url]) {
        panic!("no copy: {wrong}");
    }
}
