use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use world::PIN;
use world::deeds::{Deeds, Stopped};
use world::headless::Headless;
use world::program::{ServerProgram, beside, found};

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().unwrap().success(), "openssl {arguments}");
}

/// An authority of our own and a server's certificate under it.
fn certificates(folder: &Path) {
    std::fs::write(folder.join("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n").unwrap();
    openssl(folder, "req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority");
    openssl(folder, "req -newkey ed25519 -nodes -keyout server.key -out server.csr -subj /CN=localhost");
    openssl(
        folder,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 1 -days 2 -extfile ext -out server.pem",
    );
}

fn laptop(folder: &Path, trusts: Option<&Path>) -> Headless {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headless"));
    command.env("SO_TIEM_DATA", folder);
    if let Some(authority) = trusts {
        command.env("SSL_CERT_FILE", authority);
    }
    Headless::start(command).unwrap()
}

#[test]
fn a_laptop_believes_the_server_it_was_told_to_trust_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let data = folder.path().join("server");
    found(&data, &["CODE-ALLEY"]).unwrap();
    let mut command = Command::new(beside("sync-server").unwrap());
    command.env("SO_TIEM_TLS_CERT", folder.path().join("server.pem"));
    command.env("SO_TIEM_TLS_KEY", folder.path().join("server.key"));
    let server = ServerProgram::serve_by(command, &data).unwrap();
    let secret = server.url.replace("http://127.0.0.1", "https://localhost");
    let enrol = |url: &str| json!({ "server_url": url, "code": "CODE-ALLEY", "device_name": "hẻm 42", "user_name": "Đội 1", "pin": PIN });
    let alley = folder.path().join("alley");
    let refused = laptop(&alley, None).ask("enrol", enrol(&secret));
    assert!(matches!(&refused, Err(Stopped::Failure(code)) if code == "not_genuine"), "{refused:?}");
    let authority = folder.path().join("ca.pem");
    let plain = laptop(&alley, Some(&authority)).ask("enrol", enrol(&server.url));
    assert!(matches!(&plain, Err(Stopped::Failure(code)) if code == "no_network"), "{plain:?}");
    let mut trusting = laptop(&alley, Some(&authority));
    trusting.ask("enrol", enrol(&secret)).unwrap();
    let synced = trusting.ask("sync_and_wait", json!(null)).unwrap();
    assert!(synced["trouble"].is_null(), "{synced}");
}
