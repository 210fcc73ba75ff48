import type { Perform } from "@so-tiem/web/loop";
import { again } from "../../again";
import type { Go } from "../../go";
import { failureOf, today } from "../../ipc";
import type { Effect, Event } from "./state";

const AGAIN_MS = 10_000;

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send, signal) => {
    switch (effect.do) {
      case "load": {
        const load = () =>
          today().then(
            (view) => send({ kind: "came", view }),
            (thrown: unknown) => {
              const failure = failureOf(thrown);
              if (!go.failed(failure)) send({ kind: "failed", failure });
            },
          );
        again(load, AGAIN_MS, signal);
        return;
      }
      case "open":
        go.to({ at: "citizen", citizen: effect.citizen });
        return;
    }
  };
}
