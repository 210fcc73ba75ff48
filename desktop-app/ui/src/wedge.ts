/**
 * A scanner that pretends to be a keyboard types faster than anybody and ends with Enter. A Vietnamese
 * input method rewrites what it types (`ww` → `ư`, `e6` → `ê`), so a burst is read from the keys
 * themselves, by their place on the keyboard, and not from the text they made.
 */
export interface Key {
  /** Place on the keyboard: `KeyA`, `Digit1`; empty for keys that only carry a character. */
  code: string;
  key: string;
  shift: boolean;
  /** Control, Alt or Meta held: no text. */
  chord: boolean;
  /** Milliseconds of a steady clock. */
  at: number;
}

export interface Burst {
  text: string;
  keys: number;
  last: number;
  /** A key came whose character can't be told; what was collected is not the whole text. */
  broken: boolean;
}

export const noBurst: Burst = { text: "", keys: 0, last: -Infinity, broken: false };

/** Longer between two keys is a person. Slow scanners leave 20–30 ms. */
const GAP_MS_MAX = 45;
/** Fewer keys in a row happen to quick fingers. */
const KEYS_MIN = 6;

const PLAIN: Record<string, string> = {
  Space: "  ",
  Minus: "-_",
  Equal: "=+",
  BracketLeft: "[{",
  BracketRight: "]}",
  Backslash: "\\|",
  IntlBackslash: "\\|",
  Semicolon: ";:",
  Quote: "'\"",
  Backquote: "`~",
  Comma: ",<",
  Period: ".>",
  Slash: "/?",
  NumpadAdd: "++",
  NumpadSubtract: "--",
  NumpadMultiply: "**",
  NumpadDivide: "//",
  NumpadDecimal: "..",
};
const DIGITS_SHIFTED = ")!@#$%^&*(";
const SILENT = new Set(["Shift", "CapsLock", "NumLock", "AltGraph"]);

/** The character a key stands for on the keyboard that scanners imitate (US); undefined when it makes none. */
function character(key: Key): string | undefined {
  const { code, shift } = key;
  if (/^Key[A-Z]$/.test(code)) return shift ? code.slice(3) : code.slice(3).toLowerCase();
  if (/^Digit\d$/.test(code)) return shift ? DIGITS_SHIFTED[Number(code.slice(5))] : code.slice(5);
  if (/^Numpad\d$/.test(code)) return code.slice(6);
  const pair = PLAIN[code];
  if (pair) return pair[shift ? 1 : 0];
  // Characters sent as such, by scanners that know Unicode.
  if (code === "" && [...key.key].length === 1) return key.key;
  return undefined;
}

/** The burst after a key that is not Enter. */
export function press(burst: Burst, key: Key): Burst {
  if (SILENT.has(key.key)) return burst;
  const going = key.at - burst.last <= GAP_MS_MAX;
  const before = going ? burst : noBurst;
  const char = key.chord ? undefined : character(key);
  return {
    text: before.text + (char ?? ""),
    keys: before.keys + 1,
    last: key.at,
    broken: before.broken || char === undefined,
  };
}

/**
 * What Enter ends: the text of a burst, or nothing when a person was typing. A broken burst is still
 * a burst, with no text of its own: the field's text has to do.
 */
export function ended(burst: Burst, at: number): { text: string | undefined } | undefined {
  if (burst.keys < KEYS_MIN || at - burst.last > GAP_MS_MAX * 2) return undefined;
  return { text: burst.broken ? undefined : burst.text };
}

export function keyOf(event: KeyboardEvent): Key {
  return {
    code: event.code,
    key: event.key,
    shift: event.shiftKey,
    chord: event.ctrlKey || event.altKey || event.metaKey,
    at: event.timeStamp,
  };
}
