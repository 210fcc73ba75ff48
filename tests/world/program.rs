//! The real programs, found beside the one that is running and stopped with it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

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

/// A busy machine may take a minute to start it.
const KNOCK_AFTER: Duration = Duration::from_millis(500);
const KNOCKS_MAX: u32 = 120;
/// A port that is free now may be taken before the server listens on it.
const PORTS_TRIED_MAX: u32 = 3;

/// Makes a server's data with an admin and these one-time codes.
pub fn found(data: &Path, codes: &[impl AsRef<OsStr>]) -> anyhow::Result<()> {
    let mut demo = Command::new(beside("sync-server")?);
    demo.arg("--data").arg(data).arg("demo").env("SO_TIEM_PASSWORD", PASSWORD).stdout(Stdio::null());
    for code in codes {
        demo.arg("--code").arg(code);
    }
    ensure!(demo.env("RUST_LOG", "warn").status()?.success(), "the demo campaign could not be made");
    Ok(())
}

impl ServerProgram {
    /// Starts it with an admin and these one-time codes, and waits until it answers.
    pub fn start(data: &Path, codes: &[&str]) -> anyhow::Result<Self> {
        found(data, codes)?;
        Self::serve(data)
    }

    /// Starts it on data that is there.
    pub fn serve(data: &Path) -> anyhow::Result<Self> {
        let program = beside("sync-server")?;
        let mut tried = 1;
        loop {
            match Self::serve_by(Command::new(&program), data) {
                Err(_) if tried < PORTS_TRIED_MAX => tried += 1,
                served => return served,
            }
        }
    }

    /// As [`ServerProgram::serve`], by a command that starts the program in its own way.
    pub fn serve_by(command: Command, data: &Path) -> anyhow::Result<Self> {
        // Whoever takes the port in between makes the start fail, not the test lie.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Self::serve_at(command, data, &format!("127.0.0.1:{port}"))
    }

    /// As [`ServerProgram::serve_by`], where it was found before.
    pub fn serve_at(mut command: Command, data: &Path, listen: &str) -> anyhow::Result<Self> {
        let mut process = command
            .arg("--data")
            .arg(data)
            .args(["serve", "--listen", listen])
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()?;
        let said = process.stderr.take().context("no stderr")?;
        let started = Self { process, url: format!("http://{listen}") };
        let (heard, listens) = channel();
        // All of its log must go somewhere, or the pipe fills up.
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if line.contains("listening") {
                    let _ = heard.send(());
                }
            }
        });
        for _ in 0..KNOCKS_MAX {
            // Where its log can't be written it can't say so, and is knocked at.
            match listens.recv_timeout(KNOCK_AFTER) {
                Ok(()) => return Ok(started),
                Err(RecvTimeoutError::Timeout) if TcpStream::connect(listen).is_ok() => return Ok(started),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        bail!("the server does not listen")
    }

    /// Whether it has not ended by itself.
    pub fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for ServerProgram {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
