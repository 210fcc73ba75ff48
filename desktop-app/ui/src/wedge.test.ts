import { expect, it } from "vitest";
import { ended, type Key, noBurst, press } from "./wedge";

/** Types `text` as a scanner does, with `gap` milliseconds between keys, and presses Enter. */
function scan(keys: Partial<Key>[], gap = 8): { text: string | undefined } | undefined {
  let at = 1000;
  let burst = noBurst;
  for (const key of keys) {
    at += gap;
    burst = press(burst, { code: "", key: "Unidentified", shift: false, chord: false, at, ...key });
  }
  return ended(burst, at + gap);
}

const digits = (text: string) => [...text].map((digit) => ({ code: `Digit${digit}`, key: digit }));

it("reads a burst from the keys, whatever an input method made of them", () => {
  const composed = { key: "Process" };
  const keys = [
    { code: "KeyW", ...composed, shift: true },
    { code: "KeyW", ...composed },
    { code: "KeyE", ...composed },
    { code: "Digit6", ...composed },
    { code: "Backslash", ...composed, shift: true },
    { code: "Slash", ...composed },
  ];
  expect(scan(keys)).toEqual({ text: "Wwe6|/" });
});

it("takes a person for a person", () => {
  expect(scan(digits("079090123456"), 120)).toBeUndefined();
  expect(scan(digits("12345"))).toBeUndefined();
});

it("forgets what was typed before the burst", () => {
  let burst = press(noBurst, { code: "KeyX", key: "x", shift: false, chord: false, at: 0 });
  for (const [n, key] of digits("079090123456").entries()) {
    burst = press(burst, { shift: false, chord: false, at: 500 + n * 5, ...key });
  }
  expect(ended(burst, 565)).toEqual({ text: "079090123456" });
});

it("passes on characters that were sent as such", () => {
  const keys = [..."Nguyễn"].map((key) => ({ key, code: "" }));
  expect(scan(keys)).toEqual({ text: "Nguyễn" });
});

it("knows when it has not understood every key", () => {
  expect(scan([...digits("0790"), { code: "AltLeft", key: "Alt", chord: true }, ...digits("12")])).toEqual({
    text: undefined,
  });
});

it("is not led astray by a laptop that hands on a key late", () => {
  let at = 0;
  let burst = noBurst;
  for (const [n, key] of digits("079090123456").entries()) {
    at += n === 7 ? 300 : 6;
    burst = press(burst, { shift: false, chord: false, at, ...key });
  }
  expect(ended(burst, at + 200)).toEqual({ text: "079090123456" });
});

it("keeps the first key of a card although it woke the screen up", () => {
  let at = 0;
  let burst = noBurst;
  for (const [n, key] of digits("079090123456").entries()) {
    at += n === 1 ? 120 : n === 2 ? 30 : 6;
    burst = press(burst, { shift: false, chord: false, at, ...key });
  }
  expect(ended(burst, at + 6)).toEqual({ text: "079090123456" });
});

it("does not take a word that an input method typed again for a scan", () => {
  let at = 0;
  let burst = noBurst;
  const again = [..."nghieng"].map((key) => ({ key: key === "i" ? "Backspace" : key, code: "" }));
  for (const key of again) {
    at += 2;
    burst = press(burst, { shift: false, chord: false, at, ...key });
  }
  expect(ended(burst, at + 180)).toBeUndefined();
});

it("does not count keys that make no text", () => {
  const keys = digits("079090").flatMap((key) => [{ code: "ShiftLeft", key: "Shift" }, key]);
  expect(scan(keys)).toEqual({ text: "079090" });
});
