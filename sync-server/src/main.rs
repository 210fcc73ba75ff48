//! The commands.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Parser;
use sync_server::edge::Machine;
use sync_server::settings::{Command, Deed, StaffDeed};
use sync_server::store::rows::Role;
use sync_server::{Server, open, serve};
use tracing_subscriber::EnvFilter;

const PASSWORD_VARIABLE: &str = "SO_TIEM_PASSWORD";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Command { mut settings, log_json, deed } = Command::parse();
    log_to_stderr(log_json);
    if let Deed::Serve(listening) = &deed {
        settings.over_tls |= listening.tls_cert.is_some();
    }
    let data = settings.data.display().to_string();
    let server = open(settings, Arc::new(Machine)).await.with_context(|| format!("could not open {data}"))?;
    match deed {
        Deed::Serve(listening) => serve(server, listening).await.context("stopped serving")?,
        Deed::EnrolCode { site, area } => {
            let (code, _) = server.enrolment_code(&site, &area).await?;
            say(&code)?;
        }
        Deed::Staff(StaffDeed::Add { name, role }) => {
            let Some(role) = Role::from_code(&role) else { bail!("a role is `admin` or `viewer`") };
            server.add_staff(&name, role, &password()?).await?;
            say(&format!("{name} may sign in"))?;
        }
        Deed::Demo { codes, password, area } => demo(&server, &codes, &password, &area).await?,
        Deed::Rebuild => {
            server.rebuild().await?;
            say("the record was drawn again")?;
        }
    }
    Ok(())
}

async fn demo(server: &Server, codes: &[String], password: &str, area: &str) -> anyhow::Result<()> {
    server.add_staff("admin", Role::Admin, password).await?;
    say(&format!("console: admin / {password}"))?;
    for (code, site) in codes.iter().zip(["hem-42", "chung-cu-a"].into_iter().cycle()) {
        server.add_code(code, site, area).await?;
        say(&format!("laptop:  {code} (site {site}, area {area})"))?;
    }
    Ok(())
}

fn password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("no password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,tower_http=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if json { log.json().init() } else { log.init() }
}
