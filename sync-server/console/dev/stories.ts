/** One conflict of each kind, and a crowd of common ones. */
import type { CitizenView, DoseView, SideView } from "@so-tiem/web/model";
import { alley, type Case, cloned, DAY, dose, doseSide, field, file, hex, home, HOUR, isoDay, MINUTE, NOW, person, type Said, school, settlement, side, stolen, tower, value } from "./said.ts";

const scan = (name: string, number: string, birth: string, sex: string, address: string) =>
  `${number}|024${number.slice(-6)}|${name}|${birth}|${sex}|${address}|05052021`;

export function tooMany(): Case {
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

export function sameTwice(): Case {
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

export function editedName(): Case {
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

export function twoCards(): Case {
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

export function oneCard(): Case {
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

export function implausible(): Case {
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

export function clonedDevice(): Case {
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

export function tooSoonSettled(): Case {
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

export function mixedGone(): Case {
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

export const family = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];
export const middle = ["Thị Thu", "Văn", "Hữu", "Thị Ngọc", "Quốc", "Minh", "Thị Bích", "Đức", "Thanh"];
export const given = ["Hằng", "Dũng", "Phượng", "Tuấn", "Thảo", "Khôi", "Yến", "Quỳnh", "Lộc", "Nhã"];

export function crowd(n: number): Case[] {
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
