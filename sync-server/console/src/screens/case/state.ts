import type { AnswerView, CaseView, SettlementView, SideView, ValueView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";

export interface Model {
  id: string;
  view: CaseView | null;
  /** The case could not be loaded. */
  failure: Refusal | null;
  /** Which of the offered answers, by its place among them. */
  chosen: number | null;
  note: string;
  /** The answer was sent without the reason it needs. */
  noteMissing: boolean;
  settling: boolean;
  /** What the server said to an answer. */
  refused: Refusal | null;
  undo: { settlement: string; note: string; noteMissing: boolean; busy: boolean; refused: Refusal | null } | null;
}

export type Event =
  | { kind: "came"; view: CaseView }
  | { kind: "failed"; failure: Refusal }
  | { kind: "reload" }
  | { kind: "chosen"; at: number }
  | { kind: "note_changed"; note: string }
  | { kind: "confirmed" }
  | { kind: "settled"; view: CaseView }
  | { kind: "refused"; failure: Refusal }
  | { kind: "undo" }
  | { kind: "undo_note_changed"; note: string }
  | { kind: "undo_confirmed" }
  | { kind: "undo_closed" }
  | { kind: "undone"; view: CaseView }
  | { kind: "undo_refused"; failure: Refusal };

export type Effect =
  | { do: "load"; id: string }
  | { do: "settle"; id: string; answer: AnswerView; note: string }
  | { do: "undo"; id: string; settlement: string; note: string };

/** As long as a note in the record may be. */
export const NOTE_CHARS_MAX = 500;

export function first(id: string): Step<Model, Effect> {
  return [
    {
      id,
      view: null,
      failure: null,
      chosen: null,
      note: "",
      noteMissing: false,
      settling: false,
      refused: null,
      undo: null,
    },
    { do: "load", id },
  ];
}

/** Answers that somebody else will have to understand: the team that is asked, whoever looks for a lost dose. */
export function needsReason(answer: AnswerView): boolean {
  return answer.code === "send_back" || answer.code === "withdraw_dose";
}

export function chosenAnswer(model: Model): AnswerView | undefined {
  return model.chosen === null ? undefined : model.view?.answers[model.chosen];
}

/** Whether somebody else has handled the case meanwhile, or what was in dispute has changed. */
export function isStale(model: Model): boolean {
  return model.refused?.code === "stale" || model.refused?.code === "not_offered";
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      return [shown(model, event.view)];
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [{ ...model, failure: null, refused: null, undo: null }, { do: "load", id: model.id }];
    case "chosen":
      if (model.settling || !model.view || event.at >= model.view.answers.length) return [model];
      return [{ ...model, chosen: event.at, noteMissing: false }];
    case "note_changed":
      return [{ ...model, note: event.note, noteMissing: false }];
    case "confirmed":
      return confirm(model);
    case "settled":
      return [{ ...shown(model, event.view), chosen: null, note: "", settling: false, refused: null }];
    case "refused":
      return [{ ...model, settling: false, refused: event.failure }];
    case "undo": {
      const held = model.view && inForce(model.view);
      if (!held) return [model];
      const undo = { settlement: held.statement, note: "", noteMissing: false, busy: false, refused: null };
      return [{ ...model, undo }];
    }
    case "undo_note_changed":
      return [model.undo ? { ...model, undo: { ...model.undo, note: event.note, noteMissing: false } } : model];
    case "undo_confirmed": {
      const { undo } = model;
      if (!undo || undo.busy) return [model];
      const note = undo.note.trim();
      if (note === "") return [{ ...model, undo: { ...undo, noteMissing: true } }];
      return [
        { ...model, undo: { ...undo, busy: true, refused: null } },
        { do: "undo", id: model.id, settlement: undo.settlement, note },
      ];
    }
    case "undo_closed":
      return [model.undo?.busy ? model : { ...model, undo: null }];
    case "undone":
      return [{ ...shown(model, event.view), undo: null, chosen: null, refused: null }];
    case "undo_refused":
      return [model.undo ? { ...model, undo: { ...model.undo, busy: false, refused: event.failure } } : model];
  }
}

/** A choice outlives a reload only while the same answers are offered. */
function shown(model: Model, view: CaseView): Model {
  const same = JSON.stringify(model.view?.answers) === JSON.stringify(view.answers);
  return { ...model, view, failure: null, chosen: same ? model.chosen : null };
}

function confirm(model: Model): Step<Model, Effect> {
  const answer = chosenAnswer(model);
  if (!answer || model.settling || isStale(model)) return [model];
  const note = model.note.trim();
  if (note === "" && needsReason(answer)) return [{ ...model, noteMissing: true }];
  return [
    { ...model, settling: true, refused: null },
    { do: "settle", id: model.id, answer, note },
  ];
}

/** The settlement that holds: the last one nobody has taken back. */
export function inForce(view: CaseView): SettlementView | undefined {
  return view.settlements.findLast((settlement) => !settlement.undone);
}

/** The statement an answer in force has kept, to mark its side. */
export function keptSide(view: CaseView): string | undefined {
  const answer = inForce(view)?.answer;
  const keeps = answer && (answer.code === "same_dose" || answer.code === "choose_value");
  return keeps && answer.names !== null ? answer.names : undefined;
}

export function isOpen(view: CaseView): boolean {
  return view.status === "open" || view.status === "sent_back";
}

/** Registers any side has a value of, in the order they first appear. */
export function registers(sides: readonly SideView[]): string[] {
  return [...new Set(sides.flatMap((side) => side.values.map((value) => value.register)))];
}

export function valuesOf(side: SideView, register: string): ValueView[] {
  return side.values.filter((value) => value.register === register);
}
