import type { Failure, SiteHubView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export type Deed = "join" | "start" | "stop";

export interface Model {
  view: SiteHubView | null;
  /** The form for a code is open; nobody sees it before they ask for it. */
  asking: boolean;
  code: string;
  name: string;
  doing: Deed | null;
  failure: Failure | null;
}

export type Event =
  | { kind: "came"; view: SiteHubView }
  | { kind: "ask" }
  | { kind: "cancel" }
  | { kind: "code"; code: string }
  | { kind: "name"; name: string }
  | { kind: Deed }
  | { kind: "done"; view: SiteHubView }
  | { kind: "failed"; failure: Failure };

export type Effect = { do: "watch" } | { do: "join"; code: string; name: string } | { do: "start" } | { do: "stop" };

export function first(): Step<Model, Effect> {
  return [{ view: null, asking: false, code: "", name: "", doing: null, failure: null }, { do: "watch" }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      // What was seen before a deed was done is old.
      return [model.doing === null ? { ...model, view: event.view } : model];
    case "ask":
      return [{ ...model, asking: true, failure: null }];
    case "cancel":
      return [{ ...model, asking: false, failure: null }];
    case "code":
      return [{ ...model, code: event.code }];
    case "name":
      return [{ ...model, name: event.name }];
    case "join": {
      if (!canJoin(model)) return [model];
      const { code, name } = model;
      return [{ ...model, doing: "join", failure: null }, { do: "join", code: code.trim(), name: name.trim() }];
    }
    case "start":
    case "stop":
      if (model.doing !== null) return [model];
      return [{ ...model, doing: event.kind, failure: null }, { do: event.kind }];
    case "done":
      return [{ ...first()[0], view: event.view }];
    case "failed":
      return [{ ...model, doing: null, failure: event.failure }];
  }
}

export function canJoin(model: Model): boolean {
  return model.doing === null && model.code.trim() !== "" && model.name.trim() !== "";
}
