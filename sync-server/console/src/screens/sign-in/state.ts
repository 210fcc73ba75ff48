import type { MeView, SignIn } from "@so-tiem/web/console";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";

export interface Model {
  name: string;
  password: string;
  busy: boolean;
  failure: Refusal | null;
  /** Seconds to wait before the next try; 0 when one may be made. Counted down by the screen. */
  waitS: number;
  /** Which of the two has to be filled in before anything is asked. */
  missing: "name" | "password" | null;
}

export type Event =
  | { kind: "name_changed"; name: string }
  | { kind: "password_changed"; password: string }
  | { kind: "submitted" }
  | { kind: "came_in"; me: MeView }
  | { kind: "failed"; failure: Refusal }
  | { kind: "wait_over" };

export type Effect = ({ do: "sign_in" } & SignIn) | { do: "done"; me: MeView };

export function first(): Step<Model, Effect> {
  return [{ name: "", password: "", busy: false, failure: null, waitS: 0, missing: null }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "name_changed":
      return [{ ...model, name: event.name, missing: null }];
    case "password_changed":
      return [{ ...model, password: event.password, missing: null }];
    case "submitted": {
      if (model.busy || model.waitS > 0) return [model];
      const name = model.name.trim();
      if (name === "") return [{ ...model, missing: "name" }];
      if (model.password === "") return [{ ...model, missing: "password" }];
      return [
        { ...model, busy: true, failure: null, missing: null },
        { do: "sign_in", name, password: model.password },
      ];
    }
    case "came_in":
      return [{ ...model, busy: false, password: "" }, { do: "done", me: event.me }];
    case "failed": {
      // A line that broke says nothing about the password; a server that refused it does.
      const heard = event.failure.code === "wrong_password" || event.failure.code === "wait";
      return [
        { ...model, busy: false, failure: event.failure, waitS: event.failure.waitS, password: heard ? "" : model.password },
      ];
    }
    case "wait_over":
      return [{ ...model, waitS: 0, failure: null }];
  }
}
