import type { Perform } from "@so-tiem/web/loop";
import { language, m, word } from "@so-tiem/web/words";
import { failureOf, lock, setLanguage, status, syncState } from "../ipc";
import { stopCamera } from "../screens/reception/effects";
import type { Effect, Event } from "./state";

export function effects(say: (text: string) => void): Perform<Effect, Event> {
  return (effect, send) => {
    switch (effect.do) {
      case "status":
        status().then(
          (told) => send({ kind: "status_came", status: told }),
          (thrown: unknown) => send({ kind: "status_failed", failure: failureOf(thrown) }),
        );
        return;
      case "sync":
        syncState().then(
          (sync) => send({ kind: "sync_came", sync }),
          (thrown: unknown) => {
            if (failureOf(thrown).code === "not_open") send({ kind: "closed_elsewhere" });
          },
        );
        return;
      case "lock":
        lock().then(
          (told) => send({ kind: "status_came", status: told }),
          (thrown: unknown) => send({ kind: "lock_failed", failure: failureOf(thrown) }),
        );
        return;
      case "language":
        language.use(effect.code);
        if (effect.tell) {
          setLanguage({ language: effect.code }).then(
            (told) => send({ kind: "status_came", status: told }),
            // The screen speaks it all the same, until the window closes.
            () => {},
          );
        }
        return;
      case "stop_camera":
        stopCamera();
        return;
      case "say_sealed":
        say(m.unlock_sealed({ n: effect.count }));
        return;
      case "say_failure":
        say(word("failure", effect.failure.code, effect.failure.params));
        return;
    }
  };
}
