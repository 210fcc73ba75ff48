import type { ValueView } from "../types/model";
import { birth, dateTime } from "./when";
import { hasWord, word } from "./word";

/** A value of a register, or of a dose's field, the way people write it. */
export function valueText(value: ValueView): string {
  const { register, text, precision } = value;
  switch (register) {
    case "birth":
      return birth(text, precision);
    case "sex":
      return word("sex", text);
    case "priority_group":
      return hasWord("priority_group", text) ? `${text} · ${word("priority_group", text)}` : text;
    case "guardian": {
      const relation = value.relation && hasWord("relation", value.relation) ? word("relation", value.relation) : value.relation;
      return [text, relation, value.phone].filter((part) => part).join(" · ");
    }
    case "body_site":
      return word("body_site", text);
    case "given_at":
      return dateTime(Number(text));
    default:
      return text;
  }
}
