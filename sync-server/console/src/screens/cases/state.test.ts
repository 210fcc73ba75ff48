import { describe, expect, it } from "vitest";
import type { CaseList, OverviewView } from "@so-tiem/web/console";
import type { CaseLine } from "@so-tiem/web/model";
import { type Event, first, type Model, outdated, parts, rowOf, update } from "./state";

const line = (id: string): CaseLine => ({
  id,
  kind: "too_soon",
  status: "open",
  citizen: null,
  citizen_name: "",
  summary: [],
  sites: [],
  raised_at_ms: 0,
});
const list = (ids: string[], next: string | null = null): CaseList => ({
  cases: ids.map(line),
  open: 2,
  sent_back: 1,
  settled: 7,
  next,
});
const query = { status: "open", kind: "" } as const;
const after = (...events: Event[]): Model =>
  events.reduce((model, event) => update(model, event)[0], first(query)[0]);
const came = (ids: string[], next: string | null = null): Event => ({ kind: "came", asked: 1, list: list(ids, next), after: null });
const ids = (model: Model) => model.list?.cases.map(({ id }) => id);

describe("the queue", () => {
  it("loads, and tells the shell in which order its cases stand", () => {
    expect(first(query)[1]).toEqual({ do: "load", asked: 1, query, after: null });
    expect(update(first(query)[0], came(["a", "b"]))[1]).toEqual({ do: "queued", ids: ["a", "b"] });
  });

  it("asks anew for another list, empties the rows and keeps the counts", () => {
    const [model, load, moved] = update(after(came(["a"])), { kind: "status_chosen", status: "settled" });
    expect(load).toEqual({ do: "load", asked: 2, query: { status: "settled", kind: "" }, after: null });
    expect(moved).toEqual({ do: "moved", query: { status: "settled", kind: "" } });
    expect(model).toMatchObject({ loading: true, list: { cases: [], open: 2, settled: 7 } });
  });

  it("keeps its rows while it reloads", () => {
    expect(after(came(["a"]), { kind: "reload" })).toMatchObject({ loading: true, list: { cases: [{ id: "a" }] } });
  });

  it("hears only the answer to its last question", () => {
    const model = after({ kind: "kind_chosen", of: "too_soon" });
    expect(update(model, came(["old"]))).toEqual([model]);
    expect(update(model, { kind: "failed", asked: 1, failure: { code: "busy", waitS: 0 } })).toEqual([model]);
  });

  it("appends the next page, each case once", () => {
    const [asking, effect] = update(after(came(["a", "b"], "b-1")), { kind: "more" });
    expect(effect).toMatchObject({ after: "b-1", asked: 2 });
    expect(update(asking, { kind: "more" })).toEqual([asking]);
    const [model] = update(asking, { kind: "came", asked: 2, list: list(["b", "c"]), after: "b-1" });
    expect(ids(model)).toEqual(["a", "b", "c"]);
    expect(update(model, { kind: "more" })).toEqual([model]);
  });

  it("keeps what it shows when a later page fails", () => {
    const model = after(came(["a"], "a-1"), { kind: "more" }, { kind: "failed", asked: 2, failure: { code: "busy", waitS: 0 } });
    expect(model).toMatchObject({ failure: { code: "busy" }, loading: false });
    expect(ids(model)).toEqual(["a"]);
  });

  it("notices that the server counts other cases", () => {
    const overview = (open: number) => ({ cases_open: open }) as OverviewView;
    expect(outdated(after(came(["a"])), overview(3))).toBe(false);
    expect(outdated(after(came(["a"])), overview(4))).toBe(true);
    expect(outdated(after(), overview(4))).toBe(false);
  });
});

it("tells the number of a dose, days and sexes from names and lots", () => {
  expect(parts({ kind: "too_soon" }, "AstraZeneca · 2 · ABV5123")).toEqual([
    { is: "text", text: "AstraZeneca" },
    { is: "dose", text: "2" },
    { is: "text", text: "ABV5123" },
  ]);
  expect(parts({ kind: "two_cards_one_person" }, "Lê An · 1990-05-01 · male · 2").map(({ is }) => is)).toEqual([
    "text",
    "day",
    "sex",
    "text",
  ]);
  expect(parts({ kind: "edited_in_two_places" }, "<b>x</b>")).toEqual([{ is: "text", text: "<b>x</b>" }]);
});

it("comes back to the case it left, or to what took its place", () => {
  const queue = { ids: ["a", "b", "c"], last: "b" };
  expect(rowOf(["a", "b", "c"], queue)).toBe(1);
  expect(rowOf(["a", "c"], queue)).toBe(1);
  expect(rowOf(["a"], queue)).toBe(0);
  expect(rowOf([], queue)).toBe(-1);
  expect(rowOf(["a"], { ids: [], last: null })).toBe(-1);
});
