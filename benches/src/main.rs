//! Figures anyone can run: `cargo run --release -p benches`. Prints medians, and ratios against a bare baseline
//! measured in the same run. Nothing here is an assertion about time.

mod bytes;
mod clock;
mod cpu;
mod fleet;
mod laptop;
mod prior;
mod record;
mod server;
mod table;

use clap::Parser;

/// Measures the journey of a dose.
#[derive(Parser)]
struct Wishes {
    /// People in the laptop's register before anything is measured.
    #[arg(long, default_value_t = 2_000)]
    citizens: u32,
    /// Laptops that push at the server, 300 doses each.
    #[arg(long, default_value_t = 20)]
    laptops: u16,
    /// Folder for stores whose durability is measured; the disk under it is the disk measured.
    #[arg(long, default_value = ".")]
    disk: std::path::PathBuf,
    /// A PostgreSQL server that may be played with; `benches/run` starts one. Its disk is the one measured.
    #[arg(long, env = "SO_TIEM_TEST_POSTGRES")]
    postgres: Option<String>,
    /// Citizens in the filter of prior doses: 10000000 takes some minutes and 3 GB of disk.
    #[arg(long, default_value_t = 1_000_000)]
    prior_citizens: u32,
    /// Only the filter of prior doses.
    #[arg(long)]
    prior_only: bool,
    /// Only what the server does.
    #[arg(long)]
    server_only: bool,
}

fn main() -> anyhow::Result<()> {
    let wishes = Wishes::parse();
    let mut table = table::Table::default();
    if wishes.prior_only {
        prior::measure(&mut table, wishes.prior_citizens, &wishes.disk)?;
        table.print();
        return Ok(());
    }
    if !wishes.server_only {
        record::measure(&mut table)?;
        laptop::measure(&mut table, wishes.citizens, &wishes.disk)?;
        bytes::measure(&mut table)?;
        prior::measure(&mut table, wishes.prior_citizens, &wishes.disk)?;
    }
    server::measure(&mut table, wishes.laptops, &wishes.disk, wishes.postgres.as_deref())?;
    table.print();
    Ok(())
}
