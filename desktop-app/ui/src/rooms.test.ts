import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const src = import.meta.dirname;
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith(".test.ts"))
  .map((path) => ({ path: relative(src, join(src, path)), text: readFileSync(join(src, path), "utf8") }));
const having = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

it("only ipc.ts talks to the window", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(having(/@tauri-apps|__TAURI/)).toEqual(["ipc.ts"]);
  expect(having(/\bfetch\(|XMLHttpRequest|WebSocket|EventSource/)).toEqual([]);
});

it("text from people is never markup", () => {
  expect(having(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/)).toEqual([]);
});

it("a screen does not know another screen", () => {
  const crossing = files.filter(({ path, text }) => {
    const screen = /^screens\/([^/]+)\//.exec(path)?.[1];
    if (!screen) return false;
    return [...text.matchAll(/from "([^"]+)"/g)].some(([, from]) => /^\.\.\/[a-z]+\//.test(from!));
  });
  expect(crossing.map(({ path }) => path)).toEqual([]);
});

it("models and updates are pure", () => {
  const states = files.filter(({ path }) => path.endsWith("/state.ts"));
  expect(states).toHaveLength(8);
  const impure = states.filter(({ text }) => /Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|document\.|window\.|\/ipc"/.test(text));
  expect(impure.map(({ path }) => path)).toEqual([]);
});

it("nothing about people is kept by the browser", () => {
  expect(having(/localStorage|sessionStorage|indexedDB/)).toEqual(["choices.ts"]);
});
