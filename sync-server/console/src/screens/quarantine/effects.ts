import type { Perform } from "@so-tiem/web/loop";
import { quarantine, refusalOf } from "../../api";
import type { Go } from "../../go";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "load":
        quarantine().then(
          (lines) => send({ kind: "came", lines }),
          (thrown: unknown) => {
            const failure = refusalOf(thrown);
            if (!go.failed(failure)) send({ kind: "failed", failure });
          },
        );
        return;
      case "moved":
        go.moved({ at: "quarantine", device: effect.device });
        return;
    }
  };
}
