//! The commands of the window, one line each: run on a blocking thread, answered as the desk answers.

use std::sync::Arc;

use field_client::Desk;
use field_client::desk::view::{
    CameraNext, CameraView, Checked, CitizenRef, CorrectDose, DoseAnswer, DoseDraft, DoseSheet, EditCitizen, Enrol,
    Failure, GiveDose, JoinSiteHub, Look, LookAnswer, Register, Registered, SetHubs, SetLanguage, SiteHubView,
    StatusView, StickExport, StickImport, StickRead, StickView, StickWritten, SyncView, TodayView, Unlock, Withdraw,
};
use shared_model::view::CitizenView;
use tauri::State;

macro_rules! commands {
    ($($name:ident($($args:ty)?) -> $answer:ty;)*) => {
        $(
            #[tauri::command]
            async fn $name(desk: State<'_, Arc<Desk>> $(, args: $args)?) -> Result<$answer, Failure> {
                let desk = Arc::clone(&desk);
                commands!(@ask desk, $name $(, args: $args)?)
            }
        )*

        /// Hands the window's questions to the desk.
        pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
    (@ask $desk:ident, $name:ident) => {
        tauri::async_runtime::spawn_blocking(move || $desk.$name()).await.map_err(|_| Failure::code("other"))?
    };
    (@ask $desk:ident, $name:ident, $args:ident: $type:ty) => {
        tauri::async_runtime::spawn_blocking(move || $desk.$name($args)).await.map_err(|_| Failure::code("other"))?
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
