import type { Failure, SyncView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Model {
  view: SyncView | null;
  failure: Failure | null;
  pushing: boolean;
  /** What the last “send now” came to; it stays until the next one. */
  pushFailure: Failure | null;
  /** An address that was refused, and why. */
  hubsFailure: Failure | null;
}

export type Event =
  | { kind: "came"; view: SyncView }
  | { kind: "failed"; failure: Failure }
  | { kind: "reload" }
  | { kind: "push" }
  | { kind: "pushed"; view: SyncView }
  | { kind: "push_failed"; failure: Failure }
  | { kind: "set_hubs"; urls: string[] }
  | { kind: "hubs_set"; view: SyncView }
  | { kind: "hubs_refused"; failure: Failure };

export type Effect = { do: "watch" } | { do: "load" } | { do: "push" } | { do: "set_hubs"; urls: string[] };

export function first(): Step<Model, Effect> {
  return [{ view: null, failure: null, pushing: false, pushFailure: null, hubsFailure: null }, { do: "watch" }];
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
    case "set_hubs":
      return [{ ...model, hubsFailure: null }, { do: "set_hubs", urls: event.urls }];
    case "hubs_set":
      return [{ ...model, view: event.view }];
    case "hubs_refused":
      return [{ ...model, hubsFailure: event.failure }];
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
