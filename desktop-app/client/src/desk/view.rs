//! What screens are told and what they ask with. Shapes of the model itself live in `shared_model::view`.

mod site_hub;
mod stick;
mod sync;

use serde::{Deserialize, Serialize};
use shared_model::view::{CitizenLine, DoseView, FindingView, PriorView, RegistrationForm, ValueView};
pub use site_hub::{JoinSiteHub, SiteHubPhase, SiteHubView};
pub use stick::{
    LastStickView, StickExport, StickFileView, StickImport, StickRead, StickView, StickWritten, VolumeView,
};
pub use sync::{AttentionLine, HubNearbyView, HubView, PriorFilterView, SetHubs, SyncPhase, SyncView};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LaptopState {
    /// Never enrolled: there is no store.
    New,
    Locked,
    Open,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StatusView {
    pub state: LaptopState,
    pub app_version: String,
    /// The laptop's id, empty before enrolment and while it is locked: what it said itself it may change.
    pub device: String,
    pub device_name: String,
    pub site: String,
    pub area: String,
    pub user_name: String,
    pub campaign: String,
    /// `vi` or `en`, as last chosen on this laptop.
    pub language: String,
    /// Seconds until another PIN may be tried.
    pub wait_s: u32,
    /// Entries a crash left without their author's seal; they are sealed at this unlock.
    pub unsealed: u32,
    /// Something wrong with the store that a person should know: `rebuilt`, `disk_full` …
    pub notice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Enrol {
    pub server_url: String,
    pub code: String,
    pub device_name: String,
    pub user_name: String,
    pub pin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Unlock {
    pub pin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct SetLanguage {
    pub language: String,
}

/// A text from the camera, a wedge scanner or a keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Look {
    pub text: String,
    /// Read by the camera; otherwise it came through the field, where only a whole card counts as scanned.
    pub from_camera: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LookAnswer {
    /// This person is in the register of this laptop.
    Citizen {
        citizen: String,
    },
    /// A card nobody here has met: a form filled from it.
    NewCard {
        form: RegistrationForm,
        /// What the nation's filter says of the card's holder.
        prior: Option<PriorView>,
    },
    /// People who match what was typed, and a form started from it.
    People {
        lines: Vec<CitizenLine>,
        more: bool,
        form: RegistrationForm,
    },
    NotUnderstood {
        reason: String,
    },
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct CitizenRef {
    pub citizen: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Register {
    pub form: RegistrationForm,
    /// The receptionist has looked at the people who resemble this one.
    pub in_spite_of_lookalikes: bool,
}

/// What is wrong with a form, field by field, or the citizen it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Registered {
    Citizen { citizen: String },
    Lookalikes { lines: Vec<CitizenLine> },
    Refused { problems: Vec<FieldProblem> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FieldProblem {
    pub register: String,
    /// `empty`, `too_long`, `digits`, `phone`, `date`, `in_future`, `control` …
    pub problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct EditCitizen {
    pub citizen: String,
    pub values: Vec<ValueView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProductView {
    pub code: String,
    pub name: String,
    pub doses: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LotView {
    pub product: String,
    pub lot: String,
    pub expiry: Option<String>,
}

/// Everything the give-dose screen needs before anything is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DoseSheet {
    pub citizen: String,
    pub products: Vec<ProductView>,
    /// Lots used on this laptop lately, newest first.
    pub lots: Vec<LotView>,
    pub proposed_product: Option<String>,
    pub proposed_number: u8,
    pub body_sites: Vec<String>,
    pub routes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct DoseDraft {
    pub citizen: String,
    pub product: String,
    pub lot: String,
    pub lot_expiry: Option<String>,
    pub number: u8,
    pub body_site: String,
    pub route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Checked {
    pub findings: Vec<FindingView>,
    pub problems: Vec<FieldProblem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct GiveDose {
    pub draft: DoseDraft,
    /// Codes of the findings that were on screen and confirmed.
    pub in_spite_of: Vec<String>,
}

/// The dose is on disk. Nothing else says "saved".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DoseAnswer {
    Saved {
        statement: String,
        #[ts(type = "number")]
        undo_until_ms: i64,
        #[ts(type = "number")]
        now_ms: i64,
    },
    /// Findings nobody has confirmed yet.
    LookAgain { checked: Checked },
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Withdraw {
    pub statement: String,
    /// `undone`, `wrong_person`, `not_given`, `entered_twice`, `mistake`.
    pub reason: String,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct CorrectDose {
    pub dose: String,
    /// `lot`, `product`, `number` or `body_site`.
    pub field: String,
    pub value: String,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TodayLine {
    pub citizen: String,
    pub citizen_name: String,
    pub dose: DoseView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TodayView {
    pub date: String,
    pub people: u32,
    pub doses: u32,
    pub withdrawn: u32,
    /// Statements of this laptop by where copies of them lie, all days.
    pub here_only: u32,
    pub at_hub: u32,
    pub at_nation: u32,
    pub by_product: Vec<ProductCount>,
    pub lines: Vec<TodayLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProductCount {
    pub product: String,
    pub product_name: String,
    pub doses: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct CameraNext {
    /// Number of the last view seen; 0 at first.
    #[ts(type = "number")]
    pub after: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CameraState {
    Off,
    Starting,
    Live,
    Trouble,
}

/// What the camera shows. Asked again and again; an answer comes when there is something new, at the latest after half a second.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CameraView {
    #[ts(type = "number")]
    pub seq: u64,
    pub state: CameraState,
    /// `no_camera`, `busy`, `unplugged`, `stalled`, `permission` …
    pub trouble: Option<String>,
    pub source: String,
    /// A JPEG, base64.
    pub preview: Option<String>,
    /// Texts read since `after`, oldest first.
    pub reads: Vec<CameraRead>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CameraRead {
    #[ts(type = "number")]
    pub seq: u64,
    /// Empty when the code could not be read as text.
    pub text: String,
    pub unreadable: bool,
    /// Four corners of the code, each as fractions of the picture's width and height.
    pub corners: Vec<(f32, f32)>,
}

/// What a screen gets when a deed was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Failure {
    pub code: String,
    pub params: std::collections::BTreeMap<String, String>,
}
