import type { Perform } from "@so-tiem/web/loop";
import { again } from "../../again";
import type { Go } from "../../go";
import { failureOf, stickExport, stickImport, stickState } from "../../ipc";
import type { Effect, Event } from "./stick";

/** A stick is noticed this soon after it is plugged in. */
const AGAIN_MS = 3_000;

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send, signal) => {
    const failed = (thrown: unknown) => {
      const failure = failureOf(thrown);
      if (!go.failed(failure)) send({ kind: "failed", failure });
    };
    const load = () => stickState().then((view) => send({ kind: "came", view }), failed);
    switch (effect.do) {
      case "watch":
        again(load, AGAIN_MS, signal);
        return;
      case "write":
        stickExport({ folder: effect.folder }).then((written) => {
          send({ kind: "written", written });
          void load();
        }, failed);
        return;
      case "read":
        stickImport({ path: effect.path }).then((read) => {
          go.wrote();
          send({ kind: "was_read", read });
          void load();
        }, failed);
        return;
    }
  };
}
