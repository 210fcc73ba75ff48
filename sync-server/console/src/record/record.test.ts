import { expect, it } from "vitest";
import type { CitizenView, DoseView, FieldView } from "@so-tiem/web/model";
import { disputedHeading, furtherFields, inOrder, letter, tone } from "./record";

const known = (register: string, others: string[] = []): FieldView => {
  const value = (text: string) => ({ register, text, precision: null, relation: null, phone: null });
  return { register, shown: value("x"), others: others.map(value), source: "typed" };
};
const view = (more: Partial<CitizenView>) => ({ fields: [], doses: [], due: { state: "first" }, ...more }) as unknown as CitizenView;
const dose = (statement: string, given_at_ms: number, state = "given") => ({ statement, given_at_ms, state }) as DoseView;

it("names entries by letters", () => {
  expect([0, 1, 25, 26].map(letter)).toEqual(["A", "B", "Z", "27"]);
});

it("puts the facts in the order of a form, unknown ones last", () => {
  const fields = ["shoe_size", "address", "name", "national_id"].map((register) => known(register));
  expect(furtherFields(view({ fields })).map(({ register }) => register)).toEqual(["national_id", "address", "shoe_size"]);
});

it("finds what of the heading is in dispute", () => {
  const fields = [known("name", ["Ân"]), known("sex"), known("phone", ["0900"])];
  expect(disputedHeading(view({ fields })).map(({ register }) => register)).toEqual(["name"]);
});

it("reads a series from its first dose", () => {
  expect(inOrder([dose("b", 5), dose("c", 1), dose("a", 5)]).map(({ statement }) => statement)).toEqual(["c", "a", "b"]);
});

it("keeps yellow and green for what they mean", () => {
  const due = (state: string) => ({ state }) as CitizenView["due"];
  expect(tone(view({ due: due("complete"), doses: [dose("a", 1)] }))).toBe("complete");
  expect(tone(view({ due: due("next"), doses: [dose("a", 1)] }))).toBe("one");
  expect(tone(view({ due: due("next"), doses: [dose("a", 1, "withdrawn")] }))).toBe("plain");
  expect(tone(view({ due: due("first") }))).toBe("plain");
});
