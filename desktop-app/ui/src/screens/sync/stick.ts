import type { Failure, StickRead, StickView, StickWritten } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Model {
  view: StickView | null;
  /** Where to write to and read from: a stick that is plugged in, or a path somebody typed. */
  path: string;
  /** What is going on; one thing at a time. */
  doing: "write" | "read" | null;
  written: StickWritten | null;
  read: StickRead | null;
  failure: Failure | null;
}

export type Event =
  | { kind: "came"; view: StickView }
  | { kind: "path"; path: string }
  | { kind: "write" }
  | { kind: "read" }
  | { kind: "written"; written: StickWritten }
  | { kind: "was_read"; read: StickRead }
  | { kind: "failed"; failure: Failure };

export type Effect = { do: "watch" } | { do: "write"; folder: string } | { do: "read"; path: string };

export function first(): Step<Model, Effect> {
  return [{ view: null, path: "", doing: null, written: null, read: null, failure: null }, { do: "watch" }];
}

const NOTHING_SHOWN = { written: null, read: null, failure: null };

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came": {
      // The only stick is meant unless somebody said otherwise.
      const [only, ...others] = event.view.volumes;
      const path = model.path === "" && only && others.length === 0 ? only.path : model.path;
      return [{ ...model, view: event.view, path }];
    }
    case "path":
      return [{ ...model, path: event.path }];
    case "write":
      return canStart(model) ? [{ ...model, ...NOTHING_SHOWN, doing: "write" }, { do: "write", folder: model.path }] : [model];
    case "read":
      return canStart(model) ? [{ ...model, ...NOTHING_SHOWN, doing: "read" }, { do: "read", path: model.path }] : [model];
    case "written":
      return [{ ...model, doing: null, written: event.written }];
    case "was_read":
      return [{ ...model, doing: null, read: event.read }];
    case "failed":
      return [{ ...model, doing: null, failure: event.failure }];
  }
}

export function canStart(model: Model): boolean {
  return model.doing === null && model.path.trim() !== "";
}

/** What came of one file that was read: a tone and the family of words its code belongs to. */
export function outcome(file: StickRead["files"][number]): { tone: "done" | "caution"; prefix: "stick_unread" | "stick_word"; code: string } {
  if (file.unread !== null) return { tone: "caution", prefix: "stick_unread", code: file.unread };
  const [word] = file.words;
  if (word === undefined) return { tone: "caution", prefix: "stick_unread", code: "damaged" };
  return { tone: ["answer", "again"].includes(word) && !file.is_damaged ? "done" : "caution", prefix: "stick_word", code: word };
}

const STEPS = ["B", "KB", "MB", "GB"] as const;

/** Bytes as people compare them with what stands on a stick. */
export function size(bytes: number): string {
  let [shown, step] = [bytes, 0];
  while (shown >= 1000 && step < STEPS.length - 1) [shown, step] = [shown / 1000, step + 1];
  return `${step === 0 ? shown : shown.toFixed(shown < 10 ? 1 : 0)} ${STEPS[step]}`;
}
