import type { Perform } from "@so-tiem/web/loop";
import { m } from "@so-tiem/web/words";
import { caseView, refusalOf, settle, undo } from "../../api";
import type { Go } from "../../go";
import type { Effect, Event } from "./state";

export function effects(go: Go): Perform<Effect, Event> {
  return (effect, send) => {
    const heard = (kind: "failed" | "refused" | "undo_refused") => (thrown: unknown) => {
      const failure = refusalOf(thrown);
      if (!go.failed(failure)) send({ kind, failure });
    };
    switch (effect.do) {
      case "load":
        caseView(effect.id).then((view) => send({ kind: "came", view }), heard("failed"));
        return;
      case "settle": {
        const { code, names } = effect.answer;
        settle(effect.id, { answer: code, names, note: effect.note }).then((view) => {
          go.say(code === "send_back" ? m.console_case_said_sent() : m.console_case_said_settled());
          go.wrote();
          send({ kind: "settled", view });
        }, heard("refused"));
        return;
      }
      case "undo":
        undo(effect.id, { settlement: effect.settlement, note: effect.note }).then((view) => {
          go.say(m.console_case_said_undone());
          go.wrote();
          send({ kind: "undone", view });
        }, heard("undo_refused"));
        return;
    }
  };
}
