//! ① to ⑦ on one laptop: a frame becomes a citizen on screen; "given" becomes durable; a day goes up and comes down.

use std::path::Path;

use anyhow::ensure;
use field_client::desk::view::{CitizenRef, Look, LookAnswer};
use rusqlite::Connection;

use crate::clock::{Times, timed};
use crate::fleet::{Nation, Scales, Team, failed};
use crate::table::Table;

pub fn measure(table: &mut Table, citizens: u32, disk: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    let mut team = Team::enrol(&nation, &folder.path().join("laptop"), "BENCH-LAPTOP", Scales::None)?;
    frame_to_text(table)?;
    fill(&mut team, citizens)?;
    text_to_screen(table, &mut team, citizens)?;
    given_to_durable(table, &mut team, folder.path())?;
    a_day(table, &nation, folder.path())
}

fn frame_to_text(table: &mut Table) -> anyhow::Result<()> {
    for (name, picture) in [("a card", "card.png"), ("a blurred, turned, faded card", "card-blurred-turned-faded.png")]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/qr").join(picture);
        let frame = field_scan::open_picture(&path)?;
        let times = Times::of(200, |_| {
            ensure!(!field_scan::decode_once(&frame).is_empty(), "nothing was read");
            Ok(())
        })?;
        table.row(
            format!("② decode {name}, {}×{}", frame.width(), frame.height()),
            format!("{:.1} ms (p95 {:.1})", times.median(), times.p95()),
            "",
        );
    }
    Ok(())
}

fn fill(team: &mut Team, citizens: u32) -> anyhow::Result<()> {
    for _ in 0..citizens {
        team.vaccinate(1)?;
    }
    Ok(())
}

fn text_to_screen(table: &mut Table, team: &mut Team, citizens: u32) -> anyhow::Result<()> {
    let mut other = Vec::new();
    for _ in 0..200 {
        let card = team.next_card(1);
        team.register(&card)?;
        other.push(card);
    }
    let times = Times::of(other.len(), |run| {
        let look = Look { text: other[run].clone(), from_camera: true };
        let LookAnswer::Citizen { citizen } = team.desk.look(look).map_err(|failure| failed(&failure))? else {
            anyhow::bail!("nobody was found");
        };
        team.desk.open_citizen(CitizenRef { citizen }).map_err(|failure| failed(&failure))?;
        Ok(())
    })?;
    table.row(
        format!("③④ text → citizen on screen, {citizens} people in the store"),
        format!("{:.2} ms (p95 {:.2})", times.median(), times.p95()),
        "",
    );
    let search = Times::of(100, |_| {
        team.desk
            .look(Look { text: "nguyen thi".to_owned(), from_camera: false })
            .map(drop)
            .map_err(|failure| failed(&failure))
    })?;
    table.row(
        "search by two words of a name".to_owned(),
        format!("{:.2} ms (p95 {:.2})", search.median(), search.p95()),
        "",
    );
    Ok(())
}

fn given_to_durable(table: &mut Table, team: &mut Team, folder: &Path) -> anyhow::Result<()> {
    let mut people = Vec::new();
    for _ in 0..300 {
        let card = team.next_card(1);
        people.push(team.register(&card)?);
    }
    let ours = Times::of(people.len(), |run| team.give(&people[run], 1))?;
    let bare = bare_inserts(&folder.join("bare.db"))?;
    table.row(
        "⑥⑦ \"given\" → durable",
        format!("{:.1} ms (p99 {:.1})", ours.median(), ours.p99()),
        format!("{:.1}× a bare row, WAL + FULL, unencrypted: {:.1} ms", ours.median() / bare.median(), bare.median()),
    );
    Ok(())
}

/// The same disk, the same promise of durability, one row of a dose's size a transaction, and nothing else.
fn bare_inserts(path: &Path) -> anyhow::Result<Times> {
    let conn = Connection::open(path)?;
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    conn.execute("PRAGMA synchronous = FULL", [])?;
    conn.execute("CREATE TABLE dose (id BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID", [])?;
    Times::of(300, |run| {
        conn.execute("BEGIN IMMEDIATE", [])?;
        conn.execute("INSERT INTO dose VALUES (?1, ?2)", (run.to_be_bytes(), [7_u8; 250]))?;
        conn.execute("COMMIT", [])?;
        Ok(())
    })
}

/// 300 people: registered, one dose, and as many corrections as make 1,200 statements.
fn a_day(table: &mut Table, nation: &Nation, folder: &Path) -> anyhow::Result<()> {
    let mut team = Team::enrol(nation, &folder.join("day"), "BENCH-DAY", Scales::None)?;
    for _ in 0..300 {
        let card = team.next_card(2);
        let citizen = team.register(&card)?;
        for number in 1..=3 {
            team.give(&citizen, number)?;
        }
    }
    let (up, state) = timed(|| team.sync());
    let state = state?;
    ensure!(state.trouble.is_none() && state.durable_to == 1_200, "the day did not go up: {state:?}");
    table.row(
        "⑧⑨ a day of 1,200 statements pushed, held by the nation",
        format!("{:.2} s ({:.0} a second)", up.as_secs_f64(), 1_200.0 / up.as_secs_f64()),
        "in one process, without a line",
    );
    let (drawn, progress) = timed(|| nation.runtime.block_on(nation.server.catch_up()));
    progress?;
    table.row("⑩⑪ that day drawn into the national record", format!("{:.2} s", drawn.as_secs_f64()), "");
    let fresh = Team::enrol(nation, &folder.join("fresh"), "BENCH-FRESH", Scales::None)?;
    let (down, state) = timed(|| fresh.sync());
    let state = state?;
    ensure!(state.trouble.is_none() && state.pulled >= 1_200, "the day did not come down: {state:?}");
    table.row(
        "⑭ that day pulled by a fresh laptop",
        format!("{:.2} s for {} statements", down.as_secs_f64(), state.pulled),
        "drawn into its encrypted store",
    );
    Ok(())
}
