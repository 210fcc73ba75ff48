import type { AnswerView, CaseView, SideView } from "@so-tiem/web/model";
import { m, valueText, word } from "@so-tiem/web/words";
import { letter } from "../../record/record";

/** The letter of the side a statement stands on; a statement of no side is called by its own beginning. */
export function sideOf(view: CaseView, statement: string | null): string {
  const at = view.sides.findIndex((side) => side.statement === statement);
  return at >= 0 ? letter(at) : (statement ?? "").slice(0, 8);
}

export function valuesText(side: SideView | undefined): string {
  return side?.values.map(valueText).join(" · ") || "–";
}

/** An answer in the words it is offered with. */
export function answerText(view: CaseView, answer: AnswerView): string {
  const side = sideOf(view, answer.names);
  switch (answer.code) {
    case "choose_value": {
      const named = view.sides.find((known) => known.statement === answer.names);
      return m.console_answer_choose_value({ side, value: valuesText(named) });
    }
    case "same_dose":
      return m.console_answer_same_dose({ side });
    case "withdraw_dose":
      return m.console_answer_withdraw_dose({ side });
    default:
      return word("answer", answer.code);
  }
}

/** What follows from it, in plain words. */
export function effectText(view: CaseView, answer: AnswerView): string {
  switch (answer.code) {
    case "choose_value":
      return m.console_effect_choose_value();
    case "same_dose": {
      const others = view.sides.filter((side) => side.statement !== answer.names);
      return m.console_effect_same_dose({ others: others.map((side) => sideOf(view, side.statement)).join(", ") });
    }
    case "really_two":
      return m.console_effect_really_two();
    case "withdraw_dose":
      return m.console_effect_withdraw_dose();
    case "same_person":
      return m.console_effect_same_person();
    case "not_same_person":
      return m.console_effect_not_same_person();
    case "send_back":
      return m.console_effect_send_back();
    case "acknowledge":
      return m.console_effect_acknowledge();
    default:
      return m.console_effect_other();
  }
}
