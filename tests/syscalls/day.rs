//! A laptop at work: unlocked, somebody registered, a dose given, corrected, another one withdrawn.

use std::path::{Path, PathBuf};

use anyhow::Context;
use world::deeds::Deeds;
use world::headless::Headless;
use world::program::ServerProgram;

use crate::bench::{self, CORRECTED_LOT, Promises};
use crate::blow::{self, Blow};
use crate::sweep::{self, Found, Met};

/// An enrolled laptop that has synced a dose, locked; and its server, stopped.
pub struct Story {
    pub laptop: PathBuf,
    pub server: PathBuf,
}

impl Story {
    pub fn prepared(folder: &Path) -> anyhow::Result<Self> {
        let (laptop, server) = (folder.join("laptop"), folder.join("server"));
        let running = ServerProgram::start(&server, &["CODE-ALLEY"])?;
        let mut alley = bench::laptop(bench::plain()?, &laptop, None)?;
        alley.enrol(&running.url, "CODE-ALLEY", "Hẻm 42")?;
        bench::holds_and_goes_on(&mut alley, &Promises::default(), 1)?;
        alley.ask("lock", serde_json::Value::Null)?;
        Ok(Self { laptop, server })
    }

    pub fn sweep(&self, most: usize) -> anyhow::Result<Found> {
        let folder = bench::folder()?;
        let (notes, data) = (folder.path().join("notes"), folder.path().join("laptop"));
        world::copy_folder(&self.laptop, &data);
        let mut laptop = bench::laptop(blow::counting(&bench::headless()?, &notes), &data, None)?;
        let mut said = Vec::new();
        works(&mut laptop, &mut said)?;
        laptop.kill()?;
        let counted = blow::counted(&notes)?;
        let blows = sweep::sample(&counted, most);
        Ok(sweep::strike(&counted, &blows, &|_, blow| self.one(blow)))
    }

    fn one(&self, blow: &Blow) -> anyhow::Result<Met> {
        let folder = bench::folder()?;
        let (notes, data, nation) =
            (folder.path().join("notes"), folder.path().join("laptop"), folder.path().join("server"));
        world::copy_folder(&self.laptop, &data);
        world::copy_folder(&self.server, &nation);
        let mut said = Vec::new();
        let mut laptop = bench::laptop(blow.command(&bench::headless()?, &notes), &data, None)?;
        let promises = works(&mut laptop, &mut said)?;
        laptop.kill()?;

        let server = ServerProgram::serve(&nation)?;
        let mut laptop = bench::laptop(bench::plain()?, &data, Some(&server.url))?;
        laptop.unlock().context("unlocking")?;
        bench::holds_and_goes_on(&mut laptop, &promises, 3)?;
        let gone = said.iter().any(|code| code == "gone");
        Ok(Met { fell: blow.fell(&notes, gone), said })
    }
}

/// As far as it comes; what was said to be done is promised.
fn works(laptop: &mut Headless, said: &mut Vec<String>) -> anyhow::Result<Promises> {
    let mut promises = Promises::default();
    if bench::tried(laptop, said, Deeds::unlock)?.is_none() {
        return Ok(promises);
    }
    let Some(citizen) = bench::tried(laptop, said, |laptop| laptop.card(&bench::card(2)))? else {
        return Ok(promises);
    };
    promises.citizen = Some(citizen.clone());
    for number in [1, 2] {
        promises.saved.extend(bench::tried(laptop, said, |laptop| laptop.give(&citizen, number))?);
    }
    if let Some(dose) = promises.saved.first().cloned()
        && bench::tried(laptop, said, |laptop| laptop.correct_lot(&dose, CORRECTED_LOT))?.is_some()
    {
        promises.corrected.push(dose);
    }
    if let Some(dose) = promises.saved.get(1).cloned()
        && bench::tried(laptop, said, |laptop| laptop.withdraw(&dose))?.is_some()
    {
        promises.withdrawn.push(dose);
    }
    Ok(promises)
}
