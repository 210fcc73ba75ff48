import type { Perform } from "@so-tiem/web/loop";
import { m } from "@so-tiem/web/words";
import { devices, newCode, refusalOf, revoke } from "../../api";
import type { Go } from "../../go";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    const heard = (kind: "failed" | "refused") => (thrown: unknown) => {
      const failure = refusalOf(thrown);
      if (!go.failed(failure)) send({ kind, failure });
    };
    switch (effect.do) {
      case "load":
        devices().then((lines) => send({ kind: "came", lines }), heard("failed"));
        return;
      case "moved":
        go.moved({ at: "devices", show: effect.show });
        return;
      case "revoke":
        revoke(effect.device.id, { note: effect.note }).then((lines) => {
          go.say(m.console_revoke_said({ name: effect.device.name || effect.device.id.slice(0, 8) }));
          go.wrote();
          send({ kind: "revoked", lines });
        }, heard("refused"));
        return;
      case "code":
        newCode({ site: effect.site, area: effect.area }).then((code) => send({ kind: "code_came", code }), heard("refused"));
        return;
    }
  };
}
