import * as messages from "./compiled/messages/_index.js";
import { day } from "./when";

type Say = (params: Record<string, string>) => string;
const catalogue = messages as unknown as Record<string, Say>;

/** Families of codes that Rust sends; each code has a message `<prefix>_<code>` in every language. */
export type Prefix =
  | "answer"
  | "attention"
  | "body_site"
  | "camera"
  | "case_status"
  | "clock"
  | "conflict"
  | "console_failure"
  | "copies"
  | "dose_field"
  | "dose_state"
  | "doubt"
  | "due"
  | "failure"
  | "finding"
  | "in_spite_of"
  | "look"
  | "notice"
  | "precision"
  | "priority_group"
  | "problem"
  | "register"
  | "relation"
  | "role"
  | "route"
  | "severity"
  | "sex"
  | "source"
  | "statement"
  | "stick_unread"
  | "stick_word"
  | "sync_phase"
  | "withdraw";

export function hasWord(prefix: Prefix, code: string): boolean {
  return Object.hasOwn(catalogue, `${prefix}_${code}`);
}

/**
 * What a code is called in the language on screen. A code of a later version has no words here;
 * it is shown as it came, in brackets, so that it can be read out over the phone.
 */
export function word(prefix: Prefix, code: string, params: Record<string, string | undefined> = {}): string {
  if (!hasWord(prefix, code)) return `[${code}]`;
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) shown[name] = /^\d{4}-\d\d-\d\d$/.test(value) ? day(value) : value;
  }
  // A parameter nobody sent shows as a dash, not as a word of the programming language.
  const forgiving = new Proxy(shown, {
    get: (all, name) => (typeof name === "string" && Object.hasOwn(all, name) ? all[name] : "–"),
  });
  return catalogue[`${prefix}_${code}`]!(forgiving);
}
