import type { Perform } from "@so-tiem/web/loop";
import { m } from "@so-tiem/web/words";
import type { Go } from "../../go";
import { checkDose, doseSheet, failureOf, giveDose, openCitizen, withdraw } from "../../ipc";
import type { Effect, Event } from "./state";

const TYPING_PAUSE_MS = 150;

export function effects(go: Go): Perform<Effect, Event> {
  let pause: ReturnType<typeof setTimeout> | undefined;
  return (effect, send, signal) => {
    const failed = (kind: "failed" | "give_failed" | "undo_failed") => (thrown: unknown) => {
      const failure = failureOf(thrown);
      if (!go.failed(failure)) send({ kind, failure });
    };
    switch (effect.do) {
      case "load":
        openCitizen({ citizen: effect.citizen }).then((person) => send({ kind: "person_came", person }), failed("failed"));
        doseSheet({ citizen: effect.citizen }).then((sheet) => send({ kind: "sheet_came", sheet }), failed("failed"));
        return;
      case "check": {
        const { draft, asked } = effect;
        clearTimeout(pause);
        pause = setTimeout(() => {
          if (signal.aborted) return;
          checkDose(draft).then(
            (checked) => send({ kind: "checked", asked, checked }),
            (thrown: unknown) => {
              const failure = failureOf(thrown);
              if (!go.failed(failure)) send({ kind: "check_failed", asked, failure });
            },
          );
        }, TYPING_PAUSE_MS);
        return;
      }
      case "give":
        giveDose({ draft: effect.draft, in_spite_of: effect.inSpiteOf }).then((answer) => {
          if (answer.kind === "saved") go.wrote();
          send({ kind: "answered", answer });
        }, failed("give_failed"));
        return;
      case "undo":
        withdraw({ statement: effect.statement, reason: "undone", note: "" }).then(() => {
          go.wrote();
          go.say(m.dose_undone());
          send({ kind: "undone" });
        }, failed("undo_failed"));
        return;
      case "to_citizen":
        go.to({ at: "citizen", citizen: effect.citizen });
        return;
      case "next":
        go.to({ at: "reception" });
        return;
    }
  };
}
