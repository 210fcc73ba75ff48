import { afterEach, expect, it } from "vitest";
import type { AnswerView, CaseView, SideView } from "@so-tiem/web/model";
import { language } from "@so-tiem/web/words";
import { answerText, effectText, sideOf } from "./say";

const side = (statement: string, text: string) =>
  ({ statement, values: [{ register: "name", text, precision: null, relation: null, phone: null }] }) as SideView;
const view = { sides: [side("s1", "Lê Thị Ân"), side("s2", "Lê Thị Ấn")] } as CaseView;
const answer = (code: string, names: string | null = null): AnswerView => ({ code, names });

afterEach(() => language.use("vi"));

it("offers an answer together with what follows from it", () => {
  expect(answerText(view, answer("same_dose", "s1"))).toBe("Cùng một mũi tiêm: giữ bản ghi A");
  expect(effectText(view, answer("same_dose", "s1"))).toBe("Bản ghi B thành ghi trùng, không được tính.");
  expect(answerText(view, answer("choose_value", "s2"))).toBe("Bản ghi B đúng: Lê Thị Ấn");
  language.use("en");
  expect(answerText(view, answer("withdraw_dose", "s2"))).toBe("Withdraw the dose of entry B");
});

it("has words of its own for each answer the model knows", () => {
  const codes = ["choose_value", "same_dose", "really_two", "withdraw_dose", "same_person", "not_same_person", "send_back", "acknowledge"];
  const effects = codes.map((code) => effectText(view, answer(code, "s1")));
  expect(new Set(effects).size).toBe(codes.length);
  expect(codes.map((code) => answerText(view, answer(code, "s1"))).filter((text) => text.startsWith("["))).toEqual([]);
});

it("says of an answer of a later version that it is one", () => {
  expect(answerText(view, answer("moon_phase"))).toBe("[moon_phase]");
  expect(effectText(view, answer("moon_phase"))).toContain("phiên bản mới hơn");
});

it("calls a statement that stands on no side by its beginning", () => {
  expect(sideOf(view, "0123456789abcdef")).toBe("01234567");
});
