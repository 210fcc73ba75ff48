//! A first start: keys, an encrypted store, a code spent at the server.

use std::path::Path;

use anyhow::{Context, ensure};
use world::deeds::{Deeds, Done};
use world::headless::Headless;
use world::program::ServerProgram;

use crate::bench::{self, Promises};
use crate::blow::{self, Blow};
use crate::sweep::{self, Found, Met};

/// One-time codes made before it begins; each laptop takes one.
const CODES: usize = 1_500;

pub struct Story {
    server: ServerProgram,
}

fn code(n: usize) -> String {
    format!("CODE-{n:05}")
}

impl Story {
    pub fn prepared(folder: &Path) -> anyhow::Result<Self> {
        let data = folder.join("server-for-many");
        let codes: Vec<String> = (0..CODES).map(code).collect();
        world::program::found(&data, &codes)?;
        Ok(Self { server: ServerProgram::serve(&data)? })
    }

    pub fn sweep(&self, most: usize) -> anyhow::Result<Found> {
        let folder = bench::folder()?;
        let notes = folder.path().join("notes");
        let mut laptop =
            bench::laptop(blow::counting(&bench::headless()?, &notes), &folder.path().join("laptop"), None)?;
        self.enrol(&mut laptop, 0)?;
        laptop.kill()?;
        let counted = blow::counted(&notes)?;
        let blows = sweep::sample(&counted, most.min(CODES - 1));
        Ok(sweep::strike(&counted, &blows, &|at, blow| self.one(at + 1, blow)))
    }

    fn enrol(&self, laptop: &mut Headless, n: usize) -> Done<serde_json::Value> {
        laptop.enrol(&self.server.url, &code(n), &format!("laptop {n}"))
    }

    fn one(&self, n: usize, blow: &Blow) -> anyhow::Result<Met> {
        let folder = bench::folder()?;
        let (notes, data) = (folder.path().join("notes"), folder.path().join("laptop"));
        let mut said = Vec::new();
        let mut laptop = bench::laptop(blow.command(&bench::headless()?, &notes), &data, None)?;
        let enrolled = bench::tried(&mut laptop, &mut said, |laptop| self.enrol(laptop, n))?.is_some();
        // What fails under one deed may be there all the same when it is tried again.
        let enrolled = enrolled || said.iter().any(|code| code == "already_enrolled");
        laptop.kill()?;

        let mut laptop = bench::laptop(bench::plain()?, &data, None)?;
        let status = laptop.ask("status", serde_json::Value::Null)?;
        if status["state"] == "new" {
            ensure!(!enrolled, "enrolled, and new again");
            self.enrol(&mut laptop, n).context("enrolling again with the same code")?;
        } else {
            laptop.unlock().context("unlocking")?;
        }
        bench::holds_and_goes_on(&mut laptop, &Promises::default(), u32::try_from(n)?)?;
        let gone = said.iter().any(|code| code == "gone");
        Ok(Met { fell: blow.fell(&notes, gone), said })
    }
}
