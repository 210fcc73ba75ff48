//! Figures anyone can run: `cargo run --release -p benches`. Prints medians, and ratios against a bare baseline
//! measured in the same run. Nothing here is an assertion about time.

mod area;
mod bytes;
mod clock;
mod cpu;
mod fleet;
mod growth;
mod handmade;
mod hub_day;
mod laptop;
mod line;
mod port;
mod prior;
mod record;
mod server;
mod storm;
mod table;

use clap::{Parser, ValueEnum};

/// Measures the journey of a dose.
#[derive(Parser)]
struct Wishes {
    /// Only these; growth is measured only when it is named here.
    #[arg(long, value_enum, num_args = 1.., value_name = "PART")]
    only: Vec<Part>,
    /// People in the laptop's register before anything is measured.
    #[arg(long, default_value_t = 2_000)]
    citizens: u32,
    /// Laptops that push at the server, 250 people each.
    #[arg(long, default_value_t = 20)]
    laptops: u16,
    /// Laptops that find the network in the same minute, 300 doses each.
    #[arg(long, default_value_t = 200)]
    storm_laptops: u16,
    /// Citizens of the area that a fresh laptop takes.
    #[arg(long, default_value_t = 50_000)]
    area_citizens: u32,
    /// Doses on record before the last measurement of growth: 10 takes hours.
    #[arg(long, default_value_t = 2)]
    growth_millions: u32,
    /// Folder for stores whose durability is measured; the disk under it is the disk measured.
    #[arg(long, default_value = ".")]
    disk: std::path::PathBuf,
    /// A PostgreSQL server that may be played with; `benches/run` starts one. Its disk is the one measured.
    #[arg(long, env = "SO_TIEM_TEST_POSTGRES")]
    postgres: Option<String>,
    /// Citizens in the filter of prior doses: 10000000 takes some minutes and 3 GB of disk.
    #[arg(long, default_value_t = 1_000_000)]
    prior_citizens: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Record,
    Laptop,
    Bytes,
    Prior,
    Server,
    Area,
    Hub,
    Storm,
    Growth,
}

const USUAL: [Part; 8] =
    [Part::Record, Part::Laptop, Part::Bytes, Part::Prior, Part::Server, Part::Area, Part::Hub, Part::Storm];

fn main() -> anyhow::Result<()> {
    let wishes = Wishes::parse();
    let mut table = table::Table::default();
    for part in if wishes.only.is_empty() { &USUAL[..] } else { &wishes.only } {
        let Wishes { disk, postgres, .. } = &wishes;
        match part {
            Part::Record => record::measure(&mut table)?,
            Part::Laptop => laptop::measure(&mut table, wishes.citizens, disk)?,
            Part::Bytes => bytes::measure(&mut table)?,
            Part::Prior => prior::measure(&mut table, wishes.prior_citizens, disk)?,
            Part::Server => server::measure(&mut table, wishes.laptops, disk, postgres.as_deref())?,
            Part::Area => area::measure(&mut table, wishes.area_citizens, disk)?,
            Part::Hub => hub_day::measure(&mut table, disk)?,
            Part::Storm => storm::measure(&mut table, wishes.storm_laptops, disk)?,
            Part::Growth => growth::measure(&mut table, wishes.growth_millions, disk, postgres.as_deref())?,
        }
    }
    table.print();
    Ok(())
}
