import type { CitizenView, DoseView, FieldView } from "@so-tiem/web/model";

/** Entries are told apart by letters, in the order they stand side by side. */
export function letter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : String(at + 1);
}

const codes: readonly string[] = ["national_id", "old_national_id", "insurance_id", "passport_id", "phone"];
const order: readonly string[] = [...codes, "address", "unit", "priority_group", "guardian"];
const heading: readonly string[] = ["name", "birth", "sex"];

export function field(view: CitizenView, register: string): FieldView | undefined {
  return view.fields.find((known) => known.register === register);
}

/** What is written in letters that cannot be confused. */
export function isCode(register: string): boolean {
  return codes.includes(register);
}

/** Everything but name, birth and sex, in the order of a form; what a later version added stands last. */
export function furtherFields(view: CitizenView): FieldView[] {
  const rank = (register: string) => (order.includes(register) ? order.indexOf(register) : order.length);
  return view.fields
    .filter((known) => !heading.includes(known.register))
    .toSorted((a, b) => rank(a.register) - rank(b.register));
}

/** Name, birth or sex nobody has chosen between. */
export function disputedHeading(view: CitizenView): FieldView[] {
  return view.fields.filter((known) => heading.includes(known.register) && known.others.length > 0);
}

/** In the order they were given, which is how a series is read. */
export function inOrder(doses: readonly DoseView[]): DoseView[] {
  return doses.toSorted((a, b) => a.given_at_ms - b.given_at_ms || (a.statement < b.statement ? -1 : 1));
}

/** Yellow is one dose given and more to come; green is a complete series. */
export function tone(view: CitizenView): "complete" | "one" | "plain" {
  if (view.due.state === "complete") return "complete";
  return view.due.state === "next" && view.doses.some((dose) => dose.state === "given") ? "one" : "plain";
}
