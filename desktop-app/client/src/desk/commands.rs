//! The table of commands: name, arguments, answer.

use serde::de::DeserializeOwned;
use serde_json::Value;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::view::CitizenView;

use super::Desk;
use super::stick;
use super::view::{
    CameraNext, CameraView, Checked, CitizenRef, CorrectDose, DoseAnswer, DoseDraft, DoseSheet, EditCitizen, Enrol,
    Failure, GiveDose, JoinSiteHub, Look, LookAnswer, Register, Registered, SetHubs, SetLanguage, SiteHubView,
    StatusView, StickExport, StickImport, StickRead, StickView, StickWritten, SyncView, TodayView, Unlock, Withdraw,
};
use crate::laptop::Laptop;
use crate::store::hub;
use crate::sync::{enrol, visitor};

/// A site has one hub, a district a few.
const HUBS_MAX: usize = 8;

macro_rules! commands {
    ($($name:ident($($args:ty)?) -> $answer:ty;)*) => {
        /// Every command a screen may call.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        impl Desk {
            /// Calls a command by name, as bridges and windows do.
            pub fn dispatch(&self, command: &str, args: Value) -> Result<Value, Failure> {
                match command {
                    $(stringify!($name) => {
                        let answer: $answer = self.$name($(read::<$args>(args)?)?)?;
                        serde_json::to_value(answer).map_err(|_| Failure::code("other"))
                    })*
                    _ => Err(Failure::code("bad_request")),
                }
            }
        }
    };
}

commands! {
    status() -> StatusView;
    enrol(Enrol) -> StatusView;
    unlock(Unlock) -> StatusView;
    lock() -> StatusView;
    set_language(SetLanguage) -> StatusView;
    camera_start() -> CameraView;
    camera_stop() -> CameraView;
    camera_retry() -> CameraView;
    camera_next(CameraNext) -> CameraView;
    look(Look) -> LookAnswer;
    look_elsewhere(Look) -> LookAnswer;
    open_citizen(CitizenRef) -> CitizenView;
    register(Register) -> Registered;
    edit_citizen(EditCitizen) -> CitizenView;
    dose_sheet(CitizenRef) -> DoseSheet;
    check_dose(DoseDraft) -> Checked;
    give_dose(GiveDose) -> DoseAnswer;
    withdraw(Withdraw) -> CitizenView;
    correct_dose(CorrectDose) -> CitizenView;
    today() -> TodayView;
    sync_state() -> SyncView;
    sync_now() -> SyncView;
    set_hubs(SetHubs) -> SyncView;
    stick_state() -> StickView;
    stick_export(StickExport) -> StickWritten;
    stick_import(StickImport) -> StickRead;
    site_hub() -> SiteHubView;
    site_hub_join(JoinSiteHub) -> SiteHubView;
    site_hub_start() -> SiteHubView;
    site_hub_stop() -> SiteHubView;
}

fn read<T: DeserializeOwned>(args: Value) -> Result<T, Failure> {
    serde_json::from_value(args).map_err(|_| Failure::code("bad_request"))
}

fn citizen(id: &str) -> Result<CitizenId, Failure> {
    CitizenId::parse(id).map_err(|_| Failure::code("bad_request"))
}

fn statement(id: &str) -> Result<StatementId, Failure> {
    StatementId::parse(id).map_err(|_| Failure::code("bad_request"))
}

pub(super) type Answer<T> = Result<T, Failure>;

impl Desk {
    pub(super) fn with<T>(&self, deed: impl FnOnce(&mut Laptop) -> Answer<T>) -> Answer<T> {
        deed(self.held().as_mut().ok_or_else(|| Failure::code("not_open"))?)
    }

    /// A deed that says something: the sync worker hears of it.
    fn saying<T>(&self, deed: impl FnOnce(&mut Laptop) -> Answer<T>) -> Answer<T> {
        let answer = self.with(deed)?;
        self.worker.something_was_said();
        Ok(answer)
    }

    pub fn status(&self) -> Answer<StatusView> {
        Ok(self.status_view())
    }

    pub fn enrol(&self, args: Enrol) -> Answer<StatusView> {
        if self.is_enrolled() {
            return Err(Failure::code("already_enrolled"));
        }
        let filled = [&args.device_name, &args.user_name]
            .iter()
            .all(|text| shared_model::text::tidy(text, shared_model::limits::NAME_CHARS_MAX).is_ok());
        if !filled {
            return Err(Failure::code("bad_request"));
        }
        let mut road = (self.roads)(&args.server_url)?;
        let laptop = enrol::enrol(&self.folder, &args, road.as_mut(), self.edge.clone())?;
        crate::files::write_private(&enrol::enrolled_marker(&self.folder), b"1")?;
        *self.held() = Some(laptop);
        self.worker.wake();
        Ok(self.status_view())
    }

    pub fn unlock(&self, args: Unlock) -> Answer<StatusView> {
        if self.held().is_none() {
            let laptop = Laptop::unlock(&self.folder, &args.pin, self.edge.clone())?;
            self.rebuilt.store(laptop.rebuilt, std::sync::atomic::Ordering::Relaxed);
            *self.held() = Some(laptop);
            self.resume_site_hub();
            self.worker.wake();
        }
        Ok(self.status_view())
    }

    pub fn lock(&self) -> Answer<StatusView> {
        self.camera.stop();
        let laptop = self.held().take();
        if let Some(laptop) = laptop {
            laptop.lock()?;
        }
        Ok(self.status_view())
    }

    pub fn set_language(&self, args: SetLanguage) -> Answer<StatusView> {
        if !["vi", "en"].contains(&args.language.as_str()) {
            return Err(Failure::code("bad_request"));
        }
        crate::files::make_folder(&self.folder)?;
        crate::files::write_private(&self.folder.join(super::LANGUAGE), args.language.as_bytes())?;
        Ok(self.status_view())
    }

    pub fn camera_start(&self) -> Answer<CameraView> {
        self.camera.start();
        Ok(self.camera.now())
    }

    pub fn camera_stop(&self) -> Answer<CameraView> {
        self.camera.stop();
        Ok(self.camera.now())
    }

    pub fn camera_retry(&self) -> Answer<CameraView> {
        self.camera.retry();
        Ok(self.camera.now())
    }

    pub fn camera_next(&self, args: CameraNext) -> Answer<CameraView> {
        Ok(self.camera.next(args.after))
    }

    pub fn look(&self, args: Look) -> Answer<LookAnswer> {
        self.with(|laptop| Ok(laptop.look(&args)?))
    }

    /// Asks the nation about somebody of whom no feed tells here, and looks again. Answers with nothing where nobody need
    /// be asked for (a feed tells of them, or the nation was asked just now), and where they never were fetched. Who was
    /// fetched before is found in the store, whether or not there is a line. Waits for the road: screens look first, and
    /// go on meanwhile.
    pub fn look_elsewhere(&self, args: Look) -> Answer<LookAnswer> {
        let (wanted, nation) = self.with(|laptop| {
            let wanted = laptop.wanted_from_elsewhere(&args)?;
            Ok((wanted, laptop.seed.server_url.clone()))
        })?;
        if wanted.is_empty() {
            return Ok(LookAnswer::Nothing);
        }
        match visitor::fetch(&self.laptop, (self.roads)(&nation)?.as_mut(), wanted.clone()) {
            Ok(()) => self.with(|laptop| Ok(laptop.note_asked(&wanted)?))?,
            Err(trouble) => tracing::info!(error = %trouble, "a visitor could not be asked for"),
        }
        self.with(|laptop| if laptop.has_met_any(&wanted)? { Ok(laptop.look(&args)?) } else { Ok(LookAnswer::Nothing) })
    }

    pub fn open_citizen(&self, args: CitizenRef) -> Answer<CitizenView> {
        let card = citizen(&args.citizen)?;
        self.with(|laptop| Ok(laptop.open_citizen(card)?))
    }

    pub fn register(&self, args: Register) -> Answer<Registered> {
        self.saying(|laptop| Ok(laptop.register(&args)?))
    }

    pub fn edit_citizen(&self, args: EditCitizen) -> Answer<CitizenView> {
        let card = citizen(&args.citizen)?;
        self.saying(|laptop| {
            let _ = laptop.edit_citizen(card, &args.values)?;
            Ok(laptop.open_citizen(card)?)
        })
    }

    pub fn dose_sheet(&self, args: CitizenRef) -> Answer<DoseSheet> {
        let card = citizen(&args.citizen)?;
        self.with(|laptop| Ok(laptop.dose_sheet(card)?))
    }

    pub fn check_dose(&self, args: DoseDraft) -> Answer<Checked> {
        let card = citizen(&args.citizen)?;
        self.with(|laptop| Ok(laptop.check_dose(&args, card)?))
    }

    pub fn give_dose(&self, args: GiveDose) -> Answer<DoseAnswer> {
        let card = citizen(&args.draft.citizen)?;
        self.saying(|laptop| Ok(laptop.give_dose(&args, card)?))
    }

    pub fn withdraw(&self, args: Withdraw) -> Answer<CitizenView> {
        let dose = statement(&args.statement)?;
        self.saying(|laptop| {
            let (card, _) = laptop.withdraw_dose(dose, &args.reason, &args.note)?;
            Ok(laptop.open_citizen(card)?)
        })
    }

    pub fn correct_dose(&self, args: CorrectDose) -> Answer<CitizenView> {
        let dose = statement(&args.dose)?;
        self.saying(|laptop| {
            let (card, _) = laptop.correct_dose(dose, &args.field, &args.value, &args.note)?;
            Ok(laptop.open_citizen(card)?)
        })
    }

    pub fn today(&self) -> Answer<TodayView> {
        self.with(|laptop| Ok(laptop.day()?))
    }

    pub fn sync_state(&self) -> Answer<SyncView> {
        let state = self.worker.state();
        self.with(|laptop| {
            let nearby = (self.nearby)(laptop.membership.campaign_key);
            Ok(state.view(laptop, nearby)?)
        })
    }

    /// Asks for a sync now and does not wait for it.
    pub fn sync_now(&self) -> Answer<SyncView> {
        self.worker.sync_now();
        self.sync_state()
    }

    /// Where hubs answer. An address is tried before it is kept for nothing: it must at least be one.
    pub fn set_hubs(&self, args: SetHubs) -> Answer<SyncView> {
        let mut urls: Vec<String> = args.urls.iter().map(|url| url.trim().trim_end_matches('/').to_owned()).collect();
        urls.retain(|url| !url.is_empty());
        urls.sort();
        urls.dedup();
        if urls.len() > HUBS_MAX {
            return Err(Failure::code("too_many_hubs"));
        }
        for url in &urls {
            drop((self.roads)(url)?);
        }
        self.saying(|laptop| {
            let kept = laptop.store.transact(|conn| hub::set_addresses(conn, &urls))?;
            let () = kept.into_inner();
            Ok(())
        })?;
        self.sync_state()
    }

    pub fn stick_state(&self) -> Answer<StickView> {
        // A stick that is dying answers late; nobody waits for it but this screen.
        let volumes = stick::volumes();
        self.with(|laptop| Ok(stick::state(laptop, volumes)?))
    }

    pub fn stick_export(&self, args: StickExport) -> Answer<StickWritten> {
        let folder = stick::place(&args.folder)?;
        stick::export(&self.laptop, &folder)
    }

    pub fn stick_import(&self, args: StickImport) -> Answer<StickRead> {
        let path = stick::place(&args.path)?;
        let files = stick::import(&self.laptop, &path)?;
        self.with(|laptop| Ok(stick::read(laptop, files)?))
    }

    /// Runs one whole sync and waits for it: for the command line and for tests.
    pub fn sync_and_wait(&self) -> Answer<SyncView> {
        self.worker.run_once();
        self.sync_state()
    }
}
