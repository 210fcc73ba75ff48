//! A fresh laptop in a ward with a long story: the feed comes down as files, is kept chunk by chunk, and the rest is
//! read behind them.

use shared_model::citizen::{Birth, BirthPrecision, PersonName, RegisterValue, Sex};
use shared_model::ids::{CitizenId, SessionId, StatementId};
use shared_model::statement::{Body, Statement, Subject};
use shared_model::time::Date;
use world::{Handmade, World, pfizer};

use super::Story;
use super::campaign::{id, statement};
use crate::image::{self, Image};
use crate::journal::Recorder;
use crate::promise::Promise;

/// A feed this long is taken as files.
const ENTRIES: usize = 5_010;
/// One entry in so many is about a person; the others are sessions of a later version, which cost little to draw.
const A_PERSON_EVERY: usize = 100;

/// The ward as it is in the end.
pub struct Ward {
    pub server: Image,
    pub roots: Vec<(CitizenId, String)>,
}

pub fn tell(seed: u64) -> anyhow::Result<(Story, Ward)> {
    let world = World::seeded(seed);
    let mut office = world.handmade("van phong");
    let mut people = Vec::new();
    for n in 0..ENTRIES {
        if n % A_PERSON_EVERY == 0 {
            people.push(a_person(&world, &mut office, n)?);
        } else {
            a_session(&world, &mut office, n)?;
        }
    }
    anyhow::ensure!(office.pushes(&world).is_empty(), "the ward's story is not believed");
    world.nation();

    let fresh = world.laptop("nha van hoa");
    let start = image::read(&fresh.folder)?;
    let recorder = Recorder::begin(&fresh.folder, None);
    recorder.promise(Promise::Enrolled);
    recorder.chapter("files of a feed are taken");
    let before = fresh.wire.overheard.lock().map_or(0, |overheard| overheard.len());
    fresh.syncs();
    let took_files =
        fresh.wire.overheard.lock().is_ok_and(|overheard| {
            overheard[before..].iter().any(|parcel| parcel.path.starts_with("/device/segment/"))
        });
    anyhow::ensure!(took_files, "the feed did not come as files");
    for (citizen, dose) in &people {
        recorder.promise(Promise::Learned { citizen: *citizen, statement: *dose });
    }
    let server = image::read(&world.folder().join("nation"))?;
    recorder.chapter("the first dose behind it");
    let last = fresh.scans(&world.citizen("Nguyễn Thị Minh Khai", "1990-05-01"));
    let dose = statement(&fresh.gives_to(&last, &pfizer(1)));
    recorder.promise(Promise::Registered { citizen: id(&last) });
    recorder.promise(Promise::Saved { citizen: id(&last), dose });
    let ops = recorder.end();

    let mut roots = Vec::new();
    for (citizen, _) in &people {
        let root = fresh.opens(&citizen.to_string()).state_root;
        anyhow::ensure!(root == world.nation().root_of(&citizen.to_string()), "the fresh laptop does not agree");
        roots.push((*citizen, root));
    }
    Ok((Story::new(&fresh.folder, start, ops), Ward { server, roots }))
}

fn a_person(world: &World, office: &mut Handmade, number: usize) -> anyhow::Result<(CitizenId, StatementId)> {
    let [.., high, low] = number.to_be_bytes();
    let citizen = CitizenId([7, high, low, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let form = vec![
        RegisterValue::Name(PersonName::parse(&format!("Nguyễn Thị {number}"))?),
        RegisterValue::Birth(Birth { date: Date::new(1975, 5, 1)?, precision: BirthPrecision::Day }),
        RegisterValue::Sex(Sex::Female),
    ];
    office.edits(world, citizen, form, &[]);
    Ok((citizen, office.gives(world, citizen)))
}

fn a_session(world: &World, office: &mut Handmade, number: usize) -> anyhow::Result<()> {
    let number = u64::try_from(number)?;
    let cbor = minicbor::to_vec(number)?;
    let statement = Statement::Unknown { kind: 900, cbor };
    let body = Body { salt: number.to_be_bytes(), statement, seen: Vec::new(), based_on: Vec::new() };
    let envelope = office.envelope(world, Subject::Session(SessionId([9; 16])), &body);
    office.writes(envelope);
    Ok(())
}
