//! Power cuts at every operation on the disk, and a disk that fails at every one, under the real laptop on its real
//! encrypted database and the real server on its real one.
//!
//!   power            more than 50,000 points, a few minutes
//!   power --long     more than 1,000,000, seed after seed
//!   power --seed N   other dice, other people
//!   power --laptop, power --server   one of the two
//!   power --controls       bugs planted in the code, one by one; each must be found (a build with `tests/planted`)
//!   power --plant NAME     with one of them
//!   power --only NAME --at N [--names N] --way N   one broken disk again; it stays where it is
//!
//! Prints what it looked at. Fails when anything promised is gone, and when a control finds nothing.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]
#![allow(clippy::expect_used, reason = "a test falls down where it stands")]

mod check;
mod controls;
mod cuts;
mod disk;
mod faults;
mod image;
mod journal;
mod laptop;
mod planted;
mod promise;
mod report;
mod server;
mod settings;
mod stories;
mod sweep;
mod town;
mod vfs;

use std::sync::Arc;

use anyhow::ensure;
use tokio::runtime::Runtime;

use crate::report::{Report, cpu_seconds, grouped};
use crate::settings::Settings;

/// A long run goes on with the next seed until it has looked at so many.
const LONG_POINTS: u64 = 1_000_000;

fn main() -> anyhow::Result<()> {
    let mut settings = Settings::of(std::env::args().skip(1))?;
    if settings.controls {
        return planted::controls(settings.seed);
    }
    if let Some(name) = &settings.plant {
        planted::plant(name)?;
    }
    vfs::install();
    journal::hear_of_files();
    let runtime = Arc::new(Runtime::new()?);
    let mut report = Report::default();
    let first = settings.seed;
    loop {
        report.again = settings.again();
        println!("  seed {}, {} ways of losing at each operation, 2 file systems", settings.seed, settings.dice() + 3);
        if settings.laptop {
            laptop::under_power_cuts(&settings, &runtime, &mut report)?;
        }
        if settings.server {
            server::under_power_cuts(&settings, &runtime, &mut report)?;
        }
        if !settings.long || settings.only.is_some() || report.points >= LONG_POINTS {
            break;
        }
        settings.seed += 1;
    }
    if settings.only.is_none() {
        let _ = std::fs::remove_dir_all(image::bench(""));
    }
    let cpu_s = cpu_seconds();
    println!(
        "  {} points, {} different disks, {} runs on failing disks, {} broken; {cpu_s:.0} s of CPU, {:.0} points a CPU \
         second, seeds {first} to {}",
        grouped(report.points),
        grouped(report.disks),
        grouped(report.runs),
        report.broken,
        report.points as f64 / cpu_s.max(0.01),
        settings.seed,
    );
    ensure!(report.broken == 0, "{} disks did not hold what was promised", report.broken);
    Ok(())
}
