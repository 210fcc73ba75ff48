//! The server on a failing disk: what it acknowledges is durable, what it refuses may be sent again, and the record
//! catches up when the disk is well, in the same process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, ensure};
use field_client::sync::road::Parcel;
use shared_model::certificate::Signed;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::sync::message::Receipt;
use shared_model::time::Moment;
use tokio::runtime::Runtime;
use world::{Handmade, World, handmade};

use super::Trial;
use crate::check::Nation;
use crate::image::{self, Image};
use crate::journal::Recorder;
use crate::promise::Promise;
use crate::town::{self, Town};

/// One sealed range, as its device sends it, and what is in it.
struct Sent {
    parcel: Parcel,
    statements: Vec<(CitizenId, StatementId)>,
}

pub struct Keeping {
    image: Image,
    sent: Vec<Sent>,
    now: Moment,
    nation: Nation,
    looked_at: AtomicU64,
}

impl Keeping {
    /// Two teams have given the same person a first dose, and nobody knows yet.
    pub fn two_teams(seed: u64, runtime: &Arc<Runtime>) -> anyhow::Result<Self> {
        let world = World::seeded(seed);
        let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
        let mut teams = [world.handmade("chung cu A"), world.handmade("hem 42")];
        let statements = teams.each_mut().map(|team| gives(&world, team, &khai));
        let image = image::read(&world.folder().join("nation"))?;
        let parcels =
            teams.each_ref().map(|team| team.parcel(&world, "/device/push", Some(handmade::cbor(&team.range()))));
        let sent = parcels.into_iter().zip(statements);
        let sent = sent.map(|(parcel, statements)| Sent { parcel, statements }).collect();
        let nation = Nation::new(teams[0].device, runtime)?;
        Ok(Self { image, sent, now: world.clock.now(), nation, looked_at: AtomicU64::new(0) })
    }

    fn open(&self, folder: &Path) -> anyhow::Result<Town> {
        Town::open(folder, &self.nation.runtime, town::clock_at(self.now), 5)
    }

    /// How far the server says it holds the log; nothing when it refuses.
    fn pushes(town: &Town, sent: &Sent) -> anyhow::Result<Option<u64>> {
        let reply = town.answers(&sent.parcel)?;
        if reply.status != 200 {
            ensure!(reply.status >= 429, "refused for ever: {}", reply.status);
            return Ok(None);
        }
        let signed: Signed = handmade::read(&reply).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        let receipt: Receipt = signed.open(town.server.campaign_key()).ok().context("a receipt")?;
        Ok(Some(receipt.held.seq))
    }

    fn acknowledged(recorder: &Recorder, number: usize, sent: &Sent, held_to: u64) {
        if number == 0 {
            recorder.promise(Promise::Received { held_to });
        }
        for (citizen, statement) in &sent.statements {
            recorder.promise(Promise::InNation { citizen: *citizen, statement: *statement });
        }
    }
}

fn gives(world: &World, team: &mut Handmade, person: &world::Person) -> Vec<(CitizenId, StatementId)> {
    let citizen = team.citizen(person);
    let phone = shared_model::citizen::Phone::parse("0912345678").expect("a phone number");
    let edited = team.edits(world, citizen, vec![shared_model::citizen::RegisterValue::Phone(phone)], &[]);
    vec![(citizen, edited), (citizen, team.gives(world, citizen))]
}

impl Trial for Keeping {
    fn name(&self) -> &'static str {
        "the server on a failing disk"
    }

    fn image(&self) -> &Image {
        &self.image
    }

    fn promised(&self) -> &[Promise] {
        &[]
    }

    fn work(&self, folder: &Path, recorder: &Recorder) -> anyhow::Result<u64> {
        let mut refused = 0;
        recorder.chapter("opening");
        let opened = self.open(folder);
        if let Ok(town) = &opened {
            for (number, sent) in self.sent.iter().enumerate() {
                recorder.chapter("1 keeping what is pushed");
                match Self::pushes(town, sent)? {
                    Some(held_to) => Self::acknowledged(recorder, number, sent, held_to),
                    None => refused += 1,
                }
                recorder.chapter("2 drawing the record");
                refused += u64::from(town.runtime.block_on(town.server.catch_up()).is_err());
            }
        }
        recorder.mend();
        refused += u64::from(opened.is_err());
        let town = opened.or_else(|_| self.open(folder)).context("when the disk is well")?;
        for (number, sent) in self.sent.iter().enumerate() {
            let held_to = Self::pushes(&town, sent)?.context("a push is refused by a disk that is well")?;
            ensure!(held_to == sent.statements.len() as u64, "only {held_to} statements are held");
            Self::acknowledged(recorder, number, sent, held_to);
        }
        let progress = town.runtime.block_on(town.server.catch_up()).context("the record stands still")?;
        ensure!(progress.behind == 0, "the record stands still: {progress:?}");
        Ok(refused)
    }

    fn look(&self, folder: &Path, promises: &[Promise], goes_on: bool) -> anyhow::Result<()> {
        let one_in_four = self.looked_at.fetch_add(1, Ordering::Relaxed).is_multiple_of(4);
        self.nation.look(folder, promises, goes_on && one_in_four)
    }
}
