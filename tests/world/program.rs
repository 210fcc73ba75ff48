//! The real programs, found beside the one that is running and stopped with it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

/// The password of the pretend admin.
pub const PASSWORD: &str = "mot-mat-khau-dai";

/// A program built into the same folder as this one.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let me = std::env::current_exe()?;
    let folder = me.parent().context("no folder")?;
    // Tests lie one folder deeper than programs.
    let folder = if folder.ends_with("deps") { folder.parent().context("no folder")? } else { folder };
    let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    ensure!(program.exists(), "{} has not been built", program.display());
    Ok(program)
}

/// A file of tests/fixtures.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The real server on loopback.
pub struct ServerProgram {
    process: Child,
    pub url: String,
}

impl ServerProgram {
    /// Starts it with an admin and these one-time codes, and waits until it answers.
    pub fn start(data: &Path, codes: &[&str]) -> anyhow::Result<Self> {
        let program = beside("sync-server")?;
        let mut demo = Command::new(&program);
        demo.arg("--data").arg(data).arg("demo").env("SO_TIEM_PASSWORD", PASSWORD).stdout(Stdio::null());
        for code in codes {
            demo.arg("--code").arg(code);
        }
        ensure!(demo.env("RUST_LOG", "warn").status()?.success(), "the demo campaign could not be made");
        // A port that is free now; whoever takes it in between makes the start fail, not the test lie.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let mut process = Command::new(&program)
            .arg("--data")
            .arg(data)
            .args(["serve", "--listen", &listen])
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()?;
        let heard = process.stderr.take().context("no stderr")?;
        let mut lines = BufReader::new(heard).lines();
        for line in lines.by_ref() {
            if line?.contains("listening") {
                break;
            }
        }
        // The rest of its log must go somewhere, or the pipe fills up.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { process, url: format!("http://{listen}") })
    }
}

impl Drop for ServerProgram {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
