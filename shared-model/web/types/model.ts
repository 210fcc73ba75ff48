// Shapes of the Rust structs in `shared-model/src/view`, `desktop-app/client/src/desk/view.rs`
// and `sync-server/src/http/console/view.rs`.

export type ClockQuality = "good" | "fair" | "unknown" | "wrong";

export type WhoView = {
  author: string;
  /** Empty where this node has not met the author. */
  author_name: string;
  device: string;
  device_name: string;
  site: string;
  /** As the device's clock said. */
  said_at_ms: number;
  /** By the server's clock, as far as the device knew its offset. */
  corrected_at_ms: number;
  clock: ClockQuality;
};

export type Copies = "here" | "hub" | "nation";

export type DoseStateView = "given" | "withdrawn" | "echo";

export type DoseView = {
  statement: string;
  citizen: string;
  product: string;
  product_name: string;
  lot: string;
  lot_expiry: string | null;
  number: number;
  given_at_ms: number;
  given_on: string;
  body_site: string;
  route: string;
  source: string;
  state: DoseStateView;
  amended: Array<string>;
  in_spite_of: Array<string>;
  who: WhoView;
  copies: Copies;
};

export type ValueView = {
  register: string;
  text: string;
  precision: string | null;
  relation: string | null;
  phone: string | null;
};

export type FieldView = {
  register: string;
  shown: ValueView;
  others: Array<ValueView>;
  source: string;
};

export type CitizenLine = {
  id: string;
  name: string;
  birth: string;
  birth_precision: string;
  sex: string;
  id_tail: string;
  phone_tail: string;
  address: string;
  doses_given: number;
  last_given_at_ms: number | null;
  has_conflict: boolean;
};

export type DueView = {
  state: string;
  number: number | null;
  products: Array<string>;
  earliest: string | null;
  recommended_from: string | null;
  recommended_to: string | null;
  days_left: number | null;
};

export type FindingView = {
  code: string;
  severity: string;
  params: { [key in string]: string };
  sources: Array<string>;
};

export type ConflictView = {
  case: string;
  kind: string;
  involved: Array<string>;
  status: CaseStatus;
  answer: string | null;
  answer_names: string | null;
  note: string | null;
  register: string | null;
};

export type CitizenView = {
  id: string;
  own_code: string;
  cards: Array<string>;
  name: string;
  fields: Array<FieldView>;
  doses: Array<DoseView>;
  due: DueView;
  conflicts: Array<ConflictView>;
  waiting: number;
  state_root: string;
};

export type RegistrationForm = {
  values: Array<ValueView>;
  source: string;
  scan: string | null;
  citizen: string | null;
  doubts: Array<string>;
};

export type CaseStatus = "open" | "sent_back" | "settled" | "gone";

export type CaseLine = {
  id: string;
  kind: string;
  status: CaseStatus;
  citizen: string | null;
  citizen_name: string;
  summary: Array<string>;
  sites: Array<string>;
  raised_at_ms: number;
};

export type SideView = {
  statement: string;
  kind: string;
  who: WhoView;
  received_at_ms: number;
  position: string;
  scan: string | null;
  source: string | null;
  dose: DoseView | null;
  values: Array<ValueView>;
  citizen: string | null;
};

export type AnswerView = {
  code: string;
  names: string | null;
};

export type SettlementView = {
  statement: string;
  answer: AnswerView;
  note: string;
  who: WhoView;
  undone: boolean;
};

export type CaseView = {
  id: string;
  kind: string;
  status: CaseStatus;
  raised_at_ms: number;
  register: string | null;
  sides: Array<SideView>;
  citizens: Array<CitizenView>;
  settlements: Array<SettlementView>;
  answers: Array<AnswerView>;
};

export type LaptopState = "new" | "locked" | "open";

export type StatusView = {
  state: LaptopState;
  app_version: string;
  device_name: string;
  site: string;
  area: string;
  user_name: string;
  campaign: string;
  language: string;
  wait_s: number;
  unsealed: number;
  notice: string | null;
};

export type Enrol = {
  server_url: string;
  code: string;
  device_name: string;
  user_name: string;
  pin: string;
};

export type Unlock = { pin: string };

export type SetLanguage = { language: string };

export type Look = { text: string; from_camera: boolean };

export type LookAnswer =
  | { kind: "citizen"; citizen: string }
  | { kind: "new_card"; form: RegistrationForm }
  | { kind: "people"; lines: Array<CitizenLine>; more: boolean; form: RegistrationForm }
  | { kind: "not_understood"; reason: string }
  | { kind: "nothing" };

export type CitizenRef = { citizen: string };

export type Register = { form: RegistrationForm; in_spite_of_lookalikes: boolean };

export type Registered =
  | { kind: "citizen"; citizen: string }
  | { kind: "lookalikes"; lines: Array<CitizenLine> }
  | { kind: "refused"; problems: Array<FieldProblem> };

export type FieldProblem = { register: string; problem: string };

export type EditCitizen = { citizen: string; values: Array<ValueView> };

export type ProductView = { code: string; name: string; doses: number };

export type LotView = { product: string; lot: string; expiry: string | null };

export type DoseSheet = {
  citizen: string;
  products: Array<ProductView>;
  lots: Array<LotView>;
  proposed_product: string | null;
  proposed_number: number;
  body_sites: Array<string>;
  routes: Array<string>;
};

export type DoseDraft = {
  citizen: string;
  product: string;
  lot: string;
  lot_expiry: string | null;
  number: number;
  body_site: string;
  route: string;
};

export type Checked = { findings: Array<FindingView>; problems: Array<FieldProblem> };

export type GiveDose = { draft: DoseDraft; in_spite_of: Array<string> };

export type DoseAnswer =
  | { kind: "saved"; statement: string; undo_until_ms: number; now_ms: number }
  | { kind: "look_again"; checked: Checked };

export type Withdraw = { statement: string; reason: string; note: string };

export type CorrectDose = { dose: string; field: string; value: string; note: string };

export type TodayLine = { citizen: string; citizen_name: string; dose: DoseView };

export type ProductCount = { product: string; product_name: string; doses: number };

export type TodayView = {
  date: string;
  people: number;
  doses: number;
  withdrawn: number;
  here_only: number;
  at_hub: number;
  at_nation: number;
  by_product: Array<ProductCount>;
  lines: Array<TodayLine>;
};

export type SyncPhase = "idle" | "running" | "waiting";

export type AttentionLine = { position: string; code: string; from_here: boolean };

export type SyncView = {
  phase: SyncPhase;
  server_url: string;
  last_contact_ms: number | null;
  next_try_ms: number | null;
  trouble: string | null;
  to_push: number;
  pushed: number;
  pulled: number;
  log_epoch: number;
  log_head: number;
  durable_to: number;
  clock_offset_ms: number | null;
  area_ready: boolean;
  attention: Array<AttentionLine>;
  copies_of_last: Copies | null;
};

export type CameraNext = { after: number };

export type CameraState = "off" | "starting" | "live" | "trouble";

export type CameraRead = {
  seq: number;
  text: string;
  unreadable: boolean;
  corners: Array<[number, number]>;
};

export type CameraView = {
  seq: number;
  state: CameraState;
  trouble: string | null;
  source: string;
  preview: string | null;
  reads: Array<CameraRead>;
};

export type Failure = { code: string; params: { [key in string]: string } };

export type SignIn = { name: string; password: string };

export type MeView = {
  name: string;
  role: string;
  server_version: string;
  campaign: string;
  now_ms: number;
};

export type CaseList = {
  cases: Array<CaseLine>;
  open: number;
  sent_back: number;
  settled: number;
  next: string | null;
};

export type Settle = { answer: string; names: string | null; note: string };

export type Undo = { settlement: string; note: string };

export type MissingRange = { from: number; to: number };

export type LogView = {
  epoch: number;
  durable_to: number;
  claimed_head: number;
  missing: Array<MissingRange>;
  forked: boolean;
};

export type DeviceLine = {
  id: string;
  name: string;
  site: string;
  area: string;
  people: Array<string>;
  enrolled_at_ms: number;
  last_contact_ms: number | null;
  clock_offset_ms: number | null;
  logs: Array<LogView>;
  quarantined: number;
  revoked: boolean;
  is_console: boolean;
};

export type NewCode = { site: string; area: string };

export type CodeView = { code: string; expires_at_ms: number };

export type Revoke = { note: string };

export type QuarantineLine = {
  id: number;
  device: string;
  device_name: string;
  position: string;
  code: string;
  received_at_ms: number;
  bytes: number;
};

export type OverviewView = {
  doses: number;
  people: number;
  devices: number;
  devices_silent_today: number;
  statements_missing: number;
  cases_open: number;
  quarantined: number;
  projector_behind: number;
  now_ms: number;
};

export type RouteFailure = { code: string };
