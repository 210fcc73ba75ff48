import type { FindingView } from "../types/model";
import * as messages from "./compiled/messages/_index.js";
import { word } from "./word";

const catalogue = messages as unknown as Record<string, () => string>;

/**
 * The sentence of a finding. Parameters that are codes themselves get their words; products are called
 * what `names` calls them.
 */
export function finding(view: FindingView, names: Record<string, string> = {}): string {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(view.params)) {
    const family = { field: "rule_field", kind: "extra_kind" }[name];
    if (family && Object.hasOwn(catalogue, `${family}_${value}`)) {
      params[name] = catalogue[`${family}_${value}`]!();
    } else {
      params[name] = ["product", "first", "then"].includes(name) ? (names[value] ?? value) : value;
    }
  }
  return word("finding", view.code, params);
}
