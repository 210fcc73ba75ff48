import type { Perform } from "@so-tiem/web/loop";
import { again } from "../../again";
import type { Go } from "../../go";
import { failureOf, siteHub, siteHubJoin, siteHubStart, siteHubStop } from "../../ipc";
import type { Effect, Event } from "./site-hub";

const AGAIN_MS = 5_000;

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send, signal) => {
    const failed = (thrown: unknown) => {
      const failure = failureOf(thrown);
      if (!go.failed(failure)) send({ kind: "failed", failure });
    };
    const load = () => siteHub().then((view) => send({ kind: "came", view }), failed);
    switch (effect.do) {
      case "watch":
        again(load, AGAIN_MS, signal);
        return;
      case "join":
        siteHubJoin({ code: effect.code, name: effect.name }).then((view) => send({ kind: "done", view }), failed);
        return;
      case "start":
        siteHubStart().then((view) => send({ kind: "done", view }), failed);
        return;
      case "stop":
        siteHubStop().then((view) => send({ kind: "done", view }), failed);
        return;
    }
  };
}
