import { expect, it } from "vitest";
import { valueText } from "./i18n";

const value = (register: string, text: string, more = {}) =>
  valueText({ register, text, precision: null, relation: null, phone: null, ...more });

it("says a value the way people write it", () => {
  expect(value("birth", "1950-01-01", { precision: "year" })).toBe("1950");
  expect(value("sex", "female")).toBe("Nữ");
  expect(value("priority_group", "8")).toBe("8 · Giáo viên, học sinh, cơ quan hành chính");
  expect(value("guardian", "Lê Thị Ba", { relation: "mother", phone: "0912345678" })).toBe("Lê Thị Ba · Mẹ · 0912345678");
  expect(value("guardian", "Lê Thị Ba", { relation: "dì ruột" })).toBe("Lê Thị Ba · dì ruột");
  expect(value("given_at", String(Date.UTC(2021, 8, 30, 1, 5)))).toBe("08:05 30/09/2021");
});

it("leaves what it does not know as it came", () => {
  expect(value("name", "<b>An</b>")).toBe("<b>An</b>");
  expect(value("priority_group", "99")).toBe("99");
  expect(value("shoe_size", "38")).toBe("38");
});
