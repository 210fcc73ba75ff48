/** A pretend country, large enough for every screen of the console to have something to say. */
import type {
  CaseLine,
  CaseView,
  CitizenView,
  ClockQuality,
  DoseView,
  FieldView,
  SettlementView,
  SideView,
  ValueView,
  WhoView,
} from "@so-tiem/web/model";
import type { DeviceLine, LogView, QuarantineLine } from "@so-tiem/web/console";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 30 September 2021, 14:05 in Ho Chi Minh City. */
export const NOW = Date.UTC(2021, 8, 30, 7, 5);

let drawn = 0;
/** Ids that look like hashes and are the same every time. */
export function hex(chars: number): string {
  drawn += 1;
  let state = (drawn * 2654435761) >>> 0;
  let text = "";
  while (text.length < chars) {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0;
    text += state.toString(16).padStart(8, "0");
  }
  return text.slice(0, chars);
}

const isoDay = (ms: number) => new Date(ms + 7 * HOUR).toISOString().slice(0, 10);

export interface Laptop {
  id: string;
  name: string;
  site: string;
  area: string;
  people: string[];
}
const laptop = (name: string, site: string, area: string, ...people: string[]): Laptop => ({ id: hex(32), name, site, area, people });

const alley = laptop("Bàn 2", "Q8-HEM-42", "27427", "Lê Thị Hồng", "Trần Quốc Bảo");
const tower = laptop("Bàn 1", "Q8-CHUNG-CU-A", "27427", "Phạm Thị Ngọc Ánh");
const school = laptop("Đội lưu động 3", "Q8-THCS-LY-THANH-TONG", "27430", "Nguyễn Văn Đức", "Đỗ Thị Hường");
const home = laptop("Đội tại nhà", "BC-VINH-LOC-A", "27601", "Huỳnh Tấn Phát");
const stolen = laptop("Bàn 4", "BT-PHUONG-22", "26956", "Võ Thị Sáu");
const cloned = laptop("Bàn 3", "TD-LINH-TRUNG", "26800", "Bùi Đăng Khoa");

interface Said {
  on: Laptop;
  at: number;
  by?: string;
  clock?: ClockQuality;
  offset?: number;
}
const who = ({ on, at, by, clock = "good", offset = 4_000 }: Said): WhoView => ({
  author: hex(32),
  author_name: by ?? on.people[0] ?? "",
  device: on.id,
  device_name: on.name,
  site: on.site,
  said_at_ms: at - offset,
  corrected_at_ms: at,
  clock,
});

const value = (register: string, text: string, more: Partial<ValueView> = {}): ValueView => ({
  register,
  text,
  precision: null,
  relation: null,
  phone: null,
  ...more,
});
const field = (shown: ValueView, source = "scanned", others: ValueView[] = []): FieldView => ({
  register: shown.register,
  shown,
  others,
  source,
});

interface Dose extends Said {
  number: number;
  product?: string;
  lot?: string;
  more?: Partial<DoseView>;
}
const products: Record<string, string> = { az: "AstraZeneca (Vaxzevria)", pfizer: "Pfizer-BioNTech (Comirnaty)", vero: "Vero Cell (Sinopharm)" };
const dose = ({ number, product = "az", lot = "ABV5123", more, ...said }: Dose): DoseView => ({
  statement: hex(64),
  citizen: "",
  product,
  product_name: products[product] ?? product,
  lot,
  lot_expiry: "2022-01-31",
  number,
  given_at_ms: said.at - (said.offset ?? 4_000),
  given_on: isoDay(said.at),
  body_site: "left_arm",
  route: "im",
  source: "typed",
  state: "given",
  amended: [],
  in_spite_of: [],
  who: who(said),
  copies: "nation",
  ...more,
});

interface Person {
  name: string;
  birth?: string;
  sex?: string;
  national?: string;
  phone?: string;
  address?: string;
  doses?: DoseView[];
  due?: Partial<CitizenView["due"]>;
  more?: FieldView[];
  others?: { [register: string]: ValueView[] };
}
const person = (p: Person): CitizenView => {
  const id = hex(32);
  const fields = [
    field(value("name", p.name), "scanned", p.others?.["name"]),
    field(value("birth", p.birth ?? "1990-05-01", { precision: "day" }), "scanned", p.others?.["birth"]),
    field(value("sex", p.sex ?? "female")),
    field(value("national_id", p.national ?? "079190004215"), "scanned"),
    field(value("phone", p.phone ?? "0903128457"), "typed", p.others?.["phone"]),
    field(value("address", p.address ?? "42/7 Hẻm Ông Địa, Phường 4, Quận 8, TP. Hồ Chí Minh")),
    field(value("priority_group", "13"), "typed"),
    ...(p.more ?? []),
  ];
  const doses = (p.doses ?? []).map((given) => ({ ...given, citizen: id }));
  return {
    id,
    own_code: `ST1-${hex(4).toUpperCase()}-${hex(4).toUpperCase()}-${hex(4).toUpperCase()}`,
    cards: [id],
    name: p.name,
    fields,
    doses,
    due: {
      state: doses.length > 0 ? "next" : "first",
      number: doses.length + 1,
      products: ["az"],
      earliest: null,
      recommended_from: null,
      recommended_to: null,
      days_left: null,
      ...p.due,
    },
    conflicts: [],
    prior: null,
    waiting: 0,
    state_root: hex(64),
  };
};

const side = (said: Said, kind: string, more: Partial<SideView> = {}): SideView => ({
  statement: hex(64),
  kind,
  who: who(said),
  received_at_ms: said.at + 2 * HOUR,
  position: `${said.on.id}/1/${100 + drawn}`,
  scan: null,
  source: "typed",
  dose: null,
  values: [],
  citizen: null,
  ...more,
});
const doseSide = (given: DoseView, of: CitizenView, said: Said, more: Partial<SideView> = {}): SideView =>
  side(said, "dose_given", {
    statement: given.statement,
    who: given.who,
    dose: { ...given, citizen: of.id },
    source: given.source,
    citizen: of.id,
    ...more,
  });

const answers = (kind: string, sides: SideView[]) => {
  const each = (code: string) => sides.map(({ statement }) => ({ code, names: statement }));
  const alone = (code: string) => ({ code, names: null });
  const offered =
    {
      edited_in_two_places: each("choose_value"),
      same_dose_twice: [...each("same_dose"), alone("really_two"), ...each("withdraw_dose")],
      too_many_doses: [...each("same_dose"), alone("really_two"), ...each("withdraw_dose")],
      too_soon: [alone("really_two"), ...each("withdraw_dose")],
      mixed_products: [alone("really_two"), ...each("withdraw_dose")],
      one_card_two_persons: [alone("same_person"), alone("not_same_person")],
      two_cards_one_person: [alone("same_person"), alone("not_same_person")],
      implausible_time: [alone("acknowledge"), ...each("withdraw_dose")],
    }[kind] ?? [alone("acknowledge")];
  return [...offered, alone("send_back")];
};

interface Story {
  kind: string;
  sides: SideView[];
  citizens: CitizenView[];
  raised: number;
  summary: string[];
  register?: string;
  status?: CaseView["status"];
  settlements?: SettlementView[];
}
export interface Case {
  view: CaseView;
  line: CaseLine;
}
const file = (story: Story): Case => {
  const id = hex(64);
  const status = story.status ?? "open";
  const view: CaseView = {
    id,
    kind: story.kind,
    status,
    raised_at_ms: NOW - story.raised,
    register: story.register ?? null,
    sides: story.sides,
    citizens: story.citizens,
    settlements: story.settlements ?? [],
    answers: answers(story.kind, story.sides),
  };
  for (const citizen of story.citizens) {
    citizen.conflicts.push({
      case: id,
      kind: story.kind,
      involved: story.sides.map(({ statement }) => statement),
      status,
      answer: null,
      answer_names: null,
      note: null,
      register: story.register ?? null,
    });
  }
  const line: CaseLine = {
    id,
    kind: story.kind,
    status,
    citizen: story.citizens[0]?.id ?? null,
    citizen_name: story.citizens[0]?.name ?? "",
    summary: story.summary,
    sites: [...new Set(story.sides.map((one) => one.dose?.who.site ?? one.who.site))].toSorted(),
    raised_at_ms: NOW - story.raised,
  };
  return { view, line };
};

const settlement = (answer: SettlementView["answer"], note: string, at: number, by: string, undone = false): SettlementView => ({
  statement: hex(64),
  answer,
  note,
  who: { ...who({ on: alley, at, by }), device_name: "Máy chủ", site: "" },
  undone,
});

const scan = (name: string, number: string, birth: string, sex: string, address: string) =>
  `${number}|024${number.slice(-6)}|${name}|${birth}|${sex}|${address}|05052021`;

function tooMany(): Case {
  const one: Said = { on: alley, at: NOW - 5 * HOUR };
  const other: Said = { on: tower, at: NOW - 4 * HOUR - 20 * MINUTE, clock: "fair", offset: 3 * MINUTE + 20_000 };
  const first = dose({ on: school, at: NOW - 61 * DAY, number: 1 });
  const a = dose({ ...one, number: 2 });
  const b = dose({ ...other, number: 2, product: "pfizer", lot: "FK0892", more: { body_site: "right_arm", in_spite_of: ["mix_allowed_with_consent"] } });
  const khai = person({ name: "Nguyễn Thị Minh Khai", doses: [first, a, b], due: { state: "complete", number: null } });
  const address = "42/7 Hẻm Ông Địa, Phường 4, Quận 8, TP. Hồ Chí Minh";
  return file({
    kind: "too_many_doses",
    raised: 2 * HOUR,
    summary: ["AstraZeneca (Vaxzevria) · 2 · ABV5123", "Pfizer-BioNTech (Comirnaty) · 2 · FK0892"],
    citizens: [khai],
    sides: [
      doseSide(a, khai, one, { scan: scan(khai.name, "079190004215", "01051990", "Nữ", address) }),
      doseSide(b, khai, other, { scan: scan(khai.name, "079190004215", "01051990", "Nữ", address), received_at_ms: NOW - 2 * HOUR }),
    ],
  });
}

function sameTwice(): Case {
  const one: Said = { on: school, at: NOW - 27 * HOUR, clock: "unknown", offset: 0 };
  const other: Said = { on: home, at: NOW - 3 * HOUR, by: "Huỳnh Tấn Phát" };
  const a = dose({ ...one, number: 1, lot: "CTMAV505" });
  const b = dose({ ...other, number: 1, lot: "CTMAV505", more: { source: "paper", given_at_ms: NOW - 27 * HOUR + 12 * MINUTE, given_on: isoDay(NOW - 27 * HOUR) } });
  const an = person({ name: "Lê Văn Ấn", sex: "male", birth: "1957-11-20", doses: [a, b], national: "079057001188", due: { number: 2, earliest: "2021-11-24", days_left: 55 } });
  return file({
    kind: "same_dose_twice",
    raised: 2 * HOUR + 40 * MINUTE,
    summary: ["AstraZeneca (Vaxzevria) · 1 · CTMAV505", "AstraZeneca (Vaxzevria) · 1 · CTMAV505"],
    citizens: [an],
    sides: [doseSide(a, an, one), doseSide(b, an, other)],
  });
}

function editedName(): Case {
  const one: Said = { on: alley, at: NOW - 7 * DAY };
  const other: Said = { on: tower, at: NOW - 6 * HOUR };
  const third: Said = { on: home, at: NOW - 5 * HOUR, clock: "wrong", offset: -3 * DAY, by: "" };
  const names = ["Trần Thị Ngọc Diễm", "Trần Thị Ngọc Diểm", "TRAN THI NGOC DIEM <img src=x onerror=alert(1)>"];
  const diem = person({
    name: names[0]!,
    birth: "2009-03-14",
    national: "079309007731",
    others: { name: [value("name", names[1]!), value("name", names[2]!)] },
    more: [field(value("guardian", "Trần Văn Lợi", { relation: "father", phone: "0918224466" }), "typed")],
  });
  const said = (one: Said, at: number, more: Partial<SideView> = {}) =>
    side(one, "citizen_edited", { values: [value("name", names[at]!)], citizen: diem.id, ...more });
  return file({
    kind: "edited_in_two_places",
    register: "name",
    raised: 5 * HOUR,
    summary: names,
    citizens: [diem],
    sides: [
      said(one, 0, { source: "scanned", scan: scan(names[0]!, "079309007731", "14032009", "Nữ", "118 Bến Bình Đông, P. 14, Q. 8") }),
      said(other, 1),
      said(third, 2, { source: "scanned", scan: "079309007731|\u202E0\u200B24|TRAN THI NGOC DIEM|\u0007<img src=x onerror=alert(1)>|\n" }),
    ],
  });
}

function twoCards(): Case {
  const one: Said = { on: alley, at: NOW - 40 * DAY };
  const other: Said = { on: school, at: NOW - 8 * HOUR, by: "Đỗ Thị Hường" };
  const base = { birth: "1983-07-02", sex: "male", national: "079083012345" };
  const a = person({ ...base, name: "Phạm Quốc Huy", doses: [dose({ on: alley, at: NOW - 40 * DAY, number: 1 })], due: { earliest: "2021-10-13", days_left: 13 } });
  const b = person({ ...base, name: "Phạm Quốc Huy", phone: "0987110022", address: "15 Tạ Quang Bửu, P. 5, Q. 8", doses: [dose({ ...other, number: 1, product: "vero", lot: "202107B1234" })], due: { earliest: "2021-10-20", days_left: 20 } });
  const values = (view: CitizenView) => view.fields.map((known) => known.shown);
  return file({
    kind: "two_cards_one_person",
    raised: 7 * HOUR,
    summary: ["Phạm Quốc Huy · 1983-07-02 · male · 079083012345", "Phạm Quốc Huy · 1983-07-02 · male · 079083012345"],
    citizens: [a, b],
    sides: [
      side(one, "citizen_edited", { values: values(a), citizen: a.id, source: "scanned", scan: scan(a.name, base.national, "02071983", "Nam", "42/7 Hẻm Ông Địa, Phường 4, Quận 8") }),
      side(other, "citizen_edited", { values: values(b), citizen: b.id }),
    ],
  });
}

function oneCard(): Case {
  const one: Said = { on: tower, at: NOW - 2 * DAY };
  const other: Said = { on: home, at: NOW - 30 * HOUR };
  const a = person({ name: "Đặng Thị Thu Hà", birth: "1995-12-12", national: "079195000777" });
  const b = person({ name: "Đặng Hoàng Phúc", sex: "male", birth: "2015-06-01", national: "079195000777", more: [field(value("guardian", "Đặng Thị Thu Hà", { relation: "mother", phone: null }), "typed")] });
  const values = (view: CitizenView) => view.fields.map((known) => known.shown).filter(({ register }) => register !== "priority_group");
  return file({
    kind: "one_card_two_persons",
    raised: 26 * HOUR,
    status: "sent_back",
    summary: ["Đặng Thị Thu Hà · 1995-12-12 · female · 079195000777", "Đặng Hoàng Phúc · 2015-06-01 · male · 079195000777"],
    citizens: [a, b],
    sides: [side(one, "citizen_edited", { values: values(a), citizen: a.id }), side(other, "citizen_edited", { values: values(b), citizen: b.id })],
    settlements: [settlement({ code: "send_back", names: null }, "Số căn cước của bé có phải là số của mẹ không? Nhờ đội hỏi lại gia đình.", NOW - 20 * HOUR, "Nguyễn Hữu Nghĩa")],
  });
}

function implausible(): Case {
  const one: Said = { on: stolen, at: NOW - 2 * DAY, clock: "wrong", offset: 730 * DAY };
  const a = dose({ ...one, number: 1, more: { given_on: "2019-10-01" } });
  const view = person({ name: "Võ Văn Kiệt Em", sex: "male", birth: "1966-02-09", doses: [a] });
  return file({
    kind: "implausible_time",
    raised: 2 * DAY - HOUR,
    summary: ["AstraZeneca (Vaxzevria) · 1 · ABV5123"],
    citizens: [view],
    sides: [doseSide(a, view, one, { received_at_ms: NOW - 2 * DAY + 5 * HOUR })],
  });
}

function clonedDevice(): Case {
  const one: Said = { on: cloned, at: NOW - 9 * HOUR };
  const position = `${cloned.id}/2/318`;
  const a = dose({ ...one, number: 1 });
  const stranger = hex(32);
  return file({
    kind: "cloned_device",
    raised: 8 * HOUR,
    summary: ["AstraZeneca (Vaxzevria) · 1 · ABV5123", ""],
    citizens: [],
    sides: [
      side(one, "dose_given", { statement: a.statement, dose: a, position, citizen: stranger }),
      side({ ...one, at: NOW - 8 * HOUR }, "withdrawn", { position, source: null, citizen: stranger }),
    ],
  });
}

function tooSoonSettled(): Case {
  const one: Said = { on: alley, at: NOW - 30 * DAY };
  const other: Said = { on: tower, at: NOW - 10 * DAY };
  const a = dose({ ...one, number: 1, product: "pfizer", lot: "FK0112" });
  const b = dose({ ...other, number: 2, product: "pfizer", lot: "FK0892", more: { in_spite_of: ["too_soon"], state: "withdrawn" } });
  const view = person({ name: "Hoàng Thị Thanh Tuyền", doses: [a, b] });
  const sides = [doseSide(a, view, one), doseSide(b, view, other)];
  return file({
    kind: "too_soon",
    raised: 9 * DAY,
    status: "settled",
    summary: ["Pfizer-BioNTech (Comirnaty) · 1 · FK0112", "Pfizer-BioNTech (Comirnaty) · 2 · FK0892"],
    citizens: [view],
    sides,
    settlements: [
      settlement({ code: "really_two", names: null }, "", NOW - 8 * DAY, "Lê Minh Tâm", true),
      settlement({ code: "send_back", names: null }, "Nhờ Bàn 1 xem lại phiếu giấy ngày 20/09.", NOW - 8 * DAY + HOUR, "Lê Minh Tâm", true),
      settlement({ code: "withdraw_dose", names: b.statement }, "Đội xác nhận nhập nhầm hồ sơ: mũi này tiêm cho chị Hoàng Thị Thanh Tuyết.", NOW - 7 * DAY, "Nguyễn Hữu Nghĩa"),
    ],
  });
}

function mixedGone(): Case {
  const one: Said = { on: alley, at: NOW - 12 * DAY };
  const a = dose({ ...one, number: 1 });
  const view = person({ name: "Trương Mỹ Linh", doses: [a], due: { earliest: "2021-11-10", days_left: 41 } });
  return file({
    kind: "mixed_products",
    raised: 11 * DAY,
    status: "gone",
    summary: ["AstraZeneca (Vaxzevria) · 1 · ABV5123"],
    citizens: [view],
    sides: [doseSide(a, view, one)],
  });
}

const family = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];
const middle = ["Thị Thu", "Văn", "Hữu", "Thị Ngọc", "Quốc", "Minh", "Thị Bích", "Đức", "Thanh"];
const given = ["Hằng", "Dũng", "Phượng", "Tuấn", "Thảo", "Khôi", "Yến", "Quỳnh", "Lộc", "Nhã"];

function crowd(n: number): Case[] {
  return Array.from({ length: n }, (_, at) => {
    const name = `${family[at % family.length]} ${middle[(at * 5) % middle.length]} ${given[(at * 3) % given.length]}`;
    const one: Said = { on: at % 2 ? alley : school, at: NOW - (at + 9) * HOUR };
    const other: Said = { on: at % 3 ? tower : home, at: NOW - (at + 7) * HOUR };
    const lot = at % 2 ? "ABV5123" : "NK0217";
    const a = dose({ ...one, number: (at % 2) + 1, lot });
    const b = dose({ ...other, number: (at % 2) + 1, lot: at % 4 ? lot : "AC7790" });
    const view = person({ name, sex: /Thị/.test(name) ? "female" : "male", doses: [a, b] });
    const text = (d: DoseView) => `${d.product_name} · ${d.number} · ${d.lot}`;
    return file({
      kind: ["same_dose_twice", "too_many_doses", "too_soon"][at % 3]!,
      raised: (at + 8) * HOUR,
      summary: [text(a), text(b)],
      citizens: [view],
      sides: [doseSide(a, view, one), doseSide(b, view, other)],
    });
  });
}

const log = (epoch: number, durable_to: number, missing: LogView["missing"] = [], forked = false): LogView => ({
  epoch,
  durable_to,
  claimed_head: missing.at(-1)?.to ?? durable_to,
  missing,
  forked,
});
const line = (of: Laptop, last_contact_ms: number | null, logs: LogView[], more: Partial<DeviceLine> = {}): DeviceLine => ({
  ...of,
  enrolled_at_ms: NOW - 60 * DAY,
  last_contact_ms,
  clock_offset_ms: 1_200,
  logs,
  quarantined: 0,
  revoked: false,
  is_console: false,
  ...more,
});

export interface Country {
  cases: Case[];
  devices: DeviceLine[];
  quarantine: QuarantineLine[];
}

export function country(): Country {
  drawn = 0;
  const cases = [
    tooMany(),
    sameTwice(),
    editedName(),
    twoCards(),
    clonedDevice(),
    ...crowd(58),
    oneCard(),
    implausible(),
    tooSoonSettled(),
    mixedGone(),
  ].toSorted((a, b) => b.line.raised_at_ms - a.line.raised_at_ms);
  const many = Array.from({ length: 34 }, (_, at) =>
    line(
      laptop(`Bàn ${(at % 4) + 1}`, `TD-DIEM-${String(at + 1).padStart(2, "0")}`, String(26_800 + at), `${family[at % 12]} ${middle[at % 9]} ${given[at % 10]}`),
      NOW - (at + 3) * 7 * MINUTE,
      [log(1, 180 + at * 23)],
      { clock_offset_ms: (at % 5) * 700 - 1_000 },
    ),
  );
  const devices = [
    line(alley, NOW - 2 * MINUTE, [log(1, 1_204)]),
    line(tower, NOW - 48 * MINUTE, [log(1, 987)], { clock_offset_ms: 200_000 }),
    line(school, NOW - 31 * HOUR, [log(1, 640, [{ from: 641, to: 672 }])], { clock_offset_ms: null }),
    line(home, NOW - 3 * DAY, [log(1, 88, [{ from: 89, to: 89 }, { from: 92, to: 97 }, { from: 101, to: 101 }, { from: 104, to: 140 }, { from: 150, to: 155 }])], { clock_offset_ms: -3 * DAY, quarantined: 3 }),
    line({ ...cloned }, NOW - 8 * HOUR, [log(1, 402), log(2, 318, [], true), log(3, 41)], { quarantined: 12 }),
    line(stolen, NOW - 2 * DAY, [log(1, 230, [{ from: 231, to: 240 }])], { revoked: true, clock_offset_ms: 730 * DAY, quarantined: 4 }),
    line(laptop("Bàn 1 <b>mới</b>", "CG-AN-THOI-DONG", "27664"), null, [], { clock_offset_ms: null }),
    ...many,
    line(laptop("Máy chủ quốc gia", "", "", "Nguyễn Hữu Nghĩa", "Lê Minh Tâm"), null, [log(1, 417)], { is_console: true }),
  ];
  const codes = ["revoked", "unknown_author", "future_version", "body_mismatch", "malformed", "not_allowed", "wrong_author", "beyond_limits", "moon_phase"];
  const held = devices.filter((device) => device.quarantined > 0);
  const quarantine = held
    .flatMap((device) =>
      Array.from({ length: device.quarantined }, (_, at) => ({
        device: device.id,
        device_name: device.name,
        position: `${device.id}/${device.logs.at(-1)?.epoch ?? 1}/${300 + at}`,
      })),
    )
    .concat({ device: hex(32), device_name: "", position: `${hex(32)}/1/7` })
    .map((entry, at) => ({
      ...entry,
      id: 90_000 - at,
      code: codes[(at * at) % codes.length]!,
      received_at_ms: NOW - at * 3 * HOUR,
      bytes: 140 + at * 37,
    }));
  return { cases, devices, quarantine };
}
