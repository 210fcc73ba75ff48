import type { Failure, StatusView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Model {
  status: StatusView;
  pin: string;
  busy: boolean;
  failure: Failure | null;
  /** Seconds to wait before the next PIN; 0 when one may be tried. Counted down by the screen. */
  waitS: number;
}

export type Event =
  | { kind: "typed"; pin: string }
  | { kind: "submitted" }
  | { kind: "unlocked"; status: StatusView }
  | { kind: "failed"; failure: Failure }
  /** What the laptop says after a failure: how long to wait. */
  | { kind: "status_came"; status: StatusView }
  | { kind: "wait_over" };

export type Effect = { do: "unlock"; pin: string } | { do: "status" } | { do: "done"; status: StatusView };

export function first(status: StatusView): Step<Model, Effect> {
  return [{ status, pin: "", busy: false, failure: null, waitS: status.wait_s }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "typed":
      return [{ ...model, pin: event.pin, failure: model.waitS > 0 ? model.failure : null }];
    case "submitted":
      if (model.busy || model.waitS > 0 || model.pin === "") return [model];
      return [{ ...model, busy: true, failure: null }, { do: "unlock", pin: model.pin }];
    case "unlocked":
      return [{ ...model, busy: false, pin: "" }, { do: "done", status: event.status }];
    case "failed": {
      const told = Number(event.failure.params["wait_s"] ?? 0);
      const waitS = Number.isFinite(told) && told > 0 ? told : model.waitS;
      return [{ ...model, busy: false, pin: "", failure: event.failure, waitS }, { do: "status" }];
    }
    case "status_came":
      return [{ ...model, status: event.status, waitS: event.status.wait_s }];
    case "wait_over":
      return [{ ...model, waitS: 0, failure: null }];
  }
}
