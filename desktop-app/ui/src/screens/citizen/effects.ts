import type { CitizenView } from "@so-tiem/web/model";
import type { Perform } from "@so-tiem/web/loop";
import { m } from "@so-tiem/web/words";
import type { Go } from "../../go";
import { correctDose, doseSheet, editCitizen, failureOf, lookElsewhere, openCitizen, withdraw } from "../../ipc";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    const written = (asked: Promise<CitizenView>) =>
      asked.then(
        (view) => {
          go.wrote();
          send({ kind: "done", view });
        },
        (thrown: unknown) => {
          const failure = failureOf(thrown);
          if (!go.failed(failure)) send({ kind: "refused", failure });
        },
      );
    switch (effect.do) {
      case "load":
        openCitizen({ citizen: effect.citizen }).then(
          (view) => send({ kind: "came", view }),
          (thrown: unknown) => {
            const failure = failureOf(thrown);
            if (!go.failed(failure)) send({ kind: "failed", failure });
          },
        );
        // Only for names of products; the record stands without them.
        doseSheet({ citizen: effect.citizen }).then(
          (sheet) => send({ kind: "sheet_came", products: sheet.products, bodySites: sheet.body_sites }),
          () => {},
        );
        return;
      case "renew":
        // A slip's code names the card. Nobody waits for the road: the record is open as this laptop knows it.
        lookElsewhere({ text: effect.code, from_camera: true })
          .then((answer) => (answer.kind === "citizen" ? openCitizen({ citizen: effect.citizen }) : null))
          .then(
            (view) => {
              if (view) send({ kind: "renewed", written: effect.written, view });
            },
            () => {},
          );
        return;
      case "say_renewed":
        go.say(m.citizen_renewed());
        return;
      case "give":
        go.to({ at: "dose", citizen: effect.citizen });
        return;
      case "edit":
        void written(editCitizen({ citizen: effect.citizen, values: effect.values }));
        return;
      case "withdraw":
        void written(withdraw({ statement: effect.statement, reason: effect.reason, note: effect.note }));
        return;
      case "correct":
        void written(
          correctDose({ dose: effect.dose, field: effect.field, value: effect.value, note: effect.note }),
        );
        return;
    }
  };
}
