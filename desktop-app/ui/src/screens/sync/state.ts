import type { Failure, SyncView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Model {
  view: SyncView | null;
  failure: Failure | null;
  pushing: boolean;
  /** What the last “send now” came to; it stays until the next one. */
  pushFailure: Failure | null;
}

export type Event =
  | { kind: "came"; view: SyncView }
  | { kind: "failed"; failure: Failure }
  | { kind: "reload" }
  | { kind: "push" }
  | { kind: "pushed"; view: SyncView }
  | { kind: "push_failed"; failure: Failure };

export type Effect = { do: "watch" } | { do: "load" } | { do: "push" };

export function first(): Step<Model, Effect> {
  return [{ view: null, failure: null, pushing: false, pushFailure: null }, { do: "watch" }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      return [{ ...model, view: event.view, failure: null }];
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [{ ...model, failure: null }, { do: "load" }];
    case "push":
      return model.pushing ? [model] : [{ ...model, pushing: true, pushFailure: null }, { do: "push" }];
    case "pushed":
      return [{ ...model, pushing: false, view: event.view }];
    case "push_failed":
      return [{ ...model, pushing: false, pushFailure: event.failure }];
  }
}

/** A clock this far off puts times in doubt. */
const CLOCK_OFF_MS = 60_000;

export function clockDoubtful(view: SyncView): boolean {
  return view.clock_offset_ms !== null && Math.abs(view.clock_offset_ms) > CLOCK_OFF_MS;
}

/** How much of this laptop's log the server is known to hold, from 0 to 1. */
export function heldShare(view: SyncView): number {
  return view.log_head === 0 ? 1 : Math.min(1, view.durable_to / view.log_head);
}
