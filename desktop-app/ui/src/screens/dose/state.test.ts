import { describe, expect, it } from "vitest";
import type { Checked, DoseSheet, FindingView } from "@so-tiem/web/model";
import {
  daysSince,
  draftOf,
  type Effect,
  type Event,
  expiryOf,
  first,
  keyOf,
  lotsFor,
  loudestFirst,
  mayGive,
  type Model,
  problems,
  update,
} from "./state";

const sheet: DoseSheet = {
  citizen: "c1",
  products: [
    { code: "astrazeneca", name: "AstraZeneca", doses: 2 },
    { code: "pfizer", name: "Comirnaty", doses: 2 },
  ],
  lots: [
    { product: "astrazeneca", lot: "ABV8139", expiry: "2026-12-31" },
    { product: "pfizer", lot: "FK9412", expiry: null },
  ],
  proposed_product: "astrazeneca",
  proposed_number: 2,
  body_sites: ["left_arm", "right_arm"],
  routes: ["im"],
};
const finding = (code: string, severity: string, params = {}): FindingView => ({ code, severity, params, sources: [] });
const tooSoon = finding("too_soon", "stop", { days_early: "6" });
const expired = finding("lot_expired", "stop");
const note = finding("rules_unconfirmed", "info");
const consent = finding("mix_allowed_with_consent", "caution");
const fine: Checked = { findings: [], problems: [] };

function play(model: Model, ...events: Event[]): { model: Model; effects: Effect[] } {
  let effects: Effect[] = [];
  for (const event of events) [model, ...effects] = update(model, event);
  return { model, effects };
}
const begin = () => play(first("c1")[0], { kind: "sheet_came", sheet }).model;
const withLot = () => play(begin(), { kind: "lot_taken", lot: sheet.lots[0]! }).model;
const look = (checked: Checked): Model => {
  const model = withLot();
  return play(model, { kind: "checked", asked: model.asked, checked }, { kind: "on" }).model;
};

describe("choosing", () => {
  it("starts with what the laptop proposes and checks it", () => {
    const { model, effects } = play(first("c1")[0], { kind: "sheet_came", sheet });
    expect(draftOf(model)).toMatchObject({ product: "astrazeneca", number: 2, body_site: "left_arm", route: "im", lot: "" });
    expect(effects).toEqual([{ do: "check", draft: draftOf(model), asked: 1 }]);
  });

  it("takes a lot with its product and its expiry", () => {
    const { model } = play(begin(), { kind: "lot_taken", lot: sheet.lots[1]! });
    expect(draftOf(model)).toMatchObject({ product: "pfizer", lot: "FK9412", lot_expiry: null });
    expect(lotsFor(model).map(({ lot }) => lot)).toEqual(["FK9412"]);
  });

  it("drops the lot when the product becomes another", () => {
    const { model } = play(withLot(), { kind: "changed", choice: { product: "pfizer" } });
    expect(draftOf(model)).toMatchObject({ product: "pfizer", lot: "", lot_expiry: null });
  });

  it("hears no answer to an earlier check", () => {
    const model = withLot();
    expect(play(model, { kind: "checked", asked: model.asked - 1, checked: { findings: [tooSoon], problems: [] } }).model.checked).toBeNull();
  });

  it("reads an expiry as vials print it", () => {
    expect(expiryOf("30/09/2026")).toEqual({ iso: "2026-09-30", readable: true });
    expect(expiryOf("02/2028")).toEqual({ iso: "2028-02-29", readable: true });
    expect(expiryOf("")).toEqual({ iso: null, readable: true });
    for (const typed of ["2026", "13/2026", "mai"]) expect(expiryOf(typed), typed).toEqual({ iso: null, readable: false });
  });

  it("complains only once somebody wants to go on", () => {
    const model = begin();
    expect(problems(model)).toEqual([]);
    const { model: wanted } = play(model, { kind: "checked", asked: 1, checked: { findings: [], problems: [{ register: "lot", problem: "empty" }] } }, { kind: "on" });
    expect(wanted.step).toBe("choose");
    expect(problems(wanted)).toEqual([{ register: "lot", problem: "empty" }]);
  });

  it("goes on by itself when the check was still under way", () => {
    const { model } = play(withLot(), { kind: "on" });
    expect(model.step).toBe("choose");
    expect(play(model, { kind: "checked", asked: model.asked, checked: fine }).model.step).toBe("look");
  });

  it("does not go on with half a lot because Enter was pressed too early before", () => {
    const { model: refused } = play(withLot(), { kind: "changed", choice: { lot: "" } }, { kind: "on" });
    const { model: empty } = play(refused, { kind: "checked", asked: refused.asked, checked: { findings: [], problems: [{ register: "lot", problem: "empty" }] } });
    expect(empty.refusals).toBe(1);
    const { model: typing } = play(empty, { kind: "changed", choice: { lot: "P" } });
    const { model } = play(typing, { kind: "checked", asked: typing.asked, checked: fine });
    expect(model).toMatchObject({ step: "choose", refusals: 1 });
    expect(play(model, { kind: "on" }).model.step).toBe("look");
  });
});

describe("the second look", () => {
  it("lets a dose without findings be given", () => {
    const { effects } = play(look(fine), { kind: "give" });
    expect(effects).toMatchObject([{ do: "give", inSpiteOf: [] }]);
  });

  it("wants every stop ticked, each by itself", () => {
    const model = look({ findings: [tooSoon, expired, note], problems: [] });
    expect(mayGive(model)).toBe(false);
    const { model: one } = play(model, { kind: "ticked", key: keyOf(tooSoon), yes: true });
    expect(play(one, { kind: "give" }).effects).toEqual([]);
    const { model: both } = play(one, { kind: "ticked", key: keyOf(expired), yes: true });
    expect(play(both, { kind: "give" }).effects).toMatchObject([{ do: "give", inSpiteOf: ["too_soon", "lot_expired"] }]);
    expect(mayGive(play(both, { kind: "ticked", key: keyOf(expired), yes: false }).model)).toBe(false);
  });

  it("passes on cautions that were on screen, not notes", () => {
    const { effects } = play(look({ findings: [consent, note], problems: [] }), { kind: "give" });
    expect(effects).toMatchObject([{ inSpiteOf: ["mix_allowed_with_consent"] }]);
  });

  it("takes a severity of a later version for a stop", () => {
    expect(mayGive(look({ findings: [finding("later", "alarm")], problems: [] }))).toBe(false);
    expect(loudestFirst([note, finding("later", "alarm"), consent]).map(({ code }) => code)).toEqual([
      "later",
      "mix_allowed_with_consent",
      "rules_unconfirmed",
    ]);
  });

  it("forgets the ticks on the way back", () => {
    const { model } = play(look({ findings: [tooSoon], problems: [] }), { kind: "ticked", key: keyOf(tooSoon), yes: true }, { kind: "back" });
    expect(model).toMatchObject({ step: "choose", ticked: [] });
  });

  it("asks again when findings came up meanwhile", () => {
    const { model } = play(look(fine), { kind: "give" }, { kind: "answered", answer: { kind: "look_again", checked: { findings: [tooSoon], problems: [] } } });
    expect(model).toMatchObject({ step: "look", again: true, saving: false });
    expect(mayGive(model)).toBe(false);
  });

  it("gives once", () => {
    const { model } = play(look(fine), { kind: "give" });
    expect(play(model, { kind: "give" }).effects).toEqual([]);
  });

  it("goes back to the field the laptop refuses", () => {
    const failure = { code: "fields", params: { lot: "alphabet" } };
    const { model } = play(look(fine), { kind: "give" }, { kind: "give_failed", failure });
    expect(model.step).toBe("choose");
    expect(problems(model)).toEqual([{ register: "lot", problem: "alphabet" }]);
  });

  it("says nothing is saved when nothing is", () => {
    const { model } = play(look(fine), { kind: "give" }, { kind: "give_failed", failure: { code: "disk_full", params: {} } });
    expect(model).toMatchObject({ step: "look", saving: false, saved: null, failure: { code: "disk_full" } });
  });
});

describe("after saving", () => {
  const saved = (undo_until_ms: number) =>
    play(look(fine), { kind: "give" }, { kind: "answered", answer: { kind: "saved", statement: "s9", undo_until_ms, now_ms: 1_000 } }).model;

  it("counts down by the laptop's own two times", () => {
    expect(saved(11_000)).toMatchObject({ step: "saved", saved: { statement: "s9", undoMs: 10_000 }, undo: "possible" });
    expect(saved(900).undo).toBe("over");
  });

  it("undoes while there is time, once, and goes to the record", () => {
    const { model, effects } = play(saved(11_000), { kind: "undo" });
    expect(effects).toEqual([{ do: "undo", statement: "s9" }]);
    expect(play(model, { kind: "undo" }).effects).toEqual([]);
    expect(play(model, { kind: "undone" }).effects).toEqual([{ do: "to_citizen", citizen: "c1" }]);
    expect(play(saved(11_000), { kind: "undo_over" }, { kind: "undo" }).effects).toEqual([]);
  });

  it("leads to the next person", () => {
    expect(play(saved(11_000), { kind: "leave", to: "next" }).effects).toEqual([{ do: "next" }]);
  });
});

it("counts days between calendar days in Vietnam", () => {
  expect(daysSince("2021-09-29", Date.UTC(2021, 8, 29, 17, 1))).toBe(1);
});
