import { describe, expect, it } from "vitest";
import type { CitizenView, DoseView } from "@so-tiem/web/model";
import { dueNow, type Effect, type Event, first, type Model, newestFirst, ready, standing, update } from "./state";

const dose = (more: Partial<DoseView> = {}): DoseView => ({
  statement: "s1",
  citizen: "c1",
  product: "astrazeneca",
  product_name: "AstraZeneca",
  lot: "ABV8139",
  lot_expiry: null,
  number: 1,
  given_at_ms: 1_000,
  given_on: "2021-09-30",
  body_site: "left_arm",
  route: "im",
  source: "typed",
  state: "given",
  amended: [],
  in_spite_of: [],
  who: {
    author: "",
    author_name: "",
    device: "",
    device_name: "",
    site: "",
    said_at_ms: 0,
    corrected_at_ms: 0,
    clock: "good",
  },
  copies: "here",
  ...more,
});
const due = (state: string, days_left: number | null = null) => ({
  state,
  number: state === "complete" ? null : 2,
  products: [],
  earliest: null,
  recommended_from: null,
  recommended_to: null,
  days_left,
});
const plain = { precision: null, relation: null, phone: null };
const citizen = (more: Partial<CitizenView> = {}): CitizenView => ({
  id: "c1",
  own_code: "",
  cards: ["c1"],
  name: "Nguyễn Thị Minh Khai",
  fields: [
    { register: "name", shown: { ...plain, register: "name", text: "Nguyễn Thị Minh Khai" }, others: [], source: "typed" },
    { register: "phone", shown: { ...plain, register: "phone", text: "0912345678" }, others: [], source: "typed" },
  ],
  doses: [dose()],
  due: due("next", 3),
  conflicts: [],
  prior: null,
  waiting: 0,
  state_root: "",
  ...more,
});
const loaded = (view = citizen()): Model => update(first("c1")[0], { kind: "came", view })[0];
function play(model: Model, ...events: Event[]): { model: Model; effects: Effect[] } {
  let effects: Effect[] = [];
  for (const event of events) [model, ...effects] = update(model, event);
  return { model, effects };
}

describe("the colour of a status", () => {
  it("is yellow after a dose, green when complete, neutral otherwise", () => {
    expect(standing(citizen())).toBe("one");
    expect(standing(citizen({ due: due("complete") }))).toBe("complete");
    expect(standing(citizen({ due: due("first"), doses: [] }))).toBe("none");
    expect(standing(citizen({ due: due("unclear") }))).toBe("unclear");
  });

  it("counts no withdrawn dose and no echo", () => {
    const doses = [dose({ state: "withdrawn" }), dose({ state: "echo" })];
    expect(standing(citizen({ due: due("next"), doses }))).toBe("none");
  });
});

describe("the record", () => {
  it("offers the dose first only when one may be given today", () => {
    expect(dueNow(citizen({ due: due("first") }))).toBe(true);
    expect(dueNow(citizen({ due: due("next", 0) }))).toBe(true);
    expect(dueNow(citizen({ due: due("next", 3) }))).toBe(false);
    expect(dueNow(citizen({ due: due("complete") }))).toBe(false);
  });

  it("shows the newest dose first, whatever its number", () => {
    const order = newestFirst([dose({ statement: "a", given_at_ms: 1 }), dose({ statement: "b", given_at_ms: 9 })]);
    expect(order.map(({ statement }) => statement)).toEqual(["b", "a"]);
  });
});

describe("somebody from elsewhere", () => {
  const view = citizen({ own_code: "SOTIEM:1:C1", state_root: "a" });
  const opened = () => play(first("c1")[0], { kind: "came", view });

  it("is asked for once the record is open, however it was found", () => {
    const { model, effects } = opened();
    expect(effects).toEqual([{ do: "renew", citizen: "c1", code: "SOTIEM:1:C1", written: 0 }]);
    expect(play(model, { kind: "reload" }, { kind: "came", view }).effects).toEqual([]);
  });

  it("is shown as the nation knows them, and says so where that is more", () => {
    const more = citizen({ state_root: "b", doses: [dose(), dose({ statement: "s2", number: 2 })] });
    const { model, effects } = play(opened().model, { kind: "renewed", written: 0, view: more });
    expect([model.view, effects]).toEqual([more, [{ do: "say_renewed" }]]);
    expect(play(opened().model, { kind: "renewed", written: 0, view }).effects).toEqual([]);
  });

  it("keeps an open form, and what was written meanwhile", () => {
    const { model } = play(opened().model, { kind: "correct", dose: dose() });
    expect(play(model, { kind: "renewed", written: 0, view }).model.open).toMatchObject({ kind: "correct" });
    const changed = citizen({ state_root: "c", doses: [dose({ lot: "FK9412", amended: ["lot"] })] });
    const { model: late, effects } = play(model, { kind: "done", view: changed }, { kind: "renewed", written: 0, view });
    expect([late.view, effects]).toEqual([changed, []]);
  });
});

describe("an edit", () => {
  it("sends what changed and nothing else", () => {
    const { model } = play(loaded(), { kind: "edit" });
    if (model.open?.kind !== "edit") throw new Error("not open");
    const draft = { ...model.open.draft, phone: "0987654321" };
    const { effects } = play(model, { kind: "draft_changed", draft }, { kind: "submitted" });
    expect(effects).toEqual([
      { do: "edit", citizen: "c1", values: [{ ...plain, register: "phone", text: "0987654321" }] },
    ]);
  });

  it("closes when nothing changed", () => {
    const { model, effects } = play(loaded(), { kind: "edit" }, { kind: "submitted" });
    expect(effects).toEqual([]);
    expect(model.open).toBeNull();
  });

  it("stays open with what was typed when the laptop refuses, and can reload", () => {
    const { model } = play(loaded(), { kind: "correct", dose: dose() }, { kind: "value_changed", value: "FK9412" }, { kind: "submitted" });
    const { model: refused } = play(model, { kind: "refused", failure: { code: "stale", params: {} } });
    expect(refused.open).toMatchObject({ busy: false, value: "FK9412", failure: { code: "stale" } });
    expect(play(refused, { kind: "reload" })).toMatchObject({ model: { open: null }, effects: [{ do: "load" }] });
  });
});

describe("fields the laptop refuses", () => {
  const fields = { code: "fields", params: { phone: "phone" } };

  it("are marked in the form", () => {
    const { model } = play(loaded(), { kind: "edit" }, { kind: "refused", failure: fields });
    expect(model.open).toMatchObject({ failure: null, problems: [{ register: "phone", problem: "phone" }] });
  });

  it("mark the value of a correction until it is touched", () => {
    const wrong = { code: "fields", params: { value: "choice" } };
    const { model } = play(loaded(), { kind: "correct", dose: dose() }, { kind: "refused", failure: wrong });
    expect(model.open).toMatchObject({ failure: null, wrong: true });
    expect(play(model, { kind: "value_changed", value: "X" }).model.open).toMatchObject({ wrong: false });
  });
});

describe("withdrawing a dose", () => {
  it("needs a reason", () => {
    const { model } = play(loaded(), { kind: "withdraw", dose: dose() });
    expect(play(model, { kind: "submitted" }).effects).toEqual([]);
    const { effects } = play(model, { kind: "reason_chosen", reason: "not_given" }, { kind: "note_changed", note: " bỏ về " }, { kind: "submitted" });
    expect(effects).toEqual([{ do: "withdraw", statement: "s1", reason: "not_given", note: "bỏ về" }]);
  });
});

describe("correcting a dose", () => {
  it("starts from what is there and wants something else", () => {
    const { model } = play(loaded(), { kind: "correct", dose: dose({ number: 2 }) }, { kind: "field_chosen", field: "number" });
    expect(model.open).toMatchObject({ field: "number", value: "2" });
    expect(model.open && ready(model.open)).toBe(false);
    const { effects } = play(model, { kind: "value_changed", value: "1" }, { kind: "submitted" });
    expect(effects).toEqual([{ do: "correct", dose: "s1", field: "number", value: "1", note: "" }]);
  });

  it("shows the record it led to", () => {
    const { model } = play(loaded(), { kind: "correct", dose: dose() });
    const changed = citizen({ doses: [dose({ lot: "FK9412", amended: ["lot"] })] });
    expect(play(model, { kind: "done", view: changed }).model).toMatchObject({ open: null, view: changed });
  });
});
