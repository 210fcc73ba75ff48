import type { Perform } from "@so-tiem/web/loop";
import { cases, refusalOf } from "../../api";
import type { Go } from "../../go";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "load": {
        const { asked, query, after } = effect;
        cases(query.status, query.kind, after).then(
          (list) => send({ kind: "came", asked, list, after }),
          (thrown: unknown) => {
            const failure = refusalOf(thrown);
            if (!go.failed(failure)) send({ kind: "failed", asked, failure });
          },
        );
        return;
      }
      case "moved":
        go.moved({ at: "cases", ...effect.query });
        return;
      case "queued":
        go.queued(effect.ids);
        return;
      case "open":
        go.to({ at: "case", id: effect.id });
        return;
    }
  };
}
