//! A first start on a failing disk: when the disk is well, the same code and PIN enrol the laptop.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use world::edge::PretendEdge;

use super::Trial;
use crate::check::{self, FirstStart};
use crate::image::{Image, lay_out};
use crate::journal::Recorder;
use crate::promise::Promise;
use crate::stories::first_start::CODE;
use crate::town::{self, Town};

pub struct Enrolling<'a> {
    pub first_start: &'a FirstStart,
    pub empty: Image,
    pub ways_at_each: usize,
}

impl Trial for Enrolling<'_> {
    fn name(&self) -> &'static str {
        "a first start on a failing disk"
    }

    fn image(&self) -> &Image {
        &self.empty
    }

    fn promised(&self) -> &[Promise] {
        &[]
    }

    fn ways_at_each(&self) -> usize {
        self.ways_at_each
    }

    fn work(&self, folder: &Path, recorder: &Recorder) -> anyhow::Result<u64> {
        let nation = folder.with_extension("nation");
        lay_out(&self.first_start.servers.before, &nation)?;
        let clock = town::clock();
        let town = Town::open(&nation, &self.first_start.runtime, clock.clone(), 5)?;
        let desk = town::desk(folder, Arc::new(PretendEdge::new(clock, 9)), town.roads());
        recorder.chapter("enrolling");
        let enrolled = desk.enrol(town::form(CODE));
        if enrolled.is_ok() {
            recorder.promise(Promise::Enrolled);
            let _ = desk.lock();
        }
        recorder.mend();
        drop((desk, town));
        if enrolled.is_err() {
            self.first_start.enrols_and_gives(folder, &nation).context("enrolling again")?;
        }
        let _ = std::fs::remove_dir_all(nation);
        Ok(u64::from(enrolled.is_err()))
    }

    fn look(&self, folder: &Path, promises: &[Promise], _: bool) -> anyhow::Result<()> {
        if folder.join("enrolled").exists() {
            return check::laptop(folder, promises, &self.first_start.enrolled.keys, false).map(drop);
        }
        self.first_start.is_new(folder, promises)
    }
}
