import type { Perform } from "@so-tiem/web/loop";
import type { Go } from "../../go";
import { enrol, failureOf } from "../../ipc";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "enrol":
        enrol(effect.enrol).then(
          (status) => send({ kind: "enrolled", status }),
          (thrown: unknown) => send({ kind: "failed", failure: failureOf(thrown) }),
        );
        return;
      case "done":
        go.status(effect.status);
        return;
    }
  };
}
