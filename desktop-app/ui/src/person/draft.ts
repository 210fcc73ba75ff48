import type { FieldProblem, ValueView } from "@so-tiem/web/model";
import { birth, parseDay } from "@so-tiem/web/words";

/** The registers of a person as texts in a form. */
export interface Draft {
  name: string;
  /** As typed: `17/05/1950`, `5/1950`, `1950`. */
  birth: string;
  birth_estimated: boolean;
  sex: string;
  national_id: string;
  old_national_id: string;
  insurance_id: string;
  passport_id: string;
  phone: string;
  address: string;
  unit: string;
  priority_group: string;
  guardian: string;
  guardian_relation: string;
  guardian_phone: string;
}

export const emptyDraft: Draft = {
  name: "",
  birth: "",
  birth_estimated: false,
  sex: "",
  national_id: "",
  old_national_id: "",
  insurance_id: "",
  passport_id: "",
  phone: "",
  address: "",
  unit: "",
  priority_group: "",
  guardian: "",
  guardian_relation: "",
  guardian_phone: "",
};

const PLAIN = [
  "name",
  "sex",
  "national_id",
  "old_national_id",
  "insurance_id",
  "passport_id",
  "phone",
  "address",
  "unit",
  "priority_group",
] as const;

export function draftOf(values: readonly ValueView[]): Draft {
  const draft = { ...emptyDraft };
  for (const value of values) {
    const plain = PLAIN.find((register) => register === value.register);
    if (plain) {
      draft[plain] = value.text;
    } else if (value.register === "birth") {
      const estimated = value.precision === "estimated";
      draft.birth = value.text === "" ? "" : birth(value.text, estimated ? "year" : (value.precision ?? "day"));
      draft.birth_estimated = estimated;
    } else if (value.register === "guardian") {
      draft.guardian = value.text;
      draft.guardian_relation = value.relation ?? "";
      draft.guardian_phone = value.phone ?? "";
    }
  }
  return draft;
}

const value = (register: string, text: string): ValueView => ({
  register,
  text,
  precision: null,
  relation: null,
  phone: null,
});

/** What the form says, register by register; empty ones are left out. A date nobody can read is a problem at once. */
export function valuesOf(draft: Draft): { values: ValueView[]; problems: FieldProblem[] } {
  const values: ValueView[] = [];
  const problems: FieldProblem[] = [];
  for (const register of PLAIN) {
    if (draft[register].trim() !== "") values.push(value(register, draft[register]));
  }
  if (draft.birth.trim() !== "") {
    const day = parseDay(draft.birth);
    if (day) {
      values.push({ ...value("birth", day.iso), precision: draft.birth_estimated ? "estimated" : day.precision });
    } else {
      problems.push({ register: "birth", problem: "date" });
    }
  }
  if ([draft.guardian, draft.guardian_relation, draft.guardian_phone].some((text) => text.trim() !== "")) {
    if (draft.guardian.trim() === "") problems.push({ register: "guardian", problem: "empty" });
    values.push({
      ...value("guardian", draft.guardian),
      relation: draft.guardian_relation.trim() || "other",
      phone: draft.guardian_phone.trim() || null,
    });
  }
  return { values, problems };
}

/** Only what an edit changes. What is known can be corrected, not emptied. */
export function changesOf(before: Draft, after: Draft): { values: ValueView[]; problems: FieldProblem[] } {
  const was = new Map(valuesOf(before).values.map((said) => [said.register, JSON.stringify(said)]));
  const { values, problems } = valuesOf(after);
  const now = new Set(values.map((said) => said.register));
  for (const register of was.keys()) {
    const unreadable = problems.some((problem) => problem.register === register);
    if (!now.has(register) && !unreadable) problems.push({ register, problem: "empty" });
  }
  return { values: values.filter((said) => was.get(said.register) !== JSON.stringify(said)), problems };
}
