import { describe, expect, it } from "vitest";
import en from "./messages/en.json" with { type: "json" };
import vi from "./messages/vi.json" with { type: "json" };
import { finding, language, word } from "./i18n";

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

describe("the catalogues", () => {
  it("say the same things in both languages", () => {
    expect(Object.keys(en)).toEqual(Object.keys(vi));
  });

  it("use the same parameters in both languages", () => {
    const unlike = Object.keys(vi).filter(
      (key) =>
        String(placeholders(vi[key as keyof typeof vi])) !== String(placeholders(en[key as keyof typeof en])),
    );
    expect(unlike).toEqual([]);
  });

  it("are written in NFC, without stray spaces", () => {
    const all = [...Object.values(vi), ...Object.values(en)];
    expect(all.filter((text) => text !== text.normalize("NFC") || text !== text.trim() || /  /.test(text))).toEqual([]);
    expect(all.filter((text) => text === "")).toEqual([]);
  });
});

describe("word", () => {
  it("follows the language on screen", () => {
    expect(word("conflict", "too_many_doses")).toBe("Trùng số mũi tiêm");
    language.use("en");
    expect(word("conflict", "too_many_doses")).toBe("Too many doses");
    language.use("vi");
  });

  it("shows a code of a later version as it came", () => {
    expect(word("finding", "moon_phase")).toBe("[moon_phase]");
    expect(word("finding", "__proto__")).toBe("[__proto__]");
  });

  it("writes days the way they are read here, and a dash for what nobody sent", () => {
    expect(word("finding", "lot_expired", { on: "2021-09-30" })).toBe("Lô đã hết hạn ngày 30/09/2021");
    expect(word("finding", "lot_expired")).toBe("Lô đã hết hạn ngày –");
  });

  it("leaves hostile parameters as text", () => {
    expect(word("finding", "unknown_product", { product: "<b>{product}</b>" })).toContain("<b>{product}</b>");
  });
});

describe("finding", () => {
  it("calls products and rules by their names", () => {
    const view = { severity: "stop", sources: [] };
    expect(
      finding({ ...view, code: "mix_not_allowed", params: { first: "pfizer", then: "az" } }, { az: "AstraZeneca" }),
    ).toBe("Không được tiêm AstraZeneca sau pfizer");
  });
});
