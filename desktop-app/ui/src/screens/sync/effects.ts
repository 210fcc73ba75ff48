import type { Perform } from "@so-tiem/web/loop";
import { again } from "../../again";
import type { Go } from "../../go";
import { failureOf, setHubs, syncNow, syncState } from "../../ipc";
import type { Effect, Event } from "./state";

const AGAIN_MS = 2_000;

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send, signal) => {
    const load = () =>
      syncState().then(
        (view) => send({ kind: "came", view }),
        (thrown: unknown) => {
          const failure = failureOf(thrown);
          if (!go.failed(failure)) send({ kind: "failed", failure });
        },
      );
    switch (effect.do) {
      case "watch":
        again(load, AGAIN_MS, signal);
        return;
      case "load":
        void load();
        return;
      case "push":
        syncNow().then(
          (view) => {
            go.wrote();
            send({ kind: "pushed", view });
          },
          (thrown: unknown) => {
            const failure = failureOf(thrown);
            if (!go.failed(failure)) send({ kind: "push_failed", failure });
          },
        );
        return;
      case "set_hubs":
        setHubs(effect.urls).then(
          (view) => send({ kind: "hubs_set", view }),
          (thrown: unknown) => {
            const failure = failureOf(thrown);
            if (!go.failed(failure)) send({ kind: "hubs_refused", failure });
          },
        );
        return;
    }
  };
}
