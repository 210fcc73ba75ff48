import type { CitizenView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";

export interface Model {
  id: string;
  view: CitizenView | null;
  failure: Refusal | null;
}

export type Event =
  | { kind: "came"; view: CitizenView }
  | { kind: "failed"; failure: Refusal }
  | { kind: "reload" };

export type Effect = { do: "load"; id: string };

export function first(id: string): Step<Model, Effect> {
  return [
    { id, view: null, failure: null },
    { do: "load", id },
  ];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      return [{ ...model, view: event.view, failure: null }];
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [
        { ...model, failure: null },
        { do: "load", id: model.id },
      ];
  }
}
