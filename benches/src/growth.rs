//! Whether a dose costs more when there are millions before it.

use std::path::Path;

use anyhow::Context;

use crate::clock::timed;
use crate::cpu::Cpu;
use crate::fleet::{Nation, Scales};
use crate::handmade::Handmade;
use crate::server::{fresh_database, send};
use crate::table::Table;

/// Doses there are before each measurement, in millions.
const BEFORE: [u32; 4] = [0, 2, 5, 10];
const MILLION: u32 = 1_000_000;
/// Doses of a measurement: half of them first ones of new people, half second ones of anybody.
const MEASURED: u32 = 50_000;
/// Doses made at a time: no laptop says more than one push carries.
const FILLED: u32 = 50_000;
const LAPTOPS: u32 = 200;
const DAYS_BETWEEN: i64 = 90;

pub fn measure(table: &mut Table, millions: u32, disk: &Path, postgres: Option<&str>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(disk)?;
    let nation = Nation::open(&folder.path().join("nation"))?;
    Grown::of(&nation)?.measure(table, "SQLite", millions)?;
    drop(nation);
    let Some(server) = postgres else { return Ok(()) };
    let url = fresh_database(server, "growth")?;
    let nation = Nation::on(&folder.path().join("nation-on-postgres"), Some(url))?;
    Grown::of(&nation)?.measure(table, "PostgreSQL", millions)
}

struct Grown<'a> {
    nation: &'a Nation,
    /// Each in an area of its own.
    laptops: Vec<Handmade>,
    people: u32,
    /// First doses so far, from which second ones are drawn in a fixed order.
    second: u32,
    doses: u32,
}

/// Seconds and microseconds of CPU of both stages.
struct Cost {
    seconds: [f64; 2],
    cpu: [f64; 2],
}

impl<'a> Grown<'a> {
    fn of(nation: &'a Nation) -> anyhow::Result<Self> {
        let enrol = |number| {
            let code = format!("GROWN-{number}");
            nation.runtime.block_on(nation.server.add_code(&code, "hem-42", &format!("{}", 26_000 + number)))?;
            Handmade::enrolled(&mut nation.road(Scales::None), &code)
        };
        let laptops = (0..LAPTOPS).map(enrol).collect::<anyhow::Result<_>>()?;
        Ok(Self { nation, laptops, people: 0, second: 0, doses: 0 })
    }

    fn measure(mut self, table: &mut Table, engine: &str, millions: u32) -> anyhow::Result<()> {
        let mut first: Option<Cost> = None;
        for before in BEFORE.into_iter().filter(|before| *before <= millions) {
            while self.doses < before * MILLION {
                self.add((before * MILLION - self.doses).min(FILLED))?;
                eprintln!("{engine}: {} doses", self.doses);
            }
            let cost = self.add(MEASURED)?;
            let base = first.as_ref().unwrap_or(&cost);
            table.row(
                format!("a dose where {before} million are on {engine} already"),
                format!(
                    "stage 1 {:.0} a second, stage 2 {:.0} a second",
                    f64::from(MEASURED) / cost.seconds[0],
                    f64::from(MEASURED) / cost.seconds[1]
                ),
                format!(
                    "{:.2}× and {:.2}× the time of the first; CPU a dose {:.0} and {:.0} µs",
                    cost.seconds[0] / base.seconds[0],
                    cost.seconds[1] / base.seconds[1],
                    cost.cpu[0] / f64::from(MEASURED),
                    cost.cpu[1] / f64::from(MEASURED)
                ),
            );
            first = first.or(Some(cost));
        }
        Ok(())
    }

    /// So many more doses, and what they cost the server.
    fn add(&mut self, doses: u32) -> anyhow::Result<Cost> {
        for number in 0..doses {
            let laptop = self.laptops.get_mut((number % LAPTOPS) as usize).context("a laptop")?;
            if number % 2 == 0 || self.second >= self.people {
                laptop.register(self.people)?;
                laptop.give(self.people, 1, DAYS_BETWEEN)?;
                self.people += 1;
            } else {
                laptop.give(scattered(self.second), 2, 0)?;
                self.second += 1;
            }
        }
        self.doses += doses;
        let mut parcels = Vec::new();
        for laptop in &mut self.laptops {
            parcels.extend(laptop.parcels(self.nation)?);
        }
        let start = Cpu::now();
        let (keeping, kept) = timed(|| send(self.nation, parcels));
        kept?;
        let kept = Cpu::since(start);
        let start = Cpu::now();
        let (drawing, drawn) = timed(|| self.nation.runtime.block_on(self.nation.server.catch_up()));
        drawn?;
        let drawn = Cpu::since(start);
        Ok(Cost {
            seconds: [keeping.as_secs_f64(), drawing.as_secs_f64()],
            cpu: [kept.here + kept.database, drawn.here + drawn.database],
        })
    }
}

/// Another order of 0, 1, 2 …, within blocks that are full when they are begun.
fn scattered(number: u32) -> u32 {
    const BLOCK: u32 = 1 << 14;
    let (block, place) = (number / BLOCK, number % BLOCK);
    block * BLOCK + place.wrapping_mul(7_919) % BLOCK
}
