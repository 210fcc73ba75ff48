//! The filter of prior doses: written by the server out of a nation's register, fetched by a laptop, asked at the table.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use field_client::desk::view::{Look, LookAnswer, Unlock};
use rusqlite::Connection;
use sync_server::prior::When;

use crate::clock::{Times, timed};
use crate::fleet::{Nation, PIN, Scales, Team, failed};
use crate::table::Table;

/// Cards nobody holds that are shown to the camera.
const STRANGERS: u32 = 50_000;
const LOOKS: usize = 2_000;
/// As many as may stand on a base, each of a hundredth of the nation.
const DELTAS: u32 = 7;

pub fn measure(table: &mut Table, citizens: u32, disk: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let data = folder.path().join("nation");
    let nation = Nation::open(&data)?;
    let mut team = Team::enrol(&nation, &folder.path().join("laptop"), "PRIOR-LAPTOP", Scales::None)?;
    let bare = looks(&mut team)?;
    let record = Connection::open(data.join("national.db"))?;
    fill(&record, citizens)?;
    let people = format!("{} M citizens", f64::from(citizens) / 1e6);

    let (bytes, peak) = build(table, &nation, &format!("a base of {people}"))?;
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let each = bytes as f64 / f64::from(citizens);
    table.row(
        format!("bytes a citizen, base of {people}"),
        format!("{each:.3}"),
        format!("{peak:.0} MB of memory at most"),
    );
    let mut of_deltas = 0;
    for delta in 1..=DELTAS {
        touch(&record, citizens, delta)?;
        of_deltas += build(table, &nation, &format!("delta {delta} on it"))?.0;
    }
    table.row(format!("{DELTAS} deltas of a hundredth each"), format!("{:.2} MB", megabytes(of_deltas)), "");

    let (time, fetched) = timed(|| fetch(&mut team));
    fetched?;
    table.row("all of it fetched, checked and encrypted".to_owned(), format!("{:.1} s", time.as_secs_f64()), "");
    let held = folder_bytes(&folder.path().join("laptop/prior"))?;
    table.row(
        "on the laptop's disk".to_owned(),
        format!("{:.2} MB", megabytes(held)),
        format!("of {:.2}", megabytes(bytes + of_deltas)),
    );
    let told = looks(&mut team)?;
    table.row(
        format!("look at an unknown card, base and {DELTAS} deltas"),
        format!("{:.3} ms (p99 {:.3})", told.median(), told.p99()),
        format!("without a filter {:.3} ms (p99 {:.3})", bare.median(), bare.p99()),
    );
    strangers(table, &mut team)?;
    unlocking(table, &team)
}

/// A register in which everybody has a card and one, two or three doses.
fn fill(record: &Connection, citizens: u32) -> anyhow::Result<()> {
    record.pragma_update(None, "busy_timeout", 60_000)?;
    record.execute(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO citizen (card, person, name, name_key, unit, first_area, home_area, doses_given, plain)
         SELECT c, c, 'Nguyễn Thị Minh Khai', 'nguyen thi minh khai', '', '26734', '26734', 1 + n % 3, 1
         FROM (SELECT n, randomblob(16) AS c FROM n)",
        [citizens],
    )?;
    Ok(())
}

/// Something was said of a hundredth of the people.
fn touch(record: &Connection, citizens: u32, round: u32) -> anyhow::Result<()> {
    let (from, some) = (i64::from(round - 1) * i64::from(citizens), citizens / 100);
    record.execute(
        "INSERT INTO said (citizen, lseq, statement)
         SELECT card, ?1 + row_number() OVER (ORDER BY card), card FROM citizen ORDER BY card LIMIT ?2 OFFSET ?3",
        (from, some, some * round),
    )?;
    let sql = "INSERT INTO meta (key, value) VALUES ('projected_to', ?1)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    record.execute(sql, [from + i64::from(citizens)])?;
    Ok(())
}

/// Bytes of the filter, and megabytes of memory that the build needed at most.
fn build(table: &mut Table, nation: &Nation, what: &str) -> anyhow::Result<(u64, f64)> {
    // The kernel forgets the peak so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = memory("VmRSS")?;
    let (time, built) = timed(|| nation.runtime.block_on(nation.server.build_prior(When::Now)));
    let filter = built?.context("nothing was due")?;
    let peak = (memory("VmHWM")? - before).max(0.0);
    table.row(
        format!("{what}, from the register to files"),
        format!("{:.2} s", time.as_secs_f64()),
        format!("{} citizens, {} files, {peak:.0} MB of memory", filter.citizens, filter.files.len()),
    );
    Ok((filter.bytes + filter.manifest.content.len() as u64, peak))
}

/// Megabytes, as the kernel says it of this process.
fn memory(line: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|one| one.starts_with(line)).context("no such line")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kilobytes / 1e3)
}

fn fetch(team: &mut Team) -> anyhow::Result<()> {
    for _ in 0..1_000 {
        let state = team.desk.sync_and_wait().map_err(|failure| failed(&failure))?;
        ensure!(state.trouble.is_none(), "{:?}", state.trouble);
        if state.prior.is_some_and(|prior| prior.bytes_missing == 0) {
            return Ok(());
        }
    }
    anyhow::bail!("the filter does not come to its end")
}

fn look(team: &mut Team) -> anyhow::Result<bool> {
    let card = team.next_card(9);
    match team.desk.look(Look { text: card, from_camera: true }).map_err(|failure| failed(&failure))? {
        LookAnswer::NewCard { prior, .. } => Ok(prior.is_some()),
        _ => anyhow::bail!("somebody was known"),
    }
}

fn looks(team: &mut Team) -> anyhow::Result<Times> {
    Times::of(LOOKS, |_| look(team).map(drop))
}

fn strangers(table: &mut Table, team: &mut Team) -> anyhow::Result<()> {
    let mut hits = 0;
    for _ in 0..STRANGERS {
        hits += u32::from(look(team)?);
    }
    let one_in = f64::from(STRANGERS) / f64::from(hits.max(1));
    table.row(
        format!("strangers taken for somebody, base and {DELTAS} deltas"),
        format!("{hits} of {STRANGERS}, one in {one_in:.0}"),
        "1 in 256 was the promise",
    );
    Ok(())
}

fn unlocking(table: &mut Table, team: &Team) -> anyhow::Result<()> {
    let times = Times::of(20, |_| {
        team.desk.lock().map_err(|failure| failed(&failure))?;
        team.desk.unlock(Unlock { pin: PIN.to_owned() }).map(drop).map_err(|failure| failed(&failure))
    })?;
    table.row("PIN to open laptop, with all of it held".to_owned(), format!("{:.1} ms", times.median()), "");
    Ok(())
}

fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes)
}

#[expect(clippy::cast_precision_loss, reason = "a size for eyes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
