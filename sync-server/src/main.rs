//! The commands.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Parser;
use shared_model::sync::spoken::{NotSpoken, SpokenHead};
use sync_server::edge::Machine;
use sync_server::hub::join::{Joining, join};
use sync_server::national::completeness::{Completeness, Sum};
use sync_server::prior::When;
use sync_server::settings::{Command, Deed, HubDeed, PriorDeed, StaffDeed, StickDeed};
use sync_server::store::rows::{PriorRow, Role};
use sync_server::{Server, open, serve};
use tracing_subscriber::EnvFilter;

const PASSWORD_VARIABLE: &str = "SO_TIEM_PASSWORD";

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Command { mut settings, log_json, deed } = Command::parse();
    log_to_stderr(log_json);
    if let Deed::Serve(listening) = &deed {
        settings.over_tls |= listening.tls_cert.is_some();
    }
    let data = settings.data.display().to_string();
    if let Deed::Hub(HubDeed::Join { code, name }) = &deed {
        let Some(upstream) = settings.upstream.clone() else { bail!("--upstream says where the nation answers") };
        let (path, code, name) = (settings.data.clone(), code.clone(), name.clone());
        let joined = tokio::task::spawn_blocking(move || {
            let joining =
                Joining { data: &path, seal: None, campaign: None, upstream: &upstream, code: &code, name: &name };
            join(joining, &Machine)
        });
        let certificate = joined.await?.with_context(|| format!("{data} joined no campaign"))?;
        say(&format!("{}: a hub for {}", certificate.name, certificate.areas.join(", ")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let server = open(settings, Arc::new(Machine)).await.with_context(|| format!("could not open {data}"))?;
    match deed {
        Deed::Serve(listening) => serve(server, listening).await.context("stopped serving")?,
        Deed::EnrolCode { site, area } => {
            let (code, _) = server.enrolment_code(&site, &area).await?;
            say(&code)?;
        }
        Deed::Hub(HubDeed::Code { site, areas }) => {
            if server.is_hub() {
                bail!("only the nation lets hubs in");
            }
            let (code, _) = server.hub_code(&site, areas).await?;
            say(&code)?;
        }
        Deed::Hub(HubDeed::Join { .. }) => {}
        Deed::Hub(HubDeed::Status { json }) => {
            let Some(status) = server.hub_status().await? else { bail!("{data} is the nation's, and no hub's") };
            if json {
                say(&serde_json::to_string_pretty(&status)?)?;
            } else {
                status.lines().iter().try_for_each(|line| say(line))?;
            }
        }
        Deed::Staff(StaffDeed::Add { name, role }) => {
            let Some(role) = Role::from_code(&role) else { bail!("a role is `admin` or `viewer`") };
            server.add_staff(&name, role, &password()?).await?;
            say(&format!("{name} may sign in"))?;
        }
        Deed::Demo { codes, password, area } => demo(&server, &codes, &password, &area).await?,
        Deed::Prior(_) if server.is_hub() => bail!("only the nation writes filters of prior doses"),
        Deed::Prior(PriorDeed::Build { base }) => build_prior(&server, base).await?,
        Deed::Completeness { days } => print_completeness(&server.completeness().await?, days)?,
        Deed::CheckEnd { words } => check_end(&server.completeness().await?, &words.join(" "))?,
        Deed::Stick(StickDeed::Take { path, return_to }) => {
            let taken = server.take_stick(&path, return_to.as_deref()).await?;
            taken.lines().iter().try_for_each(|line| say(line))?;
            return Ok(ExitCode::from(taken.exit_code()));
        }
        Deed::Rebuild => {
            server.rebuild().await?;
            say("the record was drawn again")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn build_prior(server: &Server, base: bool) -> anyhow::Result<()> {
    server.catch_up().await?;
    let when = if base { When::BaseNow } else { When::Now };
    match server.build_prior(when).await? {
        None => say("the newest filter knows all there is")?,
        Some(filter) => {
            let kind = if filter.base.is_none() { "base" } else { "delta" };
            let PriorRow { number, citizens, bytes, files, to_lseq, .. } = &filter;
            let segments = files.len();
            say(&format!(
                "{kind} {number}: {citizens} citizens, {bytes} bytes in {segments} files, up to place {to_lseq}"
            ))?;
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

fn print_completeness(drawn: &Completeness, days: bool) -> io::Result<()> {
    say(&format!("{:<32} {:>8} {:>8} {:>10} {:>10} {:>17}", "", "laptops", "silent", "held", "at hubs", "still out"))?;
    let line = |name: &str, sum: &Sum| {
        let out = format!("{} to {}", sum.out.low, sum.out.high);
        let Sum { devices, devices_silent, held, at_hubs, .. } = sum;
        say(&format!("{name:<32} {devices:>8} {devices_silent:>8} {held:>10} {at_hubs:>10} {out:>17}"))
    };
    line("country", &drawn.country)?;
    for (area, sum) in &drawn.areas {
        line(&format!("  area {area}"), sum)?;
        for ((_, site), sum) in drawn.sites.iter().filter(|((of, _), _)| of == area) {
            line(&format!("    site {site}"), sum)?;
        }
    }
    say("")?;
    for device in &drawn.devices {
        let last = device.last_contact.map_or("never".to_owned(), |at| at.campaign_date().to_string());
        let clock = device.clock_offset_ms.map_or("?".to_owned(), |ms| format!("{:+} s", ms / 1_000));
        let revoked = if device.is_revoked { ", revoked" } else { "" };
        say(&format!(
            "{} ({}, {}): last contact {last}, clock {clock}{revoked}",
            device.name, device.area, device.site
        ))?;
        for log in &device.logs {
            let at_hub = match log.held_somewhere_to {
                to if to > log.held_to => format!("; at a hub to {to}"),
                _ => String::new(),
            };
            let hole = log.hole.map_or(String::new(), |(from, to)| format!("; not here: {from} to {to}"));
            say(&format!("  log {}: held to {}, {}{at_hub}{hole}", log.epoch, log.held_to, log.spoken))?;
        }
        if days {
            for (day, arrived) in &device.arrived {
                say(&format!("  {day}: {arrived} arrived"))?;
            }
        }
    }
    Ok(())
}

fn check_end(drawn: &Completeness, words: &str) -> anyhow::Result<()> {
    let heard = match SpokenHead::parse(words) {
        Ok(heard) => heard,
        Err(NotSpoken::Unknown(unknown)) => {
            for word in unknown {
                say(&format!(
                    "word {} is none of the list; meant was perhaps: {}",
                    word.place,
                    word.nearest.join(", ")
                ))?;
            }
            bail!("ask for the words again");
        }
        Err(wrong) => bail!("{wrong}: ask for the words again"),
    };
    match drawn.ending_with(heard) {
        Some((device, log)) => {
            say(&format!("{}: everything up to number {} of log {} is here", device.name, log.held_to, log.epoch))?;
            Ok(())
        }
        None => bail!("no log here ends with these words: the laptop holds what has not arrived; let it sync"),
    }
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
