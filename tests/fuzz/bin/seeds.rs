//! Writes what honest writers send into `corpus/<target>/seed-NN`; with `--list`, prints the names of the targets.

use std::io::{self, Write};
use std::{env, fs};

use fuzz::TARGETS;

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--list") {
        return TARGETS.iter().try_for_each(|target| writeln!(io::stdout(), "{}", target.name));
    }
    for target in TARGETS {
        let folder = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/{}"), target.name);
        fs::create_dir_all(&folder)?;
        for (n, seed) in target.seeds().iter().enumerate() {
            fs::write(format!("{folder}/seed-{n:02}"), seed)?;
        }
    }
    Ok(())
}
