//! What is asked for on the command line.

use anyhow::{Context, bail};

use crate::sweep::{Fineness, Only};

pub struct Settings {
    pub seed: u64,
    pub long: bool,
    pub laptop: bool,
    pub server: bool,
    /// A bug that is alive in this run, and whether each is to be tried in turn.
    pub plant: Option<String>,
    pub controls: bool,
    /// One story or trial, and one cut or failure of it.
    pub only: Option<String>,
    at: usize,
    names: usize,
    way: usize,
}

impl Settings {
    pub fn of(arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut settings = Self {
            seed: 1,
            long: false,
            laptop: true,
            server: true,
            plant: None,
            controls: false,
            only: None,
            at: 0,
            names: 0,
            way: 0,
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--long" => settings.long = true,
                "--laptop" => settings.server = false,
                "--server" => settings.laptop = false,
                "--plant" => settings.plant = Some(value()?),
                "--controls" => settings.controls = true,
                "--seed" => settings.seed = value()?.parse()?,
                "--only" => settings.only = Some(value()?),
                "--at" => settings.at = value()?.parse()?,
                "--names" => settings.names = value()?.parse()?,
                "--way" => settings.way = value()?.parse()?,
                other => bail!("{other} is no argument of this program"),
            }
        }
        Ok(settings)
    }

    /// How to begin a line that repeats something of this run.
    pub fn again(&self) -> String {
        let plant = self.plant.as_ref().map(|name| format!(" --plant {name}")).unwrap_or_default();
        format!("power{}{plant} --seed {}", if self.long { " --long" } else { "" }, self.seed)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }

    pub fn dice(&self) -> u64 {
        if self.long { 24 } else { 8 }
    }

    /// People vaccinated on each of two days.
    pub fn people(&self) -> u64 {
        if self.long { 12 } else { 5 }
    }

    /// In a long feed the power goes after one write in so many.
    pub fn one_write_in(&self) -> usize {
        if self.long { 10 } else { 80 }
    }

    pub fn fineness(&self) -> Fineness {
        let only = self.only.is_some().then_some(Only { operation: self.at, names: self.names, way: self.way });
        let enough = if self.plant.is_some() { 1 } else { usize::MAX };
        Fineness { dice: self.dice(), seed: self.seed, enough, only_after_promises: false, only }
    }

    /// As far as it takes to find one broken disk.
    pub fn control(&self) -> Fineness {
        Fineness { enough: 1, only_after_promises: true, ..self.fineness() }
    }

    /// A planted bug that was found need not be found again.
    pub fn is_done(&self, broken: usize) -> bool {
        self.plant.is_some() && broken > 0
    }

    pub fn fault(&self) -> Option<(usize, usize)> {
        self.only.is_some().then_some((self.at, self.way))
    }
}
