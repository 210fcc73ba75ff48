import type { Failure, StatusView, SyncView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import type { Place } from "../go";

export interface Model {
  status: StatusView | null;
  /** The laptop behind the window did not answer. */
  failure: Failure | null;
  sync: SyncView | null;
  /** Where we are and how we came here; the last one is on screen. */
  trail: readonly Place[];
  /** Counts visits, so that coming to the same place twice makes a new screen. */
  visit: number;
  help: boolean;
  leaving: boolean;
}

export type Event =
  | { kind: "status_came"; status: StatusView }
  | { kind: "status_failed"; failure: Failure }
  | { kind: "sync_came"; sync: SyncView }
  | { kind: "go"; place: Place }
  | { kind: "back" }
  | { kind: "help"; open: boolean }
  | { kind: "lock" }
  | { kind: "lock_failed"; failure: Failure }
  | { kind: "closed_elsewhere" }
  | { kind: "language"; code: string }
  | { kind: "wrote" }
  | { kind: "reload" };

export type Effect =
  | { do: "status" }
  | { do: "sync" }
  | { do: "lock" }
  | { do: "language"; code: string; tell: boolean }
  | { do: "stop_camera" }
  | { do: "say_failure"; failure: Failure }
  | { do: "say_sealed"; count: number };

const start: Place = { at: "reception" };
/** Further back nobody remembers. */
const TRAIL_MAX = 12;

export function first(): Step<Model, Effect> {
  return [
    { status: null, failure: null, sync: null, trail: [start], visit: 0, help: false, leaving: false },
    { do: "status" },
  ];
}

export function here(model: Model): Place {
  return model.trail.at(-1) ?? start;
}

/** The three places of the top bar begin a new trail; a record leads on from where it was found. */
function withPlace(trail: readonly Place[], place: Place): Place[] {
  if (place.at === "reception" || place.at === "today" || place.at === "sync") return [place];
  const last = trail.at(-1);
  // From a dose back to its person: no second entry of the same record.
  const before = last?.at === "dose" ? trail.slice(0, -1) : trail;
  const same = before.at(-1);
  const kept = same && JSON.stringify(same) === JSON.stringify(place) ? before.slice(0, -1) : before;
  // A text is scanned once: coming back to reception does not look it up again.
  const behind = kept.slice(-TRAIL_MAX).map((seen) => (seen.at === "reception" ? start : seen));
  return [...behind, place];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "status_came": {
      const opened = event.status.state === "open" && model.status?.state !== "open";
      const closed = event.status.state !== "open" && model.status?.state === "open";
      const next: Model = {
        ...model,
        status: event.status,
        failure: null,
        leaving: false,
        ...(opened || closed ? { trail: [start], visit: model.visit + 1, help: false } : {}),
        ...(closed ? { sync: null } : {}),
      };
      const effects: Effect[] = [{ do: "language", code: event.status.language, tell: false }];
      if (opened) effects.push({ do: "sync" });
      if (opened && event.status.unsealed > 0) effects.push({ do: "say_sealed", count: event.status.unsealed });
      if (closed) effects.push({ do: "stop_camera" });
      return [next, ...effects];
    }
    case "status_failed":
      return [{ ...model, failure: event.failure, leaving: false }];
    case "sync_came":
      return [{ ...model, sync: event.sync }];
    case "go":
      return [{ ...model, trail: withPlace(model.trail, event.place), visit: model.visit + 1, help: false }];
    case "back":
      if (model.trail.length > 1) return [{ ...model, trail: model.trail.slice(0, -1), visit: model.visit + 1 }];
      if (here(model).at !== "reception") return [{ ...model, trail: [start], visit: model.visit + 1 }];
      return [model];
    case "help":
      return [{ ...model, help: event.open }];
    case "lock":
      return model.leaving ? [model] : [{ ...model, leaving: true }, { do: "lock" }];
    case "lock_failed":
      return [{ ...model, leaving: false }, { do: "say_failure", failure: event.failure }];
    case "closed_elsewhere":
      return [model, { do: "status" }];
    case "language":
      return [model, { do: "language", code: event.code, tell: true }];
    case "wrote":
      return [model, { do: "sync" }];
    case "reload":
      return [{ ...model, failure: null }, { do: "status" }];
  }
}
