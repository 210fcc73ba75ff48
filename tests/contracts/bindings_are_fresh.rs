//! The shapes that screens see are generated from the Rust ones. `UPDATE=1 cargo test -p tests --test contracts`
//! writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use field_client::desk::view as desk;
use shared_model::{time, view};
use sync_server::http::console::view as console;
use ts_rs::{Config, TS};

use super::{read, root};

fn declare<T: TS>(out: &mut String) {
    let config = Config::default();
    out.push('\n');
    if let Some(docs) = T::docs() {
        out.push_str(&docs);
    }
    writeln!(out, "export {}", T::decl(&config)).unwrap();
}

macro_rules! declarations {
    ($head:literal; $($type:ty),* $(,)?) => {{
        let mut out = String::from($head);
        $(declare::<$type>(&mut out);)*
        out
    }};
}

fn fresh(name: &str, generated: &str) {
    let path = root().join("shared-model/web/types").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    assert!(
        Path::new(&path).exists() && read(&path) == generated,
        "{name} is stale: UPDATE=1 cargo test -p tests --test contracts writes it anew"
    );
}

#[test]
fn the_model_in_typescript_is_the_model_in_rust() {
    let generated = declarations!(
        "// Generated from shared-model/src/view and desktop-app/client/src/desk/view.rs; see tests/contracts/bindings_are_fresh.rs.\n";
        time::ClockQuality,
        view::WhoView, view::Copies, view::DoseStateView, view::DoseView, view::ValueView, view::FieldView,
        view::CitizenLine, view::DueView, view::PriorView, view::FindingView, view::ConflictView, view::CitizenView,
        view::RegistrationForm, view::CaseStatus, view::CaseLine, view::SideView, view::AnswerView,
        view::SettlementView, view::CaseView,
        desk::LaptopState, desk::StatusView, desk::Enrol, desk::Unlock, desk::SetLanguage, desk::Look,
        desk::LookAnswer, desk::CitizenRef, desk::Register, desk::Registered, desk::FieldProblem,
        desk::EditCitizen, desk::ProductView, desk::LotView, desk::DoseSheet, desk::DoseDraft, desk::Checked,
        desk::GiveDose, desk::DoseAnswer, desk::Withdraw, desk::CorrectDose, desk::TodayLine,
        desk::ProductCount, desk::TodayView, desk::SyncPhase, desk::AttentionLine, desk::PriorFilterView, desk::HubView, desk::HubNearbyView, desk::SetHubs,
        desk::SyncView,
        desk::StickExport, desk::StickImport, desk::VolumeView, desk::LastStickView, desk::StickView,
        desk::StickWritten, desk::StickFileView, desk::StickRead,
        desk::JoinSiteHub, desk::SiteHubPhase, desk::SiteHubView,
        desk::CameraNext, desk::CameraState, desk::CameraRead, desk::CameraView, desk::Failure,
    );
    fresh("model.ts", &generated);
}

#[test]
fn the_console_in_typescript_is_the_console_in_rust() {
    let generated = declarations!(
        "// Generated from sync-server/src/http/console/view.rs; see tests/contracts/bindings_are_fresh.rs.\nimport type { CaseLine } from \"./model\";\n";
        console::SignIn, console::MeView, console::CaseList, console::Settle, console::Undo, console::LogView,
        console::MissingRange, console::DeviceLine, console::NewCode, console::CodeView, console::Revoke,
        console::QuarantineLine, console::OverviewView, console::SumView, console::UnitLine,
        console::SiteLine, console::LogCompleteness, console::ArrivedOn, console::DeviceCompleteness,
        console::CompletenessView, console::CheckEnd, console::EndChecked, console::UnknownWordView, console::RouteFailure,
    );
    fresh("console.ts", &generated);
}
