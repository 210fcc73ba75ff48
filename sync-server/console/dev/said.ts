/** Words that laptops of the pretend country said, and how the console tells them. */
import type { CaseLine, CaseView, CitizenView, ClockQuality, DoseView, FieldView, SettlementView, SideView, ValueView, WhoView } from "@so-tiem/web/model";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** 30 September 2021, 14:05 in Ho Chi Minh City. */
export const NOW = Date.UTC(2021, 8, 30, 7, 5);

let drawn = 0;
/** The ids begin again. */
export function drawAgain(): void {
  drawn = 0;
}
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

export const isoDay = (ms: number) => new Date(ms + 7 * HOUR).toISOString().slice(0, 10);

export interface Laptop {
  id: string;
  name: string;
  site: string;
  area: string;
  people: string[];
}
export const laptop = (name: string, site: string, area: string, ...people: string[]): Laptop => ({ id: hex(32), name, site, area, people });

export const alley = laptop("Bàn 2", "Q8-HEM-42", "27427", "Lê Thị Hồng", "Trần Quốc Bảo");
export const tower = laptop("Bàn 1", "Q8-CHUNG-CU-A", "27427", "Phạm Thị Ngọc Ánh");
export const school = laptop("Đội lưu động 3", "Q8-THCS-LY-THANH-TONG", "27430", "Nguyễn Văn Đức", "Đỗ Thị Hường");
export const home = laptop("Đội tại nhà", "BC-VINH-LOC-A", "27601", "Huỳnh Tấn Phát");
export const stolen = laptop("Bàn 4", "BT-PHUONG-22", "26956", "Võ Thị Sáu");
export const cloned = laptop("Bàn 3", "TD-LINH-TRUNG", "26800", "Bùi Đăng Khoa");

export interface Said {
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

export const value = (register: string, text: string, more: Partial<ValueView> = {}): ValueView => ({
  register,
  text,
  precision: null,
  relation: null,
  phone: null,
  ...more,
});
export const field = (shown: ValueView, source = "scanned", others: ValueView[] = []): FieldView => ({
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
export const dose = ({ number, product = "az", lot = "ABV5123", more, ...said }: Dose): DoseView => ({
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
export const person = (p: Person): CitizenView => {
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

export const side = (said: Said, kind: string, more: Partial<SideView> = {}): SideView => ({
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
export const doseSide = (given: DoseView, of: CitizenView, said: Said, more: Partial<SideView> = {}): SideView =>
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
export const file = (story: Story): Case => {
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

export const settlement = (answer: SettlementView["answer"], note: string, at: number, by: string, undone = false): SettlementView => ({
  statement: hex(64),
  answer,
  note,
  who: { ...who({ on: alley, at, by }), device_name: "Máy chủ", site: "" },
  undone,
});
