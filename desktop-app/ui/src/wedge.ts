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
  /** How many of the gaps between keys were too short for a person. */
  fast: number;
  last: number;
  /** A key came whose character can't be told; what was collected is not the whole text. */
  broken: boolean;
}

export const noBurst: Burst = { text: "", keys: 0, fast: 0, last: -Infinity, broken: false };

/** Longer between two keys is a person. Slow scanners leave 20–30 ms. */
const GAP_MS_MAX = 45;
/** A laptop out of breath hands on some keys late; among many fast ones that is still a scanner. */
const STALL_MS_MAX = 400;
/** The very first keys may come late too, for they wake the screen up; no hand goes from a key to a scanner this fast. */
const WAKING_MS_MAX = 150;
const FAST_SHARE_MIN = 0.7;
/** Fewer keys in a row happen to quick fingers. */
const KEYS_MIN = 6;
/** So many in a row never do, nor to an input method that retypes a word. */
const KEYS_SURE = 12;

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
  const gap = key.at - burst.last;
  const fast = gap <= GAP_MS_MAX;
  const before = fast || gap <= patience(burst) ? burst : noBurst;
  const char = key.chord ? undefined : character(key);
  return {
    text: before.text + (char ?? ""),
    keys: before.keys + 1,
    fast: before.fast + (fast && before.keys > 0 ? 1 : 0),
    last: key.at,
    broken: before.broken || char === undefined,
  };
}

/** How late the next key may come and still belong to this burst. */
function patience(burst: Burst): number {
  if (isFast(burst)) return STALL_MS_MAX;
  const waking = burst.keys > 0 && !burst.broken && burst.fast * 2 >= burst.keys - 1;
  return waking ? WAKING_MS_MAX : GAP_MS_MAX;
}

function isFast(burst: Burst): boolean {
  return burst.keys >= KEYS_MIN && burst.fast / (burst.keys - 1) >= FAST_SHARE_MIN;
}

/**
 * What Enter ends: the text of a burst, or nothing when a person was typing. A broken burst is still
 * a burst, with no text of its own: the field's text has to do.
 */
export function ended(burst: Burst, at: number): { text: string | undefined } | undefined {
  const sure = burst.keys >= KEYS_SURE && !burst.broken;
  if (!isFast(burst) || at - burst.last > (sure ? STALL_MS_MAX : GAP_MS_MAX * 2)) return undefined;
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
