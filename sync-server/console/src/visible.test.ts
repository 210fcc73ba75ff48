import { expect, it } from "vitest";
import { visible } from "./visible";

it("leaves Vietnamese as it is", () => {
  const scan = "079190000123|024123456|Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm Ông Địa, Q. 8|05052021";
  expect(visible(scan)).toBe(scan);
});

it("spells out what the eye would miss", () => {
  expect(visible("An\u202Egnort\u0000\n")).toBe("An⟨U+202E⟩gnort⟨U+0000⟩⟨U+000A⟩");
  expect(visible("\u200bA\ufeff\u2028")).toBe("⟨U+200B⟩A⟨U+FEFF⟩⟨U+2028⟩");
  expect(visible("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
});
