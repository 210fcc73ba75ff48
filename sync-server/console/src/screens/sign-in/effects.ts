import type { MeView } from "@so-tiem/web/console";
import type { Perform } from "@so-tiem/web/loop";
import { refusalOf, signIn } from "../../api";
import type { Effect, Event } from "./state";

export function effects(done: (me: MeView) => void): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "sign_in":
        signIn({ name: effect.name, password: effect.password }).then(
          (me) => send({ kind: "came_in", me }),
          (thrown: unknown) => send({ kind: "failed", failure: refusalOf(thrown) }),
        );
        return;
      case "done":
        done(effect.me);
        return;
    }
  };
}
