import { hasWord, word } from "@so-tiem/web/words";
import type { Refusal } from "./api";

/** The sentence for a refusal; codes of a later server get the general one. */
export function refusalText(refusal: Refusal): string {
  return word("console_failure", hasWord("console_failure", refusal.code) ? refusal.code : "other");
}
