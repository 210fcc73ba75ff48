import type {
  Checked,
  CitizenView,
  DoseAnswer,
  DoseDraft,
  DoseSheet,
  DoseView,
  Failure,
  FieldProblem,
  FindingView,
  LotView,
} from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import { fieldsOf } from "../../failure";
import { day, isoDay, parseDay } from "@so-tiem/web/words";

/** What is chosen so far, as typed. */
export interface Choice {
  product: string;
  lot: string;
  /** `30/09/2026` or, as many vials have it, `09/2026`. */
  expiry: string;
  number: number;
  body_site: string;
  route: string;
}

export interface Model {
  citizen: string;
  person: CitizenView | null;
  sheet: DoseSheet | null;
  failure: Failure | null;
  choice: Choice;
  step: "choose" | "look" | "saved";
  /** Number of the last check asked for; answers to earlier ones are not heard. */
  asked: number;
  checking: boolean;
  checked: Checked | null;
  /** Somebody has wanted to go on: problems are shown. */
  wanted: boolean;
  /** Somebody wanted to go on while a check was under way: its answer opens the second look. What is typed after that is not done yet. */
  hurried: boolean;
  /** How often going on was refused; each time the hand is led to what is wrong. */
  refusals: number;
  /** Keys of the stops somebody has ticked. */
  ticked: readonly string[];
  /** Findings came up between the second look and the needle. */
  again: boolean;
  saving: boolean;
  saved: { statement: string; undoMs: number } | null;
  undo: "possible" | "asked" | "over";
}

export type Event =
  | { kind: "person_came"; person: CitizenView }
  | { kind: "sheet_came"; sheet: DoseSheet }
  | { kind: "failed"; failure: Failure }
  | { kind: "reload" }
  | { kind: "changed"; choice: Partial<Choice> }
  | { kind: "lot_taken"; lot: LotView }
  | { kind: "checked"; asked: number; checked: Checked }
  | { kind: "check_failed"; asked: number; failure: Failure }
  | { kind: "on" }
  | { kind: "back" }
  | { kind: "ticked"; key: string; yes: boolean }
  | { kind: "give" }
  | { kind: "answered"; answer: DoseAnswer }
  | { kind: "give_failed"; failure: Failure }
  | { kind: "undo" }
  | { kind: "undo_over" }
  | { kind: "undone" }
  | { kind: "undo_failed"; failure: Failure }
  | { kind: "leave"; to: "citizen" | "next" };

export type Effect =
  | { do: "load"; citizen: string }
  | { do: "check"; draft: DoseDraft; asked: number }
  | { do: "give"; draft: DoseDraft; inSpiteOf: string[] }
  | { do: "undo"; statement: string }
  | { do: "to_citizen"; citizen: string }
  | { do: "next" };

export function first(citizen: string): Step<Model, Effect> {
  const choice: Choice = { product: "", lot: "", expiry: "", number: 1, body_site: "", route: "" };
  return [
    {
      citizen,
      person: null,
      sheet: null,
      failure: null,
      choice,
      step: "choose",
      asked: 0,
      checking: false,
      checked: null,
      wanted: false,
      hurried: false,
      refusals: 0,
      ticked: [],
      again: false,
      saving: false,
      saved: null,
      undo: "possible",
    },
    { do: "load", citizen },
  ];
}

/** An expiry as printed; a month ends on its last day. */
export function expiryOf(typed: string): { iso: string | null; readable: boolean } {
  if (typed.trim() === "") return { iso: null, readable: true };
  const parsed = parseDay(typed);
  if (!parsed || parsed.precision === "year") return { iso: null, readable: false };
  if (parsed.precision === "day") return { iso: parsed.iso, readable: true };
  const [year, month] = parsed.iso.split("-").map(Number) as [number, number];
  if (month < 1 || month > 12) return { iso: null, readable: false };
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { iso: `${parsed.iso.slice(0, 8)}${String(last).padStart(2, "0")}`, readable: true };
}

export function draftOf(model: Model): DoseDraft {
  const { product, lot, expiry, number, body_site, route } = model.choice;
  return { citizen: model.citizen, product, lot, lot_expiry: expiryOf(expiry).iso, number, body_site, route };
}

/** Two findings of one code about different things are two things to tick. */
export function keyOf(finding: FindingView): string {
  return `${finding.code} ${JSON.stringify(finding.params)}`;
}

const LOUDNESS: Record<string, number> = { stop: 0, caution: 1, info: 2 };

/** The loudest first. A severity of a later version is taken for a stop. */
export function loudestFirst(findings: readonly FindingView[]): FindingView[] {
  return findings.toSorted((a, b) => (LOUDNESS[a.severity] ?? 0) - (LOUDNESS[b.severity] ?? 0));
}

export function stops(checked: Checked | null): FindingView[] {
  return (checked?.findings ?? []).filter((finding) => (LOUDNESS[finding.severity] ?? 0) === 0);
}

/** Every stop on screen has been ticked. */
export function mayGive(model: Model): boolean {
  return (
    model.step === "look" &&
    !model.saving &&
    model.checked !== null &&
    stops(model.checked).every((stop) => model.ticked.includes(keyOf(stop)))
  );
}

/** The dose that counts and was given last, as far as this laptop knows. */
export function lastGiven(person: CitizenView | null): DoseView | undefined {
  return (person?.doses ?? [])
    .filter((dose) => dose.state === "given")
    .toSorted((a, b) => b.given_at_ms - a.given_at_ms)[0];
}

/** Whole days from an ISO day to the day of `nowMs` in Vietnam. */
export function daysSince(iso: string, nowMs: number): number {
  return Math.round((Date.parse(isoDay(nowMs)) - Date.parse(iso)) / 86_400_000);
}

/** Lots to offer: those of the chosen product, or all while none is chosen. */
export function lotsFor(model: Model): LotView[] {
  const lots = model.sheet?.lots ?? [];
  return lots.filter((lot) => model.choice.product === "" || lot.product === model.choice.product).slice(0, 4);
}

/** Problems to show: those of the last check once somebody wanted to go on, and a date nobody can read at once. */
export function problems(model: Model): FieldProblem[] {
  const unreadable = expiryOf(model.choice.expiry).readable ? [] : [{ register: "lot_expiry", problem: "date" }];
  const empty = (["product", "lot", "body_site", "route"] as const)
    .filter((name) => model.choice[name].trim() === "")
    .map((register) => ({ register: register as string, problem: "empty" }));
  if (!model.wanted) return unreadable;
  const told = (model.checked?.problems ?? []).filter(
    ({ register }) => ![...unreadable, ...empty].some((known) => known.register === register),
  );
  return [...unreadable, ...empty, ...told];
}

function check(model: Model): Step<Model, Effect> {
  if (!model.sheet || model.choice.product === "") return [{ ...model, checked: null, checking: false }];
  const asked = model.asked + 1;
  return [{ ...model, asked, checking: true }, { do: "check", draft: draftOf(model), asked }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "person_came":
      return [{ ...model, person: event.person }];
    case "sheet_came": {
      const { sheet } = event;
      const choice = {
        ...model.choice,
        product: sheet.proposed_product ?? "",
        number: sheet.proposed_number,
        body_site: model.choice.body_site || (sheet.body_sites[0] ?? ""),
        route: model.choice.route || (sheet.routes[0] ?? ""),
      };
      return check({ ...model, sheet, choice, failure: null });
    }
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [{ ...model, failure: null }, { do: "load", citizen: model.citizen }];
    case "changed": {
      const choice = { ...model.choice, ...event.choice };
      const other = event.choice.product !== undefined && event.choice.product !== model.choice.product;
      // A lot belongs to its product; a number typed for one is no number of the other.
      if (other && !model.sheet?.lots.some((lot) => lot.product === choice.product && lot.lot === choice.lot)) {
        choice.lot = "";
        choice.expiry = "";
      }
      return check({ ...model, choice, ticked: [], hurried: false });
    }
    case "lot_taken": {
      const { product, lot, expiry } = event.lot;
      return check({
        ...model,
        choice: { ...model.choice, product, lot, expiry: expiry ? day(expiry) : "" },
        ticked: [],
        hurried: false,
      });
    }
    case "checked": {
      if (event.asked !== model.asked) return [model];
      const known = { ...model, checking: false, checked: event.checked, failure: null };
      return model.hurried ? goOn(known) : [known];
    }
    case "check_failed":
      if (event.asked !== model.asked) return [model];
      return [{ ...model, checking: false, checked: null, wanted: false, hurried: false, failure: event.failure }];
    case "on":
      if (model.step !== "choose" || !model.sheet) return [model];
      return model.checking ? [{ ...model, wanted: true, hurried: true }] : goOn({ ...model, wanted: true });
    case "back":
      if (model.step === "look" && !model.saving) return [{ ...model, step: "choose", wanted: false, again: false, ticked: [] }];
      return [model];
    case "ticked": {
      const others = model.ticked.filter((key) => key !== event.key);
      return [{ ...model, ticked: event.yes ? [...others, event.key] : others }];
    }
    case "give": {
      if (!mayGive(model)) return [model];
      const inSpiteOf = (model.checked?.findings ?? [])
        .filter((finding) => finding.severity !== "info")
        .map((finding) => finding.code);
      return [
        { ...model, saving: true, failure: null },
        { do: "give", draft: draftOf(model), inSpiteOf: [...new Set(inSpiteOf)] },
      ];
    }
    case "answered": {
      const { answer } = event;
      if (answer.kind === "look_again") {
        const checked = answer.checked;
        // What was ticked for other findings says nothing about these.
        return [{ ...model, saving: false, checked, ticked: [], again: true }];
      }
      const undoMs = Math.max(0, answer.undo_until_ms - answer.now_ms);
      const saved = { statement: answer.statement, undoMs };
      return [{ ...model, saving: false, step: "saved", saved, undo: undoMs > 0 ? "possible" : "over" }];
    }
    case "give_failed":
      if (event.failure.code === "fields") {
        const checked = { findings: model.checked?.findings ?? [], problems: fieldsOf(event.failure) };
        const refusals = model.refusals + 1;
        return [{ ...model, saving: false, step: "choose", wanted: true, refusals, ticked: [], checked }];
      }
      return [{ ...model, saving: false, failure: event.failure }];
    case "undo":
      if (!model.saved || model.undo !== "possible") return [model];
      return [{ ...model, undo: "asked", failure: null }, { do: "undo", statement: model.saved.statement }];
    case "undo_over":
      return [model.undo === "possible" ? { ...model, undo: "over" } : model];
    case "undone":
      return [model, { do: "to_citizen", citizen: model.citizen }];
    case "undo_failed":
      return [{ ...model, undo: "over", failure: event.failure }];
    case "leave":
      return [model, event.to === "next" ? { do: "next" } : { do: "to_citizen", citizen: model.citizen }];
  }
}

function goOn(model: Model): Step<Model, Effect> {
  const still = { ...model, hurried: false };
  if (problems(model).length > 0) return [{ ...still, refusals: model.refusals + 1 }];
  if (!model.checked) return [still];
  return [{ ...still, step: "look", wanted: false, ticked: [], again: false }];
}
