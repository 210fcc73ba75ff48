import { expect, it } from "vitest";
import type { TodayLine, TodayView } from "@so-tiem/web/model";
import { first, insisted, newestFirst, update } from "./state";

const line = (statement: string, given_at_ms: number, in_spite_of: string[] = []) =>
  ({ citizen: "c", citizen_name: "An", dose: { statement, given_at_ms, in_spite_of } }) as unknown as TodayLine;
const view = { date: "2021-09-30", lines: [] } as unknown as TodayView;

it("loads, shows, and says when it can't", () => {
  const [model, effect] = first();
  expect(effect).toEqual({ do: "load" });
  expect(update(model, { kind: "came", view })[0]).toEqual({ view, failure: null });
  const failure = { code: "store_damaged", params: {} };
  const [failed] = update({ view, failure: null }, { kind: "failed", failure });
  expect(failed).toEqual({ view, failure });
  expect(update(failed, { kind: "reload" })[1]).toEqual({ do: "load" });
});

it("puts the last injection first and opens its person", () => {
  expect(newestFirst([line("a", 1), line("b", 2)]).map(({ dose }) => dose.statement)).toEqual(["b", "a"]);
  expect(update(first()[0], { kind: "open", citizen: "c" })[1]).toEqual({ do: "open", citizen: "c" });
});

it("marks doses given against advice, not those with notes about the rules", () => {
  expect(insisted(line("a", 1, ["rules_unconfirmed"]))).toBe(false);
  expect(insisted(line("a", 1, ["too_soon"]))).toBe(true);
});
