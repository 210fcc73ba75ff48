//! A laptop's first start: a language is chosen, the keys are made, the store is made, the code is spent, the answer
//! kept; then the first person and the first dose.

use std::sync::Arc;

use field_client::desk::view::{DoseAnswer, DoseDraft, GiveDose, Look, LookAnswer, Register, Registered, SetLanguage};
use field_client::sync::road::{Parcel, Reply, Road, RoadError};
use field_client::{Desk, desk::view::Failure};
use shared_model::ids::{CitizenId, StatementId};
use tokio::runtime::Runtime;
use world::edge::PretendEdge;
use world::{AREA, Person};

use super::Story;
use super::campaign::{id, statement};
use crate::image::{self, Image};
use crate::journal::Recorder;
use crate::promise::Promise;
use crate::town::{self, Town};

pub const CODE: &str = "CODE-1";

/// The server as the first start found it, and as it left it.
pub struct Servers {
    pub before: Image,
    pub after: Image,
}

/// Notes when the code goes out.
struct Listening<R> {
    road: R,
    recorder: Arc<Recorder>,
}

impl<R: Road> Road for Listening<R> {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        if parcel.path == "/device/enrol" {
            self.recorder.promise(Promise::CodeSent);
        }
        self.road.carry(parcel)
    }
}

pub fn tell(seed: u64, runtime: &Arc<Runtime>) -> anyhow::Result<(Story, Servers)> {
    let dir = tempfile::tempdir()?;
    let (nation, folder) = (dir.path().join("nation"), dir.path().join("laptop"));
    let clock = town::clock();
    let town = Town::open(&nation, runtime, clock.clone(), seed)?;
    runtime.block_on(town.server.add_code(CODE, "hem42", AREA))?;
    let before = image::read(&nation)?;

    let recorder = Arc::new(Recorder::begin(&folder, None));
    let (listener, server, rt) = (recorder.clone(), town.server, runtime.clone());
    let roads = Box::new(move |_: &str| {
        let road = Town { server: server.clone(), runtime: rt.clone() }.road();
        let road: Box<dyn Road> = Box::new(Listening { road, recorder: listener.clone() });
        Ok(road)
    });
    recorder.chapter("a first start, enrolling");
    let desk = town::desk(&folder, Arc::new(PretendEdge::new(clock, seed + 1)), roads);
    let language = SetLanguage { language: "en".to_owned() };
    desk.set_language(language).and_then(|_| desk.enrol(town::form(CODE))).map_err(|failure| said(&failure))?;
    recorder.promise(Promise::Enrolled);
    let after = image::read(&nation)?;

    recorder.chapter("the first dose");
    let citizen = registers(&desk, &Person::new("Nguyễn Thị Minh Khai", "1990-05-01", 1))?;
    recorder.promise(Promise::Registered { citizen });
    let dose = gives(&desk, citizen)?;
    recorder.promise(Promise::Saved { citizen, dose });
    desk.lock().map_err(|failure| said(&failure))?;
    let ops = recorder.so_far();
    Ok((Story::new(&folder, Image::new(), ops), Servers { before, after }))
}

pub fn said(failure: &Failure) -> anyhow::Error {
    anyhow::anyhow!("{} {:?}", failure.code, failure.params)
}

/// Shows a new card to the camera and registers its holder.
pub fn registers(desk: &Desk, person: &Person) -> anyhow::Result<CitizenId> {
    let look = desk.look(Look { text: person.card(), from_camera: true }).map_err(|failure| said(&failure))?;
    let form = match look {
        LookAnswer::Citizen { citizen } => return Ok(id(&citizen)),
        LookAnswer::NewCard { form, .. } | LookAnswer::People { form, .. } => form,
        other => anyhow::bail!("the card was not understood: {other:?}"),
    };
    let register = Register { form, in_spite_of_lookalikes: true };
    match desk.register(register).map_err(|failure| said(&failure))? {
        Registered::Citizen { citizen } => Ok(id(&citizen)),
        other => anyhow::bail!("not registered: {other:?}"),
    }
}

pub fn gives(desk: &Desk, citizen: CitizenId) -> anyhow::Result<StatementId> {
    let draft = draft(citizen, 1, "FK9412");
    let checked = desk.check_dose(draft.clone()).map_err(|failure| said(&failure))?;
    let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
    match desk.give_dose(GiveDose { draft, in_spite_of }).map_err(|failure| said(&failure))? {
        DoseAnswer::Saved { statement: dose, .. } => Ok(statement(&dose)),
        DoseAnswer::LookAgain { checked } => anyhow::bail!("no dose can be recorded: {checked:?}"),
    }
}

pub fn draft(citizen: CitizenId, number: u8, lot: &str) -> DoseDraft {
    DoseDraft {
        citizen: citizen.to_string(),
        product: "pfizer".to_owned(),
        lot: lot.to_owned(),
        lot_expiry: Some("2022-12-31".to_owned()),
        number,
        body_site: "left_arm".to_owned(),
        route: "im".to_owned(),
    }
}
