import { describe, expect, it } from "vitest";
import { changesOf, draftOf, emptyDraft, valuesOf } from "./draft";

const plain = { precision: null, relation: null, phone: null };

describe("a form about a person", () => {
  it("gives back the registers it was filled from", () => {
    const values = [
      { ...plain, register: "name", text: "Nguyễn Thị Minh Khai" },
      { ...plain, register: "sex", text: "female" },
      { ...plain, register: "national_id", text: "079190001234" },
      { ...plain, register: "birth", text: "1950-01-01", precision: "year" },
      { ...plain, register: "guardian", text: "Trần Văn An", relation: "father", phone: "0912345678" },
    ];
    expect(draftOf(values).birth).toBe("1950");
    expect(valuesOf(draftOf(values)).values.toSorted((a, b) => (a.register < b.register ? -1 : 1))).toEqual(
      values.toSorted((a, b) => (a.register < b.register ? -1 : 1)),
    );
  });

  it("keeps a guessed year a guess", () => {
    const values = [{ ...plain, register: "birth", text: "1948-01-01", precision: "estimated" }];
    expect(valuesOf(draftOf(values)).values).toEqual(values);
  });

  it("says at once when a date can't be read, and sends no date then", () => {
    const { values, problems } = valuesOf({ ...emptyDraft, name: "An", birth: "tháng năm" });
    expect(values.map((said) => said.register)).toEqual(["name"]);
    expect(problems).toEqual([{ register: "birth", problem: "date" }]);
  });

  it("wants a name for a guardian with a phone", () => {
    expect(valuesOf({ ...emptyDraft, guardian_phone: "0912345678" }).problems).toEqual([
      { register: "guardian", problem: "empty" },
    ]);
  });
});

describe("an edit", () => {
  const before = { ...emptyDraft, name: "Lê Văn Tám", phone: "0912345678", birth: "1950" };

  it("says only what changed", () => {
    expect(changesOf(before, { ...before, name: "Lê Văn Tâm" }).values).toEqual([
      { ...plain, register: "name", text: "Lê Văn Tâm" },
    ]);
    expect(changesOf(before, before)).toEqual({ values: [], problems: [] });
  });

  it("does not empty what is known", () => {
    expect(changesOf(before, { ...before, phone: "" }).problems).toEqual([{ register: "phone", problem: "empty" }]);
    expect(changesOf(before, { ...before, birth: "x" }).problems).toEqual([{ register: "birth", problem: "date" }]);
  });
});
