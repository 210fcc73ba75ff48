import { describe, expect, it } from "vitest";
import type { AnswerView, CaseView, SettlementView, SideView } from "@so-tiem/web/model";
import {
  chosenAnswer,
  type Event,
  first,
  inForce,
  isStale,
  keptSide,
  type Model,
  registers,
  update,
} from "./state";

const answers: AnswerView[] = [
  { code: "same_dose", names: "s1" },
  { code: "really_two", names: null },
  { code: "withdraw_dose", names: "s1" },
  { code: "send_back", names: null },
];
const settlement = (statement: string, answer: AnswerView, undone = false) =>
  ({ statement, answer, note: "", undone }) as SettlementView;
const view = (more: Partial<CaseView> = {}): CaseView => ({
  id: "c1",
  kind: "too_many_doses",
  status: "open",
  raised_at_ms: 0,
  register: null,
  sides: [],
  citizens: [],
  settlements: [],
  answers,
  ...more,
});
const settledView = view({ status: "settled", answers: [], settlements: [settlement("k1", answers[0]!)] });

const after = (...events: Event[]): Model => events.reduce((model, event) => update(model, event)[0], first("c1")[0]);
const came: Event = { kind: "came", view: view() };
const choose = (at: number): Event => ({ kind: "chosen", at });
const refusal = (code: string) => ({ code, waitS: 0 });

describe("settling", () => {
  it("sends the chosen answer with its note, once", () => {
    const [model, effect] = update(after(came, choose(0), { kind: "note_changed", note: " cùng phiếu " }), { kind: "confirmed" });
    expect(effect).toEqual({ do: "settle", id: "c1", answer: answers[0], note: "cùng phiếu" });
    expect(update(model, { kind: "confirmed" })).toEqual([model]);
    expect(update(model, choose(1))).toEqual([model]);
  });

  it("sends nothing before an answer is chosen, and knows only those offered", () => {
    expect(update(after(came), { kind: "confirmed" })).toHaveLength(1);
    expect(after(came, choose(9)).chosen).toBeNull();
  });

  it("asks for a reason where somebody else has to understand the answer", () => {
    for (const at of [2, 3]) {
      const [model, effect] = update(after(came, choose(at)), { kind: "confirmed" });
      expect(effect).toBeUndefined();
      expect(model.noteMissing).toBe(true);
      const [typed] = update(model, { kind: "note_changed", note: "hỏi lại Bàn 2" });
      expect(typed.noteMissing).toBe(false);
      expect(update(typed, { kind: "confirmed" })[1]).toMatchObject({ do: "settle", note: "hỏi lại Bàn 2" });
    }
    expect(update(after(came, choose(1)), { kind: "confirmed" })[1]).toMatchObject({ do: "settle", note: "" });
  });

  it("shows what the server made of it", () => {
    const model = after(came, choose(0), { kind: "confirmed" }, { kind: "settled", view: settledView });
    expect(model).toMatchObject({ settling: false, chosen: null, note: "", view: { status: "settled" } });
  });

  it("keeps choice and note when the line breaks, so that they can be sent again", () => {
    const model = after(came, choose(2), { kind: "note_changed", note: "nhầm" }, { kind: "confirmed" }, {
      kind: "refused",
      failure: refusal("no_network"),
    });
    expect(model).toMatchObject({ settling: false, chosen: 2, note: "nhầm" });
    expect(update(model, { kind: "confirmed" })).toHaveLength(2);
  });

  it("stops when somebody else came first, until the case is loaded anew", () => {
    const stale = after(came, choose(0), { kind: "confirmed" }, { kind: "refused", failure: refusal("stale") });
    expect(isStale(stale)).toBe(true);
    expect(update(stale, { kind: "confirmed" })).toEqual([stale]);
    const [asking, effect] = update(stale, { kind: "reload" });
    expect(effect).toEqual({ do: "load", id: "c1" });
    const [fresh] = update(asking, { kind: "came", view: settledView });
    expect(isStale(fresh)).toBe(false);
    expect(chosenAnswer(fresh)).toBeUndefined();
  });

  it("keeps a choice over a reload only while the same answers are offered", () => {
    expect(after(came, choose(1), { kind: "reload" }, came).chosen).toBe(1);
    expect(after(came, choose(1), { kind: "reload" }, { kind: "came", view: view({ answers: answers.slice(1) }) }).chosen).toBeNull();
  });
});

describe("taking an answer back", () => {
  const settled: Event = { kind: "came", view: settledView };

  it("needs a settlement in force and a reason", () => {
    expect(after(came, { kind: "undo" }).undo).toBeNull();
    const [asked, nothing] = update(after(settled, { kind: "undo" }), { kind: "undo_confirmed" });
    expect(nothing).toBeUndefined();
    expect(asked.undo?.noteMissing).toBe(true);
    const [busy, effect] = update(update(asked, { kind: "undo_note_changed", note: "nhầm người" })[0], { kind: "undo_confirmed" });
    expect(effect).toEqual({ do: "undo", id: "c1", settlement: "k1", note: "nhầm người" });
    expect(update(busy, { kind: "undo_confirmed" })).toEqual([busy]);
    expect(update(busy, { kind: "undo_closed" })).toEqual([busy]);
  });

  it("opens the case again", () => {
    const model = after(settled, { kind: "undo" }, { kind: "undone", view: view() });
    expect(model).toMatchObject({ undo: null, view: { status: "open" } });
  });

  it("says in its own place what the server refused", () => {
    const model = after(settled, { kind: "undo" }, { kind: "undo_refused", failure: refusal("stale") });
    expect(model.undo).toMatchObject({ busy: false, refused: { code: "stale" } });
    expect(model.refused).toBeNull();
  });
});

it("holds the last settlement nobody has taken back", () => {
  const [k1, k2] = [settlement("k1", answers[0]!), settlement("k2", answers[1]!, true)];
  expect(inForce(view({ settlements: [k1, k2] }))).toBe(k1);
  expect(keptSide(view({ settlements: [k1, k2] }))).toBe("s1");
  expect(keptSide(view({ settlements: [settlement("k3", answers[2]!)] }))).toBeUndefined();
  expect(inForce(view())).toBeUndefined();
});

it("compares every register any side speaks of", () => {
  const side = (...of: string[]) => ({ values: of.map((register) => ({ register })) }) as SideView;
  expect(registers([side("name", "birth"), side("birth", "phone")])).toEqual(["name", "birth", "phone"]);
});
