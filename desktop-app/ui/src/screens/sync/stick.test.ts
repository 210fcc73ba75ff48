import { expect, it } from "vitest";
import type { StickView } from "@so-tiem/web/model";
import { canStart, first, outcome, size, update } from "./stick";

const usb = { path: "/media/doi/USB", name: "USB", free_bytes: 4_000_000 };
const view: StickView = { volumes: [usb], entries: 12, bytes_max: 20_000, readers: ["Trung ương"], last: null };
const file = { file: "so-tiem-1.return", unread: null, words: ["answer"], hub: null, entries: 3, is_damaged: false };

it("means the only stick there is, and what somebody typed above all", () => {
  const [model] = update(first()[0], { kind: "came", view });
  expect(model.path).toBe(usb.path);
  const [typed] = update(model, { kind: "path", path: "/mnt/khac" });
  expect(update(typed, { kind: "came", view })[0].path).toBe("/mnt/khac");
  const two = { ...view, volumes: [usb, { ...usb, path: "/media/doi/B" }] };
  expect(update(first()[0], { kind: "came", view: two })[0].path).toBe("");
});

it("does one thing at a time, and nothing without a place", () => {
  expect(update(first()[0], { kind: "write" })).toHaveLength(1);
  const [model] = update(first()[0], { kind: "came", view });
  const [writing, effect] = update(model, { kind: "write" });
  expect(effect).toEqual({ do: "write", folder: usb.path });
  expect(canStart(writing)).toBe(false);
  expect(update(writing, { kind: "read" })).toHaveLength(1);
});

it("shows what came of it until the next thing is begun", () => {
  const [model] = update(first()[0], { kind: "came", view });
  const written = { file: "so-tiem-1.outward", bytes: 9_000, entries: 12, readers: [] };
  const [done] = update(update(model, { kind: "write" })[0], { kind: "written", written });
  expect(done).toMatchObject({ doing: null, written });
  expect(update(done, { kind: "came", view })[0].written).toEqual(written);
  const [again] = update(done, { kind: "read" });
  expect(again).toMatchObject({ doing: "read", written: null });
  const failure = { code: "stick_gone", params: {} };
  expect(update(again, { kind: "failed", failure })[0]).toMatchObject({ doing: null, failure });
});

it("tells a receipt from what is none", () => {
  expect(outcome(file)).toEqual({ tone: "done", prefix: "stick_word", code: "answer" });
  expect(outcome({ ...file, is_damaged: true }).tone).toBe("caution");
  expect(outcome({ ...file, words: ["stale"] })).toEqual({ tone: "caution", prefix: "stick_word", code: "stale" });
  expect(outcome({ ...file, unread: "foreign", words: [] })).toMatchObject({ prefix: "stick_unread", code: "foreign" });
  expect(outcome({ ...file, words: [] }).code).toBe("damaged");
});

it("writes sizes as sticks are labelled", () => {
  expect([0, 999, 1_000, 12_345, 4_000_000].map(size)).toEqual(["0 B", "999 B", "1.0 KB", "12 KB", "4.0 MB"]);
});
