import type { Perform } from "@so-tiem/web/loop";
import type { Go } from "../../go";
import { failureOf, status, unlock } from "../../ipc";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "unlock":
        unlock({ pin: effect.pin }).then(
          (opened) => send({ kind: "unlocked", status: opened }),
          (thrown: unknown) => send({ kind: "failed", failure: failureOf(thrown) }),
        );
        return;
      case "status":
        status().then(
          (told) => send({ kind: "status_came", status: told }),
          () => {},
        );
        return;
      case "done":
        go.status(effect.status);
        return;
    }
  };
}
