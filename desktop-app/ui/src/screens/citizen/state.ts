import type {
  CitizenView,
  DoseView,
  Failure,
  FieldProblem,
  FieldView,
  ProductView,
  ValueView,
} from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import { fieldsOf } from "../../failure";
import { changesOf, type Draft, draftOf } from "../../person/draft";

export type CorrectField = "lot" | "product" | "number" | "body_site";
export const correctFields: readonly CorrectField[] = ["lot", "product", "number", "body_site"];
/** Reasons a person at the table may give; the others are given by the laptop and the console. */
export const withdrawReasons = ["wrong_person", "not_given", "entered_twice", "mistake"] as const;

interface Doing {
  busy: boolean;
  failure: Failure | null;
}
export type Open =
  | ({ kind: "edit"; before: Draft; draft: Draft; problems: readonly FieldProblem[] } & Doing)
  | ({ kind: "withdraw"; dose: DoseView; reason: string; note: string } & Doing)
  | ({ kind: "correct"; dose: DoseView; field: CorrectField; value: string; note: string; wrong: boolean } & Doing);

export interface Model {
  citizen: string;
  view: CitizenView | null;
  failure: Failure | null;
  /** Products of the rules in force, by which codes get their names; empty until they came. */
  products: readonly ProductView[];
  bodySites: readonly string[];
  open: Open | null;
  /** How often something was written here: what was read before that is not shown after it. */
  written: number;
}

export type Event =
  | { kind: "came"; view: CitizenView }
  /** As it is after the nation was asked. */
  | { kind: "renewed"; written: number; view: CitizenView }
  | { kind: "failed"; failure: Failure }
  | { kind: "sheet_came"; products: readonly ProductView[]; bodySites: readonly string[] }
  | { kind: "reload" }
  | { kind: "give" }
  | { kind: "edit" }
  | { kind: "draft_changed"; draft: Draft }
  | { kind: "withdraw"; dose: DoseView }
  | { kind: "correct"; dose: DoseView }
  | { kind: "reason_chosen"; reason: string }
  | { kind: "field_chosen"; field: CorrectField }
  | { kind: "value_changed"; value: string }
  | { kind: "note_changed"; note: string }
  | { kind: "submitted" }
  | { kind: "done"; view: CitizenView }
  | { kind: "refused"; failure: Failure }
  | { kind: "closed" };

export type Effect =
  | { do: "load"; citizen: string }
  | { do: "renew"; citizen: string; code: string; written: number }
  | { do: "say_renewed" }
  | { do: "give"; citizen: string }
  | { do: "edit"; citizen: string; values: ValueView[] }
  | { do: "withdraw"; statement: string; reason: string; note: string }
  | { do: "correct"; dose: string; field: string; value: string; note: string };

export function first(citizen: string): Step<Model, Effect> {
  return [
    { citizen, view: null, failure: null, products: [], bodySites: [], open: null, written: 0 },
    { do: "load", citizen },
  ];
}

/** What colour this person's status has. Yellow is one dose given and more to come; green is complete. */
export function standing(view: CitizenView): "none" | "one" | "complete" | "unclear" {
  if (view.due.state === "complete") return "complete";
  if (view.due.state === "unclear") return "unclear";
  return given(view).length === 0 ? "none" : "one";
}

/** The next dose may be given today; otherwise the hand goes to the next person. */
export function dueNow(view: CitizenView): boolean {
  return view.due.state === "first" || (view.due.state === "next" && (view.due.days_left ?? 0) <= 0);
}

/** Findings a dose was given in spite of; notes about the rules themselves are no matter of this dose. */
export function insisted(dose: DoseView): string[] {
  return dose.in_spite_of.filter((code) => code !== "rules_unconfirmed");
}

export function given(view: CitizenView): DoseView[] {
  return view.doses.filter((dose) => dose.state === "given");
}

export function field(view: CitizenView, register: string): FieldView | undefined {
  return view.fields.find((known) => known.register === register);
}

/** Doses by the time they were given, the newest first. */
export function newestFirst(doses: readonly DoseView[]): DoseView[] {
  return doses.toSorted((a, b) => b.given_at_ms - a.given_at_ms || (a.statement < b.statement ? -1 : 1));
}

/** What the dose says of itself in the field that is about to be corrected. */
export function valueOf(dose: DoseView, which: CorrectField): string {
  return which === "number" ? String(dose.number) : dose[which];
}

const still: Doing = { busy: false, failure: null };

function change(model: Model, kind: Open["kind"], part: object): Step<Model, Effect> {
  if (model.open?.kind !== kind) return [model];
  return [{ ...model, open: { ...model.open, ...part } as Open }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came": {
      const shown = { ...model, view: event.view, failure: null };
      if (model.view) return [shown];
      // Once a visit: of somebody from elsewhere the nation may know more since.
      return [shown, { do: "renew", citizen: model.citizen, code: event.view.own_code, written: model.written }];
    }
    case "renewed": {
      if (event.written !== model.written) return [model];
      const renewed = { ...model, view: event.view };
      return event.view.state_root === model.view?.state_root ? [renewed] : [renewed, { do: "say_renewed" }];
    }
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "sheet_came":
      return [{ ...model, products: event.products, bodySites: event.bodySites }];
    case "reload":
      return [{ ...model, failure: null, open: null }, { do: "load", citizen: model.citizen }];
    case "give":
      return model.view ? [model, { do: "give", citizen: model.citizen }] : [model];
    case "edit": {
      if (!model.view) return [model];
      const draft = draftOf(model.view.fields.map((known) => known.shown));
      return [{ ...model, open: { kind: "edit", before: draft, draft, problems: [], ...still } }];
    }
    case "draft_changed":
      return change(model, "edit", { draft: event.draft, problems: [] });
    case "withdraw":
      return [{ ...model, open: { kind: "withdraw", dose: event.dose, reason: "", note: "", ...still } }];
    case "correct": {
      const value = valueOf(event.dose, "lot");
      return [{ ...model, open: { kind: "correct", dose: event.dose, field: "lot", value, note: "", wrong: false, ...still } }];
    }
    case "reason_chosen":
      return change(model, "withdraw", { reason: event.reason });
    case "field_chosen":
      if (model.open?.kind !== "correct") return [model];
      return change(model, "correct", { field: event.field, value: valueOf(model.open.dose, event.field), wrong: false });
    case "value_changed":
      return change(model, "correct", { value: event.value, wrong: false });
    case "note_changed":
      return model.open && model.open.kind !== "edit" ? change(model, model.open.kind, { note: event.note }) : [model];
    case "submitted":
      return submit(model);
    case "done":
      return [{ ...model, view: event.view, open: null, written: model.written + 1 }];
    case "refused":
      if (!model.open) return [{ ...model, failure: event.failure }];
      if (event.failure.code === "fields") {
        return model.open.kind === "edit"
          ? change(model, "edit", { busy: false, problems: fieldsOf(event.failure) })
          : change(model, model.open.kind, { busy: false, wrong: true });
      }
      return [{ ...model, open: { ...model.open, busy: false, failure: event.failure } }];
    case "closed":
      return [{ ...model, open: null }];
  }
}

/** Whether what is open may be sent. */
export function ready(open: Open): boolean {
  switch (open.kind) {
    case "edit":
      return true;
    case "withdraw":
      return open.reason !== "";
    case "correct":
      return open.value.trim() !== "" && open.value.trim() !== valueOf(open.dose, open.field);
  }
}

function submit(model: Model): Step<Model, Effect> {
  const { open, citizen } = model;
  if (!open || open.busy || !ready(open)) return [model];
  const busy = { ...model, open: { ...open, busy: true, failure: null } };
  switch (open.kind) {
    case "edit": {
      const { values, problems } = changesOf(open.before, open.draft);
      if (problems.length > 0) return change(model, "edit", { problems });
      if (values.length === 0) return [{ ...model, open: null }];
      return [busy, { do: "edit", citizen, values }];
    }
    case "withdraw":
      return [busy, { do: "withdraw", statement: open.dose.statement, reason: open.reason, note: open.note.trim() }];
    case "correct":
      return [
        busy,
        {
          do: "correct",
          dose: open.dose.statement,
          field: open.field,
          value: open.value.trim(),
          note: open.note.trim(),
        },
      ];
  }
}
