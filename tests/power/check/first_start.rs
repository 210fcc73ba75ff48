//! A first start that was cut off can be made again: the laptop enrols with the code it was given, spent or not, gives
//! its first dose, and the server takes it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use field_client::desk::view::{LaptopState, Unlock};
use field_client::sync::road::RoadError;
use tokio::runtime::Runtime;
use world::edge::PretendEdge;
use world::{PIN, Person};

use super::Enrolled;
use crate::image::lay_out;
use crate::promise::Promise;
use crate::stories::first_start::{self, CODE, Servers, said};
use crate::sweep::Left;
use crate::town::{self, Town};

pub struct FirstStart {
    pub servers: Servers,
    pub runtime: Arc<Runtime>,
    pub enrolled: Enrolled,
    /// On one image of so many the laptop is enrolled again, which takes the vault's time.
    pub again_on_one_in: u64,
}

impl FirstStart {
    pub fn look(&self, left: &Left<'_>) -> anyhow::Result<()> {
        if left.folder.join("enrolled").exists() {
            return self.enrolled.look(left).map(drop);
        }
        self.is_new(left.folder, left.promises)?;
        if left.is_one_in(self.again_on_one_in) {
            let spent = left.promises.contains(&Promise::CodeSent);
            self.again(left.folder, spent).with_context(|| format!("enrolling again, code sent before: {spent}"))?;
        }
        Ok(())
    }

    /// A laptop without its mark says that it is new, and nothing else was promised.
    pub fn is_new(&self, folder: &Path, promises: &[Promise]) -> anyhow::Result<()> {
        ensure!(!promises.contains(&Promise::Enrolled), "the laptop has forgotten that it is enrolled");
        let alone = town::desk(folder, town::edge(), Box::new(|_| Err(RoadError::NoNetwork)));
        let state = alone.status().map_err(|failure| said(&failure))?.state;
        ensure!(state == LaptopState::New, "a laptop that never was enrolled is {state:?}");
        Ok(())
    }

    fn again(&self, folder: &Path, spent: bool) -> anyhow::Result<()> {
        let nation = folder.with_extension("nation");
        lay_out(if spent { &self.servers.after } else { &self.servers.before }, &nation)?;
        let done = self.enrols_and_gives(folder, &nation);
        let _ = std::fs::remove_dir_all(&nation);
        done
    }

    pub fn enrols_and_gives(&self, folder: &Path, nation: &Path) -> anyhow::Result<()> {
        let clock = town::clock();
        let town = Town::open(nation, &self.runtime, clock.clone(), 5)?;
        // Other dice than at the first try: what was drawn and not kept is drawn otherwise.
        let desk = town::desk(folder, Arc::new(PretendEdge::new(clock, 4_711)), town.roads());
        let state = desk.status().map_err(|failure| said(&failure))?.state;
        // A first start may have come to its end without being able to say so.
        let opened = match state {
            LaptopState::New => desk.enrol(town::form(CODE)),
            LaptopState::Locked | LaptopState::Open => desk.unlock(Unlock { pin: PIN.to_owned() }),
        };
        opened.map_err(|failure| said(&failure))?;
        let citizen = first_start::registers(&desk, &Person::new("Nguyễn Thị Minh Khai", "1990-05-01", 1))?;
        first_start::gives(&desk, citizen)?;
        let state = desk.sync_and_wait().map_err(|failure| said(&failure))?;
        ensure!(state.trouble.is_none() && state.durable_to == 2, "the first sync went wrong: {state:?}");
        Ok(())
    }
}
