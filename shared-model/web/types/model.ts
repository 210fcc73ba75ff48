// Generated from shared-model/src/view and desktop-app/client/src/desk/view.rs; see tests/contracts/bindings_are_fresh.rs.

/**
 * How far a time may be believed, for eyes that compare two stories.
 */
export type ClockQuality = "good" | "fair" | "unknown" | "wrong";

/**
 * Who said something, on which device, and how good its clock was.
 */
export type WhoView = { author: string, 
/**
 * Empty where this node has not met the author.
 */
author_name: string, device: string, device_name: string, site: string, 
/**
 * As the device's clock said.
 */
said_at_ms: number, 
/**
 * By the server's clock, as far as the device knew its offset.
 */
corrected_at_ms: number, clock: ClockQuality, };

/**
 * Where copies of a statement lie.
 */
export type Copies = "here" | "hub" | "nation";

export type DoseStateView = "given" | "withdrawn" | "echo";

export type DoseView = { statement: string, citizen: string, product: string, 
/**
 * As the rules in force call it; the code where they don't know it.
 */
product_name: string, lot: string, lot_expiry: string | null, number: number, given_at_ms: number, given_on: string, body_site: string, route: string, source: string, state: DoseStateView, 
/**
 * Codes of fields an amendment changed.
 */
amended: Array<string>, in_spite_of: Array<string>, who: WhoView, copies: Copies, };

/**
 * A value of a register as text, with the parts only some registers have.
 */
export type ValueView = { 
/**
 * Register code: `name`, `birth`, `sex`, `national_id`, `phone` …
 */
register: string, 
/**
 * A name, an ISO date, `male`/`female`/`other`, digits, a unit code, a group number …
 */
text: string, 
/**
 * For a birth date: `day`, `month`, `year` or `estimated`.
 */
precision: string | null, 
/**
 * For a guardian.
 */
relation: string | null, phone: string | null, };

/**
 * One register of a citizen, with everything said of it that still stands.
 */
export type FieldView = { register: string, shown: ValueView, 
/**
 * Other standing values nobody has chosen between; empty when all agree.
 */
others: Array<ValueView>, 
/**
 * `scanned`, `typed`, `paper` or `slip`.
 */
source: string, };

/**
 * One row of a list of people.
 */
export type CitizenLine = { id: string, name: string, birth: string, birth_precision: string, sex: string, 
/**
 * The last four characters of the identifier, enough to tell two people apart at a table.
 */
id_tail: string, phone_tail: string, address: string, doses_given: number, last_given_at_ms: number | null, has_conflict: boolean, };

/**
 * What is due next for a person.
 */
export type DueView = { 
/**
 * `first`, `next`, `complete` or `unclear`.
 */
state: string, number: number | null, products: Array<string>, earliest: string | null, recommended_from: string | null, recommended_to: string | null, 
/**
 * Days until `earliest`; negative once it has passed.
 */
days_left: number | null, };

/**
 * Doses that the national record may hold beyond those that are here: a reason to ask for the card, never to refuse.
 */
export type PriorView = { 
/**
 * 1 to 7.
 */
doses: number, or_more: boolean, 
/**
 * The last day that had ended when the filter was written.
 */
as_of: string, };

/**
 * Advice at the table.
 */
export type FindingView = { code: string, 
/**
 * `info`, `caution` or `stop`.
 */
severity: string, 
/**
 * Parameters for the sentence in the catalogue.
 */
params: { [key in string]: string }, 
/**
 * Title of the rule's source.
 */
sources: Array<string>, };

/**
 * A disagreement known here, and its answer once there is one.
 */
export type ConflictView = { case: string, kind: string, involved: Array<string>, 
/**
 * `open`, `sent_back` or `settled`.
 */
status: CaseStatus, 
/**
 * Code of the answer of the settlement in force.
 */
answer: string | null, answer_names: string | null, note: string | null, register: string | null, };

/**
 * Everything about one person.
 */
export type CitizenView = { id: string, 
/**
 * The text of the citizen's own QR code.
 */
own_code: string, 
/**
 * Ids of all cards linked to this person, this one included.
 */
cards: Array<string>, name: string, fields: Array<FieldView>, doses: Array<DoseView>, due: DueView, conflicts: Array<ConflictView>, 
/**
 * What the nation's filter says of somebody a laptop knows too little of; nothing where the record shows as many doses.
 */
prior: PriorView | null, 
/**
 * Statements that wait for others they build on.
 */
waiting: number, 
/**
 * Equal on two nodes exactly when they hold the same statements about this person.
 */
state_root: string, };

/**
 * A walk-in or a scanned card on its way into the register.
 */
export type RegistrationForm = { values: Array<ValueView>, 
/**
 * `scanned` or `typed`.
 */
source: string, scan: string | null, 
/**
 * The id a scanned card gives its holder; none for typed forms.
 */
citizen: string | null, 
/**
 * Codes of what does not fit together on the card.
 */
doubts: Array<string>, };

export type CaseStatus = "open" | "sent_back" | "settled" | "gone";

/**
 * One row of the queue.
 */
export type CaseLine = { id: string, kind: string, status: CaseStatus, citizen: string | null, citizen_name: string, summary: Array<string>, sites: Array<string>, raised_at_ms: number, };

/**
 * One of the statements in dispute.
 */
export type SideView = { statement: string, kind: string, who: WhoView, received_at_ms: number, position: string, 
/**
 * The scanned text its author's laptop read.
 */
scan: string | null, source: string | null, dose: DoseView | null, values: Array<ValueView>, citizen: string | null, };

/**
 * An answer an admin may give to this case.
 */
export type AnswerView = { 
/**
 * `choose_value`, `same_dose`, `really_two`, `withdraw_dose`, `same_person` …
 */
code: string, 
/**
 * The statement it points at, for answers that choose one.
 */
names: string | null, };

export type SettlementView = { statement: string, answer: AnswerView, note: string, who: WhoView, 
/**
 * A later statement took it back.
 */
undone: boolean, };

/**
 * One case, side by side.
 */
export type CaseView = { id: string, kind: string, status: CaseStatus, raised_at_ms: number, register: string | null, sides: Array<SideView>, citizens: Array<CitizenView>, 
/**
 * Oldest first; the last one that is not undone is in force.
 */
settlements: Array<SettlementView>, answers: Array<AnswerView>, };

export type LaptopState = "new" | "locked" | "open";

export type StatusView = { state: LaptopState, app_version: string, 
/**
 * The laptop's id, empty before enrolment and while it is locked: what it said itself it may change.
 */
device: string, device_name: string, site: string, area: string, user_name: string, campaign: string, 
/**
 * `vi` or `en`, as last chosen on this laptop.
 */
language: string, 
/**
 * Seconds until another PIN may be tried.
 */
wait_s: number, 
/**
 * Entries a crash left without their author's seal; they are sealed at this unlock.
 */
unsealed: number, 
/**
 * Something wrong with the store that a person should know: `rebuilt`, `disk_full` …
 */
notice: string | null, };

export type Enrol = { server_url: string, code: string, device_name: string, user_name: string, pin: string, };

export type Unlock = { pin: string, };

export type SetLanguage = { language: string, };

/**
 * A text from the camera, a wedge scanner or a keyboard.
 */
export type Look = { text: string, 
/**
 * Read by the camera; otherwise it came through the field, where only a whole card counts as scanned.
 */
from_camera: boolean, };

export type LookAnswer = { "kind": "citizen", citizen: string, } | { "kind": "new_card", form: RegistrationForm, 
/**
 * What the nation's filter says of the card's holder.
 */
prior: PriorView | null, } | { "kind": "people", lines: Array<CitizenLine>, more: boolean, form: RegistrationForm, } | { "kind": "not_understood", reason: string, } | { "kind": "nothing" };

export type CitizenRef = { citizen: string, };

export type Register = { form: RegistrationForm, 
/**
 * The receptionist has looked at the people who resemble this one.
 */
in_spite_of_lookalikes: boolean, };

/**
 * What is wrong with a form, field by field, or the citizen it made.
 */
export type Registered = { "kind": "citizen", citizen: string, } | { "kind": "lookalikes", lines: Array<CitizenLine>, } | { "kind": "refused", problems: Array<FieldProblem>, };

export type FieldProblem = { register: string, 
/**
 * `empty`, `too_long`, `digits`, `phone`, `date`, `in_future`, `control` …
 */
problem: string, };

export type EditCitizen = { citizen: string, values: Array<ValueView>, };

export type ProductView = { code: string, name: string, doses: number, };

export type LotView = { product: string, lot: string, expiry: string | null, };

/**
 * Everything the give-dose screen needs before anything is chosen.
 */
export type DoseSheet = { citizen: string, products: Array<ProductView>, 
/**
 * Lots used on this laptop lately, newest first.
 */
lots: Array<LotView>, proposed_product: string | null, proposed_number: number, body_sites: Array<string>, routes: Array<string>, };

export type DoseDraft = { citizen: string, product: string, lot: string, lot_expiry: string | null, number: number, body_site: string, route: string, };

export type Checked = { findings: Array<FindingView>, problems: Array<FieldProblem>, };

export type GiveDose = { draft: DoseDraft, 
/**
 * Codes of the findings that were on screen and confirmed.
 */
in_spite_of: Array<string>, };

/**
 * The dose is on disk. Nothing else says "saved".
 */
export type DoseAnswer = { "kind": "saved", statement: string, undo_until_ms: number, now_ms: number, } | { "kind": "look_again", checked: Checked, };

export type Withdraw = { statement: string, 
/**
 * `undone`, `wrong_person`, `not_given`, `entered_twice`, `mistake`.
 */
reason: string, note: string, };

export type CorrectDose = { dose: string, 
/**
 * `lot`, `product`, `number` or `body_site`.
 */
field: string, value: string, note: string, };

export type TodayLine = { citizen: string, citizen_name: string, dose: DoseView, };

export type ProductCount = { product: string, product_name: string, doses: number, };

export type TodayView = { date: string, people: number, doses: number, withdrawn: number, 
/**
 * Statements of this laptop by where copies of them lie, all days.
 */
here_only: number, at_hub: number, at_nation: number, by_product: Array<ProductCount>, lines: Array<TodayLine>, };

export type SyncPhase = "idle" | "running" | "waiting";

/**
 * A statement that was kept but not believed.
 */
export type AttentionLine = { position: string, code: string, from_here: boolean, };

/**
 * How new the filter of prior doses is, and how large.
 */
export type PriorFilterView = { 
/**
 * The last day that had ended when it was written; nothing while the first is still coming.
 */
as_of: string | null, citizens: number, bytes: number, 
/**
 * Of a newer one, or of what was damaged, still to be fetched.
 */
bytes_missing: number, };

/**
 * A hub, as the sync screen lists it.
 */
export type HubView = { url: string, 
/**
 * As the hub calls itself, once it was met.
 */
name: string | null, last_contact_ms: number | null, 
/**
 * Code of what went wrong with it last.
 */
trouble: string | null, };

/**
 * A hub that made itself heard in the same network. Whether it is one is known once it was met.
 */
export type HubNearbyView = { url: string, name: string | null, };

/**
 * Where hubs answer: these and no others.
 */
export type SetHubs = { urls: Array<string>, };

export type SyncView = { phase: SyncPhase, server_url: string, last_contact_ms: number | null, next_try_ms: number | null, 
/**
 * Code of what went wrong last: `no_network`, `server_busy`, `device_revoked`, `forked` …
 */
trouble: string | null, 
/**
 * What the nation does not hold yet.
 */
to_push: number, 
/**
 * What nobody but this laptop holds yet.
 */
to_push_anywhere: number, 
/**
 * Hubs this laptop knows the address of.
 */
hubs: Array<HubView>, 
/**
 * Heard nearby, and not in the list.
 */
hubs_nearby: Array<HubNearbyView>, pushed: number, pulled: number, log_epoch: number, log_head: number, 
/**
 * Six words for the end of the log, to be compared over the telephone; nothing while it is empty.
 */
log_words: string | null, durable_to: number, clock_offset_ms: number | null, area_ready: boolean, attention: Array<AttentionLine>, copies_of_last: Copies | null, 
/**
 * The filter of prior doses; nothing before the server has announced one.
 */
prior: PriorFilterView | null, };

export type StickExport = { 
/**
 * A folder on the stick, or the stick itself.
 */
folder: string, };

export type StickImport = { 
/**
 * A file, or a folder with return sticks in it.
 */
path: string, };

export type VolumeView = { path: string, name: string, free_bytes: number | null, };

export type LastStickView = { made_ms: number, entries: number, 
/**
 * When the answer that came home was given.
 */
answered_ms: number | null, };

/**
 * What a stick would carry, who could read it, and where one is plugged in.
 */
export type StickView = { volumes: Array<VolumeView>, 
/**
 * Entries that no receipt of the nation names.
 */
entries: number, 
/**
 * No stick needs more room than this.
 */
bytes_max: number, 
/**
 * Names of those who can read it; nobody before the first sync with a server that reads sticks.
 */
readers: Array<string>, last: LastStickView | null, };

/**
 * A stick that was written, and read back.
 */
export type StickWritten = { file: string, bytes: number, entries: number, readers: Array<string>, };

export type StickFileView = { file: string, 
/**
 * Why nothing came out: `not_a_stick`, `foreign`, `later_version`, `not_for_us`, `damaged`.
 */
unread: string | null, 
/**
 * What the words of servers on it are worth: `answer`, `again`, `stale`, `not_ours`, `beyond_limits`.
 */
words: Array<string>, 
/**
 * The hub whose words they are; nothing where the nation spoke.
 */
hub: string | null, 
/**
 * Entries of the area's news that were kept.
 */
entries: number, 
/**
 * Part of it is damaged or could not be placed; the next sync or stick brings it.
 */
is_damaged: boolean, };

/**
 * What came home. No file at all: none lay there.
 */
export type StickRead = { files: Array<StickFileView>, 
/**
 * How far the nation holds this laptop's log.
 */
national_to: number, 
/**
 * How far a hub or the nation holds it.
 */
held_to: number, 
/**
 * How far it goes.
 */
head: number, };

/**
 * Makes this laptop the hub of its site.
 */
export type JoinSiteHub = { 
/**
 * A one-time code that the nation made for a hub.
 */
code: string, 
/**
 * As the site calls it.
 */
name: string, };

export type SiteHubPhase = "unavailable" | "never" | "stopped" | "serving" | "broke";

/**
 * This laptop as the hub of its site.
 */
export type SiteHubView = { phase: SiteHubPhase, name: string, 
/**
 * Codes of the units whose feeds it tells.
 */
areas: Array<string>, 
/**
 * To be typed in on other laptops, where they do not find it by themselves.
 */
addresses: Array<string>, 
/**
 * Entries that the nation does not hold yet.
 */
waiting: number, last_contact_ms: number | null, 
/**
 * What the system said when it stopped by itself.
 */
detail: string | null, };

export type CameraNext = { 
/**
 * Number of the last view seen; 0 at first.
 */
after: number, };

export type CameraState = "off" | "starting" | "live" | "trouble";

export type CameraRead = { seq: number, 
/**
 * Empty when the code could not be read as text.
 */
text: string, unreadable: boolean, 
/**
 * Four corners of the code, each as fractions of the picture's width and height.
 */
corners: Array<[number, number]>, };

/**
 * What the camera shows. Asked again and again; an answer comes when there is something new, at the latest after half a second.
 */
export type CameraView = { seq: number, state: CameraState, 
/**
 * `no_camera`, `busy`, `unplugged`, `stalled`, `permission` …
 */
trouble: string | null, source: string, 
/**
 * A JPEG, base64.
 */
preview: string | null, 
/**
 * Texts read since `after`, oldest first.
 */
reads: Array<CameraRead>, };

/**
 * What a screen gets when a deed was not done.
 */
export type Failure = { code: string, params: { [key in string]: string }, };
