import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const src = import.meta.dirname;
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith(".test.ts"))
  .map((path) => ({ path: relative(src, join(src, path)), text: readFileSync(join(src, path), "utf8") }));
const having = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

it("only api.ts talks to the server", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(having(/\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon/)).toEqual(["api.ts"]);
});

it("text from people is never markup", () => {
  expect(having(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/)).toEqual([]);
  expect(having(/javascript:|\bstyle="/)).toEqual([]);
});

it("a screen does not know another screen", () => {
  const crossing = files.filter(({ path, text }) => {
    const inside = /^screens\/([^/]+)\//.test(path);
    return inside && [...text.matchAll(/from "([^"]+)"/g)].some(([, from]) => /^\.\.\/[a-z]/.test(from!));
  });
  expect(crossing.map(({ path }) => path)).toEqual([]);
});

it("models and updates are pure, and each is tested", () => {
  const states = files.filter(({ path }) => path.endsWith("/state.ts"));
  expect(states.map(({ path }) => path.split("/").at(-2))).toEqual(
    expect.arrayContaining(["sign-in", "cases", "case", "devices", "quarantine", "citizen", "shell"]),
  );
  const impure = states.filter(({ text }) =>
    /Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|document\.|window\.|\bm\.\w+\(/.test(text),
  );
  expect(impure.map(({ path }) => path)).toEqual([]);
  for (const { path } of states) expect(() => readFileSync(join(src, path.replace(".ts", ".test.ts")))).not.toThrow();
});

it("nothing about people is kept by the browser", () => {
  expect(having(/localStorage|sessionStorage|indexedDB|\bcaches\b/)).toEqual(["choices.ts"]);
});
