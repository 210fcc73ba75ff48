import type { Perform } from "@so-tiem/web/loop";
import { me, overview, refusalOf, signOut } from "../api";
import { refusalText } from "../failure";
import { write } from "../place";
import type { Effect, Event } from "./state";

export function effects(say: (text: string) => void): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "me":
        me().then(
          (told) => send({ kind: "me_came", me: told, skewMs: told.now_ms - Date.now() }),
          (thrown: unknown) => send({ kind: "me_failed", failure: refusalOf(thrown) }),
        );
        return;
      case "overview":
        overview().then(
          (told) => send({ kind: "overview_came", overview: told, skewMs: told.now_ms - Date.now() }),
          (thrown: unknown) => send({ kind: "overview_failed", failure: refusalOf(thrown) }),
        );
        return;
      case "sign_out":
        signOut().then(
          () => send({ kind: "signed_out" }),
          (thrown: unknown) => send({ kind: "sign_out_failed", failure: refusalOf(thrown) }),
        );
        return;
      case "address": {
        const hash = write(effect.place);
        if (hash === location.hash) return;
        // Neither of the two tells the window that the address has changed.
        if (effect.replace) history.replaceState(null, "", hash);
        else history.pushState(null, "", hash);
        return;
      }
      case "say_failure":
        say(refusalText(effect.failure));
        return;
    }
  };
}
