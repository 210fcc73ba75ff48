import type { Perform } from "@so-tiem/web/loop";
import { citizen, refusalOf } from "../../api";
import type { Go } from "../../go";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    citizen(effect.id).then(
      (view) => send({ kind: "came", view }),
      (thrown: unknown) => {
        const failure = refusalOf(thrown);
        if (!go.failed(failure)) send({ kind: "failed", failure });
      },
    );
  };
}
