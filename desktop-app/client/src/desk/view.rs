//! What screens are told and what they ask with. Shapes of the model itself live in `shared_model::view`.

use serde::{Deserialize, Serialize};
use shared_model::view::{CitizenLine, Copies, DoseView, FindingView, PriorView, RegistrationForm, ValueView};
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    Idle,
    Running,
    /// The last try failed; the next one is due at `next_try_ms`.
    Waiting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncView {
    pub phase: SyncPhase,
    pub server_url: String,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub next_try_ms: Option<i64>,
    /// Code of what went wrong last: `no_network`, `server_busy`, `device_revoked`, `forked` …
    pub trouble: Option<String>,
    /// What the nation does not hold yet.
    #[ts(type = "number")]
    pub to_push: u64,
    /// What nobody but this laptop holds yet.
    #[ts(type = "number")]
    pub to_push_anywhere: u64,
    /// Hubs this laptop knows the address of.
    pub hubs: Vec<HubView>,
    /// Heard nearby, and not in the list.
    pub hubs_nearby: Vec<HubNearbyView>,
    #[ts(type = "number")]
    pub pushed: u64,
    #[ts(type = "number")]
    pub pulled: u64,
    pub log_epoch: u32,
    #[ts(type = "number")]
    pub log_head: u64,
    /// Six words for the end of the log, to be compared over the telephone; nothing while it is empty.
    pub log_words: Option<String>,
    #[ts(type = "number")]
    pub durable_to: u64,
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    pub area_ready: bool,
    pub attention: Vec<AttentionLine>,
    pub copies_of_last: Option<Copies>,
    /// The filter of prior doses; nothing before the server has announced one.
    pub prior: Option<PriorFilterView>,
}

/// How new the filter of prior doses is, and how large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PriorFilterView {
    /// The last day that had ended when it was written; nothing while the first is still coming.
    pub as_of: Option<String>,
    #[ts(type = "number")]
    pub citizens: u64,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Of a newer one, or of what was damaged, still to be fetched.
    #[ts(type = "number")]
    pub bytes_missing: u64,
}

/// A hub, as the sync screen lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubView {
    pub url: String,
    /// As the hub calls itself, once it was met.
    pub name: Option<String>,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    /// Code of what went wrong with it last.
    pub trouble: Option<String>,
}

/// A hub that made itself heard in the same network. Whether it is one is known once it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubNearbyView {
    pub url: String,
    pub name: Option<String>,
}

/// Where hubs answer: these and no others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct SetHubs {
    pub urls: Vec<String>,
}

/// Makes this laptop the hub of its site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct JoinSiteHub {
    /// A one-time code that the nation made for a hub.
    pub code: String,
    /// As the site calls it.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SiteHubPhase {
    /// This program brings no hub.
    Unavailable,
    /// Nobody joined with a code for a hub.
    Never,
    Stopped,
    Serving,
    /// It should serve and does not.
    Broke,
}

/// This laptop as the hub of its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SiteHubView {
    pub phase: SiteHubPhase,
    pub name: String,
    /// Codes of the units whose feeds it tells.
    pub areas: Vec<String>,
    /// To be typed in on other laptops, where they do not find it by themselves.
    pub addresses: Vec<String>,
    /// Entries that the nation does not hold yet.
    #[ts(type = "number")]
    pub waiting: u64,
    #[ts(type = "number | null")]
    pub last_contact_ms: Option<i64>,
    /// What the system said when it stopped by itself.
    pub detail: Option<String>,
}

/// A statement that was kept but not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AttentionLine {
    pub position: String,
    pub code: String,
    pub from_here: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct StickExport {
    /// A folder on the stick, or the stick itself.
    pub folder: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct StickImport {
    /// A file, or a folder with return sticks in it.
    pub path: String,
}

/// What a stick would carry, who could read it, and where one is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickView {
    pub volumes: Vec<VolumeView>,
    /// Entries that no receipt of the nation names.
    #[ts(type = "number")]
    pub entries: u64,
    /// No stick needs more room than this.
    #[ts(type = "number")]
    pub bytes_max: u64,
    /// Names of those who can read it; nobody before the first sync with a server that reads sticks.
    pub readers: Vec<String>,
    pub last: Option<LastStickView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct VolumeView {
    pub path: String,
    pub name: String,
    #[ts(type = "number | null")]
    pub free_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct LastStickView {
    #[ts(type = "number")]
    pub made_ms: i64,
    #[ts(type = "number")]
    pub entries: u64,
    /// When the answer that came home was given.
    #[ts(type = "number | null")]
    pub answered_ms: Option<i64>,
}

/// A stick that was written, and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickWritten {
    pub file: String,
    #[ts(type = "number")]
    pub bytes: u64,
    #[ts(type = "number")]
    pub entries: u64,
    pub readers: Vec<String>,
}

/// What came home. No file at all: none lay there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickRead {
    pub files: Vec<StickFileView>,
    /// How far the nation holds this laptop's log.
    #[ts(type = "number")]
    pub national_to: u64,
    /// How far a hub or the nation holds it.
    #[ts(type = "number")]
    pub held_to: u64,
    /// How far it goes.
    #[ts(type = "number")]
    pub head: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StickFileView {
    pub file: String,
    /// Why nothing came out: `not_a_stick`, `foreign`, `later_version`, `not_for_us`, `damaged`.
    pub unread: Option<String>,
    /// What the words of servers on it are worth: `answer`, `again`, `stale`, `not_ours`, `beyond_limits`.
    pub words: Vec<String>,
    /// The hub whose words they are; nothing where the nation spoke.
    pub hub: Option<String>,
    /// Entries of the area's news that were kept.
    #[ts(type = "number")]
    pub entries: u64,
    /// Part of it is damaged or could not be placed; the next sync or stick brings it.
    pub is_damaged: bool,
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
